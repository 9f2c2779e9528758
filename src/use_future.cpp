// ordo: an operation under way for a future: begun, and ended by its handler or by the end of the loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/use_future.hpp>

namespace ordo::detail {

void future_operation::begin(future_base& future) {
    auto& core = future.core();
    core.work_started();
    try {
        link_ = operation_link::make(*this, core);
    } catch (...) {
        core.work_finished();
        throw;
    }
    link(core);
    future_ = share(future);
}

future_pointer<> future_operation::leave_loop() noexcept {
    auto& core = future_->core();
    unlink(core);
    core.work_finished();
    link_->owner = nullptr; // its handler may come yet
    std::exchange(link_, nullptr)->release();
    return std::exchange(future_, {});
}

void future_operation::abandon() noexcept {
    auto* const under_way = link_;
    under_way->add_reference();
    auto const keep = leave_loop();
    under_way->cancel();
    under_way->release();
}

} // namespace ordo::detail
