// ordo: ORDO_TEST_CASE, a Boost.Test case whose body is a coroutine on virtual time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <functional>

namespace ordo::testing {

/// Run a test body as the main task of a loop on virtual time.
///
/// @throws std::runtime_error   if the body leaves a pending task behind, or something was reported to the exception
///                              handler; the text says what.
/// @throws anything             the body throws.
ORDO_DECL void run_test_case(std::function<coro<>()> const& body);

} // namespace ordo::testing

/// A test case of the suite that stands around it: `ORDO_TEST_CASE(name) { co_await ...; }`. Needs Boost.Test.
#define ORDO_TEST_CASE(name)                                                                                           \
    static ordo::coro<> name##_body();                                                                                 \
    BOOST_AUTO_TEST_CASE(name) {                                                                                       \
        ordo::testing::run_test_case(&name##_body);                                                                    \
    }                                                                                                                  \
    static ordo::coro<> name##_body()
