// ordo: running a loop by hand.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/stepping.hpp>

#include "detail/idle_watch.hpp"
#include "detail/loop_probe.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/exceptions.hpp>

namespace ordo::testing {
namespace {

/// Stops the loop, unless somebody else has made something ready.
class stop_when_idle final : detail::idle_watch {
public:
    stop_when_idle(event_loop& loop, idle_options options) noexcept
        : idle_watch(loop, turn::last), loop_(loop), options_(options) {}

    bool is_idle() const noexcept { return is_idle_; }

    std::optional<duration> nothing_is_ready(std::optional<duration> others) noexcept override {
        if (others == duration::zero()) return others;
        if (options_.waits_for_outstanding && detail::loop_probe::outstanding(loop_) > 0) return duration::max();
        is_idle_ = true;
        loop_.stop();
        return duration::zero();
    }

private:
    event_loop& loop_;
    idle_options const options_;
    bool is_idle_ = false;
};

/// Stops the loop in the last iteration that is allowed.
class iteration_limit final : detail::callback_observer {
public:
    iteration_limit(event_loop& loop, std::uint64_t most)
        : loop_(loop), before_(loop.iterations()), most_(most), core_(detail::loop_access::core(loop)) {
        core_.add_callback_observer(*this);
    }
    iteration_limit(iteration_limit const&) = delete;
    iteration_limit& operator=(iteration_limit const&) = delete;
    ~iteration_limit() { core_.remove_callback_observer(*this); }

    void begins(callback_info const& who) noexcept override {
        if (who.iteration - before_ >= most_) loop_.stop();
    }
    void ended(callback_info const&, duration) noexcept override {}

private:
    event_loop& loop_;
    std::uint64_t const before_; ///< iterations that had run
    std::uint64_t const most_;
    detail::loop_core& core_;
};

} // namespace

std::size_t step(event_loop& loop) {
    detail::loop_access::check_can_run(loop, "testing::step");
    detail::loop_access::deliver_completions(loop);
    auto const count = detail::loop_probe::ready(loop);
    loop.stop();
    loop.run_forever();
    return count;
}

bool run_until_idle(event_loop& loop, idle_options options) {
    detail::loop_access::check_can_run(loop, "testing::run_until_idle");
    stop_when_idle const watch(loop, options);
    std::optional<iteration_limit> limit;
    if (options.max_iterations) limit.emplace(loop, *options.max_iterations);
    loop.run_forever();
    return watch.is_idle();
}

} // namespace ordo::testing
