// ordo: a shield: follows the inner future, then, once the outer one was cancelled, waits for an error to report.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/shield.hpp>

#include <ordo/exception_context.hpp>

namespace ordo::detail {

shielding::shielding(future_base& outer, future_pointer<> inner) noexcept : combinator(outer) {
    inner_.future = std::move(inner);
    outer_done_.owner = this;
    outer_done_.act = &shielding::perform;
}

shielding::~shielding() {
    if (outer_done_.outer) self().remove_waiter(&outer_done_);
}

void shielding::begin() {
    if (inner_.future->done()) {
        if (inner_.future->cancelled()) self().cancel_as(*inner_.future);
        else settle(inner_);
        return;
    }
    watch(inner_);
    outer_done_.outer.emplace(self());
    self().add_waiter(&outer_done_);
}

void shielding::child_done(child& which) {
    auto& inner = *which.future;
    if (reports_) return report(inner);
    if (self().done()) return;
    if (inner.cancelled()) self().cancel({});
    else if (auto error = inner.exception()) fail(std::move(error));
    else succeed(inner);
}

void shielding::perform(ready_node* node, node_action action) {
    auto* const self = static_cast<outer_node*>(node);
    if (action != node_action::run && action != node_action::dispose) return;
    auto const keep = std::move(self->outer);
    self->outer.reset();
    if (action == node_action::run) self->owner->outer_is_done();
}

void shielding::outer_is_done() {
    if (!unwatch(inner_)) return;
    // One report is enough for any number of shields around the same future.
    shielding* other = nullptr;
    auto const reports = [&](ready_node* node) {
        other = node->act == inner_.act ? dynamic_cast<shielding*>(static_cast<child*>(node)->owner) : nullptr;
        return other && other->reports_;
    };
    if (inner_.future->find_waiter(reports)) other->unwatch(other->inner_);
    reports_ = true;
    watch(inner_);
}

void shielding::report(future_base& inner) {
    auto const error = inner.cancelled() ? nullptr : inner.exception();
    if (!error) return;
    exception_context what{.message = "exception in a shielded future", .exception = error};
    what.future = future_access::adopt<any_future>(share(inner));
    if (inner.is_task()) what.task = future_access::adopt<any_task>(share(inner));
    what.where = inner.created_at();
    if (auto* loop = inner.core().owner()) loop->call_exception_handler(what);
}

} // namespace ordo::detail
