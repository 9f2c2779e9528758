// ordo: inject_cancellation, which plays a test once for each point at which it can be cancelled.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/loop_options.hpp>

#include <cstddef>
#include <functional>
#include <string>

namespace ordo::testing {

struct cancellation_options {
    bool any_task = false;      ///< cancel every task that the body starts, each in turn; else only that of the body
    std::size_t iterations = 2; ///< try it again up to so many iterations after the suspension, while that lasts
    /// Called before each run, with the cancellation that it is about to try in words.
    std::function<void(std::string const& cancellation)> on_run{};
    loop_options
        loop{}; ///< with a null clock, on a virtual_clock of each run's own; one that is given goes on from run to run
};

/// Run a test body again and again, each time on a loop of its own, and cancel it where it is suspended for the first
/// time, the second, the third, until one run comes to its end before that. The body may end with a cancelled_error, or
/// take the cancellation and go on; its checks must hold, and it must leave nothing behind: see run_test_case().
///
/// @code
/// ordo::coro<> a_lock_is_passed_on() {
///     ordo::lock door;
///     auto enter = [&]() -> ordo::coro<> { auto const held = co_await door.scoped(); };
///     co_await ordo::gather(ordo::create_task(enter), ordo::create_task(enter));
///     auto const held = co_await door.scoped();
/// }
/// void test() { ordo::testing::inject_cancellation(a_lock_is_passed_on); }
/// @endcode
///
/// Each run is logged, at level info, before it begins: one that aborts, hangs or fails without an exception can be told
/// from the others.
///
/// The hooks of the loop that are about tasks are taken: the body must not set its own.
///
/// @returns   In how many runs something was cancelled.
/// @throws std::runtime_error   if a run ends with another error or leaves something behind; the text says which, and
///                              where the cancellation was.
ORDO_DECL std::size_t inject_cancellation(std::function<coro<>()> const& body, cancellation_options options = {});

} // namespace ordo::testing
