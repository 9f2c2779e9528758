// ordo: the states of a sleep: waiting → over, by its deadline or by a cancellation.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/sleep.hpp>

namespace ordo::detail {

sleep_awaiter::~sleep_awaiter() {
    if (index != nowhere) loop->unschedule(this); // destroyed with its loop
}

void sleep_awaiter::await_suspend(std::coroutine_handle<> frame) {
    auto& task = awaiting_task();
    task_ = &task;
    if (!until_ && delay_ <= delay_.zero()) return task.yield(frame);
    auto const now = task.core().now();
    auto const deadline = until_ ? time_point(delay_) : deadline_after(now, delay_);
    if (until_ && deadline <= now) return task.yield(frame);
    act = &sleep_awaiter::perform;
    task.core().schedule(this, deadline);
    task.wait(frame, *this);
}

void sleep_awaiter::await_resume() {
    if (task_->must_cancel()) {
        if (was_cancelled_) task_->settle_cancellation();
        else if (!over_ || !task_->keeps_values()) task_->deliver_cancellation();
    }
    if (was_cancelled_) throw message_ ? cancelled_error(std::move(*message_)) : cancelled_error();
}

bool sleep_awaiter::cancel(std::string_view message) {
    if (over_) return false;
    auto text = message.empty() ? nullptr : std::make_unique<std::string>(message);
    task_->wake();
    message_ = std::move(text);
    over_ = was_cancelled_ = true;
    if (index != nowhere) loop->unschedule(this);
    return true;
}

void sleep_awaiter::perform(ready_node* node, node_action action) {
    auto* self = static_cast<sleep_awaiter*>(static_cast<timer_node*>(node));
    if (action != node_action::run || self->over_) return;
    self->over_ = true;
    self->task_->wake();
}

} // namespace ordo::detail
