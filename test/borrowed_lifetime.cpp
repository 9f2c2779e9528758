// ordo: tests of who may go first: a borrowed loop, or the context of its host.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/coro.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <boost/asio.hpp>

#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_host_that_goes_first, no_descriptors_left)

BOOST_AUTO_TEST_CASE(closes_the_loop) {
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    host.reset();
    BOOST_TEST(loop.is_closed());
}

BOOST_AUTO_TEST_CASE(closes_all_loops_on_it) {
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop one(*host), other(*host);
    host.reset();
    BOOST_TEST(one.is_closed());
    BOOST_TEST(other.is_closed());
}

BOOST_AUTO_TEST_CASE(makes_scheduling_an_error) {
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    host.reset();
    BOOST_CHECK_EXCEPTION(loop.call_soon([] {}), ordo::loop_closed_error,
                          says("event_loop::call_soon: the loop is closed; schedule on an open one"));
    BOOST_CHECK_EXCEPTION(loop.call_soon_threadsafe([] {}), ordo::loop_closed_error,
                          says("event_loop::call_soon_threadsafe: the loop is closed; schedule on an open one"));
}

BOOST_AUTO_TEST_CASE(drops_callbacks_and_timers_and_what_they_hold) {
    auto const held = std::make_shared<int>(1);
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    loop.call_later(1h, [held] {});
    host->poll(); // the wait for the timer is under way
    loop.call_soon([held] {});
    loop.attach();
    host.reset();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(reports_and_destroys_pending_tasks) {
    auto const held = std::make_shared<int>(1);
    std::string reported;
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    loop.set_exception_handler(
        [&](ordo::event_loop&, ordo::exception_context const& what) { reported = what.message; });
    auto const wait = [](std::shared_ptr<int>) -> ordo::coro<> { co_await ordo::sleep(1h); };
    static_cast<void>(loop.create_task(wait(held)));
    host->poll();
    host.reset();
    BOOST_TEST(reported == "a task was destroyed while it was pending");
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(may_be_a_pool_with_the_loop_on_a_strand) {
    auto const held = std::make_shared<int>(1);
    std::optional<asio::thread_pool> pool(std::in_place, 2);
    ordo::event_loop loop(asio::make_strand(*pool));
    loop.call_soon_threadsafe([held] {});
    pool.reset();
    BOOST_TEST(loop.is_closed());
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(may_be_a_context_with_the_loop_on_a_strand) {
    std::optional<asio::io_context> host(std::in_place);
    ordo::event_loop loop(asio::make_strand(*host));
    loop.call_soon([] {});
    host.reset();
    BOOST_TEST(loop.is_closed());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_loop_that_goes_first, no_descriptors_left)

BOOST_AUTO_TEST_CASE(leaves_nothing_to_the_host_that_keeps_it_running) {
    asio::io_context host;
    {
        ordo::event_loop loop(host);
        loop.attach();
        loop.call_soon([] {});
        loop.call_later(1h, [] {});
        host.poll();
        loop.call_soon([] {});
    }
    host.restart();
    host.run_for(5s);
    BOOST_TEST(host.stopped());
}

BOOST_AUTO_TEST_CASE(runs_no_callback_afterwards) {
    asio::io_context host;
    ordo::testing::order_recorder order;
    {
        ordo::event_loop loop(host);
        loop.call_soon(order.recording("never"));
        loop.call_later(0ms, order.recording("never"));
    }
    host.run();
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(may_go_while_the_host_runs) {
    asio::io_context host;
    auto loop = std::make_unique<ordo::event_loop>(host);
    ordo::testing::order_recorder order;
    loop->call_later(1h, order.recording("never"));
    loop->call_soon([&] { asio::post(host, [&] { loop.reset(); }); });
    host.run_for(5s);
    BOOST_TEST(host.stopped());
    BOOST_TEST(!loop);
}

BOOST_AUTO_TEST_CASE(may_go_from_its_strand_while_threads_run_the_pool) {
    asio::thread_pool pool(4);
    auto loop = std::make_unique<ordo::event_loop>(asio::make_strand(pool));
    auto const executor = loop->host_executor();
    auto const held = std::make_shared<int>(1);
    for (int i = 0; i < 100; ++i) loop->call_soon_threadsafe([held] {});
    asio::post(executor, [&] { loop.reset(); });
    pool.join();
    BOOST_TEST(!loop);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(makes_room_for_another_on_the_same_context) {
    asio::io_context host;
    ordo::testing::order_recorder order;
    for (auto const* name : {"first", "second"}) {
        ordo::event_loop loop(host);
        loop.call_soon(order.recording(name));
        host.restart();
        host.run();
    }
    BOOST_TEST(order.difference({"first", "second"}) == "");
}

BOOST_AUTO_TEST_CASE(may_go_between_two_slices_of_its_pump) {
    asio::io_context host;
    auto loop = std::make_unique<ordo::event_loop>(host, ordo::loop_options{.strict = true});
    bool ran = false;
    loop->call_soon([&] {
        asio::post(host, [&] { loop.reset(); }); // before the handler with which this slice ends
        loop->call_soon([&] { ran = true; });
    });
    host.run();
    BOOST_TEST(!loop);
    BOOST_TEST(!ran);
}

BOOST_AUTO_TEST_SUITE_END()
