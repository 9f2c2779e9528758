// ordo: tests of the ready queue's list, and of the inbox through which other threads reach it.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/ready_queue.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace {

using ordo::detail::inbox;
using ordo::detail::node_list;
using ordo::detail::node_ring;
using ordo::detail::ready_node;
using outcome = inbox::outcome;

struct numbered : ready_node {
    int number = 0;
};

template <class List>
struct five_nodes_and {
    std::array<numbered, 5> nodes;
    List list;

    five_nodes_and() {
        for (int i = 0; i < 5; ++i) nodes[static_cast<std::size_t>(i)].number = i;
    }
    numbered* node(std::size_t i) { return &nodes[i]; }

    static std::vector<int> take_all(auto& from) {
        std::vector<int> numbers;
        while (auto* node = from.pop()) numbers.push_back(static_cast<numbered*>(node)->number);
        return numbers;
    }
};

using five_nodes = five_nodes_and<node_list>;
using five_nodes_and_a_ring = five_nodes_and<node_ring>;
using numbers = std::vector<int>;
auto const in_order = boost::test_tools::per_element();

} // namespace

BOOST_FIXTURE_TEST_SUITE(list, five_nodes)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
    BOOST_TEST(list.empty());
    BOOST_TEST(list.pop() == nullptr);
}

