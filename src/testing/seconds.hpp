// ordo: in_seconds, a duration with all its digits, so that what differs reads differently.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace ordo::testing {

/// "1.5 s"
inline std::string in_seconds(duration length) {
    constexpr std::uint64_t second = 1'000'000'000; // in ns
    auto const signed_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(length).count();
    auto const ns = signed_ns < 0 ? -static_cast<std::uint64_t>(signed_ns) : static_cast<std::uint64_t>(signed_ns);
    auto fraction = std::to_string(second + ns % second).replace(0, 1, ".");
    fraction.resize(fraction.find_last_not_of("0.") + 1); // all of it, if it is 0
    return (signed_ns < 0 ? "-" : "") + std::to_string(ns / second) + fraction + " s";
}

} // namespace ordo::testing
