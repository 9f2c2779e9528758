// ordo: tests of with_cancellation: keeping values, and both.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/cancellation.hpp>

#include "composing.hpp"

#include <ordo/gather.hpp>

#include <memory>
#include <optional>

using ordo::cancellation;
using ordo::with_cancellation;

namespace {

constexpr auto level = cancellation::level_triggered;
constexpr auto keep = cancellation::keep_values;

/// Runs in a task that is cancelled in the iteration in which what it waits for is there.
/// @returns   What the task ended with, and what was recorded.
template <class Body>
std::string cancelled_with_the_value(cancellation mode, Body body) {
    virtual_loop v;
    auto const f = v.loop.create_future<int>();
    auto main = [&]() -> coro<> { co_await with_cancellation(mode, [&]() -> coro<> { co_await body(v, f); }); };
    auto const task = v.loop.create_task(main);
    v.loop.call_later(1s, [&] {
        f.set_result(7);
        task.cancel("stop");
    });
    v.run_for(5s);
    return outcome_of(task) + ": " + v.order.text();
}

} // namespace

BOOST_AUTO_TEST_SUITE(cancellation_keeping)

BOOST_AUTO_TEST_CASE(a_value_that_is_there_is_given_and_the_next_wait_is_cancelled) {
    auto body = [](virtual_loop& v, ordo::future<int> f) -> coro<> {
        auto const value = co_await f;
        v.order.record(std::to_string(value));
        auto const text = co_await error_of(sleep(1s));
        v.order.record(text);
        co_await sleep(1s);
    };
    BOOST_TEST(cancelled_with_the_value(cancellation::edge_triggered, body) == "cancelled: ");
    BOOST_TEST(cancelled_with_the_value(keep, body) == "value: 7 cancelled: stop");
    BOOST_TEST(cancelled_with_the_value(level, body) == "cancelled: ");
    BOOST_TEST(cancelled_with_the_value(keep | level, body) == "cancelled: 7 cancelled: stop");
}

BOOST_AUTO_TEST_CASE(the_value_of_a_sleep_is_kept_too) {
    for (bool const deadline_first : {true, false}) {
        virtual_loop v;
        std::optional<ordo::task<int>> task;
        auto body = []() -> coro<int> {
            auto const value = co_await sleep(1s, 3);
            co_await error_of(sleep(1s));
            co_return value;
        };
        auto main = [&]() -> coro<int> { co_return co_await with_cancellation(keep, body); };
        task = v.loop.create_task(main);
        if (!deadline_first) v.loop.call_later(1s, [&] { task->cancel(); });
        v.run_once();
        if (deadline_first) v.loop.call_later(1s, [&] { task->cancel(); });
        v.run_for(5s);
        BOOST_TEST(outcome_of(*task) == (deadline_first ? "value" : "cancelled"));
    }
}

BOOST_AUTO_TEST_CASE(the_value_of_a_gather_is_kept_and_that_of_a_task_which_has_none_yet_is_not) {
    auto move_only = [](virtual_loop& v, ordo::future<int> f) -> coro<> {
        auto make = [](ordo::future<int> g) -> coro<std::unique_ptr<int>> {
            auto const value = co_await g;
            co_return std::make_unique<int>(value);
        };
        auto task = create_task(make(f));
        auto const value = co_await std::move(task);
        v.order.record(std::to_string(*value));
    };
    // The cancellation finds the inner task, which is scheduled; that is not in the scope, and is cancelled.
    BOOST_TEST(cancelled_with_the_value(keep, move_only) == "cancelled: ");
    auto gathered = [](virtual_loop& v, ordo::future<int> f) -> coro<> {
        auto const [a, b] = co_await ordo::gather(f, f);
        v.order.record(std::to_string(a + b));
    };
    BOOST_TEST(cancelled_with_the_value(keep, gathered) == "cancelled: 14");
}

BOOST_AUTO_TEST_CASE(a_task_that_is_cancelled_one_step_later_gives_its_value_too) {
    virtual_loop v;
    auto inner = []() -> coro<std::unique_ptr<int>> { co_return co_await sleep(1s, std::make_unique<int>(4)); };
    auto body = [&]() -> coro<> {
        auto task = create_task(inner);
        auto const value = co_await std::move(task);
        v.order.record(std::to_string(*value));
        co_await sleep(1s);
    };
    std::optional<ordo::task<>> outer;
    auto main = [&]() -> coro<> { co_await with_cancellation(keep, body); };
    outer = v.loop.create_task(main);
    v.loop.call_later(1s, [&] { v.loop.call_soon([&] { v.loop.call_soon([&] { outer->cancel(); }); }); });
    v.run_for(5s);
    BOOST_TEST(outcome_of(*outer) == "cancelled");
    BOOST_TEST(v.order.text() == "4");
}

BOOST_AUTO_TEST_CASE(an_error_that_is_there_is_given_and_one_that_waits_is_cancelled_at_once) {
    virtual_loop v;
    auto const f = v.loop.create_future<int>();
    auto const never = v.loop.create_future<int>();
    auto body = [&]() -> coro<> {
        auto const text = co_await error_of(f);
        v.order.record(text);
        auto const next = co_await error_of(never);
        v.order.record(next);
    };
    auto main = [&]() -> coro<> { co_await with_cancellation(keep, body); };
    auto const task = v.loop.create_task(main);
    v.loop.call_later(1s, [&] {
        f.set_exception(std::runtime_error("bad"));
        task.cancel("stop");
    });
    v.run_for(5s);
    BOOST_TEST(v.order.difference({"bad", "cancelled: stop"}) == "");
    BOOST_TEST(outcome_of(task) == "value");
    BOOST_TEST(task.cancelling() == 1);
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_at_whatever_moment_the_task_is_cancelled) {
    // A task takes numbers from futures that are completed one by one; whatever was completed before the cancellation
    // arrives must have been taken.
    for (int iterations = 0; iterations < 14; ++iterations) {
        virtual_loop v;
        std::vector<ordo::future<int>> futures;
        for (int i = 0; i < 4; ++i) futures.push_back(v.loop.create_future<int>());
        std::size_t taken = 0;
        auto body = [&]() -> coro<> {
            for (auto const& f : futures) {
                co_await f;
                ++taken;
                co_await sleep(0s);
            }
        };
        auto main = [&]() -> coro<> { co_await with_cancellation(keep, body); };
        auto const task = v.loop.create_task(main);
        std::size_t completed = 0;
        for (int i = 0; i < iterations; ++i) {
            if (i % 3 == 1 && completed < futures.size()) futures[completed++].set_result(1);
            v.run_once();
        }
        auto const taken_before = taken;
        auto const waiting_for_one = completed > taken_before && !task.done();
        task.cancel();
        for (int i = 0; i < 4; ++i) v.run_once();
        BOOST_TEST(taken == (waiting_for_one ? completed : taken_before));
        BOOST_TEST(task.done());
    }
}

BOOST_AUTO_TEST_SUITE_END()
