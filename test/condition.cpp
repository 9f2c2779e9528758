// ordo: tests of condition.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/condition.hpp>

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "every_moment.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using ordo::cancelled_error;
using ordo::condition;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::usage_error;

namespace {

coro<> wait_and_record(condition& c, ordo::testing::order_recorder& order, std::string name) {
    auto const held = co_await c.scoped();
    co_await c.wait();
    order.record(name);
}

coro<> notify(condition& c, std::size_t count) {
    auto const held = co_await c.scoped();
    c.notify(count);
}

/// Four wait; one at a time is notified, three times, with the lock held for two iterations more. Whatever happens to one
/// of them, three go on, each of them with the lock.
struct condition_scene : scene {
    condition c;
    bool inside = false;

    explicit condition_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 4; ++i) start(wait());
        static_cast<void>(loop.create_task(notify_three()));
    }
    coro<> wait() {
        auto const held = co_await c.scoped();
        std::exception_ptr error;
        try {
            co_await c.wait();
            pass();
        } catch (cancelled_error const&) {
            error = std::current_exception();
        }
        BOOST_TEST(c.locked());
        BOOST_TEST(!inside);
        inside = true;
        try {
            co_await yield(1);
        } catch (cancelled_error const&) {
            error = std::current_exception();
        }
        inside = false;
        if (error) std::rethrow_exception(error);
    }
    coro<> notify_three() {
        co_await yield(2);
        for (int i = 0; i < 3; ++i) {
            auto const held = co_await c.scoped();
            c.notify();
            co_await yield(2);
        }
    }
    void check() {
        BOOST_TEST(!c.locked());
        BOOST_TEST(passed.size() >= 3u);
        loop.run_until_complete(notify(c, 1)); // for the one that is left, if none was cancelled
        loop.run_until_complete(yield(3));
        check_all_passed_in_turn();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(condition_)

ORDO_TEST_CASE(who_waits_lets_go_of_the_lock_and_has_it_again_when_it_goes_on) {
    condition c;
    bool waited = false;
    auto wait = [&]() -> coro<> {
        co_await c.acquire();
        co_await c.wait();
        waited = true;
        BOOST_TEST(c.locked());
        c.release();
    };
    auto const t = create_task(wait);
    co_await ordo::sleep(0s);
    BOOST_TEST(!c.locked());
    co_await c.acquire();
    c.notify();
    co_await ordo::sleep(1s);
    BOOST_TEST(!waited);
    c.release();
    co_await t;
    BOOST_TEST(waited);
    BOOST_TEST(!c.locked());
}

ORDO_TEST_CASE(so_many_are_notified_as_are_asked_for_in_the_order_in_which_they_came) {
    condition c;
    ordo::testing::order_recorder order;
    auto const first = create_task(wait_and_record(c, order, "a"));
    auto const second = create_task(wait_and_record(c, order, "b"));
    auto const third = create_task(wait_and_record(c, order, "c"));
    auto const fourth = create_task(wait_and_record(c, order, "d"));
    co_await ordo::sleep(0s);
    co_await notify(c, 0);
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    co_await notify(c, 1);
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "a");
    co_await notify(c, 2);
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "a b c");
    co_await notify(c, 7);
    co_await fourth;
    BOOST_TEST(order.text() == "a b c d");
}

ORDO_TEST_CASE(all_are_notified) {
    condition c;
    ordo::testing::order_recorder order;
    auto const first = create_task(wait_and_record(c, order, "a"));
    auto const second = create_task(wait_and_record(c, order, "b"));
    co_await ordo::sleep(0s);
    {
        auto const held = co_await c.scoped();
        c.notify_all();
    }
    auto const late = create_task(wait_and_record(c, order, "c"));
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "a b");
    BOOST_TEST(!late.done());
    co_await notify(c, 1);
    co_await late;
}

