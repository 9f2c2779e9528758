// ordo: tests of gather: what it takes, and what it gives.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/gather.hpp>

#include "composing.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/event.hpp>
#include <ordo/lock.hpp>
#include <ordo/queue.hpp>

#include <array>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <numeric>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <variant>

using ordo::gather;

namespace {

coro<std::unique_ptr<int>> pointer_to(int value) {
    co_await sleep(0s);
    co_return std::make_unique<int>(value);
}
coro<int&> reference_to(int& what) {
    co_await sleep(0s);
    co_return what;
}
coro<int const> constant(int value) {
    co_await sleep(0s);
    co_return value;
}
coro<counted> counted_after(ordo::duration delay, int id) {
    co_await sleep(delay);
    co_return counted(id);
}

template <class T>
bool holds(std::vector<T> const& actual, std::vector<T> const& expected) {
    return actual == expected;
}

} // namespace

BOOST_AUTO_TEST_SUITE(gather_)

ORDO_TEST_CASE(it_gives_the_results_in_the_order_of_the_arguments) {
    auto const before = get_running_loop().time();
    auto const [a, b, c] = co_await gather(value_after(3s, 1), value_after(1s, 2), value_after(2s, 3));
    BOOST_TEST(a == 1);
    BOOST_TEST(b == 2);
    BOOST_TEST(c == 3);
    BOOST_TEST((get_running_loop().time() - before == 3s)); // they ran side by side
}

ORDO_TEST_CASE(its_results_can_be_of_any_type) {
    int referred = 9;
    auto all = gather(nothing_after(1s), pointer_to(2), reference_to(referred), constant(4));
    static_assert(std::is_same_v<
                  decltype(all),
                  ordo::future<std::tuple<std::monostate, std::unique_ptr<int>, std::reference_wrapper<int>, int>>>);
    auto const results = co_await std::move(all);
    BOOST_TEST(*std::get<1>(results) == 2);
    BOOST_TEST(&std::get<2>(results).get() == &referred);
    BOOST_TEST(std::get<3>(results) == 4);
}

ORDO_TEST_CASE(it_takes_whatever_can_be_awaited) {
    boost::asio::steady_timer timer(get_running_loop().get_executor());
    auto const f = get_running_loop().create_future<int>();
    get_running_loop().call_later(1s, [f] { f.set_result(1); });
    auto const t = create_task(value_after(1s, 2));
    auto all = gather(f, t, value_after(1s, 3), sleep(1s, 4), sleep(1s), timer.async_wait(boost::asio::deferred));
    auto const results = co_await std::move(all);
    BOOST_TEST(std::get<0>(results) == 1);
    BOOST_TEST(std::get<1>(results) == 2);
    BOOST_TEST(std::get<2>(results) == 3);
    BOOST_TEST(std::get<3>(results) == 4);
    static_assert(std::is_same_v<std::tuple_element_t<4, decltype(results)>, std::monostate const>);
    static_assert(std::is_same_v<std::tuple_element_t<5, decltype(results)>, std::monostate const>);
}

ORDO_TEST_CASE(it_takes_waits_for_locks_events_and_queues) {
    ordo::lock lock;
    ordo::event event;
    ordo::queue<int> queue;
    co_await lock.acquire();
    get_running_loop().call_later(1s, [&] {
        lock.release();
        event.set();
        queue.put_nowait(3);
    });
    auto all = gather(lock.acquire(), event.wait(), queue.get());
    auto const results = co_await std::move(all);
    BOOST_TEST(std::get<2>(results) == 3);
    BOOST_TEST(lock.locked());
}

ORDO_TEST_CASE(it_waits_for_futures_whose_type_it_does_not_know) {
    auto const t = create_task(pointer_to(1));
    ordo::any_task const known_less = t;
    ordo::any_future const known_least = t;
    auto const results = co_await gather(known_less, known_least);
    static_assert(std::is_same_v<decltype(results), std::tuple<std::monostate, std::monostate> const>);
    BOOST_TEST(*t.result() == 1);
}

ORDO_TEST_CASE(results_of_lvalues_stay_where_they_are_and_others_are_moved_out) {
    counting const from_zero;
    auto const kept = create_task(counted_after(1s, 1));
    auto given = create_task(counted_after(1s, 2));
    co_await kept;
    auto all = gather(kept, std::move(given), counted_after(1s, 3));
    counted::copied = 0;
    auto const results = co_await std::move(all);
    BOOST_TEST(std::get<0>(results).id == 1);
    BOOST_TEST(std::get<1>(results).id == 2);
    BOOST_TEST(std::get<2>(results).id == 3);
    BOOST_TEST(counted::copied == 1); // of the one that is kept
    BOOST_TEST(kept.result().id == 1);
}

ORDO_TEST_CASE(a_result_that_was_moved_out_is_missed_by_other_handles) {
    auto const other = create_task(value_after(1s, 2));
    auto given = other;
    co_await gather(std::move(given));
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { other.result(); }) ==
               "future::result: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(a_result_that_was_moved_out_before_is_its_error) {
    auto t = create_task(value_after(0s, 1));
    auto const same = t;
    co_await std::move(t);
    auto const all = gather(same);
    auto const text = co_await error_of(all);
    BOOST_TEST(text == "gather: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(the_same_future_may_be_given_twice) {
    auto const t = create_task(value_after(1s, 7));
    auto const [a, b, c] = co_await gather(t, value_after(1s, 8), t);
    BOOST_TEST(a == 7);
    BOOST_TEST(b == 8);
    BOOST_TEST(c == 7);
}

