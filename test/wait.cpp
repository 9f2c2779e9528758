// ordo: tests of wait.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/wait.hpp>

#include "composing.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <string>

using ordo::return_when;
using ordo::wait;

namespace {

using tasks = std::vector<ordo::task<int>>;

/// Of 1, 2, 3 … seconds.
tasks sleepers(int count) {
    tasks made;
    for (int i = 1; i <= count; ++i) made.push_back(create_task(value_after(std::chrono::seconds(i), i)));
    return made;
}

coro<std::string> error_of_waiting_for(tasks of) {
    auto text = co_await error_of(wait(std::move(of)));
    co_return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(wait_)

ORDO_TEST_CASE(it_waits_for_all_and_gives_them_back_in_the_order_given) {
    auto const of = tasks{create_task(value_after(2s, 1)), create_task(value_after(1s, 2))};
    auto const [done, pending] = co_await wait(of);
    BOOST_TEST((done == of));
    BOOST_TEST(pending.empty());
}

ORDO_TEST_CASE(it_may_wait_for_the_first) {
    auto const of = sleepers(3);
    auto const before = get_running_loop().time();
    auto const [done, pending] = co_await wait(of, return_when::first_completed);
    BOOST_TEST((get_running_loop().time() - before == 1s));
    BOOST_TEST((done == tasks{of[0]}));
    BOOST_TEST((pending == tasks{of[1], of[2]}));
    co_await wait(pending);
    BOOST_TEST(of[2].done()); // waiting has cancelled none
}

ORDO_TEST_CASE(the_first_that_is_cancelled_is_done_too) {
    auto const of = sleepers(2);
    get_running_loop().call_soon([&] { of[1].cancel(); });
    auto const [done, pending] = co_await wait(of, return_when::first_completed);
    BOOST_TEST((done == tasks{of[1]}));
    co_await of[0];
}

ORDO_TEST_CASE(it_may_wait_for_the_first_failure) {
    tasks const of{create_task(value_after(1s, 1)), create_task(failure_after(2s, "bad")),
                   create_task(value_after(3s, 3))};
    auto const [done, pending] = co_await wait(of, return_when::first_exception);
    BOOST_TEST((done == tasks{of[0], of[1]}));
    BOOST_TEST((pending == tasks{of[2]}));
    BOOST_TEST(outcome_of(done[1]) == "bad");
    co_await of[2];
}

ORDO_TEST_CASE(without_a_failure_the_first_failure_is_waited_for_until_all_are_done) {
    auto const of = sleepers(2);
    get_running_loop().call_soon([&] { of[0].cancel(); }); // which is no failure
    auto const [done, pending] = co_await wait(of, return_when::first_exception);
    BOOST_TEST((done == of));
}

ORDO_TEST_CASE(errors_are_not_thrown_and_not_retrieved_but_by_who_looks) {
    tasks const of{create_task(failure_after(1s, "bad"))};
    auto const [done, pending] = co_await wait(of);
    BOOST_TEST(outcome_of(done[0]) == "bad");
}

ORDO_TEST_CASE(when_time_runs_out_the_others_are_pending) {
    auto const of = sleepers(3);
    auto const [done, pending] = co_await wait(of, 1500ms);
    BOOST_TEST((done == tasks{of[0]}));
    BOOST_TEST((pending == tasks{of[1], of[2]}));
    co_await wait(of);
}

ORDO_TEST_CASE(a_timeout_can_be_of_any_unit_and_length) {
    auto const of = sleepers(1);
    auto const now = get_running_loop().time();
    auto const at_once = co_await wait(of, std::chrono::duration<double>(-1));
    BOOST_TEST(at_once.done.empty());
    BOOST_TEST((get_running_loop().time() == now));
    auto const soon = co_await wait(of, std::chrono::duration<double, std::milli>(0.5));
    BOOST_TEST(soon.done.empty());
    BOOST_TEST((get_running_loop().time() - now == 500us));
    auto const no_number = co_await wait(of, std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
    BOOST_TEST(no_number.done.empty());
    auto const never = co_await wait(of, return_when::all_completed, std::chrono::hours::max());
    BOOST_TEST((never.done == of));
    auto const none = co_await wait(of, std::nullopt);
    BOOST_TEST((none.done == of));
}

ORDO_TEST_CASE(a_timeout_that_is_due_when_the_last_one_ends_changes_nothing) {
    auto const f = get_running_loop().create_future<int>();
    std::vector const of{f};
    get_running_loop().call_later(1s, [f] { f.set_result(1); }); // the timeout comes behind it, and is queued by then
    auto const [done, pending] = co_await wait(of, 1s);
    BOOST_TEST((done == of));
    co_await sleep(1s);
}

ORDO_TEST_CASE(one_that_is_given_twice_counts_once) {
    auto const t = create_task(value_after(1s, 1));
    auto const other = create_task(value_after(2s, 2));
    tasks of{t, other, t};
    auto const [done, pending] = co_await wait(std::move(of));
    BOOST_TEST((done == tasks{t, other}));
}

ORDO_TEST_CASE(those_that_are_done_take_two_iterations_all_the_same) {
    auto const of = sleepers(2);
    co_await wait(of);
    auto const before = get_running_loop().iterations();
    auto const [done, pending] = co_await wait(of);
    BOOST_TEST((done == of));
    BOOST_TEST(get_running_loop().iterations() - before == 2u);
}

ORDO_TEST_CASE(futures_of_different_types_go_as_any_future) {
    auto const f = get_running_loop().create_future<std::unique_ptr<int>>();
    get_running_loop().call_soon([f] { f.set_result(std::make_unique<int>(3)); });
    std::vector<ordo::any_future> const of{f, create_task(nothing_after(1s)), create_task(value_after(2s, 1))};
    auto const [done, pending] = co_await wait(of);
    BOOST_TEST((done == of));
    std::vector<ordo::any_task> const any{create_task(nothing_after(1s)), create_task(value_after(1s, 1))};
    auto const both = co_await wait(any);
    BOOST_TEST((both.done == any));
}

ORDO_TEST_CASE(results_stay_in_the_futures) {
    counting const from_zero;
    auto body = []() -> coro<counted> { co_return counted(5); };
    std::vector<ordo::task<counted>> of{create_task(body)};
    auto const [done, pending] = co_await wait(of);
    BOOST_TEST(counted::alive() == 1);
    BOOST_TEST(done[0].result().id == 5);
}

// -- misuse

ORDO_TEST_CASE(there_must_be_something_to_wait_for) {
    auto const text = co_await error_of_waiting_for({});
    BOOST_TEST(text == "wait: there is nothing to wait for; give it at least one future");
}

ORDO_TEST_CASE(futures_of_another_loop_are_refused) {
    ordo::event_loop other;
    std::vector const of{other.create_future<int>()};
    auto const text = co_await error_of(wait(of));
    BOOST_TEST(text == "wait: the futures belong to another loop; wait in the loop they belong to");
    std::vector const mixed{get_running_loop().create_future<int>(), of[0]};
    auto const mixed_text = co_await error_of(wait(mixed));
    BOOST_TEST(mixed_text == "wait: the futures belong to different loops; wait in the loop of each");
}

// -- cancelled, and torn down

ORDO_TEST_CASE(cancelling_who_waits_does_not_reach_the_futures) {
    auto const of = sleepers(2);
    auto waiting = create_task(wait(of));
    co_await sleep(0s);
    waiting.cancel("enough");
    auto const text = co_await error_of(std::move(waiting));
    BOOST_TEST(text == "cancelled: enough");
    BOOST_TEST(!of[0].done());
    auto const [done, pending] = co_await wait(of);
    BOOST_TEST((done == of));
}

BOOST_AUTO_TEST_CASE(who_waits_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        tasks const of{v.loop.create_task(value_after_hops(1, 1)), v.loop.create_task(value_after_hops(2, 2))};
        for (auto const& t : of) t.add_done_callback([&v, t] { v.order.record(outcome_of(t)); });
        auto const [done, pending] = co_await wait(of);
        co_return int(done.size());
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, value value",
                                     "2: cancelled, value value",
                                     "3: cancelled, value value",
                                     "4: cancelled, value value",
                                     "5: cancelled, value value",
                                     "6: value, value value, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_while_somebody_waits_leaves_nothing) {
    counted::reset();
    for (int iterations = 0; iterations < 6; ++iterations) {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto body = [](std::vector<ordo::future<int>> of) -> coro<> {
            counted const local(1);
            co_await wait(std::move(of), 1h);
        };
        std::vector<ordo::future<int>> of{v.loop.create_future<int>(), v.loop.create_future<int>()};
        auto const waiting = v.loop.create_task(body(of));
        v.loop.call_soon([&] {
            v.loop.call_soon([&] {
                of[0].set_result(1);
                if (iterations > 3) of[1].set_result(1);
            });
        });
        for (int i = 0; i < iterations; ++i) v.run_once();
        v.loop.close();
    }
    BOOST_TEST(counted::constructed > 0);
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
