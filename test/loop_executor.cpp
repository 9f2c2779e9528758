// ordo: tests of ordinary Asio handlers in the ready queue of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_executor.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"
#include "virtual_loop.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/context_var.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

static_assert(asio::execution::is_executor<ordo::loop_executor>::value);
static_assert(std::is_convertible_v<ordo::loop_executor, asio::any_io_executor>);

namespace {

struct counted_virtual_loop : no_descriptors_left, virtual_loop {};

} // namespace

BOOST_FIXTURE_TEST_SUITE(loop_executor, counted_virtual_loop)

BOOST_AUTO_TEST_CASE(posted_handlers_and_callbacks_run_in_the_order_of_their_scheduling) {
    auto const executor = loop.get_executor();
    loop.call_soon(notes("callback 1"));
    asio::post(executor, notes("post"));
    loop.call_soon(notes("callback 2"));
    asio::dispatch(executor, notes("dispatch"));
    asio::defer(executor, notes("defer"));
    loop.call_soon(notes("callback 3"));
    run_once();
    BOOST_TEST(order.difference({"callback 1", "post", "callback 2", "dispatch", "defer", "callback 3"}) == "");
}

BOOST_AUTO_TEST_CASE(what_a_handler_posts_waits_for_the_next_iteration) {
    auto const executor = loop.get_executor();
    asio::post(executor, [&] {
        order.record("first");
        asio::dispatch(executor, notes("dispatched"));
    });
    asio::post(executor, notes("second"));
    run_once();
    BOOST_TEST(order.difference({"first", "second"}) == "");
    run_once();
    BOOST_TEST(order.difference({"first", "second", "dispatched"}) == "");
}

BOOST_AUTO_TEST_CASE(it_serves_as_any_io_executor) {
    asio::any_io_executor const executor = loop.get_executor();
    asio::post(executor, notes("a"));
    loop.call_soon(notes("b"));
    run_once();
    BOOST_TEST(order.difference({"a", "b"}) == "");
    BOOST_TEST((asio::any_io_executor(loop.get_executor()) == executor));
}

BOOST_AUTO_TEST_CASE(it_has_the_properties_that_asio_asks_for) {
    using asio::execution::blocking;
    using asio::execution::outstanding_work;
    auto const plain = loop.get_executor();
    auto tracked = asio::require(plain, outstanding_work.tracked);
    BOOST_TEST((asio::query(plain, blocking) == blocking.never));
    BOOST_TEST((asio::query(plain, outstanding_work) == outstanding_work.untracked));
    BOOST_TEST((asio::query(tracked, outstanding_work) == outstanding_work.tracked));
    BOOST_TEST((&asio::query(plain, asio::execution::context) ==
                &asio::query(loop.host_executor(), asio::execution::context)));
    BOOST_TEST((tracked != plain));
    BOOST_TEST((asio::require(tracked, outstanding_work.untracked) == plain));
    tracked = plain;
    BOOST_TEST((tracked == plain));
}

BOOST_AUTO_TEST_CASE(assigning_over_one_with_outstanding_work_lets_go_of_it) {
    auto work = asio::require(loop.get_executor(), asio::execution::outstanding_work.tracked);
    loop.call_soon([&] { work = loop.get_executor(); });
    BOOST_CHECK_THROW(loop.run_forever(), ordo::usage_error); // in virtual time nothing can happen any more
}

BOOST_AUTO_TEST_CASE(a_handler_is_a_callback_of_the_running_loop) {
    bool inside = false;
    auto const executor = loop.get_executor();
    BOOST_TEST(!executor.running_in_this_thread());
    asio::post(executor, [&] {
        inside = executor.running_in_this_thread() && &ordo::get_running_loop() == &loop && &executor.loop() == &loop;
    });
    run_once();
    BOOST_TEST(inside);
}

