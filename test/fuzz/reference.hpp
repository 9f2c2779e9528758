// ordo: floor 6 once more, slow and plain, for the fuzzer to compare with: futures in line, as asyncio keeps them.
//
// Everything is a coroutine, every waiter a future, every question about waiters a look at all of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/ordo.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace fuzz::reference {

using ordo::coro;

/// Who waits, in order.
class line {
public:
    /// Wait at the end. @returns the cancellation that ended it, if one did; and then whether it was woken before.
    coro<std::pair<std::exception_ptr, bool>> stand() {
        auto const own = ordo::get_running_loop().create_future();
        waiting_.push_back(own);
        std::exception_ptr failure;
        try {
            co_await own;
        } catch (ordo::cancelled_error const&) {
            failure = std::current_exception();
        }
        std::erase(waiting_, own);
        co_return std::pair(failure, !own.cancelled());
    }

    bool only_cancelled() const {
        return std::all_of(waiting_.begin(), waiting_.end(), [](auto const& f) { return f.cancelled(); });
    }
    bool wake_next() {
        for (auto const& f : waiting_) {
            if (f.done()) continue;
            f.set_result();
            return true;
        }
        return false;
    }
    void wake_all() {
        while (wake_next()) {}
    }
    void wake_first_unless_done() {
        if (!waiting_.empty() && !waiting_.front().done()) waiting_.front().set_result();
    }

private:
    std::deque<ordo::future<>> waiting_;
};

class event {
public:
    void set() {
        if (!set_) line_.wake_all();
        set_ = true;
    }
    void clear() { set_ = false; }
    coro<> wait() {
        if (set_) co_return;
        auto const [failure, woken] = co_await line_.stand();
        if (failure) std::rethrow_exception(failure);
    }

private:
    line line_;
    bool set_ = false;
};

class lock {
public:
    coro<> acquire() {
        if (locked_ || !line_.only_cancelled()) {
            auto const [failure, woken] = co_await line_.stand();
            if (failure && !locked_) line_.wake_first_unless_done();
            if (failure) std::rethrow_exception(failure);
        }
        locked_ = true;
    }
    void release() {
        if (!locked_) throw ordo::usage_error("");
        locked_ = false;
        line_.wake_first_unless_done();
    }
    bool locked() const { return locked_; }

private:
    line line_;
    bool locked_ = false;
};

class semaphore {
public:
    explicit semaphore(std::ptrdiff_t permits, std::ptrdiff_t bound = std::numeric_limits<std::ptrdiff_t>::max())
        : permits_(permits), bound_(bound) {}
    coro<> acquire() {
        if (!locked()) {
            --permits_;
            co_return;
        }
        auto const [failure, woken] = co_await line_.stand();
        if (failure && woken) ++permits_;
        while (permits_ > 0 && line_.wake_next()) --permits_;
        if (failure) std::rethrow_exception(failure);
    }
    void release() {
        if (permits_ >= bound_) throw ordo::value_error("");
        ++permits_;
        if (line_.wake_next()) --permits_;
    }
    bool locked() const { return permits_ == 0 || !line_.only_cancelled(); }

private:
    line line_;
    std::ptrdiff_t permits_;
    std::ptrdiff_t bound_;
};

class condition {
public:
    explicit condition(lock& shared) : lock_(shared) {}
    coro<> wait() {
        if (!lock_.locked()) throw ordo::usage_error("");
        lock_.release();
        auto [failure, woken] = co_await line_.stand();
        for (bool held = false; !held;) {
            try {
                co_await lock_.acquire();
                held = true;
            } catch (ordo::cancelled_error const&) {
                failure = std::current_exception();
            }
        }
        if (!failure) co_return;
        line_.wake_next();
        std::rethrow_exception(failure);
    }
    void notify(std::size_t count) {
        if (!lock_.locked()) throw ordo::usage_error("");
        while (count-- > 0 && line_.wake_next()) {}
    }
    void notify_all() { notify(std::numeric_limits<std::size_t>::max()); }

private:
    line line_;
    lock& lock_;
};

