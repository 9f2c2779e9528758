// ordo: whatever coordinates tasks, in the orders in which its timers and calls from threads may come.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/explore.hpp>

#include "coordination.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(coordination_orders)

BOOST_AUTO_TEST_CASE(holds_in_every_order) {
    for (auto const& [name, body] : coordination::bodies) {
        ordo::testing::exploration done;
        auto const verdict =
            error_text<std::exception>([&] { done = ordo::testing::explore(body, {.exhaustive = true}); });
        BOOST_TEST(verdict == "(nothing was thrown)", name << ": " << verdict);
        BOOST_TEST(done.complete, name << " has more orders");
        BOOST_TEST(done.runs > 1u, name << " has one order only");
        BOOST_TEST_MESSAGE(name << " in " << done.runs << " orders");
    }
}

BOOST_AUTO_TEST_SUITE_END()
