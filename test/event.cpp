// ordo: tests of event.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event.hpp>

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "error_text.hpp"
#include "every_moment.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::event;
using ordo::get_running_loop;

namespace {

coro<> wait_and_record(event& e, ordo::testing::order_recorder& order, std::string name) {
    co_await e.wait();
    order.record(name);
}

/// Set in the fourth iteration, and unset at once.
struct event_scene : scene {
    event e;

    explicit event_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 3; ++i) start(wait());
        start(wait_later());
        static_cast<void>(loop.create_task(blink()));
    }
    coro<> wait() {
        co_await e.wait();
        pass();
    }
    coro<> wait_later() {
        co_await yield(2);
        co_await e.wait();
        pass();
    }
    coro<> blink() {
        co_await yield(3);
        e.set();
        e.clear();
    }
    void check() const { check_all_passed_in_turn(); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(event_)

BOOST_AUTO_TEST_CASE(it_begins_unset) {
    event e;
    BOOST_TEST(!e.is_set());
    e.set();
    BOOST_TEST(e.is_set());
    e.clear();
    BOOST_TEST(!e.is_set());
}

ORDO_TEST_CASE(who_waits_for_one_that_is_set_goes_on_at_once) {
    event e;
    e.set();
    auto const iteration = get_running_loop().iterations();
    co_await e.wait();
    BOOST_TEST(get_running_loop().iterations() == iteration);
}

ORDO_TEST_CASE(it_wakes_all_in_the_order_in_which_they_came) {
    event e;
    ordo::testing::order_recorder order;
    auto const a = create_task(wait_and_record(e, order, "a"));
    auto const b = create_task(wait_and_record(e, order, "b"));
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    e.set();
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a b");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(who_was_woken_goes_on_though_it_is_unset_meanwhile) {
    event e;
    ordo::testing::order_recorder order;
    auto const a = create_task(wait_and_record(e, order, "a"));
    co_await ordo::sleep(0s);
    e.set();
    e.clear();
    auto const b = create_task(wait_and_record(e, order, "b"));
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "a");
    e.set();
    co_await b;
    BOOST_TEST(order.text() == "a b");
}

ORDO_TEST_CASE(a_request_that_was_made_before_looks_at_the_event_when_it_is_awaited) {
    event e;
    auto const iteration = get_running_loop().iterations();
    auto request = e.wait();
    e.set();
    co_await std::move(request);
    BOOST_TEST(get_running_loop().iterations() == iteration);
}

ORDO_TEST_CASE(setting_it_twice_wakes_once) {
    event e;
    ordo::testing::order_recorder order;
    e.set();
    e.set();
    e.clear();
    auto const a = create_task(wait_and_record(e, order, "a"));
    co_await ordo::sleep(0s);
    BOOST_TEST(!a.done());
    e.set();
    e.set();
    co_await a;
    BOOST_TEST(order.text() == "a");
}

BOOST_AUTO_TEST_CASE(a_waiter_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<event_scene>();
}

BOOST_AUTO_TEST_CASE(it_can_be_set_outside_of_the_loop) {
    virtual_loop v;
    event e;
    auto const t = v.loop.create_task(wait_and_record(e, v.order, "a"));
    v.run_once();
    e.set();
    v.loop.run_until_complete(t);
    BOOST_TEST(v.order.text() == "a");
}

BOOST_AUTO_TEST_CASE(it_serves_one_loop_at_a_time) {
    virtual_loop first;
    virtual_loop second;
    event e;
    auto const a = first.loop.create_task(wait_and_record(e, first.order, "a"));
    first.run_once();
    auto const text =
        error_text<ordo::usage_error>([&] { second.loop.run_until_complete(wait_and_record(e, second.order, "b")); });
    BOOST_TEST(text == "event::wait: tasks of another loop wait for it; use it in one loop at a time");
    e.set();
    first.loop.run_until_complete(a);
    second.loop.run_until_complete(wait_and_record(e, second.order, "b"));
    BOOST_TEST(second.order.text() == "b");
}

BOOST_AUTO_TEST_SUITE_END()
