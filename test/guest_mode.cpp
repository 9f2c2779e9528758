// ordo: tests of a loop on an event loop that is not Asio's: here, a queue of functions that one thread calls.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/guest_mode.hpp>

#include "error_text.hpp"
#include "foreign_loop.hpp"
#include "open_descriptors.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ordo::coro;

namespace {

struct guest : no_descriptors_left {
    foreign_loop host;
    std::optional<ordo::guest_mode> mode{std::in_place,
                                         [this](std::function<void()> f) { host.call_soon(std::move(f)); }};
    std::optional<ordo::event_loop> loop{std::in_place, mode->get_executor()};
    ordo::testing::order_recorder order;
    std::set<std::thread::id> threads;

    void note(std::string const& what) {
        order.record(what);
        threads.insert(std::this_thread::get_id());
    }
    ~guest() {
        loop.reset();
        mode.reset();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(guest_mode, guest)

BOOST_AUTO_TEST_CASE(callbacks_run_on_the_hosts_thread_between_its_own_calls) {
    host.call_soon([&] { note("host"); });
    loop->call_soon([&] {
        note("callback");
        loop->call_soon([&] {
            note("next");
            host.call_soon([&] { host.quit(); });
        });
    });
    BOOST_TEST(host.run());
    BOOST_TEST(order.difference({"host", "callback", "next"}) == "");
    BOOST_TEST(threads.size() == 1u);
}

BOOST_AUTO_TEST_CASE(timers_sockets_and_jobs_work_and_everything_comes_home) {
    asio::local::stream_protocol::socket a(mode->get_executor()), b(mode->get_executor());
    asio::local::connect_pair(a, b);
    auto const main = [&]() -> coro<> {
        note("begin");
        co_await ordo::sleep(2ms);
        note("slept");
        char byte = 0;
        co_await b.async_write_some(asio::buffer("x", 1), asio::deferred);
        co_await a.async_read_some(asio::buffer(&byte, 1), asio::deferred);
        note(std::string("read ") + byte);
        auto const job = [] { return 7; };
        auto const result = co_await ordo::get_running_loop().run_in_executor(job);
        note("job " + std::to_string(result));
        host.quit();
    };
    loop->create_task(main);
    BOOST_TEST(host.run());
    BOOST_TEST(order.difference({"begin", "slept", "read x", "job 7"}) == "");
    BOOST_TEST(threads.size() == 1u);
    BOOST_TEST(*threads.begin() == std::this_thread::get_id());
}

BOOST_AUTO_TEST_CASE(handlers_of_asio_run_on_the_hosts_thread_too) {
    asio::steady_timer timer(mode->get_executor(), 1ms);
    timer.async_wait([&](boost::system::error_code) {
        note("handler");
        host.quit();
    });
    BOOST_TEST(host.run());
    BOOST_TEST(order.difference({"handler"}) == "");
    BOOST_TEST(*threads.begin() == std::this_thread::get_id());
}

BOOST_AUTO_TEST_CASE(an_operation_can_be_cancelled) {
    asio::steady_timer timer(mode->get_executor(), 1h);
    auto const wait = [&]() -> coro<> { co_await timer.async_wait(asio::deferred); };
    auto const main = [&]() -> coro<> {
        auto const t = ordo::create_task(wait);
        co_await ordo::sleep(1ms);
        t.cancel();
        try {
            co_await t;
        } catch (ordo::cancelled_error const&) {
            note("cancelled");
        }
        host.quit();
    };
    loop->create_task(main);
    BOOST_TEST(host.run());
    BOOST_TEST(order.difference({"cancelled"}) == "");
}

BOOST_AUTO_TEST_CASE(a_busy_loop_lets_the_host_have_its_turn) {
    bool ended = false;
    std::function<void()> const again = [&] {
        if (!ended) loop->call_soon(again);
    };
    again();
    host.call_soon([&] {
        host.call_soon([&] {
            ended = true;
            host.quit();
        });
    });
    BOOST_TEST(host.run());
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(an_idle_loop_does_not_call_the_host) {
    host.call_soon([&] { host.quit(); });
    BOOST_TEST(host.run());
    BOOST_TEST(host.made == 1);
}

BOOST_AUTO_TEST_CASE(another_thread_wakes_the_loop) {
    std::jthread const thread([&] { loop->call_soon_threadsafe([&] { host.quit(); }); });
    BOOST_TEST(host.run());
    BOOST_TEST(host.made > 0);
}

BOOST_AUTO_TEST_CASE(calls_that_the_host_makes_after_its_end_do_nothing) {
    auto const held = std::make_shared<int>(1);
    loop->call_soon([held] { BOOST_ERROR("called"); });
    asio::post(mode->get_executor(), [held] { BOOST_ERROR("called"); });
    loop.reset();
    mode.reset();
    host.call_soon([&] { host.quit(); });
    BOOST_TEST(host.run());
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(its_end_closes_a_loop_that_is_left) {
    mode.reset();
    BOOST_TEST(loop->is_closed());
}

BOOST_AUTO_TEST_CASE(two_loops_can_be_guests_of_one_host) {
    ordo::event_loop second(mode->get_executor());
    auto const count = [&](int& ticks, int& other) -> coro<> {
        for (; ticks < 3; ++ticks) co_await ordo::sleep(1ms);
        if (other == 3) host.quit();
    };
    int a = 0, b = 0;
    auto const first_main = [&] { return count(a, b); };
    auto const second_main = [&] { return count(b, a); };
    loop->create_task(first_main);
    second.create_task(second_main);
    BOOST_TEST(host.run());
    BOOST_TEST(a == 3);
    BOOST_TEST(b == 3);
}

BOOST_AUTO_TEST_CASE(without_a_function_is_an_error) {
    BOOST_CHECK_EXCEPTION(ordo::guest_mode(nullptr), ordo::usage_error,
                          says("guest_mode: the function that schedules a call is empty; pass a real one"));
}

BOOST_AUTO_TEST_SUITE_END()
