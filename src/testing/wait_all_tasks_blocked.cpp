// ordo: waits until a loop is idle.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/wait_all_tasks_blocked.hpp>

#include "detail/idle_watch.hpp"

#include <ordo/event.hpp>

#include <chrono>
#include <cstdint>

namespace ordo::testing {
namespace {

class blocked final : detail::idle_watch {
public:
    blocked(event_loop& loop, duration cushion) noexcept : idle_watch(loop), loop_(loop), cushion_(cushion) {}

    std::optional<duration> nothing_is_ready(std::optional<duration>) noexcept override {
        if (over.is_set()) return std::nullopt;
        auto const now = std::chrono::steady_clock::now();
        if (!iteration_ || *iteration_ != loop_.iterations()) since_ = now;
        iteration_ = loop_.iterations();
        auto const left = cushion_ - (now - since_);
        if (left > duration::zero()) return left;
        try {
            over.set();
        } catch (...) {
            // There is no memory; try again.
        }
        return duration::zero();
    }

    event over;

private:
    event_loop const& loop_;
    duration const cushion_;
    std::optional<std::uint64_t> iteration_; ///< after which it was asked last
    std::chrono::steady_clock::time_point since_;
};

} // namespace

coro<> wait_all_tasks_blocked(duration cushion) {
    blocked watch(get_running_loop(), cushion);
    co_await watch.over.wait();
}

} // namespace ordo::testing
