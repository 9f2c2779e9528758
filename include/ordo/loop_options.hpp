// ordo: loop_options, how an event_loop is made.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/detail/constants.hpp>

#include <cstddef>
#include <memory>

namespace ordo {

/// How a loop is made.
struct loop_options {
    /// Let Asio poll the reactor after every iteration, as asyncio does. It costs a system call per iteration.
    bool strict = false;
    /// Otherwise the pump goes back to Asio after this many iterations,
    std::size_t max_iterations = detail::slice_iterations;
    /// or at the end of the iteration in which it has run this many callbacks,
    std::size_t max_callbacks = detail::slice_callbacks;
    /// or in which it has run for this long, whichever is first.
    duration max_time = detail::slice_time;
    /// Begin tasks at once, up to their first wait, instead of in the next iteration; task_options overrule it.
    /// asyncio's eager_task_factory.
    bool eager_start = false;
    /// Where the time comes from; the steady clock, if null.
    std::shared_ptr<ordo::clock> clock{};
};

} // namespace ordo
