// ordo: tests of gather when something fails or is cancelled, and of gather_results.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/gather.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <ordo/exception_context.hpp>

#include <memory>
#include <optional>
#include <tuple>
#include <variant>

using ordo::gather;
using ordo::gather_results;

namespace {

/// Takes two iterations to end once it is cancelled.
coro<int> slow_to_end(virtual_loop& v, char const* name) {
    try {
        co_await sleep(1h);
    } catch (cancelled_error const&) {
        v.order.record(name);
    }
    co_await sleep(0s);
    co_await sleep(0s);
    throw cancelled_error();
}

coro<int> fails_when_cancelled() {
    try {
        co_await sleep(1h);
    } catch (cancelled_error const&) {} // what comes instead is worse
    throw std::runtime_error("cleanup failed");
}

} // namespace

BOOST_AUTO_TEST_SUITE(gather_errors)

ORDO_TEST_CASE(the_first_failure_is_that_of_the_whole_and_the_others_run_on) {
    auto const slow = create_task(value_after(3s, 1));
    auto const text = co_await error_of(gather(slow, failure_after(2s, "second"), failure_after(1s, "first")));
    BOOST_TEST(text == "first");
    BOOST_TEST(!slow.done());
    auto const value = co_await slow; // meanwhile "second" has failed, which is not reported
    BOOST_TEST(value == 1);
}

ORDO_TEST_CASE(a_failure_among_futures_that_are_done_is_there_at_once) {
    auto const failed = create_task(failure_after(0s, "done"));
    co_await error_of(failed);
    auto const pending = create_task(value_after(1s, 1));
    auto const all = gather(pending, failed);
    BOOST_TEST(outcome_of(all) == "done");
    co_await pending;
}

ORDO_TEST_CASE(the_first_of_two_failures_that_are_done_in_the_order_of_the_arguments_counts) {
    auto const a = create_task(failure_after(1s, "a"));
    auto const b = create_task(failure_after(0s, "b"));
    co_await error_of(a);
    auto const all = gather(a, b);
    BOOST_TEST(outcome_of(all) == "a");
}

ORDO_TEST_CASE(a_child_that_is_cancelled_counts_as_failed) {
    auto const cancelled = create_task(value_after(1h, 1));
    auto const other = create_task(value_after(1s, 2));
    auto const all = gather(cancelled, other);
    co_await sleep(0s);
    cancelled.cancel("enough");
    auto const text = co_await error_of(all);
    BOOST_TEST(text == "cancelled: enough");
    BOOST_TEST(!all.cancelled()); // it has a cancelled_error as its exception
    BOOST_TEST(!other.done());
    co_await other;
}

ORDO_TEST_CASE(cancelling_the_future_cancels_every_child) {
    auto const a = create_task(value_after(1h, 1));
    auto const b = create_task(value_after(1h, 2));
    auto const all = gather(a, b);
    co_await sleep(0s);
    BOOST_TEST(all.cancel("enough"));
    BOOST_TEST(!all.done());
    auto const text = co_await error_of(all);
    BOOST_TEST(text == "cancelled: enough");
    BOOST_TEST(a.cancelled());
    BOOST_TEST(b.cancelled());
}

ORDO_TEST_CASE(a_child_that_declines_gives_its_value_and_the_whole_is_cancelled_all_the_same) {
    auto const stubborn = create_task(declining(3));
    auto const all = gather(stubborn, declining(4));
    co_await sleep(0s);
    all.cancel();
    auto const text = co_await error_of(all);
    BOOST_TEST(text == "cancelled");
    BOOST_TEST(stubborn.result() == 3);
}

ORDO_TEST_CASE(cancelling_it_when_all_children_are_done_says_no) {
    auto const f = get_running_loop().create_future<int>();
    auto const all = gather(f);
    f.set_result(1);
    BOOST_TEST(!all.cancel());
    auto const [one] = co_await all;
    BOOST_TEST(one == 1);
}

