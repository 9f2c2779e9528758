// ordo: timer_handle, a handle with a deadline.
// SPDX-License-Identifier: BSL-1.0
#pragma once

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
    time_point when() const noexcept { return static_cast<detail::timer_node*>(node_)->deadline; }

private:
    friend struct detail::handle_access;
    using handle::handle;
};

} // namespace ordo
