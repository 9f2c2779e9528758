// ordo: waiting for items and for room, and the end of a queue.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/queue_base.hpp>

#include <string>

namespace ordo::detail {

void queue_base::finish_one() {
    if (unfinished_ == 0)
        throw value_error("queue::task_done: called more often than items were put; call it once for each item");
    if (unfinished_ == 1) joiners_.wake_all();
    finished_ = --unfinished_ == 0;
}

void queue_base::shut_down(bool drop) {
    if (drop && unfinished_ <= size_) joiners_.wake_all();
    getters_.wake_all();
    putters_.wake_all();
    shut_down_ = true;
    if (!drop) return;
    unfinished_ -= std::min(unfinished_, std::exchange(size_, 0));
    finished_ = unfinished_ == 0;
}

void queue_base::throw_no_put() const {
    if (shut_down_) throw queue_shut_down("queue::put: the queue is shut down; put nothing into it any more");
    throw queue_full("queue::put_nowait: the queue is full (" + std::to_string(size_) +
                     (size_ == 1 ? " item" : " items") + "); co_await put(), or check full() first");
}

void queue_base::throw_no_get() const {
    if (shut_down_)
        throw queue_shut_down("queue::get: the queue is shut down and empty; there is nothing more to come");
    throw queue_empty("queue::get_nowait: the queue is empty; co_await get(), or check empty() first");
}

bool queue_waiter::goes_on() {
    if (!linked() || !blocked() || cancellation_is_due()) return false;
    back_to_the_end();
    return true;
}

void queue_waiter::hand_on() {
    if (woken() && !nothing_to_do()) (purpose_ == purpose::get ? queue_.getters_ : queue_.putters_).wake_first();
}

/// The wait ends with a cancellation.
void queue_waiter::pass_on() {
    hand_on();
    throw_cancelled();
}

} // namespace ordo::detail
