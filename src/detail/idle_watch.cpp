// ordo: the list of those who watch for idleness.
// SPDX-License-Identifier: BSL-1.0
#include "idle_watch.hpp"

#include "pump.hpp"

#include <algorithm>
#include <utility>

namespace ordo::detail {

idle_watch::idle_watch(event_loop& loop) noexcept
    : pump_(loop_access::pump_of(loop)), next_(std::exchange(pump_.first_idle_watch_, this)) {
    pump_.delivered_at_.reset();
}

idle_watch::~idle_watch() {
    auto** at = &pump_.first_idle_watch_;
    while (*at != this) at = &(*at)->next_;
    *at = next_;
}

std::optional<duration> idle_watch::ask(idle_watch* newest) noexcept {
    std::optional<duration> shortest;
    for (auto* each = newest; each; each = each->next_)
        if (auto const wait = each->nothing_is_ready(shortest))
            shortest = std::min(*wait, shortest.value_or(duration::max()));
    return shortest;
}

} // namespace ordo::detail