BOOST_AUTO_TEST_CASE(a_handler_runs_in_the_context_of_who_posts_it) {
    ordo::context_var<int> value("value", 0);
    std::vector<int> seen;
    loop.call_soon([&] {
        value.set(1);
        asio::post(loop.get_executor(), [&] { seen.push_back(value.get()); });
        value.set(2);
    });
    asio::post(loop.get_executor(), [&] { seen.push_back(value.get()); });
    run_once();
    run_once();
    BOOST_TEST(seen == (std::vector{0, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_goes_to_the_exception_handler) {
    std::string text;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
        text = error_text<std::exception>([&] { std::rethrow_exception(what.exception); });
    });
    asio::post(loop.get_executor(), [] { throw std::runtime_error("thrown"); });
    asio::post(loop.get_executor(), notes("after"));
    run_once();
    BOOST_TEST(text == "thrown");
    BOOST_TEST(order.difference({"after"}) == "");
}

BOOST_AUTO_TEST_CASE(another_thread_may_post) {
    std::thread([&] { asio::post(loop.get_executor(), notes("posted")); }).join();
    loop.call_soon(notes("later"));
    run_once();
    BOOST_TEST(order.difference({"posted", "later"}) == "");
}

BOOST_AUTO_TEST_CASE(what_is_posted_to_a_closed_loop_is_dropped) {
    auto const held = std::make_shared<int>(1);
    auto const executor = loop.get_executor();
    asio::post(executor, [held] {});
    BOOST_TEST(held.use_count() == 2);
    loop.close();
    BOOST_TEST(held.use_count() == 1);
    asio::post(executor, [held] { BOOST_ERROR("it must not run"); });
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_copy_may_outlive_the_loop) {
    std::optional<ordo::event_loop> other(std::in_place);
    auto const executor = other->get_executor();
    other.reset();
    asio::post(executor, [] { BOOST_ERROR("it must not run"); });
    BOOST_CHECK_EXCEPTION(executor.loop(), ordo::usage_error, says("loop_executor::loop: the loop is destroyed"));
}

BOOST_AUTO_TEST_CASE(handlers_of_a_strand_of_it_run_in_order) {
    auto const strand = asio::make_strand(loop.get_executor());
    for (int i = 0; i < 3; ++i) asio::post(strand, [this, i] { order.record(std::to_string(i)); });
    run_for(1ms);
    BOOST_TEST(order.difference({"0", "1", "2"}) == "");
}

BOOST_AUTO_TEST_CASE(outstanding_work_keeps_virtual_time_from_being_a_deadlock) {
    auto work = asio::make_work_guard(loop.get_executor());
    std::jthread const thread([&] {
        asio::post(loop.get_executor(), [&] {
            order.record("posted");
            loop.stop();
        });
    });
    loop.run_forever(); // nothing is scheduled, and yet something may come
    BOOST_TEST(order.difference({"posted"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct own_loop : no_descriptors_left {
    ordo::event_loop loop;
    ordo::testing::order_recorder order;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(objects_of_a_loop_executor, own_loop)

BOOST_AUTO_TEST_CASE(a_timer_calls_its_handler_in_the_ready_queue) {
    asio::steady_timer timer(loop.get_executor(), 1ms);
    timer.async_wait([&](boost::system::error_code error) {
        order.record(error ? error.message() : "timer");
        loop.call_soon([&] { loop.stop(); });
        BOOST_TEST(&ordo::get_running_loop() == &loop);
    });
    loop.run_forever();
    BOOST_TEST(order.difference({"timer"}) == "");
}

BOOST_AUTO_TEST_CASE(handlers_of_reads_stand_in_order_with_callbacks) {
    asio::local::stream_protocol::socket a(loop.get_executor()), b(loop.get_executor());
    asio::local::connect_pair(a, b);
    char byte = 0;
    asio::async_read(a, asio::buffer(&byte, 1), [&](boost::system::error_code error, std::size_t n) {
        order.record(error ? error.message() : "read " + std::to_string(n));
        loop.call_soon([&] {
            order.record("callback");
            loop.stop();
        });
        asio::dispatch(loop.get_executor(), [&] { order.record("dispatched"); });
    });
    asio::write(b, asio::buffer("x", 1));
    loop.run_forever();
    BOOST_TEST(order.difference({"read 1", "callback", "dispatched"}) == "");
}

BOOST_AUTO_TEST_CASE(they_can_be_awaited_too) {
    asio::steady_timer timer(loop.get_executor(), 1ms);
    auto const wait = [&]() -> ordo::coro<> { co_await timer.async_wait(asio::deferred); };
    loop.run_until_complete(loop.create_task(wait));
    BOOST_TEST((timer.expiry() <= std::chrono::steady_clock::now()));
}

BOOST_AUTO_TEST_CASE(of_a_borrowed_loop_their_outstanding_work_keeps_the_host_running) {
    asio::io_context host;
    ordo::event_loop borrowed(host);
    int ran = 0;
    {
        auto const work = asio::make_work_guard(borrowed.get_executor());
        auto const copy = work;
        asio::steady_timer end(host, 5ms);
        end.async_wait([&](boost::system::error_code) { host.stop(); });
        host.run();
        BOOST_TEST(host.stopped());
        host.restart();
        asio::post(borrowed.get_executor(), [&] { ++ran; });
        BOOST_TEST(host.poll() > 0u);
        BOOST_TEST(!host.stopped()); // there is work
    }
    host.run(); // returns, because there is none
    BOOST_TEST(ran == 1);
}

BOOST_AUTO_TEST_CASE(a_timer_of_a_borrowed_loop_keeps_the_host_running_until_its_handler_has_run) {
    asio::io_context host;
    ordo::event_loop borrowed(host);
    asio::steady_timer timer(borrowed.get_executor(), 2ms);
    bool fired = false;
    timer.async_wait([&](boost::system::error_code error) { fired = !error; });
    host.run();
    BOOST_TEST(fired);
}

BOOST_AUTO_TEST_CASE(a_host_that_goes_first_drops_their_handlers) {
    auto const held = std::make_shared<int>(1);
    auto host = std::make_unique<asio::io_context>();
    ordo::event_loop borrowed(*host);
    {
        asio::steady_timer timer(borrowed.get_executor(), 1h);
        timer.async_wait([held](boost::system::error_code) {});
        host->poll();
    }
    host.reset();
    BOOST_TEST(held.use_count() == 1);
    BOOST_TEST(borrowed.is_closed());
}

BOOST_AUTO_TEST_SUITE_END()
