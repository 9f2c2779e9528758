// ordo: the time to within a few milliseconds, for little.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>

#include <ctime>

namespace ordo::detail {

/// The kernel's clock of the last tick: a quarter of the price of the exact one, and never ahead of it.
struct coarse_clock {
    static time_point now() noexcept {
        timespec t;
        clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
        return time_point(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
    }
    /// How far it is behind: two ticks, for the one that is being counted.
    static duration lag() noexcept {
        static duration const value = [] {
            timespec t;
            clock_getres(CLOCK_MONOTONIC_COARSE, &t);
            return 2 * (std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
        }();
        return value;
    }
    /// How far it can be behind where ticks come late, as on a virtual machine whose host is busy. An estimate.
    static constexpr duration longest_lag = std::chrono::seconds(1);
};

} // namespace ordo::detail
