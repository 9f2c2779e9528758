// ordo: tests of timeouts that come along with something else, nested ones, and ones that are torn down.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/timeout.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <ordo/exception_context.hpp>

#include <optional>

using ordo::timeout;
using ordo::with_timeout;

namespace {

char const* const ran_out = "with_timeout: time ran out";

coro<> forever() {
    co_await sleep(1h);
}

/// What a task under a timeout of a second ends with if it is cancelled by a timer of the same deadline.
std::string outcome_with_a_cancellation(bool timeout_first) {
    virtual_loop v;
    std::optional<ordo::task<>> task;
    int left = -1;
    auto body = [&]() -> coro<> {
        std::exception_ptr error;
        try {
            co_await with_timeout(1s, forever);
        } catch (...) {
            error = std::current_exception();
        }
        left = ordo::current_task()->cancelling();
        if (error) std::rethrow_exception(error);
    };
    task = v.loop.create_task(body);
    if (!timeout_first) v.loop.call_later(1s, [&] { task->cancel("outside"); });
    v.run_once();
    if (timeout_first) v.loop.call_later(1s, [&] { task->cancel("outside"); });
    v.run_for(2s);
    auto const text = outcome_of(*task);
    return text + ", cancelling " + std::to_string(left);
}

} // namespace

BOOST_AUTO_TEST_SUITE(timeout_races)

BOOST_AUTO_TEST_CASE(a_cancellation_from_outside_wins_over_a_timeout_of_the_same_iteration) {
    BOOST_TEST(outcome_with_a_cancellation(true) == "cancelled, cancelling 1");
    BOOST_TEST(outcome_with_a_cancellation(false) == "cancelled, cancelling 1");
}

ORDO_TEST_CASE(a_result_in_the_iteration_of_the_deadline_is_lost) {
    for (bool const timeout_first : {true, false}) {
        auto const f = get_running_loop().create_future<int>();
        auto set = [f] { f.set_result(1); };
        if (!timeout_first) get_running_loop().call_later(1s, set);
        auto body = [&]() -> coro<int> {
            if (timeout_first)
                get_running_loop().call_later(1s, [f] {
                    if (!f.done()) f.set_result(1);
                });
            co_return co_await f;
        };
        auto const text = co_await error_of(with_timeout(1s, body));
        BOOST_TEST(text == ran_out);
        BOOST_TEST(ordo::current_task()->cancelling() == 0);
    }
}

ORDO_TEST_CASE(a_cancellation_while_the_body_cleans_up_wins) {
    auto body = []() -> coro<> { co_await with_timeout(1s, []() -> coro<> { co_await unwilling(5s); }); };
    auto const task = create_task(body);
    get_running_loop().call_later(3s, [&] { task.cancel("outside"); });
    auto const text = co_await error_of(task);
    BOOST_TEST(text == "cancelled: outside");
    BOOST_TEST(task.cancelling() == 1);
}

ORDO_TEST_CASE(a_timeout_that_expires_while_the_body_cleans_up_after_a_cancellation_does_not_hide_that) {
    auto body = []() -> coro<> { co_await with_timeout(3s, []() -> coro<> { co_await unwilling(5s); }); };
    auto const task = create_task(body);
    get_running_loop().call_later(1s, [&] { task.cancel("outside"); });
    auto const text = co_await error_of(task);
    BOOST_TEST(text == "cancelled");
    BOOST_TEST(task.cancelled());
    BOOST_TEST(task.cancelling() == 1);
}

ORDO_TEST_CASE(a_body_that_drops_a_cancellation_from_outside_is_still_limited) {
    auto body = []() -> coro<> {
        co_await with_timeout(5s, []() -> coro<> {
            co_await declining(1);
            co_await sleep(1h);
        });
    };
    auto const task = create_task(body);
    get_running_loop().call_later(1s, [&] { task.cancel("outside"); });
    auto const text = co_await error_of(task);
    // The request from outside was never taken back, so the timeout leaves it in force.
    BOOST_TEST(text == "cancelled");
    BOOST_TEST(task.cancelling() == 1);
}

ORDO_TEST_CASE(a_task_that_was_cancelled_before_and_dropped_it_gets_a_timeout_error) {
    auto body = []() -> coro<std::string> {
        co_await declining(1);
        auto text = co_await error_of(with_timeout(1s, forever));
        co_return text;
    };
    auto const task = create_task(body);
    co_await sleep(0s);
    task.cancel();
    auto const& text = co_await task;
    BOOST_TEST(text == ran_out);
    BOOST_TEST(task.cancelling() == 1);
}

// -- nested

ORDO_TEST_CASE(the_inner_one_expires_alone) {
    auto inner = []() -> coro<> { co_await with_timeout(1s, forever); };
    timeout outer(2s);
    auto body = [&]() -> coro<std::string> {
        auto text = co_await error_of(inner());
        co_return text;
    };
    auto const text = co_await with_timeout(outer, body);
    BOOST_TEST(text == ran_out);
    BOOST_TEST(!outer.expired());
}