ORDO_TEST_CASE(cancelling_the_task_that_waits_cancels_the_children_of_nested_gathers_too) {
    auto const a = create_task(value_after(1h, 1));
    auto const b = create_task(value_after(1h, 2));
    auto body = [&]() -> coro<> { co_await gather(gather(gather(a), b)); };
    auto const waiting = create_task(body);
    co_await sleep(0s);
    waiting.cancel();
    co_await error_of(waiting);
    BOOST_TEST(waiting.cancelled());
    BOOST_TEST(a.cancelled());
    BOOST_TEST(b.cancelled());
}

ORDO_TEST_CASE(dropping_the_future_leaves_the_children_alone) {
    auto const t = create_task(value_after(1s, 1));
    static_cast<void>(gather(t, value_after(2s, 2)));
    auto const value = co_await t;
    BOOST_TEST(value == 1);
    co_await sleep(2s);
}

BOOST_AUTO_TEST_CASE(an_error_of_a_gather_that_nobody_awaits_is_reported_once) {
    virtual_loop v;
    std::vector<std::string> reports;
    v.loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
        reports.push_back(what.message + ": " + text_of(what.exception));
    });
    auto body = []() -> coro<> {
        static_cast<void>(gather(failure_after(1s, "lost"), failure_after(2s, "later")));
        co_await sleep(3s);
    };
    v.loop.run_until_complete(body());
    BOOST_TEST(reports.size() == 1u);
    BOOST_TEST(reports.at(0) == "the error of a future was never retrieved: lost");
}

ORDO_TEST_CASE(tasks_that_wait_for_gathers_of_each_other_can_be_cancelled) {
    for (int const tasks : {1, 2, 3}) {
        std::vector<ordo::task<>> circle(static_cast<std::size_t>(tasks));
        auto body = [&](std::size_t next) -> coro<> {
            auto const other = circle[next];
            co_await gather(other, nothing_after(0s));
        };
        for (std::size_t i = 0; i < circle.size(); ++i) circle[i] = create_task(body((i + 1) % circle.size()));
        co_await sleep(1s);
        BOOST_TEST(circle[0].cancel());
        co_await sleep(1s);
        for (auto const& one : circle) BOOST_TEST(one.cancelled());
    }
}

// -- gather_results

ORDO_TEST_CASE(gather_results_gives_errors_as_results) {
    int referred = 5;
    auto reference = [&]() -> coro<int&> { co_return referred; };
    auto pointer = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(6); };
    auto const cancelled = create_task(value_after(1h, 1));
    get_running_loop().call_later(1s, [&] { cancelled.cancel(); });
    auto all = gather_results(value_after(2s, 1), failure_after(1s, "bad"), nothing_after(3s), cancelled, reference(),
                              pointer());
    auto const results = co_await std::move(all);
    BOOST_TEST(std::get<0>(results).value() == 1);
    BOOST_TEST(text_of(std::get<1>(results).error()) == "bad");
    BOOST_TEST(std::get<2>(results).has_value());
    BOOST_TEST(text_of(std::get<3>(results).error()) == "cancelled");
    BOOST_TEST(&std::get<4>(results).value().get() == &referred);
    BOOST_TEST(**std::get<5>(results) == 6);
}

ORDO_TEST_CASE(gather_results_of_a_range) {
    std::vector<coro<int>> coroutines;
    coroutines.push_back(value_after(1s, 1));
    coroutines.push_back(failure_after(1s, "bad"));
    auto const results = co_await gather_results(std::move(coroutines));
    BOOST_TEST(results.size() == 2u);
    BOOST_TEST(results[0].value() == 1);
    BOOST_TEST(text_of(results[1].error()) == "bad");
}

ORDO_TEST_CASE(gather_results_of_nothing_and_of_what_is_done) {
    auto const none = gather_results();
    BOOST_TEST(none.done());
    auto const failed = create_task(failure_after(0s, "bad"));
    co_await error_of(failed);
    auto const all = gather_results(failed, failed);
    BOOST_TEST(all.done());
    BOOST_TEST(text_of(std::get<1>(all.result()).error()) == "bad");
}

