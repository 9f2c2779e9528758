// ordo: what a thread is doing for ordo at this moment.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <coroutine>
#include <source_location>
#include <string>

namespace ordo::detail {

class loop_core;
class task_base;
struct context_data;

/// What a node of the ready queue says of itself, in debug mode.
struct introduction {
    std::source_location where; ///< of a callback
    std::string task;           ///< name of a task
};

/// Valid within a slice of the pump; between slices all but the context is null.
struct thread_state {
    loop_core* loop = nullptr;                    ///< whose callbacks this thread runs
    task_base* task = nullptr;                    ///< whose step this thread runs
    context_data** context = nullptr;             ///< where the holder of the current context keeps it
    context_data* base_context = nullptr;         ///< owned; current where no callback runs
    detail::introduction* introduction = nullptr; ///< where a node introduces itself
    std::coroutine_handle<> transfer; ///< the frame to resume next, where symmetric transfer is not a tail call
};

extern ORDO_DECL constinit thread_local thread_state this_thread;

/// What an await_suspend() returns to go on with another frame.
inline std::coroutine_handle<> transfer_to(std::coroutine_handle<> frame) noexcept {
#if ORDO_SYMMETRIC_TRANSFER
    return frame;
#else
    this_thread.transfer = frame;
    return std::noop_coroutine();
#endif
}

} // namespace ordo::detail