ORDO_TEST_CASE(the_outer_one_expires_alone) {
    timeout inner(2s);
    timeout outer(1s);
    bool inner_was_cancelled = false;
    auto body = [&]() -> coro<> {
        try {
            co_await with_timeout(inner, forever);
        } catch (cancelled_error const&) {
            inner_was_cancelled = true;
            throw;
        }
    };
    auto const text = co_await error_of(with_timeout(outer, body));
    BOOST_TEST(text == ran_out);
    BOOST_TEST(inner_was_cancelled);
    BOOST_TEST(!inner.expired());
    BOOST_TEST(outer.expired());
}

ORDO_TEST_CASE(both_in_one_iteration_are_the_outer_ones) {
    // CPython: test_timeouts.test_nested_timeouts_concurrent: the inner one sees a request that is not its own.
    for (bool const outer_first : {true, false}) {
        auto const deadline = get_running_loop().time() + 1s;
        timeout inner(deadline);
        timeout outer(outer_first ? std::optional(deadline) : std::nullopt);
        std::string inner_text;
        auto body = [&](timeout& limit) -> coro<> {
            auto slow = [&]() -> coro<> {
                if (!outer_first) limit.reschedule(deadline); // behind the timer of the inner one
                co_await sleep(1h);
            };
            std::exception_ptr error;
            try {
                co_await with_timeout(inner, slow);
            } catch (...) {
                error = std::current_exception();
            }
            inner_text = text_of(error);
            std::rethrow_exception(error);
        };
        auto const text = co_await error_of(with_timeout(outer, body));
        BOOST_TEST(inner.expired());
        BOOST_TEST(outer.expired());
        BOOST_TEST(inner_text == "cancelled");
        BOOST_TEST(text == ran_out);
        BOOST_TEST(ordo::current_task()->cancelling() == 0);
    }
}

ORDO_TEST_CASE(an_outer_one_may_expire_while_the_body_of_the_inner_one_cleans_up) {
    timeout inner(1s);
    timeout outer(3s);
    auto body = [&]() -> coro<> { co_await with_timeout(inner, []() -> coro<> { co_await unwilling(5s); }); };
    auto const before = get_running_loop().time();
    auto const text = co_await error_of(with_timeout(outer, body));
    BOOST_TEST(text == ran_out);
    BOOST_TEST((get_running_loop().time() - before == 3s));
    BOOST_TEST(inner.expired());
    BOOST_TEST(outer.expired());
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

// -- at every moment, and torn down

BOOST_AUTO_TEST_CASE(the_task_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto body = [&]() -> coro<int> {
            try {
                co_return co_await value_after_hops(2, 1);
            } catch (cancelled_error const&) {
                v.order.record("body");
                throw;
            }
        };
        auto const one = co_await with_timeout(1h, body);
        co_return one;
    });
    BOOST_TEST(difference(lines, {"0: cancelled", "1: cancelled, body", "2: cancelled, body", "3: value, too late"}) ==
               "");
}

BOOST_AUTO_TEST_CASE(a_timeout_destroyed_in_the_iteration_in_which_it_is_due_does_nothing) {
    virtual_loop v;
    int ends = 0;
    auto body = [&]() -> coro<> {
        auto const f = get_running_loop().create_future<int>();
        get_running_loop().call_later(1s, [f] { f.set_result(1); });
        {
            timeout limit(1s);
            auto waiting = [&]() -> coro<int> { co_return co_await f; };
            auto const text = co_await error_of(with_timeout(limit, waiting));
            BOOST_TEST(text == ran_out);
        }
        auto at_once = []() -> coro<int> { co_return 1; };
        {
            timeout limit(0s); // queued when the body is over
            co_await with_timeout(limit, at_once);
        }
        co_await sleep(0s);
        ++ends;
    };
    v.loop.run_until_complete(body());
    BOOST_TEST(ends == 1);
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_while_the_body_runs_or_its_timeout_is_due) {
    for (auto const delay : {0s, 1s, 3600s}) {
        for (int iterations = 0; iterations < 4; ++iterations) {
            counted::reset();
            {
                std::optional<timeout> limit(delay);
                virtual_loop v;
                v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
                auto body = [held = counted(1)]() -> coro<> { co_await unwilling(1h); };
                auto outer = [&]() -> coro<> { co_await with_timeout(*limit, body); };
                static_cast<void>(v.loop.create_task(outer));
                for (int i = 0; i < iterations; ++i) {
                    v.run_once();
                    v.clock->advance(1s);
                }
                v.loop.close();
                limit.reset();
            }
            BOOST_TEST(counted::constructed > 0);
            BOOST_TEST(counted::alive() == 0);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
