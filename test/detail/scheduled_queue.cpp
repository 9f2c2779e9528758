// ordo: tests of the heap of timers, against a std::multimap that does the same.
// SPDX-License-Identifier: BSL-1.0
#include "detail/scheduled_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace {

using ordo::time_point;
using ordo::detail::schedulable_node;
using ordo::detail::scheduled_queue;

struct test_timer : schedulable_node {
    time_point deadline;
};

time_point at(int moment) {
    return time_point(std::chrono::milliseconds(moment));
}

struct queue_and_timers {
    std::vector<std::unique_ptr<test_timer>> timers;
    scheduled_queue queue;

    explicit queue_and_timers(std::uint32_t first_sequence = 0) : queue(first_sequence) {}

    test_timer* add(int moment) {
        timers.push_back(std::make_unique<test_timer>());
        auto* added = timers.back().get();
        added->deadline = at(moment);
        queue.push(added, added->deadline);
        return added;
    }
    test_timer* pop() { return static_cast<test_timer*>(queue.pop()); }
};

/// What a scheduled queue should do: a multimap keeps equal keys in the order of insertion.
class model {
public:
    void push(test_timer* timer) { timers_.emplace(timer->deadline, timer); }
    test_timer* first() const { return timers_.begin()->second; }
    void remove(test_timer* timer) {
        auto found = timers_.lower_bound(timer->deadline);
        while (found->second != timer) ++found;
        timers_.erase(found);
    }
    std::size_t size() const { return timers_.size(); }

private:
    std::multimap<time_point, test_timer*> timers_;
};

/// Random pushes, pops and removals with deadlines in 0…`spread`, on the queue and on the model. The queue may be one
/// that has had many timers before.
/// @returns   How many times they differed.
int differences(unsigned seed, int spread, int operations, std::uint32_t timers_before = 0) {
    std::mt19937 random(seed);
    auto const below = [&](int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random); };
    queue_and_timers under_test(timers_before);
    auto& queue = under_test.queue;
    model expected;
    std::vector<test_timer*> present;
    int differing = 0;
    auto const forget = [&](test_timer* timer) {
        expected.remove(timer);
        std::erase(present, timer);
        differing += timer->scheduled;
    };
    for (int i = 0; i < operations; ++i) {
        auto const choice = below(10);
        if (present.empty() || choice < 5) {
            auto* timer = under_test.add(below(spread));
            expected.push(timer);
            present.push_back(timer);
        } else if (choice < 7) {
            auto* timer = under_test.pop();
            differing += timer != expected.first();
            forget(timer);
        } else {
            auto* timer = present[static_cast<std::size_t>(below(static_cast<int>(present.size())))];
            queue.remove(timer);
            forget(timer);
        }
        differing += queue.size() != expected.size();
        if (!queue.empty()) differing += queue.first_deadline() != expected.first()->deadline;
    }
    while (!queue.empty()) {
        auto* timer = under_test.pop();
        differing += timer != expected.first();
        expected.remove(timer);
    }
    return differing + (expected.size() != 0);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(scheduled_queue_of_timers, queue_and_timers)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
    BOOST_TEST(queue.empty());
    BOOST_TEST(queue.size() == 0u);
}

BOOST_AUTO_TEST_CASE(gives_the_earliest_first) {
    auto* second = add(20);
    auto* third = add(30);
    auto* first = add(10);
    BOOST_TEST((queue.first_deadline() == at(10)));
    BOOST_TEST(queue.pop() == first);
    BOOST_TEST(queue.pop() == second);
    BOOST_TEST(queue.pop() == third);
    BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(gives_equal_deadlines_in_the_order_of_scheduling) {
    std::vector<test_timer*> expected, given;
    for (int i = 0; i < 100; ++i) expected.push_back(add(5));
    while (!queue.empty()) given.push_back(pop());
    BOOST_TEST((given == expected));
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_equal_deadlines_across_removals) {
    std::vector<test_timer*> expected, given, victims;
    for (int i = 0; i < 100; ++i) (i % 4 == 0 ? victims : expected).push_back(add(5));
    for (auto* victim : victims) queue.remove(victim);
    while (!queue.empty()) given.push_back(pop());
    BOOST_TEST((given == expected));
}

BOOST_AUTO_TEST_CASE(forgets_a_removed_timer_at_once) {
    add(10);
    auto* removed = add(5);
    queue.remove(removed);
    BOOST_TEST((queue.first_deadline() == at(10)));
    BOOST_TEST(queue.size() == 1u);
    BOOST_TEST(!removed->scheduled);
}

BOOST_AUTO_TEST_CASE(moves_up_the_replacement_of_a_removed_timer_where_it_is_earlier_than_its_parent) {
    // The last leaf is earlier than the parent of the hole: a tree whose other branch has late deadlines.
    for (int moment : {0, 50, 1, 1, 1, 60, 61, 62, 63, 2, 3}) add(moment);
    queue.remove(timers[6].get());
    std::vector<time_point> given;
    while (!queue.empty()) {
        given.push_back(queue.first_deadline());
        queue.pop();
    }
    BOOST_TEST(std::is_sorted(given.begin(), given.end()));
    BOOST_TEST(given.size() == 10u);
}

BOOST_AUTO_TEST_CASE(does_what_a_multimap_does_with_many_equal_deadlines) {
    for (unsigned seed = 0; seed < 20; ++seed) BOOST_TEST(differences(seed, 5, 1000) == 0);
}

BOOST_AUTO_TEST_CASE(does_what_a_multimap_does_with_few_equal_deadlines) {
    for (unsigned seed = 100; seed < 120; ++seed) BOOST_TEST(differences(seed, 100'000, 1000) == 0);
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_equal_deadlines_when_four_billion_timers_have_been_scheduled) {
    auto constexpr all = std::numeric_limits<std::uint32_t>::max();
    for (unsigned seed = 200; seed < 240; ++seed) BOOST_TEST(differences(seed, 5, 1000, all - seed) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
