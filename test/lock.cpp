// ordo: tests of lock.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/lock.hpp>

#include <ordo/detail/scope_exit.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "every_moment.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::lock;
using ordo::usage_error;

namespace {

coro<> pass_through(lock& l, ordo::testing::order_recorder& order, std::string name) {
    co_await l.acquire();
    order.record(name);
    l.release();
}

/// Held for three iterations; then each of those that queue holds it for two.
struct lock_scene : scene {
    lock l;
    int holders = 0;

    explicit lock_scene(ordo::event_loop& on) : scene(on) {
        static_cast<void>(loop.create_task(hold_first()));
        for (int i = 0; i < 3; ++i) start(hold());
    }
    coro<> hold_first() {
        auto const held = co_await l.scoped();
        co_await yield(3);
    }
    coro<> hold() {
        auto const held = co_await l.scoped();
        BOOST_TEST(holders == 0);
        ++holders;
        ordo::detail::scope_exit const leave([this] { --holders; });
        pass();
        co_await yield(2);
    }
    void check() const {
        check_all_passed_in_turn();
        BOOST_TEST(!l.locked());
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(lock_)

ORDO_TEST_CASE(a_free_lock_is_taken_at_once) {
    lock l;
    BOOST_TEST(!l.locked());
    auto const iteration = get_running_loop().iterations();
    co_await l.acquire();
    BOOST_TEST(get_running_loop().iterations() == iteration);
    BOOST_TEST(l.locked());
    l.release();
    BOOST_TEST(!l.locked());
}

ORDO_TEST_CASE(who_waits_gets_it_first_in_first_out) {
    lock l;
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    auto const b = create_task(pass_through(l, order, "b"));
    auto const c = create_task(pass_through(l, order, "c"));
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    l.release();
    co_await c;
    BOOST_TEST(order.text() == "a b c");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(a_newcomer_does_not_overtake_who_was_woken) {
    lock l;
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    co_await ordo::sleep(0s);
    auto const b = create_task(pass_through(l, order, "b")); // begins before a goes on
    l.release();
    BOOST_TEST(!l.locked());
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a b");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(who_has_released_it_queues_behind_who_waits) {
    lock l;
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    co_await ordo::sleep(0s);
    l.release();
    co_await l.acquire();
    BOOST_TEST(order.text() == "a");
    l.release();
    BOOST_TEST(a.done());
}

ORDO_TEST_CASE(one_that_only_cancelled_tasks_wait_for_is_taken_at_once) {
    lock l;
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    co_await ordo::sleep(0s);
    a.cancel();
    l.release();
    auto const iteration = get_running_loop().iterations();
    co_await l.acquire();
    BOOST_TEST(get_running_loop().iterations() == iteration);
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(l.locked());
}

// lock_cancel_race_passes_the_lock_on.
ORDO_TEST_CASE(who_is_cancelled_after_the_release_passes_it_on) {
    lock l;
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    auto const b = create_task(pass_through(l, order, "b"));
    co_await ordo::sleep(0s);
    l.release();
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "b");
    BOOST_TEST(b.done());
    BOOST_TEST(!l.locked());
}

ORDO_TEST_CASE(who_was_cancelled_before_the_release_passes_it_on_when_it_runs) {
    lock l;
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    auto const b = create_task(pass_through(l, order, "b"));
    co_await ordo::sleep(0s);
    a.cancel();
    l.release(); // the head of the line is a, which will look after it
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "b");
    BOOST_TEST(b.done());
}

BOOST_AUTO_TEST_CASE(a_waiter_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<lock_scene>();
}

ORDO_TEST_CASE(one_that_is_not_held_cannot_be_released) {
    lock l;
    std::string const expected = "lock::release: the lock is not held; release it once for each acquire()";
    BOOST_TEST(error_text<usage_error>([&] { l.release(); }) == expected);
    ordo::testing::order_recorder order;
    co_await l.acquire();
    auto const a = create_task(pass_through(l, order, "a"));
    co_await ordo::sleep(0s);
    l.release();
    BOOST_TEST(error_text<usage_error>([&] { l.release(); }) == expected); // though a is to have it
    co_await a;
    BOOST_TEST(order.text() == "a");
}

ORDO_TEST_CASE(another_task_may_release_it) {
    lock l;
    co_await l.acquire();
    auto release = [&]() -> coro<> {
        l.release();
        co_return;
    };
    auto const t = create_task(release);
    co_await l.acquire();
    BOOST_TEST(t.done());
    BOOST_TEST(l.locked());
}

BOOST_AUTO_TEST_CASE(it_serves_one_loop_at_a_time) {
    virtual_loop first;
    virtual_loop second;
    lock l;
    first.loop.run_until_complete(pass_through(l, first.order, "a"));
    second.loop.run_until_complete(pass_through(l, second.order, "b"));
    auto hold = [&]() -> coro<> { co_await l.acquire(); };
    first.loop.run_until_complete(hold());
    auto const a = first.loop.create_task(pass_through(l, first.order, "a"));
    first.run_once();
    auto const text =
        error_text<usage_error>([&] { second.loop.run_until_complete(pass_through(l, second.order, "b")); });
    BOOST_TEST(text == "lock::acquire: tasks of another loop wait for it; use it in one loop at a time");
    l.release();
    first.loop.run_until_complete(a);
    BOOST_TEST(!l.locked());
}

BOOST_AUTO_TEST_CASE(a_closed_loop_leaves_it_to_the_next) {
    lock l;
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto hold = [&]() -> coro<> {
            auto const held = co_await l.scoped();
            co_await ordo::sleep(1h);
        };
        auto const holding = v.loop.create_task(hold());
        auto const waiting = v.loop.create_task(pass_through(l, v.order, "never"));
        v.run_once();
        BOOST_TEST(l.locked());
        v.loop.close(); // the guard goes with its frame, and wakes a task that will not run
        BOOST_TEST(v.order.text() == "");
        BOOST_TEST(!waiting.done());
    }
    virtual_loop next;
    next.loop.run_until_complete(pass_through(l, next.order, "a"));
    BOOST_TEST(next.order.text() == "a");
    BOOST_TEST(!l.locked());
}

BOOST_AUTO_TEST_CASE(who_waits_for_one_that_is_destroyed_does_no_harm) {
    captured_log const log;
    virtual_loop v;
    std::optional<lock> l(std::in_place);
    auto hold = [&]() -> coro<> { co_await l->acquire(); };
    v.loop.run_until_complete(hold());
    auto const woken = v.loop.create_task(pass_through(*l, v.order, "never"));
    auto const waiting = v.loop.create_task(pass_through(*l, v.order, "never"));
    v.run_once();
    l->release();
    l.reset();
    BOOST_TEST(log.text() == "error: lock::acquire: destroyed while 2 tasks wait; keep it alive until nobody does\n");
    std::string const expected =
        "lock::acquire: it was destroyed while this task waited; keep it alive until nobody does";
    BOOST_TEST(error_text<usage_error>([&] { v.loop.run_until_complete(woken); }) == expected);
    waiting.cancel();
    BOOST_TEST(error_text<usage_error>([&] { v.loop.run_until_complete(waiting); }) == expected);
}

BOOST_AUTO_TEST_SUITE_END()
