// ordo: what goes wrong with guards.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/guard.hpp>

#include <ordo/log.hpp>

#include <exception>
#include <spdlog/spdlog.h>

namespace ordo::detail {

void report_failed_release() noexcept {
    if (!this_thread.loop) return; // its task goes with its loop, and may have waited for a condition, without the lock
    try {
        try {
            throw;
        } catch (std::exception const& e) {
            logger()->error("guard: the release in its destructor failed: {}", e.what());
        }
    } catch (...) {}
}

void throw_empty_guard() {
    throw usage_error("guard::release: it holds nothing; it was released or moved from, or what it held is destroyed");
}

} // namespace ordo::detail
