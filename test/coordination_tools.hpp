// ordo: what the bodies of coordination.hpp are made of.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/task_group.hpp>
#include <ordo/timeout.hpp>
#include <ordo/timer_handle.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace coordination {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::detail::scope_exit;

inline void expect(bool holds, char const* what) {
    if (!holds) throw std::logic_error(std::string("it does not hold that ") + what);
}

/// Tasks that are over when the body is, and whose errors nobody has to look at.
using crew = std::vector<ordo::task<>>;

inline coro<> with_crew(std::function<coro<>(crew&)> body) {
    crew tasks;
    tasks.reserve(8);
    std::exception_ptr error;
    try {
        co_await body(tasks);
    } catch (...) {
        error = std::current_exception();
    }
    for (auto const& each : tasks) each.cancel();
    for (auto const& each : tasks)
        while (!each.done()) co_await ordo::sleep(1s);
    for (auto const& each : tasks)
        if (!each.cancelled()) static_cast<void>(each.exception());
    if (error) std::rethrow_exception(error);
}

/// A task for each, in a group.
inline coro<> together(std::vector<std::function<coro<>()>> works) {
    auto body = [&](ordo::task_group& group) -> coro<> {
        for (auto const& each : works) static_cast<void>(group.create_task(each()));
        co_return;
    };
    co_await ordo::with_task_group(body);
}

/// @returns   Whether it ended in time.
inline coro<bool> within(ordo::duration limit, std::function<coro<>()> work) {
    bool late = false;
    try {
        co_await ordo::with_timeout(limit, work);
    } catch (ordo::timeout_error const&) {
        late = true;
    }
    co_return !late;
}

/// What must hold after the work, however it ended.
inline coro<> then(std::function<void()> check, coro<> work) {
    std::exception_ptr error;
    try {
        co_await std::move(work);
    } catch (...) {
        error = std::current_exception();
    }
    check();
    if (error) std::rethrow_exception(error);
}

inline coro<> sleep_for(ordo::duration length) {
    co_await ordo::sleep(length);
}

/// Calls back after a while, unless it is destroyed before. Other than a task that sleeps, a callback acts in the same
/// iteration in which a time limit of that moment does: whoever it wakes may be cancelled before running.
class at_moment {
public:
    at_moment(ordo::duration delay, std::function<void()> what)
        : timer_(ordo::get_running_loop().call_later(delay, std::move(what))) {}
    at_moment(at_moment const&) = delete;
    at_moment& operator=(at_moment const&) = delete;
    ~at_moment() { timer_.cancel(); }

private:
    ordo::timer_handle timer_;
};

/// Threads that call, one after the other, and live until this ends: what has arrived is the same each time.
class callers {
public:
    callers() { threads_.reserve(most); }
    callers(callers const&) = delete;
    callers& operator=(callers const&) = delete;
    ~callers() {
        over_ = true;
        over_.notify_all();
        for (auto& each : threads_) each.join();
    }

    void call(std::function<void()> what) {
        expect(threads_.size() < most, "there are few threads");
        auto const before = calls_.load();
        threads_.emplace_back([this, what = std::move(what)] {
            try {
                what();
            } catch (...) {
                error_ = std::current_exception();
            }
            ++calls_;
            calls_.notify_one();
            over_.wait(false);
        });
        calls_.wait(before);
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

private:
    static constexpr std::size_t most = 4;

    std::atomic<std::size_t> calls_ = 0; ///< that have ended
    std::atomic<bool> over_ = false;
    std::exception_ptr error_; ///< of the call that has ended
    std::vector<std::thread> threads_;
};

} // namespace coordination
