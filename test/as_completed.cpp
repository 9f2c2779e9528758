// ordo: tests of as_completed.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/as_completed.hpp>

#include "composing.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <ordo/exception_context.hpp>

#include <list>
#include <memory>
#include <optional>
#include <ranges>

using ordo::as_completed;

namespace {

/// Asks until there is none left.
template <class Future>
coro<std::vector<Future>> all_of(ordo::completion_iterator<Future> from) {
    std::vector<Future> all;
    for (;;) {
        auto const next = co_await from.next();
        if (!next) break;
        all.push_back(*next);
    }
    co_return all;
}

coro<std::unique_ptr<int>> pointer_after(ordo::duration delay, int value) {
    co_await sleep(delay);
    co_return std::make_unique<int>(value);
}

} // namespace

BOOST_AUTO_TEST_SUITE(as_completed_)

ORDO_TEST_CASE(it_gives_the_original_tasks_in_the_order_of_their_ends) {
    std::vector const tasks{create_task(value_after(3s, 1)), create_task(value_after(1s, 2)),
                            create_task(value_after(2s, 3))};
    auto const all = co_await all_of(as_completed(tasks));
    BOOST_TEST((all == std::vector{tasks[1], tasks[2], tasks[0]}));
}

ORDO_TEST_CASE(it_makes_tasks_of_coroutines_and_begins_at_once) {
    std::vector<coro<std::unique_ptr<int>>> coroutines;
    coroutines.push_back(pointer_after(2s, 1));
    coroutines.push_back(pointer_after(1s, 2));
    auto const iterator = as_completed(std::move(coroutines));
    BOOST_TEST(ordo::all_tasks().size() == 3u);
    auto first = co_await iterator.next();
    auto const result = co_await std::move(*first);
    BOOST_TEST(*result == 2);
    auto const second = co_await iterator.next();
    auto const& looked_at = co_await *second;
    BOOST_TEST(*looked_at == 1);
    auto const none = co_await iterator.next();
    BOOST_TEST(!none.has_value());
    auto const still_none = co_await iterator.next();
    BOOST_TEST(!still_none.has_value());
}

ORDO_TEST_CASE(errors_and_cancellations_come_with_the_tasks) {
    std::vector const tasks{create_task(failure_after(1s, "bad")), create_task(value_after(1h, 2))};
    get_running_loop().call_later(2s, [&] { tasks[1].cancel(); });
    auto const all = co_await all_of(as_completed(tasks));
    BOOST_TEST(outcome_of(all.at(0)) == "bad");
    BOOST_TEST(outcome_of(all.at(1)) == "cancelled");
}

ORDO_TEST_CASE(those_that_are_done_come_first_in_the_order_given) {
    std::vector const tasks{create_task(value_after(5s, 1)), create_task(value_after(2s, 2)),
                            create_task(value_after(1s, 3))};
    co_await tasks[1];
    auto const all = co_await all_of(as_completed(tasks));
    BOOST_TEST((all == std::vector{tasks[1], tasks[2], tasks[0]}));
}

ORDO_TEST_CASE(one_that_is_given_twice_comes_once) {
    auto const t = create_task(value_after(1s, 1));
    std::vector const twice{t, t};
    auto const all = co_await all_of(as_completed(twice));
    BOOST_TEST(all.size() == 1u);
}

ORDO_TEST_CASE(of_nothing_there_is_none) {
    std::vector<ordo::future<>> const nothing;
    auto const all = co_await all_of(as_completed(nothing, 1s));
    BOOST_TEST(all.empty());
}

ORDO_TEST_CASE(it_takes_other_ranges_and_types) {
    std::list<ordo::any_future> const futures{create_task(nothing_after(2s)), create_task(value_after(1s, 1))};
    auto const all = co_await all_of(as_completed(futures));
    BOOST_TEST((all.front() == futures.back()));
    auto made = std::views::iota(1, 4) | std::views::transform([](int i) { return value_after(-i * 1s + 5s, i); });
    auto const three = co_await all_of(as_completed(made));
    BOOST_TEST(three.at(0).result() == 3);
    std::vector sleeps{sleep(2s), sleep(1s)};
    auto const slept = co_await all_of(as_completed(std::move(sleeps)));
    BOOST_TEST(slept.size() == 2u);
}

ORDO_TEST_CASE(the_next_one_takes_two_iterations) {
    auto const f = get_running_loop().create_future<int>();
    std::vector const of{f};
    auto const iterator = as_completed(of);
    std::uint64_t completed = 0;
    get_running_loop().call_later(1s, [&] {
        f.set_result(1);
        completed = get_running_loop().iterations();
    });
    co_await iterator.next();
    BOOST_TEST(get_running_loop().iterations() - completed == 2u);
}

// -- time

