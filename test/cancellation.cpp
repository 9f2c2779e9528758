// ordo: tests of cancelling tasks: rules 12 to 14 of the ordering contract.
// SPDX-License-Identifier: BSL-1.0
#include "cancelling.hpp"

#include <ordo/testing/order_recorder.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace {

coro<int> wait_for(future<int> f) {
    co_return co_await f;
}

coro<> yield_then_note(bool& reached) {
    co_await ordo::sleep(0s);
    reached = true;
}

coro<> record_around(future<int> f, ordo::testing::order_recorder& order, std::string name) {
    try {
        co_await f;
    } catch (cancelled_error const&) {
        order.record(name);
        throw;
    }
}

/// Whether awaiting the task throws a cancelled_error.
coro<bool> ends_cancelled(ordo::any_task task) {
    try {
        co_await task;
    } catch (cancelled_error const&) {
        co_return true;
    }
    co_return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(cancellation)

// -- rule 12: a task that waits

ORDO_TEST_CASE(cancelling_a_waiting_task_cancels_what_it_waits_for_at_once) {
    auto const f = get_running_loop().create_future<int>();
    auto const t = create_task(wait_for(f));
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancel());
    BOOST_TEST(f.cancelled());
    BOOST_TEST(!t.done());
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(a_shared_future_takes_its_other_waiters_along) {
    auto const f = get_running_loop().create_future<int>();
    auto const a = create_task(wait_for(f));
    auto const b = create_task(wait_for(f));
    co_await ordo::sleep(0s);
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(b.cancelled());
    BOOST_TEST(b.cancelling() == 0);
}

ORDO_TEST_CASE(a_chain_of_tasks_unwinds_one_hop_per_task_from_the_innermost) {
    ordo::testing::order_recorder order;
    auto const f = get_running_loop().create_future<int>();
    auto const inner = create_task(record_around(f, order, "inner"));
    auto await_task = [&](ordo::task<> awaited) -> coro<> {
        try {
            co_await awaited;
        } catch (cancelled_error const&) {
            order.record("outer");
            throw;
        }
    };
    auto const outer = create_task(await_task(inner));
    co_await ordo::sleep(0s);
    outer.cancel();
    BOOST_TEST(f.cancelled());
    BOOST_TEST(inner.cancelling() == 1);
    BOOST_TEST(outer.cancelling() == 1);
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "inner");
    BOOST_TEST(!outer.done());
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "inner outer");
    BOOST_TEST(outer.cancelled());
}

ORDO_TEST_CASE(an_inner_task_that_swallows_the_cancellation_keeps_it_from_the_outer_one) {
    int survived = 0;
    auto const inner = create_task(survive(get_running_loop().create_future<int>(), survived));
    auto await_task = [](ordo::task<int> awaited) -> coro<int> {
        auto const value = co_await awaited;
        co_await ordo::sleep(0s);
        co_return value;
    };
    auto const outer = create_task(await_task(inner));
    co_await ordo::sleep(0s);
    outer.cancel();
    auto const value = co_await outer;
    BOOST_TEST(value == 7);
    BOOST_TEST(survived == 1);
    BOOST_TEST(outer.cancelling() == 1);
}

ORDO_TEST_CASE(a_cancellation_arrives_in_the_innermost_coroutine_and_unwinds_the_others) {
    ordo::testing::order_recorder order;
    auto const f = get_running_loop().create_future<int>();
    auto outer = [&]() -> coro<> {
        try {
            co_await record_around(f, order, "inner");
        } catch (cancelled_error const&) {
            order.record("outer");
            throw;
        }
    };
    auto const t = create_task(outer());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "inner outer");
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(a_sleeping_task_is_woken_by_its_cancellation) {
    auto sleeper = []() -> coro<> { co_await ordo::sleep(3600s); };
    auto const t = create_task(sleeper());
    co_await ordo::sleep(1s);
    auto const before = get_running_loop().time();
    t.cancel();
    auto const cancelled = co_await ends_cancelled(t);
    BOOST_TEST(cancelled);
    BOOST_TEST((get_running_loop().time() == before));
}

// -- rule 13: a task that is scheduled

ORDO_TEST_CASE(a_task_cancelled_before_its_first_step_never_runs_its_body) {
    bool ran = false;
    auto body = [&]() -> coro<> {
        ran = true;
        co_return;
    };
    auto const t = create_task(body());
    BOOST_TEST(t.cancel());
    BOOST_TEST(!t.cancelled());
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
    BOOST_TEST(!ran);
}

ORDO_TEST_CASE(a_task_cancelled_in_a_yield_keeps_its_place_in_the_queue) {
    ordo::testing::order_recorder order;
    auto& loop = get_running_loop();
    auto yielding = [&]() -> coro<> {
        try {
            co_await ordo::sleep(0s);
        } catch (cancelled_error const&) {
            order.record("cancelled");
            throw;
        }
    };
    auto const t = create_task(yielding());
    co_await ordo::sleep(0s);
    loop.call_soon(order.recording("after"));
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(order.difference({"cancelled", "after"}) == "");
}

ORDO_TEST_CASE(a_cancellation_hides_a_result_that_was_on_its_way) {
    auto const f = get_running_loop().create_future<int>();
    auto const t = create_task(wait_for(f));
    co_await ordo::sleep(0s);
    f.set_result(7);
    BOOST_TEST(t.cancel());
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
    BOOST_TEST(f.result() == 7);
}

