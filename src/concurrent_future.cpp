// ordo: the state machine of a concurrent_future: pending → running → finished, or pending → cancelled → … and notified.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/concurrent_future.hpp>

#include "detail/reports.hpp"

#include <ordo/log.hpp>

#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string>

namespace ordo::detail {

concurrent_base::~concurrent_base() {
    while (auto* told = first_) {
        first_ = told->next_;
        told->drop();
    }
}

void concurrent_base::end(std::unique_lock<std::mutex> lock, state how) noexcept {
    state_.store(how, std::memory_order_release);
    auto* told = std::exchange(first_, nullptr);
    ended_.notify_all();
    lock.unlock();
    while (told) {
        auto* const next = told->next_;
        told->call();
        told = next;
    }
}

bool concurrent_base::cancel() noexcept {
    std::unique_lock lock(mutex_);
    if (cancelled()) return true;
    if (claimed_ || state_.load() != state::pending) return false;
    end(std::move(lock), state::cancelled);
    return true;
}

bool concurrent_base::set_running_or_notify_cancel() {
    std::unique_lock const lock(mutex_);
    switch (state_.load()) {
    case state::pending: state_.store(state::running, std::memory_order_release); return true;
    case state::cancelled: state_.store(state::cancelled_and_notified, std::memory_order_release); return false;
    default: break;
    }
    throw usage_error(std::string("concurrent_future::set_running_or_notify_cancel: it is ") +
                      (running() ? "running" : "over") + " already; call it once, before the work begins");
}

void concurrent_base::claim(char const* where) {
    std::unique_lock const lock(mutex_);
    if (done() || claimed_)
        throw invalid_state_error(std::string(where) + ": already done (" + (cancelled() ? "cancelled" : "finished") +
                                  "); a future is completed once, check done() first");
    claimed_ = true;
}

void concurrent_base::unclaim() noexcept {
    std::unique_lock const lock(mutex_);
    claimed_ = false;
}

void concurrent_base::complete() noexcept {
    end(std::unique_lock(mutex_), state::finished);
}

void concurrent_base::set_exception(std::exception_ptr exception, char const* where) {
    if (!exception) throw std::invalid_argument(std::string(where) + ": the exception is null; pass a real one");
    claim(where);
    exception_ = std::move(exception);
    complete();
}

void concurrent_base::add_callback(callback* told) noexcept {
    {
        std::unique_lock const lock(mutex_);
        if (!done()) {
            (first_ ? last_->next_ : first_) = told;
            last_ = told;
            return;
        }
    }
    told->call();
}

bool concurrent_base::wait_until(std::optional<time_point> deadline, char const* where) {
    if (done()) return true;
    if (completed_by_ && completed_by_->at_home())
        throw usage_error(std::string(where) + ": called on the thread of the loop that completes it, which would wait "
                                               "for itself; co_await wrap_future() instead");
    std::unique_lock lock(mutex_);
    auto const over = [this] { return done(); };
    if (deadline && *deadline != time_point::max()) return ended_.wait_until(lock, *deadline, over);
    ended_.wait(lock, over);
    return true;
}

void concurrent_base::wait_or_throw(std::optional<duration> timeout, char const* where) {
    auto const deadline =
        timeout ? std::optional(deadline_after(std::chrono::steady_clock::now(), *timeout)) : std::nullopt;
    if (wait_until(deadline, where)) return;
    throw timeout_error(fmt::format("{}: not done within {:.3f} s; wait longer, or cancel() it", where,
                                    std::chrono::duration<double>(*timeout).count()));
}

std::exception_ptr concurrent_base::exception() const {
    if (cancelled()) throw cancelled_error();
    return exception_;
}

void concurrent_base::check_result(char const* where) {
    if (auto const error = exception()) std::rethrow_exception(error);
    std::unique_lock const lock(mutex_);
    if (moved_out_)
        throw invalid_state_error(std::string(where) +
                                  ": the result was moved out; call it on an lvalue to look at it more than once");
}

void concurrent_base::claim_result(char const* where) {
    check_result(where);
    std::unique_lock lock(mutex_);
    if (!std::exchange(moved_out_, true)) return;
    lock.unlock();
    check_result(where); // another thread was faster: it throws
}

void log_callback_error() noexcept {
    try {
        logger()->error("exception in a done callback of a concurrent_future: {}",
                        describe_error(std::current_exception()));
    } catch (...) {
        // There is no memory to tell it.
    }
}

} // namespace ordo::detail
