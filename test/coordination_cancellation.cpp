// ordo: whatever coordinates tasks, cancelled at each point at which one of them is suspended.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/inject_cancellation.hpp>

#include "coordination.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>

BOOST_AUTO_TEST_SUITE(coordination_cancellation)

BOOST_AUTO_TEST_CASE(leaves_nothing_behind_when_the_main_task_is_cancelled) {
    for (auto const& [name, body] : coordination::bodies) {
        std::size_t runs = 0;
        auto const verdict = error_text<std::exception>([&] { runs = ordo::testing::inject_cancellation(body); });
        BOOST_TEST(verdict == "(nothing was thrown)", name << ": " << verdict);
        BOOST_TEST(runs > 0u, name << " is never suspended");
    }
}

BOOST_AUTO_TEST_CASE(leaves_nothing_behind_when_any_task_is_cancelled) {
    for (auto const& [name, body] : coordination::bodies) {
        auto const verdict =
            error_text<std::exception>([&] { ordo::testing::inject_cancellation(body, {.any_task = true}); });
        BOOST_TEST(verdict == "(nothing was thrown)", name << ": " << verdict);
    }
}

BOOST_AUTO_TEST_SUITE_END()
