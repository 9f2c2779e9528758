// ordo: cancelling the tasks that are left when a loop is to end.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/leftovers.hpp>

#include "pump.hpp"

#include <ordo/call_graph.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/executor.hpp>
#include <ordo/gather.hpp>
#include <ordo/log.hpp>

#include <algorithm>
#include <spdlog/spdlog.h>

namespace ordo::detail {

void report_failed_leftovers(event_loop& loop, std::vector<any_task> const& leftovers) {
    for (auto const& task : leftovers) {
        if (task.cancelled()) continue;
        auto const error = task.exception();
        if (!error) continue;
        exception_context what{.message = "a task that was left over at the end of run() failed", .exception = error};
        what.future = what.task = task;
        what.where = task.created_at();
        loop.call_exception_handler(what);
    }
}

hang_watch::hang_watch(event_loop& loop) noexcept {
    auto const& core = loop_access::core(loop);
    auto const own_tasks = this_thread.task ? 1u : 0u;
    if (!loop_access::pump_of(loop).on_real_time() || (core.tasks_alive == own_tasks && !core.first_generator)) return;
    try {
        timer_ = loop.call_later(hang_patience, [&loop] {
            logger()->warn("the loop is to end, and after {} s it still waits for what was told to end:\n{}",
                           hang_patience.count(), format_call_graph(capture_call_graph(loop)));
        });
    } catch (...) {} // without memory for the timer there is no warning, but everything is told to end
}

coro<> cancel_leftovers(event_loop& loop) {
    auto leftovers = all_tasks(loop);
    auto const self = current_task();
    std::erase_if(leftovers, [&](any_task const& task) { return task == *self; });
    hang_watch const watch(loop);
    if (!leftovers.empty()) {
        for (auto const& task : leftovers) task.cancel();
        co_await gather_results(leftovers);
    }
    report_failed_leftovers(loop, leftovers);
    co_await loop.shutdown_asyncgens();
    co_await loop.shutdown_default_executor(executor_shutdown_timeout);
}

} // namespace ordo::detail
