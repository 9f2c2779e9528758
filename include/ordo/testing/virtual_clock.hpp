// ordo: virtual_clock, time that passes only when a test has nothing else to do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>

namespace ordo::testing {

/// Starts at 0, and jumps to the next deadline when the loop has nothing to run and nothing is outstanding: no Asio
/// operation and no executor job that could still produce work. If there is no deadline either, run_forever() ends with
/// an error instead of hanging.
///
/// @code
/// auto clock = std::make_shared<ordo::testing::virtual_clock>();
/// ordo::event_loop loop({.clock = clock});
/// @endcode
///
/// @par Thread safety   The loop's thread only.
class ORDO_DECL virtual_clock final : public clock {
public:
    /// Move the time on by hand, as a callback does that takes long.
    void advance(duration by) noexcept;

    time_point now() noexcept override;
    std::optional<duration> time_to_wait(std::optional<time_point> deadline, std::size_t outstanding) noexcept override;

private:
    time_point now_{};
};

} // namespace ordo::testing
