// ordo: tests of waiting until all others wait.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/wait_all_tasks_blocked.hpp>

#include <ordo/asio_operation.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/stepping.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::testing::order_recorder;
using ordo::testing::wait_all_tasks_blocked;

coro<> yield(int times, order_recorder& order) {
    for (int i = 0; i < times; ++i) co_await ordo::sleep(0s);
    order.record("yielded");
}

coro<> wait(ordo::duration cushion, order_recorder& order, char const* name) {
    co_await wait_all_tasks_blocked(cushion);
    order.record(name);
    co_await ordo::sleep(0s);
}

} // namespace

BOOST_AUTO_TEST_SUITE(wait_all_tasks_blocked_)

ORDO_TEST_CASE(returns_once_nobody_else_can_go_on) {
    order_recorder order;
    auto const others = create_task(yield(10, order));
    co_await wait_all_tasks_blocked();
    order.record("blocked");
    BOOST_TEST(order.text() == "yielded blocked");
}

ORDO_TEST_CASE(comes_before_time_jumps) {
    order_recorder order;
    auto sleep = [&]() -> coro<> {
        co_await ordo::sleep(1h);
        order.record("slept");
    };
    auto const sleeper = create_task(sleep);
    co_await wait_all_tasks_blocked();
    order.record("blocked");
    co_await sleeper;
    BOOST_TEST(order.text() == "blocked slept");
}

ORDO_TEST_CASE(lets_asio_deliver_first) {
    order_recorder order;
    auto posts = [&]() -> coro<> {
        for (int i = 0; i < 3; ++i)
            co_await boost::asio::post(get_running_loop().host_executor(), boost::asio::deferred);
        order.record("delivered");
    };
    auto const other = create_task(posts);
    co_await wait_all_tasks_blocked();
    order.record("blocked");
    BOOST_TEST(order.text() == "delivered blocked");
}

ORDO_TEST_CASE(counts_who_waits_for_asio_as_blocked) {
    boost::asio::steady_timer timer(get_running_loop().host_executor(), 24h);
    auto waits = [&]() -> coro<> { co_await timer.async_wait(boost::asio::deferred); };
    auto const other = create_task(waits);
    co_await wait_all_tasks_blocked();
    BOOST_TEST(!other.done());
    other.cancel();
    auto const ends = [&]() -> coro<> { co_await other; };
    try {
        co_await ends();
    } catch (ordo::cancelled_error const&) {}
    BOOST_TEST(other.cancelled());
}

ORDO_TEST_CASE(lets_those_with_the_shortest_cushion_go_on_together) {
    order_recorder order;
    auto const longer = create_task(wait(2ms, order, "longer"));
    auto const a = create_task(wait(0ms, order, "a"));
    auto const b = create_task(wait(0ms, order, "b"));
    co_await longer;
    BOOST_TEST(order.difference({"b", "a", "longer"}) == "");
}

ORDO_TEST_CASE(waits_for_the_cushion_in_real_time) {
    auto const before = std::chrono::steady_clock::now();
    auto const virtual_before = get_running_loop().time();
    co_await wait_all_tasks_blocked(5ms);
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 5ms));
    BOOST_TEST((get_running_loop().time() == virtual_before));
}

ORDO_TEST_CASE(can_be_cancelled) {
    auto waits = []() -> coro<> { co_await wait_all_tasks_blocked(24h); };
    auto const task = create_task(waits);
    co_await ordo::sleep(0s);
    task.cancel();
    co_await wait_all_tasks_blocked();
    BOOST_TEST(task.cancelled());
}

BOOST_AUTO_TEST_CASE(works_in_real_time) {
    order_recorder order;
    ordo::event_loop loop;
    loop.call_later(1h, order.recording("timer"));
    loop.run_until_complete(wait(0s, order, "blocked"));
    BOOST_TEST(order.text() == "blocked");
}

BOOST_AUTO_TEST_CASE(goes_on_before_a_loop_counts_as_idle) {
    order_recorder order;
    ordo::event_loop loop;
    auto const task = loop.create_task(wait(0s, order, "blocked"));
    ordo::testing::run_until_idle(loop);
    BOOST_TEST(task.done());
}

BOOST_AUTO_TEST_CASE(may_be_left_waiting_when_its_loop_is_closed) {
    order_recorder order;
    ordo::event_loop loop;
    loop.set_exception_handler([](auto&, auto const&) {}); // of the task that is destroyed while it waits
    auto const task = loop.create_task(wait(24h, order, "blocked"));
    ordo::testing::step(loop);
    loop.close();
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_SUITE_END()
