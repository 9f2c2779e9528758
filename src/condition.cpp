// ordo: waiting for a condition.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/condition.hpp>

#include <exception>
#include <string>

namespace ordo {

void condition::check_held(char const* where) const {
    if (!locked()) throw usage_error(std::string(where) + ": the lock is not held; acquire() it before");
}

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
