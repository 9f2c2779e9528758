// ordo: stricter ways to be cancelled, for a part of a coroutine.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/body.hpp>
#include <ordo/task.hpp>

#include <cstdint>
#include <utility>

namespace ordo {

/// How a task takes cancellation. asyncio's way is edge_triggered.
enum class cancellation : std::uint8_t {
    edge_triggered = 0,  ///< each request is thrown once, where the task waits; a result that came before it is lost
    level_triggered = 1, ///< once requested, it is thrown at every suspension
    keep_values =
        2, ///< a task that is scheduled with a result already is given that; it is cancelled where it waits next
};

constexpr cancellation operator|(cancellation a, cancellation b) noexcept {
    return static_cast<cancellation>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

namespace detail {

constexpr bool has(cancellation mode, cancellation flag) noexcept {
    return (static_cast<std::uint8_t>(mode) & static_cast<std::uint8_t>(flag)) != 0;
}

template <class F>
coro<body_value<F>> run_with_cancellation(cancellation mode, F body) {
    task_base::cancellation_scope const scope(awaiting_task(), has(mode, cancellation::level_triggered),
                                              has(mode, cancellation::keep_values));
    co_return co_await body();
}

} // namespace detail

/// Run a body in which the task takes cancellation in a stricter way:
/// `co_await with_cancellation(cancellation::level_triggered | cancellation::keep_values, body)`.
///
/// With level_triggered a cancellation that was caught and dropped comes again at every suspension, until the body ends or
/// the request is taken back by uncancel(); one requested before the body began does not count. So what catches too much
/// cannot keep the task alive; but the body cannot clean up by waiting either: do that outside of it.
/// Only the end of a task group still waits for its tasks, and condition::wait() for its lock. A task that is waited for is
/// cancelled, each time, and the wait ends with what it makes of that.
///
/// With keep_values nothing that was taken from a queue, read or computed is lost because a cancellation comes in the
/// iteration in which it arrives.
///
/// What is given adds to what is in force around the body.
///
/// @param body    A coroutine function, kept until it ends; it runs in the calling task.
/// @returns       What the body returns.
/// @par Source    Trio's cancel scopes are level-triggered; asyncio has neither.
template <detail::body_for<> F>
coro<detail::body_value<F>> with_cancellation(cancellation mode, F&& body) {
    detail::warn_of_temporary_closure<F>();
    return detail::run_with_cancellation<std::decay_t<F>>(mode, std::forward<F>(body));
}
template <class F>
    requires(!detail::body_for<F>)
coro<> with_cancellation(cancellation, F&&) {
    static_assert(detail::never<F>, "ordo: the body of with_cancellation() is a coroutine function without arguments");
    return detail::coro_access::none<void>();
}

} // namespace ordo
