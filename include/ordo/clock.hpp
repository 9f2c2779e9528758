// ordo: the time of a loop, and how long it really waits.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace ordo {

using duration = std::chrono::steady_clock::duration;
using time_point = std::chrono::steady_clock::time_point;

/// What a loop asks for the time. Without one a loop reads std::chrono::steady_clock.
///
/// @par Thread safety   Called on the loop's thread only.
class ORDO_DECL clock {
public:
    virtual ~clock();

    /// The present; never goes back.
    virtual time_point now() noexcept = 0;

    /// Called when the loop has nothing to run.
    ///
    /// @param deadline      Of the first timer, if there is one.
    /// @param outstanding   Asio operations and executor jobs that were started and can still produce work.
    /// @returns             How long to really wait at most: 0 looks at the time again at once; nothing means that no
    ///                      event can ever come, and ends run_forever() with an error.
    virtual std::optional<duration> time_to_wait(std::optional<time_point> deadline,
                                                 std::size_t outstanding) noexcept = 0;
};

namespace detail {

/// The moment `delay` after `now`, held to what a time_point can say; a delay that is not a number counts as 0.
template <class Rep, class Period>
time_point deadline_after(time_point now, std::chrono::duration<Rep, Period> delay) {
    using seconds = std::chrono::duration<double>;
    constexpr seconds slack(1); // a double near the limits is off by less
    if (delay != delay) return now;
    seconds const from_epoch = now.time_since_epoch() + seconds(delay); // in double, so that nothing overflows
    if (from_epoch >= seconds(duration::max()) - slack) return time_point::max();
    if (from_epoch <= seconds(duration::min()) + slack) return time_point::min();
    return now + std::chrono::ceil<duration>(delay);
}

} // namespace detail

/// How long something may take: of any std::chrono unit, whole or floating, or std::nullopt for as long as it takes.
class optional_duration {
public:
    optional_duration(std::nullopt_t) noexcept {}
    template <class Rep, class Period>
    optional_duration(std::chrono::duration<Rep, Period> length)
        : value_(detail::deadline_after(time_point(), length).time_since_epoch()) {}
    template <class Rep, class Period>
    optional_duration(std::optional<std::chrono::duration<Rep, Period>> length) {
        if (length) *this = *length;
    }

    explicit operator bool() const noexcept { return value_.has_value(); }
    duration operator*() const noexcept { return *value_; }

private:
    std::optional<duration> value_;
};

} // namespace ordo
