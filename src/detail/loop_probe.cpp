// ordo: looking into a loop.
// SPDX-License-Identifier: BSL-1.0
#include "loop_probe.hpp"

#include "pump.hpp"

namespace ordo::detail {

std::size_t loop_probe::ready(event_loop& loop) {
    auto& pump = loop_access::pump_of(loop);
    pump.inbox_.drain(pump.ready_);
    if (!pump.scheduled_.empty()) pump.collect_due_timers();
    return pump.ready_.size();
}

void loop_probe::watch_arrivals(event_loop& loop, std::shared_ptr<arrival_watch> by) {
    loop_access::core(loop).set_arrivals(std::move(by));
}

std::size_t loop_probe::outstanding(event_loop const& loop) noexcept {
    auto const& pump = loop_access::pump_of(loop);
    return pump.outstanding_ + pump.held_.load(std::memory_order_acquire);
}

} // namespace ordo::detail
