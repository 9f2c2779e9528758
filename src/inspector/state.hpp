// ordo: the state of a loop as JSON, which the page draws.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "inspector/history.hpp"

#include <ordo/fwd.hpp>

#include <string>
#include <string_view>

namespace ordo::detail {

/// {"age", "filter", "metrics", "graph": {"tasks"}, "numbers" of these tasks, "tasks": how many there are, "matching": how
/// many match, "ready" and "scheduled": {"length", "matching", "callbacks"}, "samples", "slow"}.
///
/// @param filter   Tasks and queued callbacks are listed whose names, waits and places contain it; ASCII letters match in
///                 either case. A task is listed with those that wait for it, directly or not.
std::string inspector_state(event_loop const& loop, inspector_history const& history, std::string_view filter);

} // namespace ordo::detail
