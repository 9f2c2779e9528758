// ordo: semaphore, which so many tasks may hold at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/guard.hpp>

#include <cstddef>
#include <limits>

namespace ordo {

/// A number of permits: acquire() takes one, release() gives one back.
///
/// Fair: a permit that is given back goes at once to the first in line, and newcomers queue behind those who wait.
///
/// @code
/// ordo::semaphore downloads(3);
/// auto download = [&]() -> ordo::coro<> {
///     auto const permit = co_await downloads.scoped();
///     co_await ordo::sleep(1s);
/// };
/// auto const t = loop.create_task(download);
/// @endcode
///
/// @par Ownership       Must outlive the tasks that use it, and its guards. If it is destroyed while tasks wait for it, an
///                      error is logged, and they are not woken any more.
/// @par Thread safety   The loop's thread only, and the tasks of one loop at a time.
/// @par Source          asyncio.Semaphore.
class semaphore {
public:
    /// @param permits   How many there are at the beginning.
    /// @throws value_error   if they are negative.
    explicit semaphore(std::ptrdiff_t permits = 1) : semaphore(permits, std::numeric_limits<std::ptrdiff_t>::max()) {}

    /// Wait for a permit and take it: `co_await downloads.acquire()`. If there is one and nobody waits, at once.
    ///
    /// @throws usage_error   if tasks of another loop wait for it.
    /// @par Cancellation     The task goes on in the next iteration, with a cancelled_error. If it was given a permit already,
    ///                       the next in line gets that.
    [[nodiscard("ordo: acquire() does nothing until it is awaited")]] detail::acquire_request<semaphore>
    acquire() noexcept {
        return {*this};
    }

    /// As acquire(), and give a guard<semaphore> that releases it: `auto const permit = co_await downloads.scoped();`.
    [[nodiscard("ordo: scoped() does nothing until it is awaited")]] detail::scoped_request<semaphore>
    scoped() noexcept {
        return {*this};
    }

    /// Give a permit back, to the first in line if somebody waits. There may be more of them than at the beginning.
    ///
    /// @throws value_error   if it is a bounded_semaphore, of which all permits are there.
    void release() {
        if (permits_ >= bound_) [[unlikely]]
            throw_all_there();
        if (!waiters_.wake_first()) ++permits_;
    }

    /// Whether acquire() would wait: no permit is left, or somebody is before the caller.
    bool locked() const noexcept { return permits_ == 0 || !waiters_.idle(); }

protected:
    ORDO_DECL semaphore(std::ptrdiff_t permits, std::ptrdiff_t bound);

private:
    friend class detail::acquire_awaiter<semaphore>;
    friend class guard<semaphore>;

    [[noreturn]] ORDO_DECL void throw_all_there() const;

    bool take_at_once() noexcept {
        if (locked()) return false;
        --permits_;
        return true;
    }
    /// The one that was woken had its permit from then on. While it queued, others may have come for those that are free.
    void taken() {
        while (permits_ > 0 && waiters_.wake_first()) --permits_;
    }
    void passed_on(bool had_permit) {
        if (had_permit) ++permits_;
        taken();
    }
    void given_up() noexcept { ++permits_; }

    detail::guard_list guards_;
    detail::waiter_queue waiters_{"semaphore::acquire"};
    std::ptrdiff_t permits_; ///< without those handed to waiters that were woken
    std::ptrdiff_t bound_;
};

/// A semaphore of which no more permits can be given back than there were at the beginning: that throws value_error.
///
/// @par Source   asyncio.BoundedSemaphore.
class bounded_semaphore : public semaphore {
public:
    /// @throws value_error   if they are negative.
    explicit bounded_semaphore(std::ptrdiff_t permits = 1) : semaphore(permits, permits) {}
};

} // namespace ordo
