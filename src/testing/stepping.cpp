// ordo: running a loop by hand.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/stepping.hpp>

#include "detail/idle_watch.hpp"
#include "detail/loop_probe.hpp"

#include <ordo/exceptions.hpp>

namespace ordo::testing {
namespace {

/// Stops the loop, unless somebody else has made something ready.
class stop_when_idle final : detail::idle_watch {
public:
    stop_when_idle(event_loop& loop, idle_options options) noexcept
        : idle_watch(loop), loop_(loop), options_(options) {}

    std::optional<duration> nothing_is_ready(std::optional<duration> others) noexcept override {
        if (others == duration::zero()) return others;
        if (options_.waits_for_outstanding && detail::loop_probe::outstanding(loop_) > 0) return duration::max();
        loop_.stop();
        return duration::zero();
    }

private:
    event_loop& loop_;
    idle_options const options_;
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

void run_until_idle(event_loop& loop, idle_options options) {
    detail::loop_access::check_can_run(loop, "testing::run_until_idle");
    stop_when_idle const watch(loop, options);
    loop.run_forever();
}

} // namespace ordo::testing
