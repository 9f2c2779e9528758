// ordo: callback_info, what hooks and recorders are told of a callback.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace ordo {

/// What stands in the ready queue.
enum class callback_kind : std::uint8_t {
    callback,   ///< of call_soon(), or of a descriptor or signal
    timer,      ///< of call_later() and call_at(), or of a sleep
    threadsafe, ///< of call_soon_threadsafe()
    step,       ///< of a task
    internal,   ///< of ordo itself: a result that comes home, a future that watches others
};

/// "callback", "timer", ...
ORDO_DECL char const* to_string(callback_kind kind) noexcept;

/// A callback whose turn has come.
struct callback_info {
    callback_kind kind = callback_kind::internal;
    std::uint64_t iteration = 0;          ///< in which it runs; the first one is 1; 0 if its turn has not come
    std::string name{};                   ///< of the task, if it is a step of one, or its sleep
    std::optional<time_point> deadline{}; ///< of a timer
    /// The call that scheduled it; for a step, the co_await at which the task goes on, or where its coroutine is written.
    /// Line 0 if it is not known.
    std::source_location where{};
};

/// What waits in the queues of a loop: event_loop::queued_callbacks().
struct queued_callbacks {
    std::vector<callback_info> ready;     ///< in the order in which they will run
    std::vector<callback_info> scheduled; ///< by deadline, then in the order of scheduling
};

} // namespace ordo
