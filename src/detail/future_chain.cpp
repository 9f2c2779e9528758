// ordo: how the two kinds of futures end each other.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/future_chain.hpp>

#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>

namespace ordo::detail {

// -- from the loop to other threads

void coroutine_chain::submit() {
    entry_.act = &coroutine_chain::on_entry;
    future_is_done_.act = &coroutine_chain::on_done;
    auto const core = core_; // once the node is there, the chain may be gone
    if (core->push_threadsafe(&entry_)) return;
    release();
    core->check_open("run_coroutine_threadsafe");
}

void coroutine_chain::on_entry(ready_node* at, node_action action) {
    auto& chain = static_cast<coroutine_chain&>(static_cast<node*>(at)->owner);
    if (action == node_action::run) chain.begin();
    else if (action == node_action::dispose) chain.discard(), chain.end_with_loop();
}

void coroutine_chain::begin() noexcept {
    try {
        future_ = start();
    } catch (...) {
        // As CPython: the waiting thread hears of it, and the loop's exception handler too.
        exception_context what{.message = "run_coroutine_threadsafe: the coroutine could not be started",
                               .exception = std::current_exception()};
        if (target().set_running_or_notify_cancel()) target().set_exception(what.exception, "run_coroutine_threadsafe");
        if (auto* loop = core_->owner()) loop->call_exception_handler(what);
        return release();
    }
    link(*core_);
    entry_.act = &coroutine_chain::on_cancelled;
    add_share();
    target().add_callback(this);
    if (future_->done()) core_->push(&future_is_done_);
    else future_->add_waiter(&future_is_done_);
}

void coroutine_chain::call() noexcept {
    auto const core = core_; // once the node is there, the chain may be gone, and with it the loop
    if (!target().cancelled() || !core->push_threadsafe(&entry_)) release();
}

void coroutine_chain::on_cancelled(ready_node* at, node_action action) {
    if (is_question(action)) return;
    auto& chain = static_cast<coroutine_chain&>(static_cast<node*>(at)->owner);
    if (action == node_action::run && chain.future_) chain.future_->cancel({});
    chain.release();
}

void coroutine_chain::on_done(ready_node* at, node_action action) {
    if (!is_question(action)) static_cast<coroutine_chain&>(static_cast<node*>(at)->owner).end();
}

void coroutine_chain::end() noexcept {
    unlink(*core_);
    auto const task = std::exchange(future_, {});
    try {
        if (task->cancelled()) target().cancel();
        if (target().set_running_or_notify_cancel()) {
            if (auto error = task->exception()) target().set_exception(std::move(error), "run_coroutine_threadsafe");
            else deliver(*task);
        }
    } catch (...) {
        // Moving the result threw; or somebody else has completed the target, whose result then counts.
        if (!target().done()) target().set_exception(std::current_exception(), "run_coroutine_threadsafe");
    }
    release();
}

void coroutine_chain::abandon() noexcept {
    unlink(*core_);
    future_->remove_waiter(&future_is_done_);
    future_ = {};
    end_with_loop();
}

/// Nobody is left to run it: release the threads that wait.
void coroutine_chain::end_with_loop() noexcept {
    try {
        target().set_exception(std::make_exception_ptr(loop_closed_error(
                                   "run_coroutine_threadsafe: the loop was closed before the coroutine had ended")),
                               "run_coroutine_threadsafe");
    } catch (...) {
        target().cancel(); // it is done already, or there is no memory for the text
    }
    release();
}

// -- from other threads to the loop

void wrapping_chain::begin(std::shared_ptr<concurrent_base> const& source, future_pointer<> future) {
    try {
        core_->work_started();
    } catch (...) {
        release();
        throw;
    }
    entry_.act = &wrapping_chain::on_arrival;
    future_is_done_.act = &wrapping_chain::on_done;
    source_ = source;
    future_ = std::move(future);
    link(*core_);
    add_share();
    future_->add_waiter(&future_is_done_);
    add_share();
    source->add_callback(this);
}

void wrapping_chain::call() noexcept {
    done_ = source_.lock();
    go_home();
}

void wrapping_chain::drop() noexcept {
    go_home();
}

void wrapping_chain::go_home() noexcept {
    auto const core = core_; // once the node is there, the chain may be gone, and with it the loop
    if (core->push_threadsafe(&entry_)) return;
    if (done_) ++core->dropped_results;
    release();
}

void wrapping_chain::leave_loop() noexcept {
    unlink(*core_);
    core_->work_finished();
    future_ = {};
    release();
}

void wrapping_chain::on_arrival(ready_node* at, node_action action) {
    if (is_question(action)) return;
    auto& chain = static_cast<wrapping_chain&>(static_cast<node*>(at)->owner);
    if (action == node_action::run) {
        chain.copy_state();
        chain.leave_loop();
    } else if (chain.done_) {
        ++chain.core_->dropped_results;
    }
    chain.done_.reset();
    chain.release();
}

void wrapping_chain::copy_state() noexcept {
    if (future_->done()) return;
    try {
        if (!done_) future_->cancel("nobody is left to complete the concurrent_future");
        else if (done_->cancelled()) future_->cancel({});
        else if (auto error = done_->exception()) future_->set_exception(std::move(error), "wrap_future");
        else deliver(*done_, *future_);
    } catch (...) { // copying or moving the result threw
        if (!future_->done()) future_->set_exception(std::current_exception(), "wrap_future");
    }
}

void wrapping_chain::on_done(ready_node* at, node_action action) {
    if (is_question(action)) return;
    auto& chain = static_cast<wrapping_chain&>(static_cast<node*>(at)->owner);
    if (action == node_action::run && chain.future_ && chain.future_->cancelled())
        if (auto const source = chain.source_.lock()) source->cancel();
    chain.release();
}

void wrapping_chain::abandon() noexcept {
    if (future_->remove_waiter(&future_is_done_)) release();
    leave_loop();
}

} // namespace ordo::detail
