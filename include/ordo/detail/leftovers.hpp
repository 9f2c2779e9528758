// ordo: the tasks that are left when a loop is to end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <vector>

namespace ordo::detail {

/// Report the errors of those that failed; all are done.
ORDO_DECL void report_failed_leftovers(event_loop& loop, std::vector<any_task> const& leftovers);

/// In a task of the loop: cancel all others and wait for them, close the generators, shut the default executor down.
ORDO_DECL coro<> cancel_leftovers(event_loop& loop);

} // namespace ordo::detail
