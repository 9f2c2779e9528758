// ordo: ORDO_TEST_CASE, a Boost.Test case whose body is a coroutine on virtual time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/testing/run_test_case.hpp>
#include <ordo/testing/virtual_clock.hpp>

/// A test case of the suite that stands around it: `ORDO_TEST_CASE(name) { co_await ...; }`. Needs Boost.Test, of which it
/// includes nothing. What is left behind fails the case, as run_test_case() says. Keep co_await out of Boost.Test's macros:
/// `auto value = co_await f; BOOST_TEST(value == 1);`.
#define ORDO_TEST_CASE(name)                                                                                           \
    static ordo::coro<> name##_body();                                                                                 \
    BOOST_AUTO_TEST_CASE(name) {                                                                                       \
        ordo::testing::run_test_case(&name##_body);                                                                    \
    }                                                                                                                  \
    static ordo::coro<> name##_body()
