// ordo: durations as the number that texts for others have.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

namespace ordo::detail {

inline double seconds(std::chrono::duration<double> time) noexcept {
    return time.count();
}

} // namespace ordo::detail
