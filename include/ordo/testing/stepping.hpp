// ordo: step and run_until_idle, which run a loop by hand.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace ordo::testing {

/// Run exactly one iteration, without waiting: what I/O has completed by now, the timers that are due, and the callbacks
/// that are ready.
///
/// @returns   How many callbacks and steps of tasks were ready for it; 0 means that there was nothing to do.
/// @throws usage_error         if the loop is on a context of its host, or running.
/// @throws loop_closed_error
ORDO_DECL std::size_t step(event_loop& loop);

struct idle_options {
    /// Whether to wait, really, for Asio operations and executor jobs that are under way: else they do not count.
    bool waits_for_outstanding = false;
    /// Give up after so many, at least 1; without it a task that yields in a circle never lets the call return.
    std::optional<std::uint64_t> max_iterations{};
};

/// Run until nothing is ready and no timer is due. Time does not jump meanwhile.
///
/// @returns   True; false if it has given up, or somebody has stopped the loop.
/// @throws usage_error         if the loop is on a context of its host, or running.
/// @throws loop_closed_error
ORDO_DECL bool run_until_idle(event_loop& loop, idle_options options = {});

} // namespace ordo::testing
