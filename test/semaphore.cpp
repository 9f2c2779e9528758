// ordo: tests of semaphore and bounded_semaphore.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/semaphore.hpp>

#include <ordo/detail/scope_exit.hpp>
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
using ordo::bounded_semaphore;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::semaphore;
using ordo::value_error;

namespace {

coro<> take(semaphore& s, ordo::testing::order_recorder& order, std::string name) {
    co_await s.acquire();
    order.record(name);
}

/// Takes what can be had without waiting. @returns how many permits that were.
coro<int> take_all(semaphore& s) {
    int permits = 0;
    for (; !s.locked(); ++permits) co_await s.acquire();
    co_return permits;
}

/// Two permits, held for three iterations; then each of those that queue holds one for two.
struct semaphore_scene : scene {
    semaphore s{2};
    int holders = 0;

    explicit semaphore_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 2; ++i) static_cast<void>(loop.create_task(hold_first(i)));
        for (int i = 0; i < 4; ++i) start(hold());
    }
    coro<> hold_first(int longer) {
        auto const permit = co_await s.scoped();
        co_await yield(3 + longer);
    }
    coro<> hold() {
        auto const permit = co_await s.scoped();
        BOOST_TEST(++holders <= 2);
        pass();
        ordo::detail::scope_exit const leave([this] { --holders; });
        co_await yield(2);
    }
    void check() {
        check_all_passed_in_turn();
        BOOST_TEST(loop.run_until_complete(take_all(s)) == 2);
    }
};

/// No permit; three are given at once in the fourth iteration, and two more tasks come in that moment.
struct burst_scene : scene {
    semaphore s{0};

