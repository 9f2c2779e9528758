// ordo: jumps to the next deadline when nothing else can happen.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/virtual_clock.hpp>

#include <algorithm>

namespace ordo::testing {

void virtual_clock::advance(duration by) noexcept {
    now_ += std::max(by, duration::zero());
}

time_point virtual_clock::now() noexcept {
    return now_;
}

std::optional<duration> virtual_clock::time_to_wait(std::optional<time_point> deadline,
                                                    std::size_t outstanding) noexcept {
    if (outstanding > 0) return duration::max();
    if (!deadline || *deadline == time_point::max()) return std::nullopt;
    now_ = std::max(now_, *deadline);
    return duration::zero();
}

} // namespace ordo::testing
