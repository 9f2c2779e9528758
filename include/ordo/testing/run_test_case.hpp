// ordo: run_test_case, which runs a test body on virtual time and looks at what it leaves behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/loop_options.hpp>

#include <functional>
#include <string>
#include <vector>

namespace ordo::testing {

/// Run a test body as the main task of a loop on virtual time. Any framework that takes an exception for a failure will
/// do: GoogleTest, Catch2, none. For Boost.Test there is ORDO_TEST_CASE.
///
/// @code
/// ordo::coro<> sleeps_for_a_day() {
///     auto const before = ordo::get_running_loop().time();
///     co_await ordo::sleep(24h);
///     if (ordo::get_running_loop().time() - before != 24h) throw std::runtime_error("that was not a day");
/// }
/// void test() { ordo::testing::run_test_case(sleeps_for_a_day); }
/// @endcode
///
/// What is ready when the body has ended still runs, for 100,000 iterations at most; time stands still. Then nothing may be
/// left: see leftovers().
///
/// @param body      Makes the coroutine; it lives until that has ended.
/// @param options   Of the loop; with a null clock it runs on a virtual_clock of its own.
/// @throws std::runtime_error   if the body leaves something behind, or something was reported to the exception handler;
///                              the text names each. If the body throws besides, the text begins with that.
/// @throws usage_error          if the body waits for something that can never happen.
/// @throws anything             the body throws. What is not a std::exception is always thrown as it is, because it may be
///                              the test framework's; what was left is logged then.
ORDO_DECL void run_test_case(std::function<coro<>()> const& body, loop_options options = {});

/// What is left in a loop that does not run, a line for each: tasks that are not done, callbacks that are ready, timers,
/// generators that stand at a co_yield, streams and servers that are not closed. Jobs do not count: when one that was asked to stop does is up to it.
ORDO_DECL std::vector<std::string> leftovers(event_loop const& loop);

} // namespace ordo::testing
