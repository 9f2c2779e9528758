// ordo: the state machine of a future: pending → finished | cancelled.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/future.hpp>

#include "detail/reports.hpp"

#include <ordo/detail/scope_exit.hpp>

namespace ordo::detail {

void future_base::texts_deleter::operator()(texts* owned) const noexcept {
    delete owned;
}

void future_base::describe(wait_description& into) const {
    into.what = "a future created at " + detail::describe(created_);
}

std::vector<future_base*> future_base::awaiters() const {
    std::vector<future_base*> found;
    waiters_.find([&](ready_node* node) {
        this_thread.awaiter = nullptr;
        node->act(node, node_action::name_awaiter);
        if (auto* const one = std::exchange(this_thread.awaiter, nullptr)) found.push_back(one);
        return false;
    });
    return found;
}

void future_base::dispose_waiters() noexcept {
    while (auto* node = waiters_.pop()) node->act(node, node_action::dispose);
}

bool future_base::cancel(std::string_view message) {
    if (done()) {
        unretrieved_ = false; // as in asyncio: who cancels it does not want to hear of its error
        return false;
    }
    set_message(std::string(message));
    finish(state::cancelled);
    return true;
}

void future_base::cancel_as(future_base const& other) {
    future_base::cancel(other.cancel_message());
    exception_ = other.exception_;
}

void future_base::set_exception(std::exception_ptr exception, char const* where) {
    if (!exception) throw std::invalid_argument(std::string(where) + ": the exception is null; pass a real one");
    check_pending(where);
    finish(state::finished);
    store_exception(std::move(exception));
}

std::exception_ptr future_base::exception() {
    if (!done())
        throw invalid_state_error(
            "future::exception: not done yet (pending); co_await the future, or check done() first");
    if (cancelled()) std::rethrow_exception(take_cancelled_error());
    unretrieved_ = false;
    return exception_;
}

std::exception_ptr future_base::take_cancelled_error() {
    if (exception_) return std::exchange(exception_, nullptr);
    return std::make_exception_ptr(make_cancelled_error());
}

bool future_base::ended_by_cancelled_error() const noexcept {
    if (cancelled() || !exception_) return cancelled();
    try {
        std::rethrow_exception(exception_);
    } catch (...) {
        return ending_by_exception() == ending::cancelled;
    }
}

std::exception_ptr future_base::why_no_result(char const* where) {
    if (cancelled()) return take_cancelled_error();
    if (exception_) {
        unretrieved_ = false;
        return exception_;
    }
    return std::make_exception_ptr(invalid_state_error(
        std::string(where) + (moved_out_ ? ": the result was moved out; await an lvalue to look at it more than once"
                                         : ": no result yet (pending); co_await the future, or check done() first")));
}

void future_base::throw_done(char const* where) const {
    throw invalid_state_error(std::string(where) + ": already done (" + (cancelled() ? "cancelled" : "finished") +
                              "); a future is completed once, check done() first");
}

void throw_completes_itself(char const* where) {
    throw usage_error(std::string(where) + ": a task completes itself; return or throw from its coroutine");
}

void future_base::last_reference_is_gone() noexcept {
    if (unretrieved_) {
        unretrieved_ = false;
        references_ = 1; // for the report; its handler may keep the future
        report_unretrieved(*this);
        if (--references_ != 0) return;
    }
    destroy();
}

/// The task is told in its turn, as of every other outcome of an await.
void future_awaiter_base::refuse(std::coroutine_handle<> frame) {
    misuse_ = future_.get() == task_ ? "co_await: a task cannot await itself, it would wait for ever"
                                     : "co_await: this future belongs to another loop";
    task_->yield(frame);
}

void future_awaiter_base::check_wait() {
    if (task_->must_cancel()) {
        if (future_->ended_by_cancelled_error()) task_->settle_cancellation(); // the future's own says it
        else if (!task_->keeps_values()) task_->deliver_cancellation();
    }
    if (misuse_) throw usage_error(misuse_);
}

} // namespace ordo::detail

namespace ordo {

void event_loop::run_until_done(any_future const& main) {
    check_can_run("event_loop::run_until_complete");
    if (&detail::future_access::state(main)->core() != core_)
        throw usage_error("event_loop::run_until_complete: this future belongs to another loop");
    auto stopping = main.add_done_callback([this] { stop(); });
    // If the run was stopped in the iteration in which main has ended, this is too late, and the next run is stopped by it.
    detail::scope_exit const take_back([&] { main.remove_done_callback(stopping); });
    try {
        run_forever();
    } catch (...) {
        stopping.cancel();                                      // this run is over without it
        if (main.done() && !main.cancelled()) main.exception(); // what is thrown here is as good as retrieved
        throw;
    }
    if (!main.done())
        throw usage_error("event_loop::run_until_complete: the loop was stopped before the future was done");
}

} // namespace ordo
