// ordo: tests of recording an order, and of what a difference looks like.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/order_recorder.hpp>

#include <ordo/event_loop.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/stepping.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

struct recorder {
    ordo::testing::order_recorder order;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(order_recorder, recorder)

BOOST_AUTO_TEST_CASE(keeps_what_happened_in_order) {
    order.record("a");
    order.record("b");
    BOOST_TEST(order.entries() == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(records_by_a_callback_when_that_is_called) {
    auto const callback = order.recording("a");
    BOOST_TEST(order.entries().empty());
    callback();
    callback();
    BOOST_TEST(order.text() == "a a");
}

BOOST_AUTO_TEST_CASE(may_be_moved_while_callbacks_record) {
    auto const callback = order.recording("a");
    auto const moved = std::move(order);
    callback();
    BOOST_TEST(moved.text() == "a");
}

BOOST_AUTO_TEST_CASE(compares_long_lists_that_differ_little) {
    constexpr int many = 100'000;
    std::vector<std::string> expected;
    for (int i = 0; i < many; ++i) {
        expected.push_back(std::to_string(i));
        if (i != many / 2) order.record(expected.back());
    }
    auto const difference = order.difference(expected);
    BOOST_TEST(difference.find("-> 50000") != difference.npos);
    BOOST_TEST(std::ranges::count(difference, '>') == 1);
}

BOOST_AUTO_TEST_CASE(has_the_entries_as_text) {
    BOOST_TEST(order.text() == "");
    order.record("a");
    BOOST_TEST(order.text() == "a");
    order.record("b");
    BOOST_TEST(order.text() == "a b");
}

BOOST_AUTO_TEST_CASE(finds_no_difference_between_equals) {
    BOOST_TEST(order.difference({}) == "");
    order.record("a");
    BOOST_TEST(order.difference({"a"}) == "");
}

BOOST_AUTO_TEST_CASE(marks_what_comes_elsewhere) {
    order.record("a");
    order.record("c");
    order.record("b");
    BOOST_TEST(order.difference({"a", "b", "c"}) == "\n"
                                                    "   expected | recorded\n"
                                                    "   a        | a\n"
                                                    "-> b        | -\n"
                                                    "   c        | c\n"
                                                    "-> -        | b\n");
}

BOOST_AUTO_TEST_CASE(marks_what_is_missing) {
    order.record("a");
    BOOST_TEST(order.difference({"a", "something long"}) == "\n"
                                                            "   expected       | recorded\n"
                                                            "   a              | a\n"
                                                            "-> something long | -\n");
}

BOOST_AUTO_TEST_CASE(marks_what_is_too_much) {
    order.record("a");
    BOOST_TEST(order.difference({}) == "\n"
                                       "   expected | recorded\n"
                                       "-> -        | a\n");
}

BOOST_AUTO_TEST_CASE(shows_only_what_is_near_a_difference) {
    std::vector<std::string> expected;
    for (char each = 'a'; each <= 'i'; ++each) {
        order.record(std::string(1, each));
        expected.push_back(each == 'e' ? "E" : std::string(1, each));
    }
    BOOST_TEST(order.difference(expected) == "\n"
                                             "   expected | recorded\n"
                                             "   ...\n"
                                             "   b        | b\n"
                                             "   c        | c\n"
                                             "   d        | d\n"
                                             "-> E        | -\n"
                                             "-> -        | e\n"
                                             "   f        | f\n"
                                             "   g        | g\n"
                                             "   h        | h\n"
                                             "   ...\n");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

ordo::coro<> sleep_for_a_while() {
    co_await ordo::sleep(1500ms);
}

} // namespace

BOOST_AUTO_TEST_SUITE(an_order_recorder_that_watches)

BOOST_AUTO_TEST_CASE(notes_every_callback) {
    ordo::event_loop loop({.clock = std::make_shared<ordo::testing::virtual_clock>()});
    ordo::testing::order_recorder order(loop);
    loop.call_soon([&] { order.record("called"); });
    loop.call_soon_threadsafe([] {});
    auto const task = loop.create_task(sleep_for_a_while(), "sleeper");
    loop.call_later(1s, [] {});
    loop.run_until_done(task);
    BOOST_TEST(order.difference({"1 callback", "called", "1 threadsafe", "1 step sleeper", "2 timer due 1 s",
                                 "3 timer sleeper due 1.5 s", "4 step sleeper", "5 callback"}) == "");
}

BOOST_AUTO_TEST_CASE(notes_deadlines_in_full) {
    ordo::event_loop loop({.clock = std::make_shared<ordo::testing::virtual_clock>()});
    ordo::testing::order_recorder order(loop);
    loop.call_at(ordo::time_point(-250ms), [] {});
    loop.call_later(1'234'567s + 1ns, [] {});
    loop.call_later(1'234'567s + 2ns, [&] { loop.stop(); });
    loop.run_forever();
    BOOST_TEST(order.difference({"1 timer due -0.25 s", "2 timer due 1234567.000000001 s",
                                 "3 timer due 1234567.000000002 s"}) == "");
}

BOOST_AUTO_TEST_CASE(knows_the_place_of_scheduling) {
    ordo::event_loop loop;
    ordo::testing::order_recorder order(loop);
    auto const line = std::to_string(__LINE__ + 1);
    loop.call_soon([] {});
    ordo::testing::step(loop);
    BOOST_TEST(order.lines() == "1 callback from order_recorder.cpp:" + line + "\n");
    BOOST_TEST(order.difference({"1 callback from order_recorder.cpp:" + line}) == "");
    BOOST_TEST(order.difference({"1 callback"}) == "");
    BOOST_TEST(order.difference({"1 callback from order_recorder.cpp:1"}) != "");
}

BOOST_AUTO_TEST_CASE(leaves_out_what_is_cancelled) {
    ordo::event_loop loop;
    ordo::testing::order_recorder order(loop);
    loop.call_soon([] {}).cancel();
    ordo::testing::step(loop);
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(can_stop) {
    ordo::event_loop loop;
    ordo::testing::order_recorder order(loop);
    order.stop_watching();
    loop.call_soon([] {});
    ordo::testing::step(loop);
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(may_outlive_the_loop) {
    std::optional<ordo::event_loop> loop(std::in_place);
    ordo::testing::order_recorder order(*loop);
    loop->call_soon([] {});
    ordo::testing::step(*loop);
    loop.reset();
    order.stop_watching();
    BOOST_TEST(order.entries().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