ORDO_TEST_CASE(a_notification_that_nobody_waits_for_is_gone) {
    condition c;
    ordo::testing::order_recorder order;
    co_await notify(c, 1);
    auto const t = create_task(wait_and_record(c, order, "a"));
    co_await ordo::sleep(1s);
    BOOST_TEST(!t.done());
    co_await notify(c, 1);
    co_await t;
}

ORDO_TEST_CASE(it_can_share_a_lock) {
    ordo::lock l;
    condition a(l);
    condition b(l);
    ordo::testing::order_recorder order;
    auto const on_a = create_task(wait_and_record(a, order, "a"));
    auto const on_b = create_task(wait_and_record(b, order, "b"));
    co_await ordo::sleep(0s);
    co_await l.acquire();
    BOOST_TEST(a.locked());
    BOOST_TEST(b.locked());
    b.notify();
    l.release();
    co_await on_b;
    BOOST_TEST(order.text() == "b");
    co_await notify(a, 1);
    co_await on_a;
}

// -- wait_for

ORDO_TEST_CASE(wait_for_does_not_wait_if_the_predicate_holds) {
    condition c;
    auto const held = co_await c.scoped();
    auto const iteration = get_running_loop().iterations();
    auto give = [] { return 42; };
    auto const result = co_await c.wait_for(give);
    BOOST_TEST(result == 42);
    BOOST_TEST(get_running_loop().iterations() == iteration);
}

ORDO_TEST_CASE(wait_for_waits_until_the_predicate_holds) {
    condition c;
    int level = 0;
    int asked = 0;
    auto wait = [&]() -> coro<> {
        auto const held = co_await c.scoped();
        auto enough = [&] {
            ++asked;
            BOOST_TEST(c.locked());
            return level >= 3;
        };
        co_await c.wait_for(enough);
    };
    auto const t = create_task(wait);
    co_await ordo::sleep(0s);
    while (level < 3) {
        BOOST_TEST(!t.done());
        auto const held = co_await c.scoped();
        ++level;
        c.notify();
        co_await ordo::sleep(1s);
    }
    co_await t;
    BOOST_TEST(asked == 1 + 3);
}

ORDO_TEST_CASE(wait_for_gives_what_the_predicate_gave_even_if_that_can_only_be_moved) {
    condition c;
    auto const held = co_await c.scoped();
    auto make = [] { return std::make_unique<int>(7); };
    auto const result = co_await c.wait_for(make);
    BOOST_TEST(*result == 7);
}

ORDO_TEST_CASE(an_error_of_the_predicate_leaves_wait_for) {
    condition c;
    auto const held = co_await c.scoped();
    auto fail = []() -> bool { throw std::runtime_error("no"); };
    std::string text;
    try {
        co_await c.wait_for(fail);
    } catch (std::runtime_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "no");
    BOOST_TEST(c.locked());
}

// -- cancellation

ORDO_TEST_CASE(who_is_cancelled_has_the_lock_when_the_cancellation_comes) {
    condition c;
    std::string message;
    auto wait = [&]() -> coro<> {
        auto const held = co_await c.scoped();
        try {
            co_await c.wait();
        } catch (cancelled_error const& e) {
            message = e.message();
            BOOST_TEST(c.locked());
        }
    };
    auto const t = create_task(wait);
    co_await ordo::sleep(0s);
    co_await c.acquire();
    t.cancel("first");
    co_await ordo::sleep(1s);
    BOOST_TEST(!t.done());
    t.cancel("second"); // while it queues for the lock
    co_await ordo::sleep(1s);
    BOOST_TEST(!t.done());
    c.release();
    co_await t;
    BOOST_TEST(message == "second");
    BOOST_TEST(!c.locked());
}

