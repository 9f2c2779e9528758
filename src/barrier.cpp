// ordo: the rounds of a barrier.
//
// Everything happens under the lock of a condition, as in asyncio, so that tasks go on in the same iterations. Whoever is
// inside waits for the condition or for the lock, unless it runs at this moment. Nothing in its frame touches the barrier
// when it is destroyed, because its loop may be closed after the barrier is gone.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/barrier.hpp>

#include <exception>
#include <utility>

namespace ordo {

barrier::barrier(std::size_t parties) : parties_(parties) {
    if (parties == 0) throw value_error("barrier: 0 parties; there must be at least 1");
}

/// Acquire the lock.
coro<> barrier::enter() {
    changed_.waiters_.check_caller();
    co_await changed_.acquire();
    if (inside_ == 0 || !changed_.waiters_.empty() || !changed_.own_.waiters_.empty()) co_return;
    inside_ = 0; // their loop was closed while they were inside
    if (state_ != state::broken) state_ = state::filling;
}

coro<std::size_t> barrier::wait() {
    co_await enter();
    bool inside = false;
    std::size_t place = 0;
    std::exception_ptr failure;
    try {
        while (state_ == state::draining || state_ == state::resetting) co_await changed_.wait();
        if (state_ == state::broken)
            throw broken_barrier_error("barrier::wait: the barrier was aborted; reset() it before it is used again");
        inside = true;
        place = inside_++;
        if (inside_ == parties_) {
            state_ = state::draining;
            changed_.notify_all();
        }
        while (state_ == state::filling) co_await changed_.wait();
        if (state_ != state::draining)
            throw broken_barrier_error("barrier::wait: the barrier was aborted or reset while this task waited; "
                                       "see to it that all parties begin anew");
    } catch (usage_error const&) {
        throw; // it is destroyed
    } catch (...) {
        failure = std::current_exception();
    }
    if (inside) leave();
    changed_.release();
    if (failure) std::rethrow_exception(failure);
    co_return place;
}

/// The last one that leaves opens the next round.
void barrier::leave() {
    if (--inside_ > 0) return;
    if (state_ != state::broken) state_ = state::filling;
    changed_.notify_all();
}

coro<> barrier::reset() {
    co_await enter();
    state_ = inside_ > 0 ? state::resetting : state::filling;
    changed_.notify_all();
    changed_.release();
}

coro<> barrier::abort() {
    co_await enter();
    state_ = state::broken;
    changed_.notify_all();
    changed_.release();
}

} // namespace ordo
