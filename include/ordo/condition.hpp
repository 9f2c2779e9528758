// ordo: condition, for which tasks wait while they let go of a lock.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/callback.hpp>
#include <ordo/detail/temporary_closure.hpp>
#include <ordo/lock.hpp>

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

namespace ordo {

/// Tells tasks that something which a lock protects has changed.
///
/// @code
/// ordo::condition changed;
/// int level = 0;
/// auto wait_for_ten = [&]() -> ordo::coro<> {
///     auto const held = co_await changed.scoped();
///     auto enough = [&] { return level >= 10; };
///     co_await changed.wait_for(enough);
/// };
/// auto const waiting = loop.create_task(wait_for_ten);
/// auto fill = [&]() -> ordo::coro<> {
///     auto const held = co_await changed.scoped();
///     level = 10;
///     changed.notify_all();
/// };
/// auto const filling = loop.create_task(fill);
/// @endcode
///
/// @par Ownership       Must outlive the tasks that use it; the lock, if it is shared, must outlive the condition. If it is
///                      destroyed while tasks wait for it, an error is logged, and they are not woken any more.
/// @par Thread safety   The loop's thread only, and the tasks of one loop at a time.
/// @par Source          asyncio.Condition, as of Python 3.13.
class condition {
public:
    /// With a lock of its own.
    condition() noexcept : lock_(own_) {}
    /// With a lock that others use, too.
    explicit condition(lock& shared) noexcept : lock_(shared) {}

    /// Of the lock. @see lock::acquire
    [[nodiscard("ordo: acquire() does nothing until it is awaited")]] auto acquire() noexcept {
        return lock_.acquire();
    }
    /// Of the lock. @see lock::scoped
    [[nodiscard("ordo: scoped() does nothing until it is awaited")]] auto scoped() noexcept { return lock_.scoped(); }
    /// Of the lock. @see lock::release
    void release() { lock_.release(); }
    bool locked() const noexcept { return lock_.locked(); }

    /// Release the lock, wait to be notified, and acquire the lock again.
    ///
    /// @throws usage_error   if the lock is not held, or tasks of another loop wait for the condition.
    /// @par Cancellation     The cancelled_error comes once the lock is acquired again; a notification that was meant for this
    ///                       task goes to another one.
    ORDO_DECL coro<> wait();

    /// Wait, as often as it takes, until predicate() gives what counts as true.
    ///
    /// @param predicate   A function, called while the lock is held.
    /// @returns           What it gave.
    /// @throws anything   that wait() or the predicate throws.
    template <class P>
    auto wait_for(P&& predicate) -> coro<std::decay_t<std::invoke_result_t<std::decay_t<P>&>>> {
        using result = std::decay_t<std::invoke_result_t<std::decay_t<P>&>>;
        static_assert(!detail::is_coro<result>,
                      "ordo: the predicate of condition::wait_for() is a function that gives something like a bool, "
                      "and not a coroutine");
        detail::warn_of_temporary_closure<P>();
        return wait_until<result>(std::decay_t<P>(std::forward<P>(predicate)));
    }

    /// Wake so many of those that wait, in the order in which they came. They go on once they have acquired the lock, which
    /// the caller should release.
    ///
    /// @throws usage_error   if the lock is not held.
    ORDO_DECL void notify(std::size_t count = 1);
    /// Wake all of them.
    ///
    /// @throws usage_error   if the lock is not held.
    ORDO_DECL void notify_all();

private:
    friend class barrier;

    /// @param where   For the text of errors, in place of its own calls.
    explicit condition(char const* where) noexcept : waiters_(where), own_(where), lock_(own_) {}
    void check_held(char const* where) const;

    template <class Result, class P>
    coro<Result> wait_until(P predicate) {
        for (;;) {
            if (Result result = predicate()) co_return result;
            co_await wait();
        }
    }

    detail::waiter_queue waiters_{"condition::wait"};
    lock own_{"condition::acquire"};
    lock& lock_;
};

} // namespace ordo
