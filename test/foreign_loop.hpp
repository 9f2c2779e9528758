// ordo: foreign_loop: an event loop that is not Asio's, for a guest: a queue of functions that one thread calls.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>

/// It needs no memory, so that tests in which there is none can use it; it holds 100 functions.
class foreign_loop {
public:
    /// On any thread.
    void call_soon(std::function<void()> call) {
        {
            std::lock_guard lock(mutex_);
            calls_[last_++ % calls_.size()] = std::move(call);
        }
        arrived_.notify_one();
    }

    /// @returns   Whether it was told to quit, in place of waiting for a call in vain.
    [[nodiscard]] bool run() {
        for (running_ = true; running_;) {
            std::unique_lock lock(mutex_);
            if (!arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return first_ != last_; })) return false;
            auto const call = std::exchange(calls_[first_++ % calls_.size()], nullptr);
            lock.unlock();
            call();
            ++made;
        }
        return true;
    }

    void quit() { running_ = false; }

    int made = 0; ///< calls

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::array<std::function<void()>, 100> calls_;
    std::size_t first_ = 0, last_ = 0;
    bool running_ = false;
};
