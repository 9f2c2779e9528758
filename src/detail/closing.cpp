// ordo: closing a loop: everything that still waits is dropped, in an order in which nothing is used after it is gone.
// SPDX-License-Identifier: BSL-1.0
#include "loop_state.hpp"
#include "pump.hpp"

#include <ordo/executor.hpp>
#include <ordo/task.hpp>

namespace ordo {

void event_loop::close() {
    auto& pump = detail::loop_access::pump_of(*this);
    if (pump.closed()) return;
    if (is_running()) throw usage_error("event_loop::close: the loop is running; stop() it first");
    state_->signals.reset();
    pump.drop_callbacks();
    // Destructors of what the frames hold may schedule callbacks and start tasks and jobs, which are dropped in turn.
    while (pump.first_task || pump.first_job) {
        if (pump.first_task) pump.first_task->abandon();
        else pump.first_job->abandon();
        pump.drop_callbacks();
    }
    pump.refuse();
    if (state_->default_executor) state_->default_executor->shutdown(false);
}

} // namespace ordo