// condition_notify_cancel_race, as of CPython 3.13.
ORDO_TEST_CASE(who_is_cancelled_after_it_was_notified_passes_the_notification_on) {
    condition c;
    ordo::testing::order_recorder order;
    auto const a = create_task(wait_and_record(c, order, "a"));
    auto const b = create_task(wait_and_record(c, order, "b"));
    co_await ordo::sleep(0s);
    co_await notify(c, 1);
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "b");
    BOOST_TEST(b.done());
}

// condition_cancel_while_reacquiring_the_lock, as of CPython 3.13.
ORDO_TEST_CASE(who_is_cancelled_while_it_queues_for_the_lock_passes_the_notification_on) {
    condition c;
    ordo::testing::order_recorder order;
    auto const a = create_task(wait_and_record(c, order, "a"));
    auto const b = create_task(wait_and_record(c, order, "b"));
    co_await ordo::sleep(0s);
    co_await c.acquire();
    c.notify();
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
    a.cancel();
    co_await ordo::sleep(0s);
    c.release();
    BOOST_TEST(!a.done());
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "b");
    BOOST_TEST(b.done());
}

BOOST_AUTO_TEST_CASE(a_waiter_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<condition_scene>(20);
}

// -- misuse

ORDO_TEST_CASE(waiting_and_notifying_need_the_lock) {
    condition c;
    std::string text;
    try {
        co_await c.wait();
    } catch (usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "condition::wait: the lock is not held; acquire() it before");
    BOOST_TEST(error_text<usage_error>([&] { c.notify(); }) ==
               "condition::notify: the lock is not held; acquire() it before");
    BOOST_TEST(error_text<usage_error>([&] { c.notify_all(); }) ==
               "condition::notify_all: the lock is not held; acquire() it before");
}

BOOST_AUTO_TEST_CASE(it_serves_one_loop_at_a_time) {
    virtual_loop first;
    virtual_loop second;
    condition c;
    auto const a = first.loop.create_task(wait_and_record(c, first.order, "a"));
    first.run_once();
    auto const text =
        error_text<usage_error>([&] { second.loop.run_until_complete(wait_and_record(c, second.order, "b")); });
    BOOST_TEST(text == "condition::wait: tasks of another loop wait for it; use it in one loop at a time");
    BOOST_TEST(!c.locked()); // the guard released it, and nobody did before
    first.loop.run_until_complete(notify(c, 1));
    first.loop.run_until_complete(a);
    BOOST_TEST(first.order.text() == "a");
}

BOOST_AUTO_TEST_CASE(who_waits_for_one_that_is_destroyed_does_no_harm) {
    captured_log const log;
    virtual_loop v;
    std::optional<condition> c(std::in_place);
    auto wait = [&]() -> coro<> {
        co_await c->acquire();
        co_await c->wait();
    };
    auto const woken = v.loop.create_task(wait);
    auto const queueing = v.loop.create_task(wait);
    auto const waiting = v.loop.create_task(wait);
    v.run_once();
    auto const take = [&]() -> coro<> { co_await c->acquire(); };
    v.loop.run_until_complete(take());
    c->notify();
    v.run_once(); // the first queues for the lock
    c->notify();
    c.reset();
    BOOST_TEST(log.text() ==
               "error: condition::acquire: destroyed while 1 task waits; keep it alive until nobody does\n"
               "error: condition::wait: destroyed while 2 tasks wait; keep it alive until nobody does\n");
    auto const destroyed = [](std::string const& where) {
        return where + ": it was destroyed while this task waited; keep it alive until nobody does";
    };
    woken.cancel();
    waiting.cancel();
    BOOST_TEST(error_text<usage_error>([&] { v.loop.run_until_complete(woken); }) == destroyed("condition::acquire"));
    BOOST_TEST(error_text<usage_error>([&] { v.loop.run_until_complete(queueing); }) == destroyed("condition::wait"));
    BOOST_TEST(error_text<usage_error>([&] { v.loop.run_until_complete(waiting); }) == destroyed("condition::wait"));
}

BOOST_AUTO_TEST_SUITE_END()