ORDO_TEST_CASE(when_time_runs_out_each_that_is_missing_is_an_error) {
    std::vector const tasks{create_task(value_after(1s, 1)), create_task(value_after(3s, 2)),
                            create_task(value_after(4s, 3))};
    auto const iterator = as_completed(tasks, 2s);
    auto const first = co_await iterator.next();
    BOOST_TEST((*first == tasks[0]));
    for (int i = 0; i < 2; ++i) {
        auto const text = co_await error_of(iterator.next());
        BOOST_TEST(text == "as_completed: time ran out before all were done");
    }
    auto const none = co_await iterator.next();
    BOOST_TEST(!none.has_value());
    BOOST_TEST(!tasks[1].done());
    co_await tasks[2]; // they were not cancelled
}

ORDO_TEST_CASE(a_timeout_that_is_due_at_once_comes_before_what_is_not_done) {
    std::vector const tasks{create_task(value_after(0s, 1))};
    auto const iterator = as_completed(tasks, 0s);
    auto const text = co_await error_of(iterator.next());
    BOOST_TEST(text == "as_completed: time ran out before all were done");
    co_await tasks[0];
}

ORDO_TEST_CASE(all_that_are_done_in_time_leave_no_timer) {
    auto const before = get_running_loop().time();
    std::vector const tasks{create_task(value_after(1s, 1))};
    auto const all = co_await all_of(as_completed(tasks, std::chrono::hours::max()));
    BOOST_TEST(all.size() == 1u);
    BOOST_TEST((get_running_loop().time() - before == 1s));
}

// -- several who ask, and cancelling them

ORDO_TEST_CASE(several_may_ask_and_are_served_in_turn) {
    std::vector const tasks{create_task(value_after(2s, 1)), create_task(value_after(1s, 2))};
    auto const iterator = as_completed(tasks);
    auto const a = create_task(iterator.next());
    auto const b = create_task(iterator.next());
    auto const c = create_task(iterator.next());
    auto const& first = co_await a;
    BOOST_TEST((*first == tasks[1]));
    auto const& second = co_await b;
    BOOST_TEST((*second == tasks[0]));
    auto const& third = co_await c;
    BOOST_TEST(!third.has_value());
}

ORDO_TEST_CASE(one_on_its_way_to_who_is_cancelled_goes_to_the_next) {
    auto const f = get_running_loop().create_future<int>();
    auto const g = get_running_loop().create_future<int>();
    std::vector const of{f, g};
    auto const iterator = as_completed(of);
    auto const a = create_task(iterator.next());
    auto const b = create_task(iterator.next());
    co_await sleep(0s);
    f.set_result(1);
    co_await sleep(0s); // it is in the queue now, and the first who asked is about to be woken
    a.cancel();
    auto const& next = co_await b;
    BOOST_TEST((*next == f));
    BOOST_TEST(a.cancelled());
}

BOOST_AUTO_TEST_CASE(who_asks_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        std::vector const of{v.loop.create_task(value_after_hops(1, 7))};
        of[0].add_done_callback([&v, of] { v.order.record(outcome_of(of[0])); });
        auto const next = co_await as_completed(of).next();
        co_return next->result();
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, value",
                                     "2: cancelled, value",
                                     "3: cancelled, value",
                                     "4: cancelled, value",
                                     "5: value, value, too late",
                                 }) == "");
}

// -- lifetime

ORDO_TEST_CASE(it_may_be_dropped_while_the_tasks_run) {
    auto const t = create_task(value_after(2s, 1));
    std::vector const of{t};
    static_cast<void>(as_completed(of, 1s));
    auto const value = co_await t;
    BOOST_TEST(value == 1);
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_at_any_moment) {
    for (int iterations = 0; iterations < 6; ++iterations) {
        counted::reset();
        {
            virtual_loop v;
            v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            auto child = []() -> coro<counted> {
                counted const local(1);
                co_await sleep(0s);
                co_return counted(2);
            };
            auto body = [&]() -> coro<> {
                counted const local(3);
                std::vector<coro<counted>> of;
                of.push_back(child());
                of.push_back(child());
                auto const iterator = as_completed(std::move(of), 1h);
                co_await iterator.next();
                co_await iterator.next();
                auto const lost = get_running_loop().create_future<int>();
                std::vector const futures{lost};
                co_await as_completed(futures).next();
            };
            auto const t = v.loop.create_task(body);
            for (int i = 0; i < iterations; ++i) v.run_once();
            v.loop.close();
            BOOST_TEST(!t.done());
        }
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_CASE(it_needs_a_loop) {
    std::vector<ordo::future<int>> none;
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(as_completed(none)); }) ==
               "as_completed: no loop is running on this thread; call it from a callback or a task");
    ordo::event_loop loop;
    none.push_back(loop.create_future<int>());
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(as_completed(none)); }) ==
               "as_completed: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_SUITE_END()
