// ordo: lock, which one task holds at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/guard.hpp>

namespace ordo {

/// Mutual exclusion among tasks, across their waits. It belongs to nobody in particular: any task may release it.
///
/// Fair: who waits gets it first in, first out. Between release() and the moment at which the next owner goes on, in the
/// next iteration, locked() is false, and newcomers queue all the same.
///
/// @code
/// ordo::lock door;
/// auto go_through = [&]() -> ordo::coro<> {
///     auto const held = co_await door.scoped();
///     co_await ordo::sleep(1s);
/// };
/// auto const t = loop.create_task(go_through);
/// @endcode
///
/// @par Ownership       Must outlive the tasks that use it, and its guards. If it is destroyed while tasks wait for it, an
///                      error is logged, and they are not woken any more.
/// @par Thread safety   The loop's thread only, and the tasks of one loop at a time.
/// @par Source          asyncio.Lock.
class lock {
public:
    lock() noexcept : lock("lock::acquire") {}

    /// Wait for it and take it: `co_await door.acquire()`. If it is free and nobody waits for it, at once.
    ///
    /// @throws usage_error   if tasks of another loop wait for it.
    /// @par Cancellation     The task goes on in the next iteration, with a cancelled_error. If the lock was released for it
    ///                       already, the next in line gets it.
    [[nodiscard("ordo: acquire() does nothing until it is awaited")]] detail::acquire_request<lock> acquire() noexcept {
        return {*this};
    }

    /// As acquire(), and give a guard<lock> that releases it: `auto const held = co_await door.scoped();`.
    [[nodiscard("ordo: scoped() does nothing until it is awaited")]] detail::scoped_request<lock> scoped() noexcept {
        return {*this};
    }

    /// Give it to the first in line.
    ///
    /// @throws usage_error   if it is not held.
    void release() {
        if (!locked_) [[unlikely]]
            throw_not_held();
        waiters_.wake_head();
        locked_ = false;
        waiters_.held_by(nullptr);
    }

    bool locked() const noexcept { return locked_; }

private:
    friend class barrier;
    friend class condition;
    friend class detail::acquire_awaiter<lock>;
    friend class guard<lock>;

    explicit lock(char const* where) noexcept : waiters_(where) {}
    [[noreturn]] ORDO_DECL static void throw_not_held();

    bool take_at_once() noexcept {
        if (locked_ || !waiters_.idle()) return false;
        taken();
        return true;
    }
    void taken() noexcept {
        locked_ = true;
        waiters_.held_by(detail::this_thread.task);
    }
    void passed_on(bool) {
        if (!locked_) waiters_.wake_head();
    }
    void given_up() const noexcept {}

    detail::guard_list guards_;
    detail::waiter_queue waiters_;
    bool locked_ = false;
};

} // namespace ordo
