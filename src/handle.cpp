// ordo: cancelling a callback.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/handle.hpp>

#include <ordo/detail/loop_core.hpp>

namespace ordo {

void handle::cancel() noexcept {
    using node = detail::callback_node;
    if (!node_) return;
    auto const before = node_->set(node::cancelled);
    if (node_->shared || (before & (node::cancelled | node::started))) return;
    handle const keep(*this); // what the callable held may hold this handle
    auto* const cancelled = keep.node_;
    cancelled->act(cancelled, detail::node_action::clear);
    if (cancelled->scheduled) {
        static_cast<detail::timer_node*>(cancelled)->loop->unschedule(cancelled);
        cancelled->release();
    }
}

} // namespace ordo
