// ordo: closing a loop: everything that still waits is dropped, in an order in which nothing is used after it is gone.
// SPDX-License-Identifier: BSL-1.0
#include "loop_state.hpp"
#include "pump.hpp"

#include <ordo/executor.hpp>
#include <ordo/log.hpp>
#include <ordo/task.hpp>

#include <exception>
#include <spdlog/spdlog.h>

namespace ordo {

void detail::loop_access::deliver_completions(event_loop& loop) noexcept {
    auto& pump = pump_of(loop);
    if (!pump.owns_context()) return;
    try {
        pump.poll();
    } catch (std::exception const& e) {
        logger()->error("a foreign handler on the context of a loop threw: {}", e.what());
    } catch (...) {
        logger()->error("a foreign handler on the context of a loop threw");
    }
}

void event_loop::close() {
    auto& pump = detail::loop_access::pump_of(*this);
    if (pump.closed()) return;
    if (is_running()) throw usage_error("event_loop::close: the loop is running; stop() it first");
    pump.closing = true;
    state_->signals.reset();
    state_->descriptors.reset();
    // An operation whose object is destroyed already has been aborted; to cancel it again would touch that object.
    detail::loop_access::deliver_completions(*this);
    pump.drop_callbacks();
    // Destructors of what the frames hold may schedule callbacks and start tasks and jobs, which are dropped in turn.
    while (pump.first_task || pump.first_outstanding) {
        if (pump.first_task) pump.first_task->abandon();
        else pump.first_outstanding->abandon();
        pump.drop_callbacks();
    }
    pump.refuse();
    if (state_->default_executor) state_->default_executor->shutdown(false);
}

} // namespace ordo
