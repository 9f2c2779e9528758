// ordo: members of a task group: the first error cancels the others and the body; the last end lets the body's task go on.
//
// The order of everything is that of CPython's asyncio.TaskGroup, as of 3.15, but for one thing: an error that an exit
// suppresses is reported, the exit itself is not.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "detail/until_there_is_memory.hpp"

#include <ordo/exception_context.hpp>

namespace ordo::detail {

/// Stands among those that wait for its task.
struct group_base::member : ready_node {
    group_base* group = nullptr; ///< null once that is destroyed, with the frame of its body
    future_pointer<> task;
    member* previous = nullptr;
    member* following = nullptr;
};

void group_base::free_member::operator()(member* which) const noexcept {
    which->~member();
    deallocate(which, sizeof(member));
}

group_base::~group_base() {
    while (first_) { // its loop was closed; a task that will never be done would hold its member, and that the task
        auto* const at = std::exchange(first_, first_->following);
        at->group = nullptr;
        if (at->task->remove_waiter(at)) member_pointer(at).reset();
    }
    while (first_failed_) member_pointer(std::exchange(first_failed_, first_failed_->following)).reset();
}

void group_base::enter() {
    if (entered_) throw usage_error("with_task_group: this group was used before; make a new one for each body");
    parent_ = future_access::adopt<any_task>(share(awaiting_task()));
    entered_ = true;
    if (cancel_on_enter_) cancel();
}

void group_base::check_takes_tasks(char const* where) const {
    auto const refuse = [where](char const* why) { throw usage_error(std::string(where) + why); };
    if (!entered_) refuse(": the group is not in use yet; give it to with_task_group()");
    if (exiting_ && !first_) refuse(": the group has ended; make a new one for each body");
    if (aborting_) refuse(": the group is being cancelled; it takes no more tasks");
}

group_base::member_pointer group_base::prepare() {
    check_takes_tasks("task_group::create_task");
    return member_pointer(::new (allocate(sizeof(member))) member);
}

void group_base::add(any_task const& task, member_pointer as) {
    auto& added = *as.release();
    added.act = &group_base::perform;
    added.group = this;
    added.task = future_access::state(task);
    added.previous = last_;
    (last_ ? last_->following : first_) = &added;
    last_ = &added;
    if (!task.done()) added.task->add_waiter(&added);
    else added.task->core().push(&added, "task_group::create_task");
    if (aborting_) task.cancel(); // one that began eagerly has cancelled the group it was not yet a member of
}

void group_base::unlink(member& which) noexcept {
    (which.previous ? which.previous->following : first_) = which.following;
    (which.following ? which.following->previous : last_) = which.previous;
    which.following = nullptr;
}

void group_base::perform(ready_node* node, node_action action) {
    auto* const which = static_cast<member*>(node);
    auto* const group = which->group;
    if (action == node_action::name_awaiter && group && group->exiting_)
        this_thread.awaiter = future_access::state(group->parent_).get();
    if (action != node_action::run && action != node_action::dispose) return;
    member_pointer owned(which);
    if (!group) return;
    group->unlink(*which);
    if (action != node_action::run) return;
    try {
        group->on_done(std::move(owned));
    } catch (...) {
        group->loop().call_exception_handler(
            {.message = "cancelling a task group failed", .exception = std::current_exception()});
    }
}

void group_base::on_done(member_pointer ended) {
    auto& task = *ended->task;
    if (all_done_ && !first_ && !all_done_.done()) all_done_.set_result();
    if (task.cancelled() || !task.exception()) return;
    if (task.ended_by_exit() && !exit_) exit_ = task.exception();
    (last_failed_ ? last_failed_->following : first_failed_) = ended.get();
    last_failed_ = ended.release();
    if (aborting_ || parent_cancel_requested_) return;
    cancel_members();
    cancel_parent();
}

void group_base::cancel_members() {
    aborting_ = true;
    for (auto* at = first_; at; at = at->following)
        if (!at->task->done()) at->task->cancel({});
}

void group_base::cancel_parent() {
    parent_cancel_requested_ = true;
    parent_.cancel();
}

void group_base::cancel() {
    if (!entered_) cancel_on_enter_ = true;
    else if (!aborting_ && parent_ && !(exiting_ && !first_)) {
        cancel_members();
        if (!parent_cancel_requested_) cancel_parent();
    }
}

void group_base::body_failed() noexcept {
    switch (ending_by_exception()) {
    case ending::cancelled: body_end_ = body_end::cancelled; return;
    case ending::exit: body_end_ = body_end::exit; return;
    case ending::ordinary: break;
    }
    try {
        throw;
    } catch (generator_exit const&) {
        body_end_ = body_end::generator_exit;
    } catch (...) {
        body_end_ = body_end::error;
    }
}

/// A task may not leave the others behind for want of memory.
coro<> group_base::leave(std::exception_ptr failure) noexcept {
    return until_there_is_memory([&] { return wait_for_members(failure); });
}

coro<> group_base::wait_for_members(std::exception_ptr failure) {
    exiting_ = true;
    if (body_end_ == body_end::exit && !exit_) exit_ = failure;
    std::exception_ptr cancellation; // to be thrown, if there is nothing worse
    std::exception_ptr latest;       // the last that reached us here
    if (body_end_ == body_end::cancelled) cancellation = failure;
    if (failure && !aborting_) cancel_members();
    task_base::edge_triggered const until_all_have_ended(awaiting_task());
    while (first_) {
        all_done_ = until_there_is_memory([this] { return loop().create_future(); });
        try {
            co_await all_done_;
        } catch (cancelled_error const&) {
            latest = std::current_exception();
            if (!aborting_) {
                cancellation = latest;
                cancel_members();
            }
        }
        all_done_ = {};
    }
    auto const parent = std::exchange(parent_, {});
    if (exit_) throw_exit(failure);
    if (parent_cancel_requested_) {
        if (parent.uncancel() == 0) cancellation = nullptr;
        else if (!cancellation) cancellation = latest; // what is left was requested by others
    }
    bool const body_has_failed = failure && body_end_ != body_end::cancelled;
    if (!first_failed_ && !body_has_failed) {
        if (cancellation) std::rethrow_exception(cancellation);
        co_return;
    }
    if (parent.cancelling() > 0) { // requested by others: to be delivered again, behind the errors
        parent.uncancel();
        parent.cancel();
    }
    if (body_end_ == body_end::generator_exit && !first_failed_) std::rethrow_exception(failure);
    auto all = errors();
    if (body_has_failed) all.push_back(failure);
    throw exception_group("with_task_group", std::move(all));
}

std::vector<std::exception_ptr> group_base::errors() const {
    std::vector<std::exception_ptr> all;
    for (auto* at = first_failed_; at; at = at->following) all.push_back(at->task->exception());
    return all;
}

void group_base::throw_exit(std::exception_ptr const& failure) {
    auto suppressed = errors();
    if (body_end_ == body_end::error) suppressed.push_back(failure);
    std::erase(suppressed, exit_);
    for (auto const& error : suppressed) {
        running_core("with_task_group")
            .owner()
            ->call_exception_handler(
                {.message = "an error in a task group gave way to a system_exit", .exception = error});
    }
    std::rethrow_exception(exit_);
}

} // namespace ordo::detail
