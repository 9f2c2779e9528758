// ordo: the one fair queue under everything that tasks of a loop wait for: locks, events, semaphores and queues.
//
// asyncio keeps a deque of futures. Here a waiter stands in the frame of the task that waits, and is linked into the
// queue, so that waiting allocates nothing. As there, a waiter stays in its place until its task runs:
//
//   waiting     the first of these is the one to be woken; a cancellation ends the wait
//   woken       newcomers still queue behind it; cancelled now, it passes on what it was woken for
//   cancelled   counts for nobody any more
//
// In front of the first that is waiting stand only such as are not, and that border moves backwards only: every
// operation takes constant time, amortised. (Trio's _parking_lot.py is the model of one queue for all.)
//
// An object that is destroyed while tasks wait for it unlinks them, so that nothing of it is used any more.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/detail/task_base.hpp>
#include <ordo/exceptions.hpp>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ordo::detail {

class waiter_queue;

/// One wait of one task; the base of awaiters.
class ORDO_DECL waiter : public awaited {
public:
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;

    void describe(wait_description& into) const final;
    bool over() const noexcept final { return state_ != state::waiting; }
    bool cancel(std::string_view message) final;

protected:
    explicit waiter(waiter_queue& queue) noexcept : queue_(&queue) {}
    inline ~waiter();

    /// In await_suspend(): stand at the end of the queue.
    /// @throws usage_error   if tasks of another loop wait there, or the caller is no task.
    void wait(std::coroutine_handle<> frame) { enter().wait(frame, *this); }
    /// The same, for one that is woken to try again: goes_on() is asked when its turn has come.
    void wait_and_retry(std::coroutine_handle<> frame) { enter().retry(frame, *this); }

    /// In await_resume(), of one that has waited: leave the queue.
    /// @param is_there   Whether there still is what it may have been woken for.
    /// @returns   Whether a cancellation is due, which throw_cancelled() then delivers.
    /// @throws usage_error   if the object is destroyed; then nothing of it may be used any more.
    inline bool finish(bool is_there = true);
    [[noreturn]] void throw_cancelled();

    /// Its task runs now: whether a cancellation ends the wait, whatever else it was woken for.
    bool cancellation_is_due() const noexcept { return state_ == state::cancelled || task_->must_cancel(); }

    bool has_waited() const noexcept { return task_; }
    bool woken() const noexcept { return state_ == state::woken; }
    /// In the queue, which lives.
    bool linked() const noexcept { return linked_; }
    inline void back_to_the_end() noexcept;

private:
    friend class waiter_queue;
    enum class state : std::uint8_t { idle, waiting, woken, cancelled };

    inline task_base& enter();
    [[noreturn]] void throw_destroyed() const;

    waiter_queue* queue_; ///< null once that is destroyed
    waiter* previous_ = nullptr;
    waiter* next_ = nullptr;
    task_base* task_ = nullptr; ///< null until it waits
    std::unique_ptr<std::string> message_;
    char const* where_ = nullptr; ///< what the queue is for, once that is destroyed
    state state_ = state::idle;
    bool linked_ = false;
};

class ORDO_DECL waiter_queue {
public:
    /// @param where   The call that waits, for the text of errors.
    explicit waiter_queue(char const* where) noexcept : where_(where) {}
    waiter_queue(waiter_queue const&) = delete;
    waiter_queue& operator=(waiter_queue const&) = delete;
    ~waiter_queue() {
        if (first_) [[unlikely]]
            abandon();
    }

    /// Whether nobody waits whom a newcomer would overtake.
    bool idle() const noexcept { return live_ == 0; }
    /// Whether nobody is linked at all, not even a waiter that was cancelled and has not run.
    bool empty() const noexcept { return !first_; }

    /// Who has what the others wait for, for those who debug.
    void held_by(task_base const* holder) noexcept { holder_ = holder ? holder->number() : 0; }

