// ordo: what a thread is doing for ordo at this moment.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>
#include <ordo/fwd.hpp>

#include <coroutine>

namespace ordo::detail {

class future_base;
class loop_core;
class task_base;
struct context_data;

/// Valid within a slice of the pump; between slices all but home and the context is null.
struct thread_state {
    loop_core* loop = nullptr;             ///< whose callbacks this thread runs
    loop_core const* home = nullptr;       ///< on whose executor this thread runs handlers, if that is known
    task_base* task = nullptr;             ///< whose step this thread runs
    context_data** context = nullptr;      ///< where the holder of the current context keeps it
    context_data* base_context = nullptr;  ///< owned; current where no callback runs
    callback_info* introduction = nullptr; ///< where a node introduces itself
    future_base* awaiter = nullptr;        ///< where one that waits names what it waits for
    std::coroutine_handle<> transfer;      ///< the frame to resume next, where symmetric transfer is not a tail call
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
