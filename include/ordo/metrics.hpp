// ordo: loop_metrics, what a loop counts and times of itself.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ordo {

/// How often something took how long, in buckets that double: below 1.024 us, below 2.048 us, ...
class latency_histogram {
public:
    static constexpr std::size_t buckets = 24;

    /// Below which the durations of a bucket are; of the last one, which takes all the rest, duration::max().
    static constexpr duration upper_bound(std::size_t bucket) noexcept {
        return bucket + 1 < buckets ? duration(std::int64_t(1) << (bucket + unit_bits)) : duration::max();
    }

    /// @param times   How often.
    void add(duration took, std::uint64_t times = 1) noexcept {
        auto const length = static_cast<std::uint64_t>(std::max(took, duration::zero()).count());
        counts_[std::min<std::size_t>(std::bit_width(length >> unit_bits), buckets - 1)] += times;
        sum_ += static_cast<double>(length) * static_cast<double>(times);
    }

    std::uint64_t count(std::size_t bucket) const noexcept { return counts_[bucket]; }
    std::uint64_t total() const noexcept;
    /// Of all durations. It grows for as long as a service runs, which nanoseconds in 64 bits would not survive.
    std::chrono::duration<double> sum() const noexcept { return std::chrono::duration<double, std::nano>(sum_); }

    /// The bound of the bucket that the given part of all is in or below: quantile(0.99). 0 if there is nothing.
    duration quantile(double part) const noexcept;

private:
    static constexpr int unit_bits = 10; // of nanoseconds, which a duration counts
    static_assert(duration::period::num == 1 && duration::period::den == 1'000'000'000);

    std::array<std::uint64_t, buckets> counts_{};
    double sum_ = 0; ///< in nanoseconds
};

/// What event_loop::metrics() gives. Counts are since the loop was made; times are real, also on a virtual clock.
struct loop_metrics {
    std::uint64_t iterations = 0; ///< that have begun
    /// Taken from the ready queue, steps of tasks too, in slices of the pump that are over.
    std::uint64_t callbacks = 0;
    duration busy{};                   ///< in these slices
    std::uint64_t tasks_created = 0;   ///< over all runs
    std::uint64_t dropped_results = 0; ///< @see event_loop::dropped_results

    // at this moment
    std::size_t tasks = 0;          ///< that are not done
    std::size_t ready = 0;          ///< callbacks in the ready queue, without the rest of the batch that runs
    std::size_t scheduled = 0;      ///< timers
    std::size_t outstanding = 0;    ///< Asio operations and jobs that have not come home, and calls of attach()
    std::size_t executor_queue = 0; ///< jobs that wait for a thread of the default executor

    /// How late timers became ready, on the loop's clock. Those that were due before its zero are left out.
    latency_histogram timer_lag;
    /// How long callbacks can have been ready before they ran: each counts with the time since the loop last looked at
    /// the clock between two iterations (every 64 fast callbacks, or each slow iteration), and the first ones after the
    /// loop was woken, or went back to Asio, with the time for which the host kept it waiting.
    latency_histogram ready_lag;
    /// The longest that a callback took, to within the others, up to 63 short ones, that are timed together with it.
    duration longest_callback{};
};

/// In the text format of Prometheus, in seconds: `ordo_loop_callbacks_total{loop="main"} 42`.
///
/// @param labels   Without braces, as `loop="main"`; may be empty.
ORDO_DECL std::string to_prometheus(loop_metrics const& metrics, std::string_view labels = {});

/// The metrics of one loop, and labels that tell it from the others.
struct labelled_metrics {
    std::string labels; ///< without braces
    loop_metrics metrics;
};

/// The same for several loops in one text. (Texts of single loops cannot be put together: Prometheus wants each family of
/// metrics once, with all of its samples.)
ORDO_DECL std::string to_prometheus(std::span<labelled_metrics const> loops);

} // namespace ordo
