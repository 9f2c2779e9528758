// ordo: closing the loops of a context that is being destroyed.
// SPDX-License-Identifier: BSL-1.0
#include "host_watch.hpp"

#include "pump.hpp"

#include <algorithm>

namespace ordo::detail {

boost::asio::execution_context::id host_watch::id;

host_watch& host_watch::of(boost::asio::execution_context& context) {
    return boost::asio::use_service<host_watch>(context);
}

void host_watch::add(pump& loop) {
    std::lock_guard lock(mutex_);
    loops_.push_back(&loop);
}

void host_watch::remove(pump& loop) noexcept {
    std::lock_guard lock(mutex_);
    std::erase(loops_, &loop);
}

void host_watch::shutdown() noexcept {
    // Services are shut down in the reverse order of their making, so those that the loops' timers and sockets need
    // are still there.
    for (;;) {
        pump* loop = nullptr;
        {
            std::lock_guard lock(mutex_);
            if (loops_.empty()) return;
            loop = loops_.back();
            loops_.pop_back();
        }
        loop->host_is_gone();
    }
}

} // namespace ordo::detail
