// ordo: wait_for, a deadline for one awaitable.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/as_future.hpp>
#include <ordo/timeout.hpp>

#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

/// Cancel a future, and wait until it is done.
ORDO_DECL coro<> cancel_and_wait(any_future future);

/// @tparam Look   The given one is a future that the caller keeps, so its result stays there.
template <bool Look, class A>
decltype(auto) lvalue_if(A& given) {
    if constexpr (Look) return std::as_const(given);
    else return std::move(given);
}

template <class R, bool Look, class A>
coro<R> wait_for_at_once(A given) {
    auto future = as_future(std::move(given));
    if (future.done()) co_return co_await lvalue_if<Look>(future);
    co_await cancel_and_wait(future);
    try {
        co_return co_await lvalue_if<Look>(future);
    } catch (cancelled_error const&) { // which a gather() that was cancelled has as its exception
        throw timeout_error("wait_for: time ran out");
    }
}

template <class R, bool Look, class A>
coro<R> wait_for_it(A given, optional_duration delay) {
    if (delay && *delay <= duration::zero()) co_return co_await wait_for_at_once<R, Look>(std::move(given));
    auto body = [&]() -> coro<R> { co_return co_await lvalue_if<Look>(given); };
    co_return co_await run_with_timeout<optional_duration, decltype(body)>(delay, body);
}

} // namespace detail

/// Wait for one awaitable, and cancel it when time runs out: `co_await wait_for(fetch(), 5s)`.
///
/// A coroutine runs in the calling task. The call is over only when what was cancelled has ended. To leave it running, give
/// shield(task).
///
/// @param given   A coroutine or another awaitable, a task or a future. Of an lvalue the result stays where it is.
/// @param delay   Of any std::chrono unit; ≤ 0 gives what is done already, and cancels what is not; with std::nullopt it
///                waits for ever.
/// @returns       What awaiting it gives.
/// @throws timeout_error   when it ends with the cancellation by the deadline.
/// @throws anything        that it ends with.
/// @par Cancellation       Cancels what is waited for. One that comes along with the result, or with the deadline, is
///                         never swallowed.
/// @par Source             asyncio.wait_for, as of Python 3.12.
template <awaitable A>
coro<await_result_t<A>> wait_for(A&& given, optional_duration delay) {
    constexpr bool look = std::is_lvalue_reference_v<A> && detail::future_like<A>;
    return detail::wait_for_it<await_result_t<A>, look, std::remove_cvref_t<A>>(std::forward<A>(given), delay);
}
template <class A>
    requires(!awaitable<A>)
coro<> wait_for(A&&, optional_duration) {
    detail::explain_unless_awaitable<A>();
    return detail::coro_access::none<void>();
}

} // namespace ordo
