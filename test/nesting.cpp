// ordo: tests of gathers that are nested in each other a hundred thousand times: no call goes down through them.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "composing.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using ordo::any_future;
using ordo::gather;

namespace {

constexpr int depth = 100'000;

any_future nested_gathers(any_future inner) {
    for (int i = 0; i < depth; ++i) inner = gather(std::vector{inner});
    return inner;
}

coro<> wait_for_gather(any_future inner) {
    std::vector const one{std::move(inner)};
    co_await gather(one);
}

coro<> wait_for_gather_in_time(any_future inner) {
    auto const gathered = gather(std::move(inner));
    co_await ordo::wait_for(gathered, 1h);
}

/// Tasks that wait for gathers that wait for tasks that ...
template <class Wait>
std::vector<ordo::task<>> nested_tasks(virtual_loop& v, int how_deep, any_future inner, Wait wait) {
    std::vector<ordo::task<>> tasks;
    for (int i = 0; i < how_deep; ++i) {
        tasks.push_back(v.loop.create_task(wait(inner)));
        inner = tasks.back();
    }
    v.run_once();
    return tasks;
}

/// Calls f(v) in a callback, where there is a running loop.
template <class F>
void in_callback(virtual_loop& v, F f) {
    v.loop.call_soon([&] { f(); });
    v.run_once();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(nesting, virtual_loop)

BOOST_AUTO_TEST_CASE(gathers_are_cancelled) {
    auto const leaf = loop.create_future<int>();
    any_future outermost;
    in_callback(*this, [&] { outermost = nested_gathers(leaf); });
    BOOST_TEST(outermost.cancel("stop"));
    BOOST_TEST(leaf.cancelled());
    BOOST_TEST(!outermost.done());
    loop.run_until_done(outermost);
    BOOST_TEST(outcome_of(outermost) == "cancelled: stop");
}

BOOST_AUTO_TEST_CASE(gathers_of_what_is_done_but_was_not_heard_of_cannot_be_cancelled) {
    auto const leaf = loop.create_future<int>();
    any_future outermost;
    in_callback(*this, [&] { outermost = nested_gathers(leaf); });
    leaf.set_result(1);
    BOOST_TEST(!outermost.cancel("stop"));
    loop.run_until_done(outermost);
    BOOST_TEST(outcome_of(outermost) == "value");
}

BOOST_AUTO_TEST_CASE(gathers_are_completed_and_destroyed) {
    auto const leaf = loop.create_future<int>();
    any_future outermost;
    in_callback(*this, [&] { outermost = nested_gathers(leaf); });
    leaf.set_result(1);
    loop.run_until_done(outermost);
    BOOST_TEST(outcome_of(outermost) == "value");
    outermost = {};
}

BOOST_AUTO_TEST_CASE(gathers_that_fail_are_destroyed) {
    auto const leaf = loop.create_future<int>();
    auto const never = loop.create_future<int>();
    any_future outermost = leaf;
    in_callback(*this, [&] {
        for (int i = 0; i < depth; ++i) outermost = gather(std::vector{any_future(never), outermost});
    });
    leaf.set_exception(std::runtime_error("bad"));
    loop.run_until_done(outermost);
    BOOST_TEST(outcome_of(outermost) == "bad");
    outermost = {};
    never.set_result(1);
    run_once();
}

BOOST_AUTO_TEST_CASE(gathers_are_destroyed_with_their_loop) {
    any_future outermost;
    {
        virtual_loop v;
        auto const leaf = v.loop.create_future<int>();
        in_callback(v, [&] { outermost = nested_gathers(leaf); });
        v.loop.close();
    }
    BOOST_TEST(!outermost.done());
}

template <class Wait>
void cancel_nested_tasks(virtual_loop& v, int how_deep, Wait wait) {
    auto const leaf = v.loop.create_future<int>();
    auto tasks = nested_tasks(v, how_deep, leaf, wait);
    v.run_once();
    BOOST_TEST(tasks.back().cancel("stop"));
    BOOST_TEST(leaf.cancelled());
    auto const all_know = [&] {
        return std::ranges::all_of(tasks, [](auto const& task) { return task.cancelling() == 1; });
    };
    BOOST_TEST(all_know());
    v.loop.run_until_done(tasks.back());
    BOOST_TEST(tasks.back().cancelled());
    BOOST_TEST(tasks.front().cancelled());
    while (tasks.size() > 1) tasks.erase(tasks.begin(), tasks.end() - 1);
}

BOOST_AUTO_TEST_CASE(tasks_that_wait_for_gathers_of_tasks_are_cancelled) {
    cancel_nested_tasks(*this, depth, wait_for_gather);
}

BOOST_AUTO_TEST_CASE(tasks_that_wait_in_time_for_gathers_of_tasks_are_cancelled) {
    cancel_nested_tasks(*this, depth / 4, wait_for_gather_in_time);
}

BOOST_AUTO_TEST_SUITE_END()