class barrier {
public:
    explicit barrier(std::size_t parties) : parties_(parties) {}
    coro<std::size_t> wait() {
        co_await lock_.acquire();
        std::exception_ptr failure;
        std::size_t place = parties_;
        try {
            while (state_ == draining || state_ == resetting) co_await changed_.wait();
            if (state_ == aborted) throw ordo::broken_barrier_error("");
            place = inside_++;
            if (inside_ == parties_) turn(draining);
            while (state_ == filling) co_await changed_.wait();
            if (state_ != draining) throw ordo::broken_barrier_error("");
        } catch (...) {
            failure = std::current_exception();
        }
        if (place < parties_ && --inside_ == 0) turn(state_ == aborted ? aborted : filling);
        lock_.release();
        if (failure) std::rethrow_exception(failure);
        co_return place;
    }
    coro<> reset() {
        co_await lock_.acquire();
        turn(inside_ > 0 ? resetting : filling);
        lock_.release();
    }
    coro<> abort() {
        co_await lock_.acquire();
        turn(aborted);
        lock_.release();
    }
    std::size_t n_waiting() const { return state_ == filling ? inside_ : 0; }
    bool broken() const { return state_ == aborted; }

private:
    enum { filling, draining, resetting, aborted } state_ = filling;
    void turn(decltype(state_) to) {
        state_ = to;
        changed_.notify_all();
    }

    lock lock_;
    condition changed_{lock_};
    std::size_t parties_;
    std::size_t inside_ = 0;
};

/// The smallest first if it is sorted, else the first.
class queue {
public:
    queue(std::size_t maxsize, bool sorted) : maxsize_(maxsize), sorted_(sorted) {}
    bool full() const { return maxsize_ > 0 && items_.size() >= maxsize_; }
    std::size_t qsize() const { return items_.size(); }
    coro<> put(int item) {
        while (full() && !shut_) {
            auto const [failure, woken] = co_await putters_.stand();
            if (failure && woken && !full()) putters_.wake_next();
            if (failure) std::rethrow_exception(failure);
        }
        put_nowait(item);
    }
    coro<int> get() {
        while (items_.empty() && !shut_) {
            auto const [failure, woken] = co_await getters_.stand();
            if (failure && woken && !items_.empty()) getters_.wake_next();
            if (failure) std::rethrow_exception(failure);
        }
        co_return get_nowait();
    }
    void put_nowait(int item) {
        if (shut_) throw ordo::queue_shut_down("");
        if (full()) throw ordo::queue_full("");
        items_.push_back(item);
        ++unfinished_;
        finished_.clear();
        getters_.wake_next();
    }
    int get_nowait() {
        if (items_.empty() && shut_) throw ordo::queue_shut_down("");
        if (items_.empty()) throw ordo::queue_empty("");
        auto const next = sorted_ ? std::min_element(items_.begin(), items_.end()) : items_.begin();
        int const item = *next;
        items_.erase(next);
        putters_.wake_next();
        return item;
    }
    void task_done() {
        if (unfinished_ == 0) throw ordo::value_error("");
        if (--unfinished_ == 0) finished_.set();
    }
    coro<> join() {
        if (unfinished_ > 0) co_await finished_.wait();
    }
    void shutdown(bool immediate) {
        shut_ = true;
        if (immediate) {
            unfinished_ -= std::min(unfinished_, items_.size());
            items_.clear();
            if (unfinished_ == 0) finished_.set();
        }
        getters_.wake_all();
        putters_.wake_all();
    }

private:
    std::vector<int> items_;
    line getters_;
    line putters_;
    event finished_;
    std::size_t maxsize_;
    std::size_t unfinished_ = 0;
    bool sorted_;
    bool shut_ = false;
};

} // namespace fuzz::reference
