// ordo: counting the children of a gather.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/gather.hpp>

#include <ordo/detail/scope_exit.hpp>

namespace ordo::detail {

void gathering::begin() {
    auto const all = children();
    left_ = all.size();
    bool any_done = false;
    for (auto& one : all) {
        if (one.future->done()) any_done = true;
        else watch_pending(one, &gathering::perform);
    }
    if (!any_done) return;
    for (auto& one : all)
        if (one.future->done()) settle(one);
    if (self().done()) let_go(nullptr);
}

// -- cancelling

bool gathering::cancel_children(std::string_view message) {
    if (descent_) { // a child waits for this, in a circle that nothing else would ever end
        fail(std::make_exception_ptr(cancelled_error(std::string(message))));
        return true;
    }
    descend(nullptr, nullptr, nullptr);
    auto* at = this;
    scope_exit const give_up([&at] {
        while (at) at = at->ascend().above;
    });
    bool any = false;
    while (at) {
        if (auto* const inner = at->cancel_next(message)) {
            at = inner;
            continue;
        }
        if (at->descent_->any) at->cancel_requested_ = true;
        auto const ended = at->ascend();
        at = ended.above;
        if (ended.task) ended.task->cancel_after_gathering(ended.last, ended.any, message);
        any = ended.any || ended.task;
        if (at && any) at->descent_->any = true;
    }
    return any;
}

void gathering::descend(gathering* above, task_base* task, task_base* last) noexcept {
    self().add_reference();
    descent_ = descent{.above = above, .task = task, .last = last};
}

gathering::descent gathering::ascend() noexcept {
    auto const ended = *descent_;
    descent_.reset();
    self().release();
    return ended;
}

/// Cancel one child after the other, up to one that stands for others.
/// @returns   The gathering that this is, or for which it waits; null if all children are cancelled.
gathering* gathering::cancel_next(std::string_view message) {
    while (descent_->next < children().size()) {
        auto* const future = children()[descent_->next++].future.get();
        if (!future) continue; // let go of
        task_base* last = nullptr;
        auto* const task = future->as_task();
        auto* const inner = task ? task->awaited_gathering(last) : future->as_gathering();
        if (inner && !inner->descent_) {
            inner->descend(this, task, last);
            return inner;
        }
        if (future->cancel(message)) descent_->any = true;
    }
    return nullptr;
}

// -- counting

/// As any combinator, but that most children are one of several, and succeed.
void gathering::perform(ready_node* node, node_action action) {
    auto& which = static_cast<child&>(*node);
    auto& owner = static_cast<gathering&>(*which.owner);
    bool const ordinary = owner.left_ > 1 && which.future->succeeded() && !owner.self().done();
    if (action != node_action::run || !ordinary) [[unlikely]]
        return combinator::perform(node, action);
    --owner.left_;
    owner.forget(which);
}

void gathering::child_done(child& which) {
    bool const was_done = self().done();
    try {
        count(which);
    } catch (...) {
        fail(std::current_exception());
    }
    if (!which.owner || !self().done()) return;
    if (was_done) which.future = {};
    else let_go(&which);
}

/// Nobody asks for the results any more. The futures may stand for others in their turn, so deeply nested that all could not
/// be destroyed at once.
void gathering::let_go(child const* which) noexcept {
    for (auto& one : children())
        if (!one.owner || &one == which) one.future = {};
}

void gathering::count(child& which) {
    --left_;
    auto& future = *which.future;
    if (!keep_errors_ || self().done()) {
        auto const error = future.cancelled() ? nullptr : future.exception();
        if (self().done()) return;
        if (future.cancelled()) return fail(future.take_cancelled_error());
        if (error) return fail(error);
    }
    if (left_ > 0) return;
    if (!cancel_requested_) return succeed();
    for (auto& one : children())
        if (!one.future->cancelled()) one.future->exception(); // nobody will ask for it
    auto& last = *children().back().future;
    fail(last.cancelled() ? last.take_cancelled_error()
                          : std::make_exception_ptr(cancelled_error(last.cancel_message())));
}

} // namespace ordo::detail