ORDO_TEST_CASE(a_cancellation_hides_an_error_that_was_on_its_way) {
    auto const f = get_running_loop().create_future<int>();
    auto const t = create_task(wait_for(f));
    co_await ordo::sleep(0s);
    f.set_exception(std::runtime_error("boom"));
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
    BOOST_TEST(static_cast<bool>(f.exception()));
}

ORDO_TEST_CASE(a_cancellation_reaches_a_sleeper_whose_deadline_has_come) {
    auto& loop = get_running_loop();
    auto sleeper = []() -> coro<> { co_await ordo::sleep(1s); };
    auto const t = create_task(sleeper());
    co_await ordo::sleep(0s);
    // Behind the sleeper's timer in the same iteration: the sleeper is scheduled, and has not gone on.
    loop.call_at(loop.time() + 1s, [&] { t.cancel(); });
    auto const cancelled = co_await ends_cancelled(t);
    BOOST_TEST(cancelled);
}

ORDO_TEST_CASE(a_callback_in_front_of_a_scheduled_step_can_cancel_it) {
    auto& loop = get_running_loop();
    bool reached = false;
    ordo::task<> t;
    loop.call_soon([&] { loop.call_soon([&] { t.cancel(); }); });
    t = create_task(yield_then_note(reached));
    auto const cancelled = co_await ends_cancelled(t);
    BOOST_TEST(cancelled);
    BOOST_TEST(!reached);
}

// -- rule 14: a task that cancels itself

ORDO_TEST_CASE(a_task_that_cancels_itself_goes_on_to_its_next_real_suspension) {
    auto const ready = get_running_loop().create_future<int>();
    ready.set_result(1);
    ordo::current_task()->cancel();
    auto const value = co_await ready;
    BOOST_TEST(value == 1);
    bool cancelled = false;
    try {
        co_await ordo::sleep(0s);
    } catch (cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    co_await ordo::sleep(0s); // once is enough
}

ORDO_TEST_CASE(a_task_that_cancels_itself_cancels_the_future_it_comes_to_wait_for) {
    auto const f = get_running_loop().create_future<int>();
    ordo::current_task()->cancel();
    bool cancelled = false;
    try {
        co_await f;
    } catch (cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    BOOST_TEST(f.cancelled());
}

ORDO_TEST_CASE(a_task_that_cancels_itself_does_not_sleep) {
    auto const before = get_running_loop().time();
    ordo::current_task()->cancel();
    bool cancelled = false;
    try {
        co_await ordo::sleep(3600s);
    } catch (cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    BOOST_TEST((get_running_loop().time() == before));
}

ORDO_TEST_CASE(a_task_that_cancels_itself_and_returns_ends_cancelled) {
    auto body = []() -> coro<int> {
        ordo::current_task()->cancel();
        co_return 7;
    };
    auto const t = create_task(body());
    auto const cancelled = co_await ends_cancelled(t);
    BOOST_TEST(cancelled);
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(a_task_that_cancels_itself_and_throws_ends_with_its_error) {
    auto body = []() -> coro<> {
        ordo::current_task()->cancel();
        throw std::runtime_error("boom");
        co_return;
    };
    auto const t = create_task(body());
    bool failed = false;
    try {
        co_await t;
    } catch (std::runtime_error const&) {
        failed = true;
    }
    BOOST_TEST(failed);
    BOOST_TEST(!t.cancelled());
}

ORDO_TEST_CASE(a_task_that_throws_a_cancelled_error_of_its_own_ends_cancelled) {
    auto body = []() -> coro<> {
        throw cancelled_error("own");
        co_return;
    };
    auto const t = create_task(body());
    auto const cancelled = co_await ends_cancelled(t);
    BOOST_TEST(cancelled);
    BOOST_TEST(t.cancelled());
    BOOST_TEST(t.cancelling() == 0);
}

ORDO_TEST_CASE(a_task_that_throws_an_error_derived_from_cancelled_error_ends_cancelled_too) {
    struct own_cancellation : cancelled_error {
        using cancelled_error::cancelled_error;
    };
    auto give_up = []() -> coro<int> {
        throw own_cancellation("own");
        co_return 0;
    };
    auto const t = create_task(give_up());
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(a_task_that_turns_its_cancellation_into_an_error_ends_with_that) {
    auto body = []() -> coro<> {
        bool cancelled = false;
        try {
            co_await ordo::sleep(10s);
        } catch (cancelled_error const&) {
            cancelled = true;
        }
        if (cancelled) throw std::runtime_error("boom");
    };
    auto const t = create_task(body());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.done());
    BOOST_TEST(!t.cancelled());
    BOOST_TEST(static_cast<bool>(t.exception()));
}

ORDO_TEST_CASE(cleaning_up_may_wait_and_be_cancelled_again) {
    bool cleaned_up = false;
    auto body = [&]() -> coro<> {
        try {
            co_await ordo::sleep(100s);
        } catch (cancelled_error const&) {}
        co_await ordo::sleep(10s);
        cleaned_up = true;
    };
    auto const t = create_task(body());
    co_await ordo::sleep(1s);
    t.cancel();
    co_await ordo::sleep(1s);
    t.cancel();
    auto const cancelled = co_await ends_cancelled(t);
    BOOST_TEST(cancelled);
    BOOST_TEST(!cleaned_up);
}

BOOST_AUTO_TEST_SUITE_END()
