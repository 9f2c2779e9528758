// ordo: wait_all_tasks_blocked, which lets a test wait until nothing happens by itself.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/coro.hpp>

namespace ordo::testing {

/// Wait until every other task waits for something, no callback is ready and Asio has nothing to deliver:
/// `co_await wait_all_tasks_blocked()`. It comes before virtual time jumps, so whoever sleeps sleeps on.
///
/// @code
/// ordo::coro<> the_second_waits_for_the_first(ordo::lock& door) {
///     auto const held = co_await door.scoped();
///     auto enter = [&]() -> ordo::coro<> { auto const mine = co_await door.scoped(); };
///     auto const second = ordo::create_task(enter);
///     co_await ordo::testing::wait_all_tasks_blocked();
///     // second is in scoped() now
/// }
/// @endcode
///
/// @param cushion   How long, in real time, that must have been so, for work that other threads or processes bring. Of
///                  several tasks that wait here, those with the shortest go on first, together.
/// @par Cancellation   Ends the wait.
/// @par Source         trio.testing.wait_all_tasks_blocked.
ORDO_DECL coro<> wait_all_tasks_blocked(duration cushion = duration::zero());

} // namespace ordo::testing
