// ordo: the list of those who watch for idleness.
// SPDX-License-Identifier: BSL-1.0
#include "idle_watch.hpp"

#include "pump.hpp"

#include <algorithm>
#include <utility>

namespace ordo::detail {

idle_watch::idle_watch(event_loop& loop, turn asked) noexcept : pump_(loop_access::pump_of(loop)) {
    auto** at = &pump_.first_idle_watch_;
    if (asked == turn::last)
        while (*at) at = &(*at)->next_;
    next_ = std::exchange(*at, this);
    pump_.delivered_at_.reset();
}

idle_watch::~idle_watch() {
    auto** at = &pump_.first_idle_watch_;
    while (*at != this) at = &(*at)->next_;
    *at = next_;
}

std::optional<duration> idle_watch::ask(idle_watch* first) noexcept {
    std::optional<duration> shortest;
    for (auto* each = first; each; each = each->next_)
        if (auto const wait = each->nothing_is_ready(shortest))
            shortest = std::min(*wait, shortest.value_or(duration::max()));
    return shortest;
}

} // namespace ordo::detail