ORDO_TEST_CASE(of_nothing_it_is_done_at_once) {
    auto const none = gather();
    BOOST_TEST(none.done());
    static_assert(std::is_same_v<decltype(none), ordo::future<std::tuple<>> const>);
    std::vector<coro<int>> empty;
    auto const also_none = gather(std::move(empty));
    BOOST_TEST(also_none.result().empty());
    co_return;
}

ORDO_TEST_CASE(of_futures_that_are_done_it_is_done_at_once) {
    auto const t = create_task(value_after(0s, 1));
    co_await t;
    auto const all = gather(t, t);
    BOOST_TEST(all.done());
    auto const before = get_running_loop().iterations();
    co_await all;
    BOOST_TEST(get_running_loop().iterations() == before);
}

ORDO_TEST_CASE(it_may_be_awaited_more_than_once) {
    auto const all = gather(pointer_to(1), pointer_to(2));
    auto const& first = co_await all;
    auto const& second = co_await all;
    BOOST_TEST(&first == &second);
    BOOST_TEST(*std::get<1>(second) == 2);
}

ORDO_TEST_CASE(its_results_can_be_gathered_again) {
    auto const [pair, one] = co_await gather(gather(value_after(1s, 1), pointer_to(2)), value_after(2s, 3));
    BOOST_TEST(std::get<0>(pair) == 1);
    BOOST_TEST(*std::get<1>(pair) == 2);
    BOOST_TEST(one == 3);
}

// -- ranges

ORDO_TEST_CASE(a_vector_of_coroutines_gives_a_vector) {
    std::vector<coro<int>> coroutines;
    for (int i = 0; i < 100; ++i) coroutines.push_back(value_after(std::chrono::seconds(100 - i), i));
    auto const results = co_await gather(std::move(coroutines));
    std::vector<int> expected(100);
    std::iota(expected.begin(), expected.end(), 0);
    BOOST_TEST(holds(results, expected));
}

ORDO_TEST_CASE(a_vector_of_tasks_keeps_their_results_as_an_lvalue_and_not_as_an_rvalue) {
    std::vector<ordo::task<int>> tasks{create_task(value_after(1s, 1)), create_task(value_after(1s, 2))};
    auto const first = co_await gather(tasks);
    BOOST_TEST(holds(first, {1, 2}));
    auto same = tasks;
    auto const second = co_await gather(std::move(same));
    BOOST_TEST(holds(second, {1, 2}));
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { tasks[0].result(); }) ==
               "future::result: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(a_range_of_nothing_and_of_references) {
    std::vector<coro<>> nothings;
    nothings.push_back(nothing_after(1s));
    nothings.push_back(nothing_after(2s));
    auto const units = co_await gather(std::move(nothings));
    static_assert(std::is_same_v<decltype(units), std::vector<std::monostate> const>);
    BOOST_TEST(units.size() == 2u);
    int referred = 1;
    std::vector<coro<int&>> references;
    references.push_back(reference_to(referred));
    auto const same = co_await gather(std::move(references));
    BOOST_TEST(&same[0].get() == &referred);
}

ORDO_TEST_CASE(a_range_of_results_that_can_only_be_moved) {
    std::vector<ordo::task<std::unique_ptr<int>>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(create_task(pointer_to(i)));
    auto const results = co_await gather(std::move(tasks));
    BOOST_TEST(*results[2] == 2);
}

ORDO_TEST_CASE(a_list_an_array_and_views) {
    std::list<ordo::task<int>> const list{create_task(value_after(1s, 1)), create_task(value_after(1s, 2))};
    auto const of_list = co_await gather(list);
    BOOST_TEST(holds(of_list, {1, 2}));

    ordo::task<int> const array[] = {list.front(), list.back()};
    auto const of_array = co_await gather(array);
    BOOST_TEST(holds(of_array, {1, 2}));

    auto const backwards = list | std::views::reverse;
    auto const of_view = co_await gather(backwards);
    BOOST_TEST(holds(of_view, {2, 1}));
    auto const still_there = co_await gather(list | std::views::all); // it does not own what it shows
    BOOST_TEST(holds(still_there, {1, 2}));

    auto made = std::views::iota(5, 8) | std::views::transform([](int i) { return value_after(1s, i); });
    auto const of_coroutines = co_await gather(made);
    BOOST_TEST(holds(of_coroutines, {5, 6, 7}));

    std::array<coro<int>, 2> two{value_after(1s, 8), value_after(1s, 9)};
    auto const of_two = co_await gather(std::move(two));
    BOOST_TEST(holds(of_two, {8, 9}));
}

ORDO_TEST_CASE(a_range_of_sleeps_and_of_futures_of_unknown_types) {
    std::vector sleeps{sleep(1s), sleep(2s)};
    auto const slept = co_await gather(std::move(sleeps));
    BOOST_TEST(slept.size() == 2u);
    std::vector<ordo::any_future> futures{create_task(value_after(1s, 1)), create_task(nothing_after(1s))};
    auto const all = co_await gather(futures);
    static_assert(std::is_same_v<decltype(all), std::vector<std::monostate> const>);
    BOOST_TEST(futures[1].done());
}

// -- misuse

BOOST_AUTO_TEST_CASE(coroutines_need_a_running_loop) {
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(gather(value_after(1s, 1))); }) ==
               "get_running_loop: no loop is running on this thread; call it from a callback or a task");
}

BOOST_AUTO_TEST_CASE(futures_of_different_loops_are_refused) {
    ordo::event_loop a;
    ordo::event_loop b;
    auto const of_a = a.create_future();
    auto const of_b = b.create_future();
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(gather(of_a, of_b)); }) ==
               "gather: the futures belong to different loops; wait in the loop of each");
}

BOOST_AUTO_TEST_CASE(a_closed_loop_gathers_nothing) {
    ordo::event_loop loop;
    auto const f = loop.create_future();
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(gather(f)); }) ==
               "gather: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_SUITE_END()
