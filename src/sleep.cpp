// ordo: the states of a sleep: waiting → over, by its deadline or by a cancellation.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/sleep.hpp>

#include <ordo/callback_info.hpp>

#include <memory>

namespace ordo::detail {

void sleep_awaiter::begin(std::coroutine_handle<> frame) {
    auto& core = task_->core();
    auto const now = core.now();
    auto const end = until_ ? moment_ : deadline_after(now, moment_.time_since_epoch());
    if (end <= now) return task_->yield(frame);
    act = &sleep_awaiter::perform;
    core.schedule(this, end, false);
    task_->wait(frame, *this);
}

/// It is destroyed after a cancellation, or with its loop.
void sleep_awaiter::clean_up() noexcept {
    if (scheduled) task_->core().unschedule(this);
    if (was_cancelled_) delete message_;
}

/// It was requested since the sleep was over, or before it began.
void sleep_awaiter::deliver_cancellation() {
    if (!over_ || !task_->keeps_values()) task_->deliver_cancellation();
}

/// Of the cancellation that ended the sleep, which is delivered now.
cancelled_error sleep_awaiter::take_error() {
    task_->settle_cancellation();
    return message_ ? cancelled_error(std::move(*message_)) : cancelled_error();
}

void sleep_awaiter::describe(wait_description& into) const {
    into.what = "sleep";
    if (scheduled) into.deadline = task_->core().deadline_of(*this);
}

bool sleep_awaiter::cancel(std::string_view message) {
    if (over_) return false;
    auto text = message.empty() ? nullptr : std::make_unique<std::string>(message);
    task_->wake();
    message_ = text.release();
    over_ = was_cancelled_ = true;
    if (scheduled) task_->core().unschedule(this);
    return true;
}

void sleep_awaiter::perform(ready_node* node, node_action action) {
    auto* self = static_cast<sleep_awaiter*>(node);
    if (action == node_action::introduce) [[unlikely]] {
        self->task_->introduce(callback_kind::timer);
        return;
    }
    if (action != node_action::run || self->over_) return;
    self->over_ = true;
    self->task_->wake();
}

} // namespace ordo::detail
