// ordo: whatever coordinates tasks, with each of its allocations failing in turn.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/inject_failures.hpp>

#include "coordination.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>

ORDO_TESTING_REPLACE_NEW;

BOOST_AUTO_TEST_SUITE(coordination_failures)

BOOST_AUTO_TEST_CASE(leaves_nothing_behind_when_memory_runs_out) {
    for (auto const& [name, body] : coordination::bodies) {
        std::size_t failures = 0;
        auto const verdict = error_text<std::exception>([&] { failures = ordo::testing::inject_failures(body); });
        BOOST_TEST(verdict == "(nothing was thrown)", name << ": " << verdict);
        BOOST_TEST(failures > 0u, name << " allocates nothing");
    }
}

BOOST_AUTO_TEST_SUITE_END()
