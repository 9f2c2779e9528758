// ordo: the states of an Asio operation that a task awaits.
//
// Between begin() and completed() the operation may use buffers that stand in the frame, so the task goes on only once
// the handler has run, also when it is cancelled. Only the loop's end destroys the frame earlier: then the operation is
// cancelled on the spot, and its handler finds that nobody waits for it. A handler that Asio drops without calling it
// (its context is gone, or there was no memory to bring it home) sends the link itself through the inbox instead.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include <ordo/detail/scope_exit.hpp>

namespace ordo::detail {

void operation_owner::dropped() noexcept {
    try {
        throw error(
            "asio_operation: the operation was dropped before it completed; its context must live and run until "
            "then");
    } catch (...) {
        failed();
    }
}

operation_link* operation_link::make(operation_owner& owner) {
    return ::new (allocate(sizeof(operation_link))) operation_link(owner);
}

operation_link::operation_link(operation_owner& waiting) noexcept : owner(&waiting) {
    act = [](ready_node* node, node_action action) {
        if (action == node_action::introduce) return;
        auto* const link = static_cast<operation_link*>(node);
        if (link->owner && action == node_action::run) link->owner->dropped();
        link->release();
    };
}

void operation_link::release() noexcept {
    if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    this->~operation_link();
    deallocate(this, sizeof(operation_link));
}

void operation_link::cancel() {
    references.fetch_add(1, std::memory_order_relaxed);
    scope_exit const keep([this] { release(); });
    signal.emit(boost::asio::cancellation_type::all);
}

operation_awaiter_base::~operation_awaiter_base() {
    if (!link_) return;
    link_->owner = nullptr;
    link_->cancel();
    link_->release();
    task_->core().work_finished();
}

bool operation_awaiter_base::begin(std::coroutine_handle<> frame) {
    auto& task = awaiting_task();
    task_ = &task;
    if (task.must_cancel()) {
        task.yield(frame);
        return false;
    }
    task.core().work_started();
    try {
        link_ = operation_link::make(*this);
    } catch (...) {
        task.core().work_finished();
        throw;
    }
    task.wait(frame, *this);
    return started_ = true;
}

void operation_awaiter_base::failed_to_begin() noexcept {
    task_->forget_wait();
    task_->core().work_finished();
    link_->owner = nullptr; // the initiation may have kept the handler
    std::exchange(link_, nullptr)->release();
}

bool operation_awaiter_base::cancel(std::string_view message) {
    if (!link_) return false;
    if (!cancel_requested_ && !message.empty()) message_ = std::make_unique<std::string>(message);
    cancel_requested_ = true;
    link_->cancel();
    return true;
}

void operation_awaiter_base::completed() noexcept {
    std::exchange(link_, nullptr)->release();
    task_->core().work_finished();
    task_->wake();
}

void operation_awaiter_base::failed() noexcept {
    failure_ = std::current_exception();
    completed();
}

void operation_awaiter_base::check_completed() {
    if (!started_) task_->deliver_cancellation();
    if (!failure_) return;
    postpone_cancellation();
    std::rethrow_exception(failure_);
}

void operation_awaiter_base::throw_cancelled() {
    if (!cancel_requested_) task_->deliver_cancellation();
    task_->settle_cancellation();
    throw message_ ? cancelled_error(std::move(*message_)) : cancelled_error();
}

void operation_awaiter_base::postpone_cancellation() {
    if (cancel_requested_ && !task_->must_cancel()) task_->request_cancellation(message_ ? *message_ : std::string());
}

bool is_aborted(std::exception_ptr const& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (boost::system::system_error const& e) {
        return is_aborted(e.code());
    } catch (...) {
        return false;
    }
}

} // namespace ordo::detail
