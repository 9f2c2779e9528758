// ordo: tests of recording an order, and of what a difference looks like.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/order_recorder.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

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

BOOST_AUTO_TEST_CASE(marks_where_the_orders_part) {
    order.record("a");
    order.record("c");
    order.record("b");
    BOOST_TEST(order.difference({"a", "b", "c"}) == "\n"
                                                    "   expected | recorded\n"
                                                    "   a | a\n"
                                                    "-> b | c\n"
                                                    "   c | b\n");
}

BOOST_AUTO_TEST_CASE(marks_what_is_missing) {
    order.record("a");
    BOOST_TEST(order.difference({"a", "b"}) == "\n"
                                               "   expected | recorded\n"
                                               "   a | a\n"
                                               "-> b | -\n");
}

BOOST_AUTO_TEST_CASE(marks_what_is_too_much) {
    order.record("a");
    BOOST_TEST(order.difference({}) == "\n"
                                       "   expected | recorded\n"
                                       "-> - | a\n");
}

BOOST_AUTO_TEST_SUITE_END()
