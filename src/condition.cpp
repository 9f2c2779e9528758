// ordo: waiting for a condition.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/condition.hpp>

#include <exception>
#include <string>

namespace ordo {

void condition::check_held(char const* where) const {
    if (!locked()) throw usage_error(std::string(where) + ": the lock is not held; acquire() it before");
}

namespace {

/// Let a cancellation come where the task waits next. @returns false if it is none, or there is no memory for it.
bool postponed(std::exception_ptr const& failure, detail::task_base& task) noexcept {
    try {
        try {
            std::rethrow_exception(failure);
        } catch (cancelled_error const& error) {
            task.request_cancellation(error.message());
            return true;
        }
    } catch (...) {
        return false;
    }
}

} // namespace

coro<> condition::wait() {
    check_held("condition::wait");
    waiters_.check_caller(); // while the lock is still held
    lock_.release();
    std::exception_ptr failure;
    try {
        co_await detail::wait_request{waiters_};
    } catch (usage_error const&) {
        throw; // it is destroyed
    } catch (...) {
        failure = std::current_exception();
    }
    auto& task = detail::awaiting_task();
    bool const notified = !failure;
    detail::task_base::edge_triggered const until_held(task);
    for (bool held = false; !held;) { // the caller relies on it, whatever happens
        try {
            co_await lock_.acquire();
            held = true;
        } catch (usage_error const&) {
            throw;
        } catch (...) {
            failure = std::current_exception();
        }
    }
    if (!failure) co_return;
    if (notified && task.keeps_values() && postponed(failure, task)) co_return;
    waiters_.wake_first(); // this task may have been notified before
    std::rethrow_exception(failure);
}

void condition::notify(std::size_t count) {
    check_held("condition::notify");
    while (count-- > 0 && waiters_.wake_first()) {}
}

void condition::notify_all() {
    check_held("condition::notify_all");
    waiters_.wake_all();
}

} // namespace ordo
