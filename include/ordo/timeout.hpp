// ordo: timeout, a deadline for a part of a coroutine.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/body.hpp>
#include <ordo/task.hpp>
#include <ordo/timer_handle.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace ordo {
namespace detail {
struct timeout_access;
}

/// A deadline for the body that it is given to with with_timeout(); it can be moved meanwhile.
///
/// States: created, active (the body runs), expiring (the deadline has come, the body is being cancelled), expired,
/// finished. Good for one body; it must outlive that.
///
/// @par Thread safety   The loop's thread only.
/// @par Source          asyncio.Timeout.
class ORDO_DECL timeout {
public:
    /// @param delay   From the moment that the body begins, ≤ 0 for at once.
    explicit timeout(optional_duration delay) noexcept : delay_(delay) {}
    /// @param when    In the loop's time.
    explicit timeout(std::optional<time_point> when) noexcept : when_(when) {}
    /// No deadline yet.
    explicit timeout(std::nullopt_t) noexcept {}

    timeout(timeout const&) = delete;
    timeout& operator=(timeout const&) = delete;
    ~timeout() { timer_.cancel(); }

    /// The deadline, in the loop's time; none if there is none, or the body has not begun with a delay.
    std::optional<time_point> when() const noexcept { return when_; }

    /// Move the deadline: at or before the loop's time it is due in the next iteration; std::nullopt removes it.
    ///
    /// @throws usage_error   unless the body runs and the deadline has not come.
    void reschedule(std::optional<time_point> when);

    /// Whether the deadline has come before the body had ended.
    bool expired() const noexcept { return state_ == state::expiring || state_ == state::expired; }

private:
    friend struct detail::timeout_access;
    enum class state : std::uint8_t { created, active, expiring, expired, finished };

    void enter();
    void leave() noexcept;
    void leave_by_exception();
    void expire();

    optional_duration delay_ = std::nullopt;
    std::optional<time_point> when_;
    any_task task_;
    handle timer_;
    int cancelling_ = 0; ///< requests that the task had when the body began
    state state_ = state::created;
};

namespace detail {

struct timeout_access {
    /// The running task begins the body.
    /// @throws usage_error   if the timeout was used before.
    static void enter(timeout& of) { of.enter(); }
    static void leave(timeout& of) noexcept { of.leave(); }
    /// While the exception that the body has thrown is being handled.
    /// @throws timeout_error   if that is the cancellation by the deadline, and no other was requested.
    static void leave_by_exception(timeout& of) { of.leave_by_exception(); }
};

inline timeout& as_timeout(timeout& limit) noexcept {
    return limit;
}
inline timeout as_timeout(optional_duration delay) noexcept {
    return timeout(delay);
}
inline timeout as_timeout(std::optional<time_point> when) noexcept {
    return timeout(when);
}

/// @tparam Limit   A timeout&, or what one is made of.
template <class Limit, class F>
coro<body_value<F, timeout>> run_with_timeout(Limit given, F body) {
    using value_type = body_value<F, timeout>;
    auto&& limit = as_timeout(given);
    timeout_access::enter(limit);
    try {
        if constexpr (std::is_void_v<value_type>) {
            co_await call_body(body, limit);
            timeout_access::leave(limit);
        } else {
            value_type value = co_await call_body(body, limit);
            timeout_access::leave(limit);
            co_return static_cast<value_type&&>(value);
        }
    } catch (...) {
        timeout_access::leave_by_exception(limit);
        throw;
    }
}

} // namespace detail

/// Run a body, and cancel it when time runs out: `co_await with_timeout(5s, body)`.
///
/// @code
/// auto body = [&](ordo::timeout& limit) -> ordo::coro<std::string> {
///     auto const head = co_await fetch("head");
///     limit.reschedule(ordo::get_running_loop().time() + 30s);
///     co_return head + co_await fetch("rest");
/// };
/// auto const answer = co_await ordo::with_timeout(5s, body);
/// @endcode
///
/// The body is cancelled where it waits, and may clean up, for as long as it takes; then the caller gets a timeout_error.
/// A result that arrives in the iteration in which the deadline comes is lost; a cancellation from outside that comes
/// along wins over the timeout.
///
/// @param delay   From now, of any std::chrono unit; ≤ 0 cancels the body where it first waits, std::nullopt never.
/// @param body    A coroutine function of a timeout& or of nothing, kept until it ends; it runs in the calling task.
/// @returns       What the body returns.
/// @throws timeout_error   when the body ends with the cancellation by the deadline.
/// @throws anything        that the body throws.
/// @par Source    asyncio.timeout.
template <detail::body_for<timeout> F>
coro<detail::body_value<F, timeout>> with_timeout(optional_duration delay, F&& body) {
    detail::warn_of_temporary_closure<F>();
    return detail::run_with_timeout<optional_duration, std::decay_t<F>>(delay, std::forward<F>(body));
}
/// The same for a timeout of the caller's, who may look at it afterwards.
template <detail::body_for<timeout> F>
coro<detail::body_value<F, timeout>> with_timeout(timeout& limit, F&& body) {
    detail::warn_of_temporary_closure<F>();
    return detail::run_with_timeout<timeout&, std::decay_t<F>>(limit, std::forward<F>(body));
}
/// The same with a deadline in the loop's time.
///
/// @par Source   asyncio.timeout_at.
template <detail::body_for<timeout> F>
coro<detail::body_value<F, timeout>> with_timeout_at(std::optional<time_point> when, F&& body) {
    detail::warn_of_temporary_closure<F>();
    return detail::run_with_timeout<std::optional<time_point>, std::decay_t<F>>(when, std::forward<F>(body));
}
template <class When, class F>
    requires(!detail::body_for<F, timeout>)
coro<> with_timeout(When&&, F&&) {
    static_assert(detail::never<F>,
                  "ordo: the body of with_timeout() is a coroutine function of a timeout& or of nothing; "
                  "to limit a coroutine or a task give it to wait_for()");
    return detail::coro_access::none<void>();
}
template <class F>
    requires(!detail::body_for<F, timeout>)
coro<> with_timeout_at(std::optional<time_point>, F&&) {
    static_assert(detail::never<F>,
                  "ordo: the body of with_timeout_at() is a coroutine function of a timeout& or of nothing");
    return detail::coro_access::none<void>();
}

} // namespace ordo
