// ordo: tests of the queues that differ in what comes next: priority_queue and lifo_queue.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/queue.hpp>

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::lifo_queue;
using ordo::priority_queue;

namespace {

struct job {
    int priority;
    std::string name;
};
struct by_priority {
    bool operator()(job const& a, job const& b) const noexcept { return a.priority < b.priority; }
};

/// Everything that is in a queue, in order.
template <class Queue>
auto drain(Queue& q) {
    std::vector<typename Queue::value_type> items;
    while (!q.empty()) items.push_back(q.get_nowait());
    return items;
}

} // namespace

BOOST_AUTO_TEST_SUITE(queue_order)

BOOST_AUTO_TEST_CASE(the_smallest_comes_first) {
    priority_queue<int> q;
    for (int const item : {3, 1, 4, 1, 5, 9, 2, 6}) q.put_nowait(item);
    BOOST_TEST(drain(q) == (std::vector<int>{1, 1, 2, 3, 4, 5, 6, 9}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_comparison_can_be_another_one) {
    priority_queue<int, std::greater<>> q;
    for (int const item : {3, 1, 4}) q.put_nowait(item);
    BOOST_TEST(drain(q) == (std::vector<int>{4, 3, 1}), boost::test_tools::per_element());
    auto const by_distance = [to = 10](int a, int b) { return std::abs(a - to) < std::abs(b - to); };
    priority_queue<int, decltype(by_distance)> near(0, by_distance);
    for (int const item : {1, 9, 12, 30}) near.put_nowait(item);
    BOOST_TEST(drain(near) == (std::vector<int>{9, 12, 1, 30}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_equal_ones_the_first_comes_first) {
    priority_queue<job, by_priority> q;
    std::mt19937 random(1);
    std::vector<int> next(4);
    for (int i = 0; i < 1000; ++i) {
        int const priority = static_cast<int>(random() % 4);
        q.put_nowait({priority, std::to_string(i)});
        if (i % 3 == 0) {
            auto const taken = q.get_nowait();
            auto& last = next[static_cast<std::size_t>(taken.priority)];
            BOOST_TEST(std::stoi(taken.name) >= last);
            last = std::stoi(taken.name);
        }
    }
    auto const rest = drain(q);
    for (std::size_t i = 1; i < rest.size(); ++i) {
        BOOST_TEST(rest[i - 1].priority <= rest[i].priority);
        if (rest[i - 1].priority == rest[i].priority) BOOST_TEST(std::stoi(rest[i - 1].name) < std::stoi(rest[i].name));
    }
}

BOOST_AUTO_TEST_CASE(the_last_comes_first) {
    lifo_queue<int> q;
    for (int const item : {3, 1, 4}) q.put_nowait(item);
    BOOST_TEST(drain(q) == (std::vector<int>{4, 1, 3}), boost::test_tools::per_element());
}

ORDO_TEST_CASE(they_are_bounded_and_waited_for_like_any_queue) {
    priority_queue<int> sorted(2);
    lifo_queue<int> stack(2);
    auto feed = [&]() -> coro<> {
        for (int const item : {3, 1, 2}) {
            co_await sorted.put(item);
            co_await stack.put(item);
        }
    };
    auto const t = create_task(feed);
    co_await ordo::sleep(0s);
    BOOST_TEST(sorted.full());
    BOOST_TEST(stack.full());
    for (int const expected : {1, 2, 3}) {
        auto const item = co_await sorted.get();
        BOOST_TEST(item == expected);
        co_await ordo::sleep(0s);
        if (expected == 1) stack.put_nowait(stack.get_nowait()); // nothing is lost by it
    }
    for (int const expected : {1, 3, 2}) {
        auto const item = co_await stack.get();
        BOOST_TEST(item == expected);
    }
    co_await t;
    for (int i = 0; i < 3; ++i) {
        sorted.task_done();
        stack.task_done();
    }
    stack.task_done(); // of the one that was put back
    co_await sorted.join();
    co_await stack.join();
}

ORDO_TEST_CASE(their_items_may_be_move_only) {
    auto const by_value = [](auto const& a, auto const& b) { return *a < *b; };
    priority_queue<std::unique_ptr<int>, decltype(by_value)> sorted(0, by_value);
    lifo_queue<std::unique_ptr<int>> stack;
    for (int const item : {3, 1, 2}) {
        sorted.put_nowait(std::make_unique<int>(item));
        stack.put_nowait(std::make_unique<int>(item));
    }
    auto const smallest = co_await sorted.get();
    BOOST_TEST(*smallest == 1);
    auto const last = co_await stack.get();
    BOOST_TEST(*last == 2);
    sorted.shutdown(true);
    stack.shutdown(true);
    BOOST_TEST(sorted.empty());
    BOOST_TEST(stack.empty());
}

BOOST_FIXTURE_TEST_CASE(their_items_are_never_copied, counting) {
    auto const by_id = [](counted const& a, counted const& b) { return a.id < b.id; };
    {
        priority_queue<counted, decltype(by_id)> sorted(0, by_id);
        lifo_queue<counted> stack;
        for (int i = 0; i < 20; ++i) {
            sorted.put_nowait(counted(i * 7 % 20));
            stack.put_nowait(counted(i));
        }
        for (int i = 0; i < 10; ++i) {
            BOOST_TEST(sorted.get_nowait().id == i);
            BOOST_TEST(stack.get_nowait().id == 19 - i);
        }
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(counted::copied == 0);
}

BOOST_AUTO_TEST_SUITE_END()
