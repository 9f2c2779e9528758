// ordo: tests of loops that end while Asio operations are outstanding.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include <ordo/coro.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/task.hpp>

#include "counted.hpp"
#include "open_descriptors.hpp"
#include "socket_pair.hpp"

#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using asio::local::stream_protocol;
using ordo::coro;

namespace {

/// Reads into a buffer of its frame.
coro<> read_one(stream_protocol::socket& from) {
    counted const local(1);
    std::array<char, 8> buffer{};
    co_await from.async_read_some(asio::buffer(buffer), deferred);
}

coro<> read_all(stream_protocol::socket& from) {
    counted const local(1);
    std::array<char, 8> buffer{};
    co_await asio::async_read(from, asio::buffer(buffer), deferred);
}

coro<> read_own() {
    socket_pair sockets(ordo::get_running_loop().get_executor());
    co_await read_one(sockets.a);
}

coro<> wait_for(asio::steady_timer& timer) {
    counted const local(1);
    co_await timer.async_wait(deferred);
}

void run_one_iteration(ordo::event_loop& loop) {
    loop.stop();
    loop.run_forever();
}

/// Keeps quiet about the tasks that these tests leave behind on purpose.
void silence(ordo::event_loop& loop) {
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
}

struct counting_all : no_descriptors_left, counting {};

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_operation_closing, no_descriptors_left)

// -- a loop with a context of its own

BOOST_FIXTURE_TEST_CASE(a_loop_that_is_closed_destroys_the_frames_that_wait_for_operations, counting_all) {
    ordo::event_loop loop;
    silence(loop);
    socket_pair sockets(loop.get_executor());
    auto const t = loop.create_task(read_one(sockets.a));
    run_one_iteration(loop);
    BOOST_TEST(counted::alive() == 1);
    loop.close();
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(!t.done());
}

BOOST_FIXTURE_TEST_CASE(a_loop_that_is_destroyed_takes_the_sockets_in_its_frames_along, counting_all) {
    {
        ordo::event_loop loop;
        silence(loop);
        static_cast<void>(loop.create_task(read_own()));
        run_one_iteration(loop);
        BOOST_TEST(counted::alive() == 1);
    }
    BOOST_TEST(counted::alive() == 0);
}

BOOST_FIXTURE_TEST_CASE(an_operation_that_is_complete_but_not_delivered_is_dropped_with_its_loop, counting_all) {
    {
        ordo::event_loop loop;
        silence(loop);
        socket_pair sockets(loop.get_executor());
        asio::write(sockets.b, asio::buffer("x", 1));
        static_cast<void>(loop.create_task(read_one(sockets.a)));
        run_one_iteration(loop);
        loop.close(); // before the sockets go, which the operation uses
    }
    BOOST_TEST(counted::alive() == 0);
}

