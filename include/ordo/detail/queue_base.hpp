// ordo: the untyped half of a queue: who waits for items, for room and for the end of the work.
//
// An item is not reserved for the getter that it wakes. If that finds the queue empty when its turn comes, because
// somebody was faster, it waits again, at the end of the line; so do putters. The task does not see it: its frame is
// resumed only once there is something to do.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/waiter_queue.hpp>
#include <ordo/fwd.hpp>

#include <coroutine>
#include <cstddef>
#include <utility>

namespace ordo::detail {

class ORDO_DECL queue_base {
protected:
    explicit queue_base(std::size_t maxsize) noexcept : maxsize_(maxsize) {}
    ~queue_base() = default;

    bool is_empty() const noexcept { return size_ == 0; }
    bool is_full() const noexcept { return maxsize_ != 0 && size_ >= maxsize_; }

    // Waking comes before the change that it is for: if it throws, nothing has changed.

    /// @throws queue_shut_down, queue_full
    void check_put() const {
        if (shut_down_ || is_full()) [[unlikely]]
            throw_no_put();
    }
    /// An item is about to be put, for which there is memory.
    void begin_put() { getters_.wake_first(); }
    void end_put() noexcept {
        ++size_;
        ++unfinished_;
        finished_ = false;
    }

    /// One is about to be taken out.
    /// @throws queue_shut_down, queue_empty
    void begin_get() {
        if (is_empty()) [[unlikely]]
            throw_no_get();
        putters_.wake_first();
    }
    void end_get() noexcept { --size_; }

    void finish_one();

    /// From now on nothing can be put; whoever waits finds out.
    /// @param drop   The items that are there go away unseen.
    void shut_down(bool drop);

private:
    friend class queue_waiter;
    template <class T, class Items>
    friend class ordo::queue;

    [[noreturn]] void throw_no_put() const;
    [[noreturn]] void throw_no_get() const;

    waiter_queue getters_{"queue::get"};
    waiter_queue putters_{"queue::put"};
    waiter_queue joiners_{"queue::join"};
    std::size_t size_ = 0;
    std::size_t const maxsize_;  ///< 0: no limit
    std::size_t unfinished_ = 0; ///< items that were put, and of which task_done() has not told
    bool finished_ = true;       ///< there are none
    bool shut_down_ = false;
};

/// Waits for an item, or for room for one.
class ORDO_DECL queue_waiter : public waiter {
public:
    bool await_ready() const noexcept { return !blocked(); }
    void await_suspend(std::coroutine_handle<> frame) { wait_and_retry(frame); }
    bool goes_on() final;

protected:
    enum class purpose : bool { get, put };

    queue_waiter(queue_base& queue, purpose what) noexcept
        : waiter(what == purpose::get ? queue.getters_ : queue.putters_), queue_(queue), purpose_(what) {}

    /// In await_resume(): now the item can be put or got.
    void end_wait() {
        if (has_waited() && finish(linked() && !blocked())) [[unlikely]]
            pass_on();
    }
    /// The item could not be put or got: the next in line can have what this one was woken for.
    void hand_on();
    queue_base& queue() const noexcept { return queue_; }

private:
    bool nothing_to_do() const noexcept { return purpose_ == purpose::get ? queue_.is_empty() : queue_.is_full(); }
    bool blocked() const noexcept { return nothing_to_do() && !queue_.shut_down_; }
    [[noreturn]] void pass_on();

    queue_base& queue_;
    purpose purpose_;
};

} // namespace ordo::detail
