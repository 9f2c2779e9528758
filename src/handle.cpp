// ordo: cancelling a callback, and what it says of itself.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/handle.hpp>

#include <ordo/callback_info.hpp>
#include <ordo/detail/loop_core.hpp>

namespace ordo {

void detail::introduce(callback_node& node, bool is_timer) {
    if (node.has(callback_node::cancelled)) {
        this_thread.introduction = nullptr; // nothing will run
        return;
    }
    auto& who = *this_thread.introduction;
    who.kind = is_timer ? callback_kind::timer : node.shared ? callback_kind::threadsafe : callback_kind::callback;
    who.where = node.where;
}

void handle::cancel() noexcept {
    using node = detail::callback_node;
    auto* const cancelled = node_; // what the callable holds may hold this handle
    if (!cancelled) return;
    bool const shared = cancelled->shared;
    if ((cancelled->set(node::cancelled, shared) & (node::cancelled | node::started)) || shared) return;
    ++cancelled->references;
    cancelled->act(cancelled, detail::node_action::clear);
    if (cancelled->scheduled) {
        static_cast<detail::timer_node*>(cancelled)->loop->unschedule(cancelled);
        --cancelled->references; // the queue's; ours is left
    }
    if (cancelled->drop_reference(false)) cancelled->act(cancelled, detail::node_action::free);
}

} // namespace ordo
