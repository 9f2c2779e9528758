// ordo: the tasks that are left when a loop is to end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/constants.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <vector>

namespace ordo::detail {

/// Report the errors of those that failed; all are done.
ORDO_DECL void report_failed_leftovers(event_loop& loop, std::vector<any_task> const& leftovers);

/// In a task of the loop: cancel all others and wait for them, close the generators, shut the default executor down.
ORDO_DECL coro<> cancel_leftovers(event_loop& loop);

/// While it lives: log, once, what keeps a loop that is to end, if there is something to wait for. On real time only: on a
/// clock of its own a loop would have an iteration more than asyncio's, and who hangs there gets an error.
class ORDO_DECL hang_watch {
public:
    explicit hang_watch(event_loop& loop) noexcept;
    hang_watch(hang_watch const&) = delete;
    hang_watch& operator=(hang_watch const&) = delete;
    ~hang_watch() { timer_.cancel(); }

private:
    timer_handle timer_;
};

} // namespace ordo::detail
