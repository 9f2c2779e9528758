// ordo: loop_hooks, functions that a loop calls as its tasks come and go and its callbacks run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/callback_info.hpp>
#include <ordo/task.hpp>

#include <functional>

namespace ordo {

/// What event_loop::set_hooks() takes; any of them may be empty. What a hook throws goes to the exception handler.
struct loop_hooks {
    std::function<void(any_task const&)> on_task_created{}; ///< before its first step, also an eager one
    std::function<void(any_task const&)> on_task_step{};    ///< before each step
    std::function<void(any_task const&)> on_task_done{};    ///< finished or cancelled; not if it dies with its loop

    /// Before each callback that runs, steps of tasks among them, and after it, with the real time that it took.
    std::function<void(callback_info const&)> on_callback{};
    std::function<void(callback_info const&, duration took)> on_callback_done{};
};

} // namespace ordo
