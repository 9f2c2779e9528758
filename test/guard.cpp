// ordo: tests of guards, of locks and of permits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/guard.hpp>

#include <ordo/condition.hpp>
#include <ordo/lock.hpp>
#include <ordo/semaphore.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using ordo::coro;
using ordo::guard;
using ordo::lock;

static_assert(!std::is_copy_constructible_v<guard<lock>> && !std::is_copy_assignable_v<guard<lock>>);
static_assert(std::is_nothrow_move_constructible_v<guard<lock>> && std::is_nothrow_move_assignable_v<guard<lock>>);
static_assert(!std::is_convertible_v<guard<lock>, bool>);

BOOST_AUTO_TEST_SUITE(guard_)

ORDO_TEST_CASE(a_guard_releases_where_its_scope_ends) {
    lock l;
    {
        auto const held = co_await l.scoped();
        BOOST_TEST(l.locked());
        BOOST_TEST(static_cast<bool>(held));
    }
    BOOST_TEST(!l.locked());
}

ORDO_TEST_CASE(a_guard_releases_when_its_scope_is_left_by_an_error) {
    lock l;
    try {
        auto const held = co_await l.scoped();
        throw std::runtime_error("out");
    } catch (std::runtime_error const&) {}
    BOOST_TEST(!l.locked());
}

ORDO_TEST_CASE(a_guard_can_release_earlier) {
    lock l;
    auto held = co_await l.scoped();
    held.release();
    BOOST_TEST(!l.locked());
    BOOST_TEST(!held);
    auto const again = co_await l.scoped(); // which the first must leave alone
    BOOST_TEST(error_text<ordo::usage_error>([&] { held.release(); }) ==
               "guard::release: it holds nothing; it was released or moved from, or what it held is destroyed");
    held = guard<lock>();
    BOOST_TEST(l.locked());
}

ORDO_TEST_CASE(a_guard_can_be_moved) {
    lock l;
    guard<lock> outer;
    BOOST_TEST(!outer);
    {
        auto inner = co_await l.scoped();
        outer = std::move(inner);
        BOOST_TEST(!inner); // NOLINT: that is what is tested
    }
    BOOST_TEST(l.locked());
    {
        auto const last = std::move(outer);
        BOOST_TEST(l.locked());
    }
    BOOST_TEST(!l.locked());
}

ORDO_TEST_CASE(a_guard_that_is_assigned_releases_what_it_held) {
    lock a;
    lock b;
    auto held = co_await a.scoped();
    held = co_await b.scoped();
    BOOST_TEST(!a.locked());
    BOOST_TEST(b.locked());
}

ORDO_TEST_CASE(a_guard_takes_over_what_was_acquired) {
    lock l;
    co_await l.acquire();
    { guard const held(l); }
    BOOST_TEST(!l.locked());
}

ORDO_TEST_CASE(a_semaphore_and_a_condition_have_guards_too) {
    ordo::semaphore s(1);
    ordo::bounded_semaphore bounded(1);
    ordo::condition c;
    {
        auto const permit = co_await s.scoped();
        auto const bounded_permit = co_await bounded.scoped();
        auto const held = co_await c.scoped();
        BOOST_TEST(s.locked());
        BOOST_TEST(bounded.locked());
        BOOST_TEST(c.locked());
    }
    BOOST_TEST(!s.locked());
    BOOST_TEST(!bounded.locked());
    BOOST_TEST(!c.locked());
}

ORDO_TEST_CASE(a_guard_of_what_is_destroyed_holds_nothing) {
    std::optional<ordo::semaphore> s(2);
    auto first = co_await s->scoped();
    auto second = co_await s->scoped();
    auto const third = std::move(first);
    s.reset();
    BOOST_TEST(!first); // NOLINT: that is what is tested
    BOOST_TEST(!second);
    BOOST_TEST(!third);
}

ORDO_TEST_CASE(guards_of_one_semaphore_may_go_in_any_order) {
    ordo::semaphore s(3);
    auto first = co_await s.scoped();
    auto second = co_await s.scoped();
    auto third = co_await s.scoped();
    second.release();
    third = std::move(first);
    third.release();
    for (int permits = 0; permits < 3; ++permits) {
        BOOST_TEST(!s.locked());
        co_await s.acquire();
    }
    BOOST_TEST(s.locked());
}

BOOST_AUTO_TEST_CASE(a_guard_in_a_frame_that_goes_with_its_loop_releases_what_is_left) {
    captured_log const log;
    lock outliving;
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        lock going;
        ordo::condition waited_for;
        auto hold = [&]() -> coro<> {
            auto const a = co_await outliving.scoped();
            auto const b = co_await going.scoped();
            auto const c = co_await waited_for.scoped();
            co_await waited_for.wait();
        };
        auto const t = v.loop.create_task(hold);
        v.run_once();
        BOOST_TEST(outliving.locked());
    }
    BOOST_TEST(!outliving.locked());
    BOOST_TEST(log.text() == "error: condition::wait: destroyed while 1 task waits; keep it alive until nobody does\n");
}

BOOST_AUTO_TEST_CASE(a_guard_in_a_frame_that_waited_for_a_condition_says_nothing_of_it) {
    captured_log const log;
    ordo::condition outliving;
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto wait = [&]() -> coro<> {
            auto const held = co_await outliving.scoped();
            co_await outliving.wait();
        };
        auto const t = v.loop.create_task(wait);
        v.run_once();
        BOOST_TEST(!outliving.locked());
    }
    BOOST_TEST(!outliving.locked());
    BOOST_TEST(log.text() == "");
}

ORDO_TEST_CASE(a_guard_whose_lock_somebody_else_released_says_so) {
    captured_log const log;
    lock l;
    {
        auto const held = co_await l.scoped();
        l.release();
    }
    BOOST_TEST(log.text() == "error: guard: the release in its destructor failed: lock::release: the lock is not held; "
                             "release it once for each acquire()\n");
}

BOOST_AUTO_TEST_SUITE_END()