    explicit burst_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 2; ++i) start(hold(0));
        for (int i = 0; i < 2; ++i) start(hold(3));
        static_cast<void>(loop.create_task(give()));
    }
    coro<> hold(int later) {
        co_await yield(later);
        co_await s.acquire();
        pass();
    }
    coro<> give() {
        co_await yield(3);
        for (int i = 0; i < 4; ++i) s.release();
    }
    void check() {
        check_all_passed_in_turn();
        BOOST_TEST(loop.run_until_complete(take_all(s)) == 4 - static_cast<int>(passed.size()));
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(semaphore_)

ORDO_TEST_CASE(permits_are_taken_at_once_while_there_are_any) {
    semaphore s(2);
    auto const iteration = get_running_loop().iterations();
    co_await s.acquire();
    BOOST_TEST(!s.locked());
    co_await s.acquire();
    BOOST_TEST(s.locked());
    BOOST_TEST(get_running_loop().iterations() == iteration);
    s.release();
    BOOST_TEST(!s.locked());
}

ORDO_TEST_CASE(there_is_one_permit_if_nothing_else_is_said) {
    semaphore s;
    auto const permits = co_await take_all(s);
    BOOST_TEST(permits == 1);
    bounded_semaphore bounded;
    auto const bounded_permits = co_await take_all(bounded);
    BOOST_TEST(bounded_permits == 1);
}

ORDO_TEST_CASE(permits_go_to_those_who_wait_first_in_first_out) {
    semaphore s(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(take(s, order, "a"));
    auto const b = create_task(take(s, order, "b"));
    auto const c = create_task(take(s, order, "c"));
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    s.release();
    s.release();
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "a b");
    s.release();
    co_await c;
    BOOST_TEST(order.text() == "a b c");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(a_newcomer_does_not_overtake_who_was_given_a_permit) {
    semaphore s(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(take(s, order, "a"));
    co_await ordo::sleep(0s);
    auto const b = create_task(take(s, order, "b")); // begins before a goes on
    s.release();
    BOOST_TEST(s.locked());
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a");
    s.release();
    co_await b;
    BOOST_TEST(order.text() == "a b");
    BOOST_TEST(a.done());
}

// semaphore_surplus_permits_wake_waiters, as of CPython 3.13.
ORDO_TEST_CASE(who_leaves_without_one_wakes_for_those_that_there_are) {
    semaphore s(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(take(s, order, "a"));
    auto const b = create_task(take(s, order, "b"));
    co_await ordo::sleep(0s);
    auto const c = create_task(take(s, order, "c"));
    auto const d = create_task(take(s, order, "d"));
    b.cancel();
    for (int i = 0; i < 3; ++i) s.release();
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a c d");
    BOOST_TEST(a.done());
    BOOST_TEST(c.done());
    BOOST_TEST(d.done());
}

ORDO_TEST_CASE(who_goes_on_wakes_as_many_as_there_are_permits) {
    semaphore s(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(take(s, order, "a"));
    co_await ordo::sleep(0s);
    auto const b = create_task(take(s, order, "b")); // these begin before a goes on, and queue behind it
    auto const c = create_task(take(s, order, "c"));
    for (int i = 0; i < 3; ++i) s.release();
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a b c");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
    BOOST_TEST(c.done());
}

ORDO_TEST_CASE(who_is_cancelled_with_a_permit_passes_it_on) {
    semaphore s(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(take(s, order, "a"));
    auto const b = create_task(take(s, order, "b"));
    co_await ordo::sleep(0s);
    s.release();
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "b");
    BOOST_TEST(b.done());
    BOOST_TEST(s.locked());
}

ORDO_TEST_CASE(a_permit_of_who_was_cancelled_alone_comes_back) {
    semaphore s(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(take(s, order, "a"));
    co_await ordo::sleep(0s);
    s.release();
    a.cancel();
    BOOST_TEST(s.locked());
    co_await ordo::sleep(0s);
    BOOST_TEST(!s.locked());
}

BOOST_AUTO_TEST_CASE(a_waiter_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<semaphore_scene>();
}

BOOST_AUTO_TEST_CASE(a_waiter_can_be_cancelled_at_every_moment_of_a_burst_of_permits) {
    cancel_at_every_moment<burst_scene>();
}

ORDO_TEST_CASE(there_may_be_more_permits_than_at_the_beginning) {
    semaphore s(0);
    s.release();
    s.release();
    auto const permits = co_await take_all(s);
    BOOST_TEST(permits == 2);
}

ORDO_TEST_CASE(of_a_bounded_one_there_may_not) {
    bounded_semaphore s(2);
    std::string const expected = "semaphore::release: all permits are there (2); release one for each acquire()";
    BOOST_TEST(error_text<value_error>([&] { s.release(); }) == expected);
    co_await s.acquire();
    s.release();
    BOOST_TEST(error_text<value_error>([&] { s.release(); }) == expected);
    auto const permits = co_await take_all(s);
    BOOST_TEST(permits == 2);
}

ORDO_TEST_CASE(a_bounded_one_knows_its_bound_as_a_semaphore_too) {
    bounded_semaphore bounded(1);
    semaphore& s = bounded;
    BOOST_TEST(error_text<value_error>([&] { s.release(); }) ==
               "semaphore::release: all permits are there (1); release one for each acquire()");
    co_return;
}

BOOST_AUTO_TEST_CASE(there_cannot_be_less_than_no_permits) {
    std::string const expected = "semaphore: -1 permits; give 0 or more";
    BOOST_TEST(error_text<value_error>([] { semaphore const s(-1); }) == expected);
    BOOST_TEST(error_text<value_error>([] { bounded_semaphore const s(-1); }) == expected);
}

BOOST_AUTO_TEST_CASE(it_serves_one_loop_at_a_time) {
    virtual_loop first;
    virtual_loop second;
    semaphore s(0);
    auto const a = first.loop.create_task(take(s, first.order, "a"));
    first.run_once();
    auto const text =
        error_text<ordo::usage_error>([&] { second.loop.run_until_complete(take(s, second.order, "b")); });
    BOOST_TEST(text == "semaphore::acquire: tasks of another loop wait for it; use it in one loop at a time");
    s.release();
    first.loop.run_until_complete(a);
    BOOST_TEST(first.order.text() == "a");
}

BOOST_AUTO_TEST_CASE(a_permit_that_was_given_to_a_task_of_a_closed_loop_comes_back) {
    semaphore s(0);
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto const given = v.loop.create_task(take(s, v.order, "never"));
        auto const waiting = v.loop.create_task(take(s, v.order, "never"));
        v.run_once();
        s.release();
        BOOST_TEST(s.locked());
    }
    BOOST_TEST(!s.locked());
    virtual_loop next;
    BOOST_TEST(next.loop.run_until_complete(take_all(s)) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
