// ordo: cancelling a waiter, and what becomes of waiters whose object is destroyed.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/waiter_queue.hpp>

#include <ordo/log.hpp>

#include <spdlog/spdlog.h>

namespace ordo::detail {

void waiter::describe(wait_description& into) const {
    into.what = queue_ ? queue_->where_ : where_;
    if (queue_) into.holder = queue_->holder_;
}

bool waiter::cancel(std::string_view message) {
    if (state_ != state::waiting) return false;
    auto text = message.empty() ? nullptr : std::make_unique<std::string>(message);
    task_->wake();
    message_ = std::move(text);
    state_ = state::cancelled;
    if (linked_) queue_->was_cancelled(*this);
    return true;
}

void waiter::throw_cancelled() {
    if (state_ != state::cancelled) task_->deliver_cancellation();
    task_->settle_cancellation();
    if (message_) throw cancelled_error(std::move(*message_));
    throw cancelled_error(); // which no temporary outlives: unwinding stops for none
}

void waiter::throw_destroyed() const {
    throw usage_error(std::string(where_) +
                      ": it was destroyed while this task waited; keep it alive until nobody does");
}

/// Those that are waiting wait on, until they are cancelled or their loop is closed.
void waiter_queue::abandon() noexcept {
    auto const& core = first_->task_->core();
    std::size_t count = 0;
    for (auto* at = first_; at; at = at->next_, ++count) {
        at->queue_ = nullptr;
        at->where_ = where_;
        at->linked_ = false;
    }
    if (core.closing) return; // it goes down with the tasks that wait for it
    try {
        logger()->error("{}: destroyed while {} {}; keep it alive until nobody does", where_, count,
                        count == 1 ? "task waits" : "tasks wait");
    } catch (...) {}
}

void waiter_queue::throw_other_loop() const {
    throw usage_error(std::string(where_) + ": tasks of another loop wait for it; use it in one loop at a time");
}

} // namespace ordo::detail
