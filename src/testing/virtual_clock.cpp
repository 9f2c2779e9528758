// ordo: jumps to the next deadline when nothing else can happen, or wakes the loops that sleep when time is moved on.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/virtual_clock.hpp>

#include <ordo/detail/loop_core.hpp>

#include <algorithm>
#include <utility>

namespace ordo::testing {

/// A loop that has gone to sleep on this clock, until that moves on or the loop is closed.
class virtual_clock::sleeper final : public detail::outstanding {
public:
    explicit sleeper(detail::loop_core& core) noexcept : core_(&core) { link(core); }
    sleeper(sleeper const&) = delete;
    sleeper& operator=(sleeper const&) = delete;
    ~sleeper() { abandon(); }

    bool is_of(detail::loop_core const* core) const noexcept { return core_ == core; }
    void wake() const noexcept {
        if (!core_) return;
        core_->hold_work();
        core_->release_work(); // and that wakes a loop with a clock
    }
    void abandon() noexcept override {
        if (core_) unlink(*core_);
        core_ = nullptr;
    }

private:
    detail::loop_core* core_; ///< null once it is closed
};

virtual_clock::virtual_clock() : virtual_clock(virtual_clock_options()) {}
virtual_clock::virtual_clock(virtual_clock_options options) : jumps_(options.jumps), now_(options.start) {}
virtual_clock::~virtual_clock() = default;

void virtual_clock::advance(duration by) noexcept {
    now_ += std::clamp(by, duration::zero(), time_point::max() - std::max(now_, time_point()));
    auto const woken = std::exchange(sleepers_, {});
    for (auto const& each : woken) each->wake();
}

time_point virtual_clock::now() noexcept {
    return now_;
}

std::optional<duration> virtual_clock::time_to_wait(std::optional<time_point> deadline,
                                                    std::size_t outstanding) noexcept {
    bool const comes = deadline && *deadline != time_point::max();
    if (comes && *deadline <= now_) return duration::zero();
    if (outstanding == 0 && jumps_) {
        if (!comes) return std::nullopt;
        now_ = *deadline;
        return duration::zero();
    }
    remember_sleeper();
    if (outstanding == 0) return std::nullopt;
    return duration::max();
}

void virtual_clock::remember_sleeper() noexcept {
    auto* const core = detail::this_thread.loop;
    if (!core || std::ranges::any_of(sleepers_, [&](auto const& each) { return each->is_of(core); })) return;
    std::erase_if(sleepers_, [](auto const& each) { return each->is_of(nullptr); });
    try {
        sleepers_.push_back(std::make_unique<sleeper>(*core));
    } catch (...) {
        // There is no memory: advance() will not wake it, its next event will.
    }
}

} // namespace ordo::testing
