// ordo: event, for which tasks wait until somebody sets it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/waiter_queue.hpp>

namespace ordo {

/// A flag that tasks wait for. It begins unset.
///
/// @code
/// ordo::event ready;
/// auto waiting = [&]() -> ordo::coro<> { co_await ready.wait(); };
/// auto const t = loop.create_task(waiting);
/// ready.set();
/// @endcode
///
/// @par Ownership       Must outlive the tasks that use it. If it is destroyed all the same, an error is logged, and those
///                      that wait are not woken any more.
/// @par Thread safety   The loop's thread only, and the tasks of one loop at a time.
/// @par Source          asyncio.Event.
class event {
public:
    event() noexcept = default;

    /// Set the flag, and wake all that wait, in the order in which they came. They go on in the next iteration, whatever
    /// becomes of the flag meanwhile.
    void set() {
        waiters_.wake_all();
        set_ = true;
    }

    /// Unset it: who waits from now on waits for the next set().
    void clear() noexcept { set_ = false; }

    bool is_set() const noexcept { return set_; }

    /// Wait until it is set: `co_await ready.wait()`. If it is set already, the task goes on at once.
    ///
    /// @throws usage_error   if tasks of another loop wait for it.
    /// @par Cancellation     The task goes on in the next iteration, with a cancelled_error.
    [[nodiscard("ordo: wait() does nothing until it is awaited")]] detail::wait_request wait() noexcept {
        return {waiters_, &set_};
    }

private:
    detail::waiter_queue waiters_{"event::wait"};
    bool set_ = false;
};

} // namespace ordo