ORDO_TEST_CASE(gather_results_has_a_result_that_was_moved_out_as_an_error) {
    auto t = create_task(value_after(0s, 1));
    auto const same = t;
    co_await std::move(t);
    auto const [result] = co_await gather_results(same);
    BOOST_TEST(text_of(result.error()) ==
               "gather_results: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(gather_results_that_is_cancelled_waits_for_all_and_reports_none) {
    auto const a = create_task(fails_when_cancelled());
    auto const b = create_task(declining(2));
    auto all = gather_results(a, b, fails_when_cancelled());
    co_await sleep(0s);
    all.cancel("enough");
    auto const text = co_await error_of(std::move(all));
    BOOST_TEST(text == "cancelled");
    BOOST_TEST(b.result() == 2);
}

ORDO_TEST_CASE(gather_results_that_is_cancelled_ends_with_the_cancellation_of_the_last_argument) {
    // CPython: the error is made from the last child, whichever ended last.
    auto const slow = create_task(unwilling(1s));
    auto const last = create_task(value_after(1h, 1));
    auto all = gather_results(slow, last);
    co_await sleep(0s);
    all.cancel("enough");
    auto const text = co_await error_of(std::move(all));
    BOOST_TEST(text == "cancelled: enough");
    BOOST_TEST(slow.cancelled());
}

ORDO_TEST_CASE(gather_results_that_is_cancelled_has_the_message_that_the_last_argument_has_declined) {
    auto const declines_while_it_yields = []() -> coro<> {
        try {
            co_await sleep(0s);
        } catch (ordo::cancelled_error const&) {} // declined
    };
    auto all = gather_results(create_task(declines_while_it_yields));
    co_await sleep(0s);
    all.cancel("enough");
    auto const text = co_await error_of(std::move(all));
    BOOST_TEST(text == "cancelled: enough");
}

ORDO_TEST_CASE(a_cancellation_of_who_waits_that_comes_when_all_are_cancelled_already_adds_nothing) {
    auto const never = ordo::get_running_loop().create_future<int>();
    auto const waits = [](ordo::future<int> child) -> coro<> {
        auto const all = gather(child);
        co_await all;
    };
    auto const t = create_task(waits(never));
    co_await sleep(0s);
    never.cancel();
    t.cancel("late");
    auto const text = co_await error_of(t);
    BOOST_TEST(text == "cancelled");
}

// -- at every moment

BOOST_AUTO_TEST_CASE(the_task_that_waits_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto const a = v.loop.create_task(value_after_hops(1, 1), "a");
        auto const b = v.loop.create_task(value_after_hops(2, 2), "b");
        auto note = [&v](ordo::any_task const& t) { v.order.record(t.name() + ":" + outcome_of(t)); };
        a.add_done_callback([=] { note(a); });
        b.add_done_callback([=] { note(b); });
        auto const results = co_await gather(a, b);
        co_return std::get<0>(results) + std::get<1>(results);
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, a:cancelled b:cancelled",
                                     "2: cancelled, a:cancelled b:cancelled",
                                     "3: cancelled, a:value b:cancelled",
                                     "4: cancelled, a:value b:value",
                                     "5: cancelled, a:value b:value",
                                     "6: value, a:value b:value, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_CASE(children_that_take_their_time_to_end_are_all_told_at_once) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        std::vector<coro<int>> children;
        children.push_back(slow_to_end(v, "a"));
        children.push_back(slow_to_end(v, "b"));
        children.push_back(value_after_hops(1, 1));
        auto const results = co_await gather_results(std::move(children));
        co_return 1;
    });
    BOOST_TEST(lines.at(0) == "0: cancelled");
    BOOST_TEST(lines.at(1) == "1: cancelled"); // none of them has begun
    for (std::size_t i = 2; i < lines.size(); ++i) BOOST_TEST(lines[i] == std::to_string(i) + ": cancelled, a b");
    BOOST_TEST(lines.size() == std::size_t(most_iterations)); // it never ends by itself
}

BOOST_AUTO_TEST_SUITE_END()
