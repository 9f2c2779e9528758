// ordo: virtual_clock, time that passes only when a test has nothing else to do, or when it says so.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>

#include <memory>
#include <vector>

namespace ordo::testing {

struct virtual_clock_options {
    bool jumps = true;  ///< to the next deadline; else time moves by advance() only
    time_point start{}; ///< the present, at first
};

/// Time for tests.
///
/// It starts at 0, and jumps to the next deadline when the loop has nothing to run and nothing is outstanding: no Asio
/// operation that a task awaits and no executor job that could still produce work; for these the loop really waits. If
/// there is no deadline either, run_forever() ends with an error instead of hanging.
///
/// What is not counted does not hold it back: handlers that were given to Asio directly, on host_executor() for one, and
/// threads that mean to call call_soon_threadsafe(). Hold the loop by attach() for as long as they are under way.
///
/// Loops that share a clock share its time, and it goes on from one run to the next. A loop that runs jumps to its own next
/// deadline, past earlier ones of a loop that does not, whose timers then come late: give each its own clock, or one that
/// does not jump.
///
/// @code
/// auto clock = std::make_shared<ordo::testing::virtual_clock>();
/// ordo::event_loop loop({.clock = clock});
/// @endcode
///
/// A clock that does not jump is moved by hand, between calls of step() and run_until_idle() or by callbacks.
///
/// @code
/// auto by_hand = std::make_shared<ordo::testing::virtual_clock>(ordo::testing::virtual_clock_options{.jumps = false});
/// ordo::event_loop still({.clock = by_hand});
/// int calls = 0;
/// still.call_later(1h, [&] { ++calls; });
/// by_hand->advance(1h);
/// ordo::testing::run_until_idle(still); // calls == 1
/// @endcode
///
/// @par Thread safety   The thread of the loops that use it only.
/// @par Source          Trio's MockClock; asynctest's ClockedTestCase.
class ORDO_DECL virtual_clock final : public clock {
public:
    virtual_clock();
    explicit virtual_clock(virtual_clock_options options);
    virtual_clock(virtual_clock const&) = delete;
    virtual_clock& operator=(virtual_clock const&) = delete;
    ~virtual_clock() override;

    /// Move the time on, as a callback does that takes long. Timers that are due then run in the next iteration; a loop
    /// that sleeps is woken. Less than 0 is 0.
    void advance(duration by) noexcept;

    time_point now() noexcept override;
    std::optional<duration> time_to_wait(std::optional<time_point> deadline, std::size_t outstanding) noexcept override;

private:
    class sleeper;
    void remember_sleeper() noexcept;

    bool const jumps_;
    time_point now_;
    std::vector<std::unique_ptr<sleeper>> sleepers_; ///< loops that advance() has to wake
};

} // namespace ordo::testing