BOOST_AUTO_TEST_CASE(is_a_fifo) {
    for (auto& n : nodes) list.push(&n);
    BOOST_TEST(take_all(list) == (numbers{0, 1, 2, 3, 4}), in_order);
    BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(can_be_filled_again_after_it_was_emptied) {
    list.push(node(0));
    list.pop();
    list.push(node(1));
    list.push(node(2));
    BOOST_TEST(take_all(list) == (numbers{1, 2}), in_order);
}

BOOST_AUTO_TEST_CASE(splices_another_behind_its_own) {
    node_list other;
    list.push(node(0));
    other.push(node(1));
    other.push(node(2));
    list.splice(std::move(other));
    list.push(node(3));
    BOOST_TEST(other.empty()); // NOLINT(bugprone-use-after-move): what is tested
    BOOST_TEST(take_all(list) == (numbers{0, 1, 2, 3}), in_order);
}

BOOST_AUTO_TEST_CASE(splices_from_and_into_an_empty_one) {
    node_list other;
    list.splice(std::move(other));
    BOOST_TEST(list.empty());
    other.push(node(0));
    list.splice(std::move(other));
    BOOST_TEST(take_all(list) == numbers{0}, in_order);
}

BOOST_AUTO_TEST_CASE(is_left_empty_when_moved_from) {
    list.push(node(0));
    auto moved = std::move(list);
    BOOST_TEST(list.empty()); // NOLINT(bugprone-use-after-move): what is tested
    BOOST_TEST(take_all(moved) == numbers{0}, in_order);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(ring, five_nodes_and_a_ring)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
    BOOST_TEST(list.empty());
    BOOST_TEST(list.pop() == nullptr);
}

BOOST_AUTO_TEST_CASE(is_a_fifo_also_when_it_is_filled_again) {
    for (int round = 0; round < 2; ++round) {
        for (auto& n : nodes) list.push(&n);
        BOOST_TEST(take_all(list) == (numbers{0, 1, 2, 3, 4}), in_order);
        BOOST_TEST(list.empty());
    }
}

BOOST_AUTO_TEST_CASE(removes_the_first_a_middle_and_the_last) {
    for (auto& n : nodes) list.push(&n);
    BOOST_TEST(list.remove(node(0)));
    BOOST_TEST(list.remove(node(2)));
    BOOST_TEST(list.remove(node(4)));
    BOOST_TEST(take_all(list) == (numbers{1, 3}), in_order);
}

BOOST_AUTO_TEST_CASE(goes_on_behind_what_was_last_after_the_last_was_removed) {
    list.push(node(0));
    list.push(node(1));
    list.remove(node(1));
    list.push(node(2));
    BOOST_TEST(take_all(list) == (numbers{0, 2}), in_order);
}

BOOST_AUTO_TEST_CASE(can_be_filled_again_after_its_only_node_was_removed) {
    list.push(node(0));
    list.remove(node(0));
    list.push(node(1));
    BOOST_TEST(take_all(list) == numbers{1}, in_order);
}

BOOST_AUTO_TEST_CASE(does_not_remove_what_is_not_in_it) {
    list.push(node(0));
    BOOST_TEST(!list.remove(node(1)));
    BOOST_TEST(take_all(list) == numbers{0}, in_order);
}

BOOST_AUTO_TEST_CASE(removes_nothing_while_it_is_empty) {
    BOOST_TEST(!list.remove(node(0)));
    BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(finds_the_first_that_is_asked_for) {
    for (auto& n : nodes) list.push(&n);
    auto const above = [](int limit) {
        return [limit](ready_node* at) { return static_cast<numbered*>(at)->number > limit; };
    };
    BOOST_TEST(list.find(above(-1)) == node(0));
    BOOST_TEST(list.find(above(3)) == node(4));
    BOOST_TEST(list.find(above(4)) == nullptr);
}

BOOST_AUTO_TEST_CASE(finds_nothing_while_it_is_empty) {
    BOOST_TEST(list.find([](ready_node*) { return true; }) == nullptr);
}

BOOST_AUTO_TEST_CASE(goes_behind_the_nodes_of_a_list) {
    node_list to;
    to.push(node(0));
    list.push(node(1));
    list.push(node(2));
    to.splice(list);
    to.push(node(3));
    BOOST_TEST(list.empty());
    BOOST_TEST(take_all(to) == (numbers{0, 1, 2, 3}), in_order);
}

BOOST_AUTO_TEST_CASE(leaves_a_list_as_it_is_while_it_is_empty) {
    node_list to;
    to.push(node(0));
    to.splice(list);
    to.push(node(1));
    BOOST_TEST(take_all(to) == (numbers{0, 1}), in_order);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(in_box, five_nodes)

BOOST_AUTO_TEST_CASE(is_quiet_at_first) {
    BOOST_TEST(inbox().quiet());
}

BOOST_AUTO_TEST_CASE(is_not_quiet_once_something_has_arrived) {
    inbox in;
    in.push(node(0));
    BOOST_TEST(!in.quiet());
}

BOOST_AUTO_TEST_CASE(gives_what_arrived_in_the_order_of_arrival) {
    inbox in;
    for (auto& n : nodes) in.push(&n);
    in.drain(list);
    BOOST_TEST(take_all(list) == (numbers{0, 1, 2, 3, 4}), in_order);
    BOOST_TEST(in.quiet());
}

BOOST_AUTO_TEST_CASE(appends_behind_what_is_queued) {
    inbox in;
    list.push(node(0));
    in.push(node(1));
    in.drain(list);
    BOOST_TEST(take_all(list) == (numbers{0, 1}), in_order);
}

BOOST_AUTO_TEST_CASE(asks_to_be_woken_once_per_sleep) {
    inbox in;
    BOOST_TEST(in.fall_asleep());
    BOOST_TEST((in.push(node(0)) == outcome::queued_and_asleep));
    BOOST_TEST((in.push(node(1)) == outcome::queued));
    in.drain(list);
    BOOST_TEST((in.push(node(2)) == outcome::queued));
}

BOOST_AUTO_TEST_CASE(does_not_fall_asleep_over_what_has_arrived) {
    inbox in;
    in.push(node(0));
    BOOST_TEST(!in.fall_asleep());
    in.drain(list);
    BOOST_TEST(in.fall_asleep());
}

BOOST_AUTO_TEST_CASE(is_woken_by_one_only) {
    inbox in;
    in.fall_asleep();
    BOOST_TEST(in.wake_up());
    BOOST_TEST(!in.wake_up());
    BOOST_TEST((in.push(node(0)) == outcome::queued));
}

BOOST_AUTO_TEST_CASE(that_is_awake_need_not_be_woken) {
    inbox in;
    BOOST_TEST(!in.wake_up());
}

BOOST_AUTO_TEST_CASE(is_not_quiet_asleep_because_a_push_has_to_look_after_it) {
    inbox in;
    in.fall_asleep();
    BOOST_TEST(!in.quiet());
}

BOOST_AUTO_TEST_CASE(drains_nothing_asleep_and_sleeps_on) {
    inbox in;
    in.fall_asleep();
    in.drain(list);
    BOOST_TEST(list.empty());
    BOOST_TEST(in.wake_up());
}

BOOST_AUTO_TEST_CASE(refuses_everything_once_closed) {
    inbox in;
    in.close(list);
    BOOST_TEST(in.closed());
    BOOST_TEST((in.push(node(0)) == outcome::closed));
    BOOST_TEST(!in.wake_up());
    BOOST_TEST(!in.fall_asleep());
    in.drain(list);
    BOOST_TEST(list.empty());
    BOOST_TEST(in.closed());
}

BOOST_AUTO_TEST_CASE(hands_over_what_had_arrived_as_it_is_closed) {
    inbox in;
    in.push(node(0));
    in.push(node(1));
    in.close(list);
    BOOST_TEST(take_all(list) == (numbers{0, 1}), in_order);
}

BOOST_AUTO_TEST_CASE(can_be_closed_asleep_and_twice) {
    inbox in;
    in.fall_asleep();
    in.close(list);
    in.close(list);
    BOOST_TEST(in.closed());
    BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_each_of_many_threads) {
    constexpr int threads = 4, each = 5000;
    inbox in;
    std::vector<std::vector<numbered>> owned(threads, std::vector<numbered>(each));
    std::vector<std::thread> pushing;
    std::atomic<int> left{threads};
    for (int t = 0; t < threads; ++t)
        pushing.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                auto& n = owned[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
                n.number = t * each + i;
                in.push(&n);
            }
            --left;
        });
    std::vector<int> next(threads);
    int out_of_order = 0, seen = 0;
    for (bool last = false; !last;) {
        last = left == 0;
        in.drain(list);
        for (int number : take_all(list)) {
            ++seen;
            out_of_order += next[static_cast<std::size_t>(number / each)]++ != number % each;
        }
    }
    for (auto& thread : pushing) thread.join();
    BOOST_TEST(out_of_order == 0);
    BOOST_TEST(seen == threads * each);
}

BOOST_AUTO_TEST_SUITE_END()
