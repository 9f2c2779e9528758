// ordo: timer_handle, a handle with a deadline.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/handle.hpp>

namespace ordo {

/// A callback that was scheduled for a moment.
///
/// A cancelled timer leaves the scheduled queue at once: it neither wakes the loop nor keeps memory.
///
/// @par Source   asyncio.TimerHandle.
class timer_handle : public handle {
public:
    timer_handle() = default;

    /// The moment it was scheduled for, on the loop's clock.
    time_point when() const noexcept { return when_; }

private:
    friend class event_loop;
    timer_handle(detail::timer_node* owned, time_point when) noexcept : handle(owned), when_(when) {}

    // Here, because a timer that nobody asks about has no use for it once it has left the scheduled queue.
    time_point when_{};
};

} // namespace ordo
