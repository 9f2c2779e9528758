// ordo: sleep, which lets other tasks run for a while.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/detail/task_base.hpp>

#include <chrono>
#include <coroutine>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

/// Waits on a timer that stands in the frame of the sleeper: no allocation, no future.
class ORDO_DECL sleep_awaiter : awaited, schedulable_node {
public:
    explicit sleep_awaiter(ordo::duration delay) noexcept : moment_(delay) {}
    explicit sleep_awaiter(time_point until) noexcept : until_(true), moment_(until) {}
    sleep_awaiter(sleep_awaiter const&) = delete;
    sleep_awaiter& operator=(sleep_awaiter const&) = delete;
    ~sleep_awaiter() {
        if (scheduled | was_cancelled_) [[unlikely]]
            clean_up();
    }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) {
        task_ = &awaiting_task();
        if (!until_ && moment_ <= time_point()) task_->yield(frame);
        else begin(frame);
    }
    [[gnu::always_inline]] void await_resume() { // so that an exception has one frame less to unwind: some 200 ns
        if (was_cancelled_ | task_->must_cancel()) [[unlikely]] {
            if (!was_cancelled_) deliver_cancellation();
            else throw take_error();
        }
    }

    void describe(wait_description& into) const override;
    bool over() const noexcept override { return over_; }
    bool cancel(std::string_view message) override;

private:
    void begin(std::coroutine_handle<> frame);
    void clean_up() noexcept;
    void deliver_cancellation();
    cancelled_error take_error();
    static void perform(ready_node* node, node_action action);

    bool over_ = false; ///< the deadline has come, or it was cancelled
    bool was_cancelled_ = false;
    bool until_ = false;
    union {
        time_point moment_;    ///< counted from the epoch if until_, else from when the wait begins
        std::string* message_; ///< if it was cancelled; owned, or null
    };
    task_base* task_; ///< valid once it is awaited
};

// A task that sleeps has it in its frame. Bytes 0 to 7 point to the virtual functions, 8 are the link in a
// list or the place in the heap, 16 act, 24 the flags, 32 moment or message, 40 task.
static_assert(sizeof(void*) != 8 || sizeof(sleep_awaiter) == 48);

template <class T>
class sleep_awaiter_with : public sleep_awaiter {
public:
    sleep_awaiter_with(ordo::duration delay, T&& value) : sleep_awaiter(delay), value_(std::move(value)) {}
    T await_resume() {
        sleep_awaiter::await_resume();
        return std::move(value_);
    }

private:
    T value_;
};

/// What sleep() returns: only awaiting it makes the timer.
struct sleep_request {
    ordo::duration delay;
};
template <class T>
struct sleep_request_with {
    template <class U>
    sleep_request_with(ordo::duration how_long, U&& result) : delay(how_long), value(std::forward<U>(result)) {}

    ordo::duration delay;
    T value;
};

struct sleep_until_request {
    time_point when;
};

template <>
struct awaiter_of<sleep_until_request> {
    static constexpr bool awaitable = true;
    static sleep_awaiter make(sleep_until_request request) noexcept { return sleep_awaiter(request.when); }
};
template <>
struct awaiter_of<sleep_request> {
    static constexpr bool awaitable = true;
    static sleep_awaiter make(sleep_request request) noexcept { return sleep_awaiter(request.delay); }
};
template <class T>
struct awaiter_of<sleep_request_with<T>> {
    static constexpr bool awaitable = true;
    static sleep_awaiter_with<T> make(sleep_request_with<T>&& request) {
        return sleep_awaiter_with<T>(request.delay, std::move(request.value));
    }
};

template <class Rep, class Period>
ordo::duration sleep_length(std::chrono::duration<Rep, Period> delay) {
    return deadline_after(time_point(), delay).time_since_epoch();
}

} // namespace detail

/// Suspend the task: `co_await sleep(10ms)`.
///
/// With 0 or less it goes on in the next iteration. Otherwise a timer fires at the deadline, never before, and the task
/// goes on one iteration later, as in asyncio.
///
/// @param delay   In any std::chrono unit, whole or floating.
/// @par Cancellation   The timer leaves the scheduled queue at once; the task goes on in the next iteration.
/// @par Source         asyncio.sleep.
template <class Rep, class Period>
[[nodiscard("ordo: sleep() does nothing until it is awaited")]] detail::sleep_request
sleep(std::chrono::duration<Rep, Period> delay) {
    return {detail::sleep_length(delay)};
}

/// Suspend the task until a moment in the loop's time, as sleep() does. If that is now or past it goes on in the next
/// iteration.
[[nodiscard("ordo: sleep_until() does nothing until it is awaited")]] inline detail::sleep_until_request
sleep_until(time_point when) {
    return {when};
}

/// As sleep(delay), and give a value: `auto x = co_await sleep(10ms, 42)`.
template <class Rep, class Period, class T>
[[nodiscard("ordo: sleep() does nothing until it is awaited")]] detail::sleep_request_with<std::decay_t<T>>
sleep(std::chrono::duration<Rep, Period> delay, T&& value) {
    return {detail::sleep_length(delay), std::forward<T>(value)};
}

} // namespace ordo