    /// Queue the task of the first that is waiting.
    /// @returns   False if there is none.
    /// @throws wrong_thread_error, std::bad_alloc   with nothing changed.
    bool wake_first() {
        auto* const first = first_waiting_;
        if (!first) return false;
        first->task_->core().check_thread(where_);
        first->task_->wake();
        first->state_ = waiter::state::woken;
        advance();
        return true;
    }
    /// The same, unless one in front of it was woken or cancelled and has not run; that one will look after the rest.
    void wake_head() {
        if (first_ == first_waiting_) wake_first();
    }
    void wake_all() {
        while (wake_first()) {}
    }

    /// @throws usage_error   if tasks of another loop than that of the caller wait, or the caller is no task.
    void check_caller() const { check_loop(awaiting_task()); }

private:
    friend class waiter;

    void check_loop(task_base const& task) const {
        if (first_ && &first_->task_->core() != &task.core()) [[unlikely]]
            throw_other_loop();
    }

    void push(waiter& last) noexcept {
        last.state_ = waiter::state::waiting;
        last.linked_ = true;
        last.next_ = nullptr;
        last.previous_ = last_;
        (first_ ? last_->next_ : first_) = &last;
        last_ = &last;
        if (!first_waiting_) first_waiting_ = &last;
        ++live_;
    }

    void remove(waiter& which) noexcept {
        if (first_waiting_ == &which) advance();
        (first_ == &which ? first_ : which.previous_->next_) = which.next_;
        (last_ == &which ? last_ : which.next_->previous_) = which.previous_;
        which.linked_ = false;
        if (which.state_ != waiter::state::cancelled) --live_;
    }

    void was_cancelled(waiter& which) noexcept {
        if (first_waiting_ == &which) advance();
        --live_;
    }

    void advance() noexcept {
        do first_waiting_ = first_waiting_->next_;
        while (first_waiting_ && first_waiting_->state_ != waiter::state::waiting);
    }

    void abandon() noexcept;
    [[noreturn]] void throw_other_loop() const;

    waiter* first_ = nullptr;
    waiter* last_ = nullptr;          ///< valid while first_ is not null
    waiter* first_waiting_ = nullptr; ///< the first in that state
    std::size_t live_ = 0;            ///< how many are waiting or woken
    std::uint32_t holder_ = 0;        ///< number of a task, which may have ended since; 0 if it is not known
    char const* where_;
};

inline waiter::~waiter() {
    if (linked_) [[unlikely]]
        queue_->remove(*this); // destroyed with its loop
}

inline task_base& waiter::enter() {
    auto& task = awaiting_task();
    queue_->check_loop(task);
    task_ = &task;
    queue_->push(*this);
    return task;
}

inline bool waiter::finish(bool is_there) {
    if (!queue_) [[unlikely]]
        throw_destroyed();
    queue_->remove(*this);
    return cancellation_is_due() && !(woken() && is_there && task_->keeps_values());
}

inline void waiter::back_to_the_end() noexcept {
    queue_->remove(*this);
    queue_->push(*this);
}

/// Waits to be woken; if a flag is given and set, not at all.
class wait_awaiter final : waiter {
public:
    wait_awaiter(waiter_queue& queue, bool const* flag) noexcept : waiter(queue), flag_(flag) {}

    bool await_ready() const noexcept { return flag_ && *flag_; }
    void await_suspend(std::coroutine_handle<> frame) { wait(frame); }
    void await_resume() {
        if (has_waited() && finish()) throw_cancelled();
    }

private:
    bool const* flag_;
};

struct wait_request {
    waiter_queue& queue;
    bool const* flag = nullptr;
};

template <>
struct awaiter_of<wait_request> {
    static constexpr bool awaitable = true;
    static wait_awaiter make(wait_request request) noexcept { return wait_awaiter(request.queue, request.flag); }
};

} // namespace ordo::detail
