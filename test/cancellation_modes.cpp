// ordo: tests of with_cancellation: level-triggered. cancellation_keeping.cpp has those of keeping values.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/cancellation.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <ordo/exception_context.hpp>
#include <ordo/task_group.hpp>
#include <ordo/timeout.hpp>

using ordo::cancellation;
using ordo::with_cancellation;

namespace {

constexpr auto level = cancellation::level_triggered;
constexpr auto keep = cancellation::keep_values;

/// How many of `waits` waits are cancelled.
coro<int> cancelled_waits(int waits) {
    int cancelled = 0;
    for (int i = 0; i < waits; ++i) {
        try {
            co_await sleep(1s);
        } catch (cancelled_error const&) {
            ++cancelled;
        }
    }
    co_return cancelled;
}

coro<int> cancelled_yields(int yields) {
    int cancelled = 0;
    for (int i = 0; i < yields; ++i) {
        try {
            co_await sleep(0s);
        } catch (cancelled_error const&) {
            ++cancelled;
        }
    }
    co_return cancelled;
}

/// The result of a task that runs the function, and is cancelled after so long.
template <class F>
coro<int> cancelled_after(ordo::duration delay, F function) {
    auto const task = create_task(function);
    get_running_loop().call_later(delay, [task] { task.cancel("stop"); });
    auto const result = co_await task;
    co_return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(cancellation_modes)

ORDO_TEST_CASE(once_requested_it_is_thrown_at_every_suspension_of_the_body) {
    auto body = []() -> coro<int> { co_return co_await cancelled_waits(3); };
    auto main = [&]() -> coro<int> {
        auto const inside = co_await with_cancellation(level, body);
        auto const outside = co_await cancelled_waits(3);
        co_return 10 * inside + outside;
    };
    auto const counts = co_await cancelled_after(500ms, main);
    BOOST_TEST(counts == 30);
}

ORDO_TEST_CASE(a_yield_is_a_suspension_and_what_is_done_is_none) {
    auto const done = get_running_loop().create_future<int>();
    done.set_result(100);
    auto body = [&]() -> coro<int> {
        auto const waits = co_await cancelled_waits(1);
        auto const yields = co_await cancelled_yields(2);
        auto const value = co_await done;
        co_return value + 10 * waits + yields;
    };
    auto main = [&]() -> coro<int> { co_return co_await with_cancellation(level, body); };
    auto const counts = co_await cancelled_after(500ms, main);
    BOOST_TEST(counts == 112);
}

ORDO_TEST_CASE(by_default_it_is_thrown_once) {
    auto body = []() -> coro<int> { co_return co_await cancelled_waits(3); };
    auto main = [&]() -> coro<int> { co_return co_await with_cancellation(cancellation::edge_triggered, body); };
    auto const count = co_await cancelled_after(500ms, main);
    BOOST_TEST(count == 1);
}

ORDO_TEST_CASE(a_request_from_before_the_body_does_not_count) {
    auto body = []() -> coro<int> { co_return co_await cancelled_waits(3); };
    auto main = [&]() -> coro<int> {
        auto const before = co_await cancelled_waits(1);
        auto const inside = co_await with_cancellation(level, body);
        co_return 10 * before + inside;
    };
    auto const counts = co_await cancelled_after(500ms, main);
    BOOST_TEST(counts == 10);
}

ORDO_TEST_CASE(a_request_that_was_not_delivered_before_the_body_is_delivered_once) {
    auto body = []() -> coro<int> { co_return co_await cancelled_waits(3); };
    auto main = [&]() -> coro<int> {
        ordo::current_task()->cancel();
        co_return co_await with_cancellation(level, body);
    };
    auto const task = create_task(main);
    auto const count = co_await task;
    BOOST_TEST(count == 1);
}

ORDO_TEST_CASE(uncancel_ends_it) {
    auto body = []() -> coro<int> {
        auto const first = co_await cancelled_waits(2);
        ordo::current_task()->uncancel();
        auto const then = co_await cancelled_waits(2);
        co_return 10 * first + then;
    };
    auto main = [&]() -> coro<int> { co_return co_await with_cancellation(level, body); };
    auto const counts = co_await cancelled_after(500ms, main);
    BOOST_TEST(counts == 20);
}

ORDO_TEST_CASE(after_a_request_from_before_was_taken_back_a_new_one_counts) {
    auto body = []() -> coro<int> {
        ordo::current_task()->uncancel();
        ordo::current_task()->cancel();
        co_return co_await cancelled_waits(3);
    };
    auto main = [&]() -> coro<int> {
        co_await cancelled_waits(1);
        co_return co_await with_cancellation(level, body);
    };
    auto const count = co_await cancelled_after(500ms, main);
    BOOST_TEST(count == 3);
}

ORDO_TEST_CASE(nested_ones_see_what_was_requested_in_the_outer_one) {
    auto inner = []() -> coro<int> { co_return co_await cancelled_waits(2); };
    auto outer = [&]() -> coro<int> {
        auto const before = co_await cancelled_waits(1);
        auto const inside = co_await with_cancellation(level, inner);
        auto const after = co_await cancelled_waits(1);
        co_return 100 * before + 10 * inside + after;
    };
    auto main = [&]() -> coro<int> { co_return co_await with_cancellation(level, outer); };
    auto const counts = co_await cancelled_after(500ms, main);
    BOOST_TEST(counts == 121);
}

ORDO_TEST_CASE(a_child_that_declines_ends_the_wait_for_it_with_its_value_and_the_next_wait_is_cancelled) {
    auto body = []() -> coro<int> {
        auto const first = create_task(declining(3)); // tasks of their own, which are edge-triggered
        auto const second = create_task(value_after(1h, 4));
        auto const three = co_await first;
        auto const text = co_await error_of(second);
        co_return text == "cancelled" ? three : 0;
    };
    auto main = [&]() -> coro<int> { co_return co_await with_cancellation(level, body); };
    auto const three = co_await cancelled_after(1s, main);
    BOOST_TEST(three == 3);
}

ORDO_TEST_CASE(a_timeout_in_it_is_level_triggered_until_it_is_over) {
    auto limited = []() -> coro<int> { co_return co_await cancelled_waits(3); };
    auto body = [&]() -> coro<int> {
        auto const inside = co_await ordo::with_timeout(500ms, limited);
        auto const after = co_await cancelled_waits(3);
        co_return 10 * inside + after;
    };
    auto const counts = co_await with_cancellation(level, body);
    BOOST_TEST(counts == 30);
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

ORDO_TEST_CASE(the_end_of_a_task_group_in_it_waits_for_the_tasks) {
    auto const before = get_running_loop().time();
    std::uint64_t iterations = 0;
    auto members = [](ordo::task_group& group) -> coro<> {
        group.create_task(unwilling(5s));
        co_await sleep(1h);
    };
    auto body = [&]() -> coro<int> {
        auto const text = co_await error_of(ordo::with_task_group(members));
        BOOST_TEST(text == "cancelled: stop");
        BOOST_TEST((get_running_loop().time() - before == 6s));
        iterations = get_running_loop().iterations();
        co_return co_await cancelled_waits(2);
    };
    auto const begun = get_running_loop().iterations();
    auto main = [&]() -> coro<int> { co_return co_await with_cancellation(level, body); };
    auto const count = co_await cancelled_after(1s, main);
    BOOST_TEST(count == 2);
    BOOST_TEST(iterations - begun < 12u); // it did not spin
}

ORDO_TEST_CASE(the_end_of_a_body_by_an_error_ends_it_too) {
    auto body = []() -> coro<> { co_await sleep(1h); };
    auto main = [&]() -> coro<int> {
        auto const text = co_await error_of(with_cancellation(level, body));
        BOOST_TEST(text == "cancelled: stop");
        co_return co_await cancelled_waits(2);
    };
    auto const count = co_await cancelled_after(1s, main);
    BOOST_TEST(count == 0);
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_in_any_mode) {
    for (auto const mode : {cancellation::edge_triggered, level, keep, level | keep}) {
        counted::reset();
        {
            virtual_loop v;
            v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            auto body = [held = counted(1)]() -> coro<> { co_await sleep(1h); };
            auto main = [&]() -> coro<> { co_await with_cancellation(mode, body); };
            static_cast<void>(v.loop.create_task(main));
            v.run_once();
            v.loop.close();
        }
        BOOST_TEST(counted::constructed > 0);
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