BOOST_FIXTURE_TEST_CASE(an_operation_that_was_cancelled_but_is_not_delivered_is_dropped_with_its_loop, counting_all) {
    {
        ordo::event_loop loop;
        silence(loop);
        asio::steady_timer timer(loop.get_executor(), 1h);
        auto const t = loop.create_task(wait_for(timer));
        run_one_iteration(loop);
        t.cancel();
        loop.close(); // before the timer goes, which the operation uses
    }
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(an_object_that_is_destroyed_before_the_loop_is_closed_is_not_touched) {
    ordo::event_loop loop;
    auto timer = std::make_unique<asio::steady_timer>(loop.get_executor(), 24h);
    auto const t = loop.create_task([&]() -> coro<> { co_await timer->async_wait(deferred); });
    for (int i = 0; i < 2; ++i) {
        loop.stop();
        loop.run_forever();
    }
    timer.reset();
    loop.close();
    BOOST_TEST(!t.done());
}

BOOST_FIXTURE_TEST_CASE(a_loop_whose_timer_is_armed_is_destroyed_without_a_leak, counting_all) {
    auto const held = std::make_shared<int>(1);
    {
        ordo::event_loop loop;
        loop.call_later(1h, [held] {});
        asio::steady_timer timer(loop.get_executor(), 1ms);
        loop.run_until_complete(wait_for(timer)); // while it waits, the loop's own timer is set to the hour
    }
    BOOST_TEST(held.use_count() == 1);
    BOOST_TEST(counted::alive() == 0);
}

// -- a loop on a borrowed context

BOOST_FIXTURE_TEST_CASE(closing_a_borrowed_loop_lets_the_run_of_the_host_end, counting_all) {
    asio::io_context host;
    ordo::event_loop loop(host);
    silence(loop);
    asio::steady_timer timer(host, 1h);
    static_cast<void>(loop.create_task(wait_for(timer)));
    host.poll();
    BOOST_TEST(counted::alive() == 1);
    loop.close();
    host.restart();
    host.run();
    BOOST_TEST(counted::alive() == 0);
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_read_takes_nothing_from_the_stream, counting_all) {
    asio::io_context host;
    socket_pair sockets(host.get_executor());
    {
        ordo::event_loop loop(host);
        silence(loop);
        static_cast<void>(loop.create_task(read_one(sockets.a)));
        host.poll();
        BOOST_TEST(counted::alive() == 1);
    }
    asio::write(sockets.b, asio::buffer("hello", 5)); // into no buffer of a frame that is gone
    host.restart();
    host.run();
    BOOST_TEST(sockets.a.available() == 5u);
}

BOOST_FIXTURE_TEST_CASE(an_abandoned_composed_read_ends_too, counting_all) {
    asio::io_context host;
    socket_pair sockets(host.get_executor());
    {
        ordo::event_loop loop(host);
        silence(loop);
        static_cast<void>(loop.create_task(read_all(sockets.a)));
        asio::write(sockets.b, asio::buffer("abc", 3));
        host.poll();
        BOOST_TEST(counted::alive() == 1);
    }
    asio::write(sockets.b, asio::buffer("defgh", 5));
    host.restart();
    host.run();
    BOOST_TEST(sockets.a.available() == 5u);
}

BOOST_FIXTURE_TEST_CASE(a_completion_on_its_way_to_a_closed_loop_is_dropped, counting_all) {
    asio::io_context host;
    socket_pair sockets(host.get_executor());
    {
        ordo::event_loop loop(host);
        silence(loop);
        asio::write(sockets.b, asio::buffer("x", 1));
        static_cast<void>(loop.create_task(read_one(sockets.a)));
        host.run_one(); // the pump, which starts the read; its handler is not run yet
    }
    BOOST_TEST(counted::alive() == 0);
    host.restart();
    BOOST_TEST(host.run() > 0u);
}

BOOST_FIXTURE_TEST_CASE(a_host_that_goes_away_first_closes_the_loop, counting_all) {
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    silence(loop);
    static_cast<void>(loop.create_task(read_own()));
    static_cast<void>(loop.create_task(read_own()));
    host->poll();
    BOOST_TEST(counted::alive() == 2);
    host.reset();
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(loop.is_closed());
}

BOOST_FIXTURE_TEST_CASE(a_host_that_goes_away_first_takes_waits_for_signals_along, counting_all) {
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    silence(loop);
    auto wait = []() -> coro<> {
        counted const local(1);
        asio::signal_set signals(ordo::get_running_loop().get_executor(), SIGUSR1);
        co_await signals.async_wait(deferred);
    };
    static_cast<void>(loop.create_task(wait()));
    host->poll();
    BOOST_TEST(counted::alive() == 1);
    host.reset();
    BOOST_TEST(counted::alive() == 0);
}

// -- operations on another context

BOOST_FIXTURE_TEST_CASE(an_operation_on_another_context_may_end_after_the_loop, counting_all) {
    asio::io_context elsewhere;
    asio::steady_timer timer(elsewhere, 1h);
    {
        ordo::event_loop loop;
        silence(loop);
        static_cast<void>(loop.create_task(wait_for(timer)));
        run_one_iteration(loop);
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(elsewhere.run() > 0u); // the wait, which the end of the loop has cancelled
}

BOOST_FIXTURE_TEST_CASE(an_operation_on_another_thread_may_end_while_the_loop_ends, counting_all) {
    asio::io_context elsewhere;
    auto guard = asio::make_work_guard(elsewhere);
    std::thread other([&] { elsewhere.run(); });
    for (int round = 0; round < 200; ++round) {
        asio::steady_timer timer(elsewhere, std::chrono::microseconds(round));
        ordo::event_loop loop;
        silence(loop);
        static_cast<void>(loop.create_task(wait_for(timer)));
        run_one_iteration(loop);
    }
    guard.reset();
    other.join();
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
