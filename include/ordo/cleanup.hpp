// ordo: with_cleanup, a cleanup that may wait, after a body that may have failed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/body.hpp>
#include <ordo/detail/result.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace ordo {
namespace detail {

template <class F, class G>
coro<body_value<F>> run_with_cleanup(F body, G cleanup) {
    using value_type = body_value<F>;
    std::exception_ptr failure;
    std::optional<storage_t<value_type>> value;
    try {
        if constexpr (std::is_void_v<value_type>) {
            co_await body();
        } else if constexpr (std::is_reference_v<value_type>) {
            value_type result = co_await body();
            value.emplace(std::addressof(result));
        } else {
            value.emplace(co_await body());
        }
    } catch (...) {
        failure = std::current_exception();
    }
    co_await cleanup();
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<value_type>) co_return storage<value_type>::take(*value);
}

} // namespace detail

/// Run a body and then, however it ends, a cleanup; C++ has no co_await in a handler or a destructor.
///
/// @code
/// auto body = [&]() -> ordo::coro<int> { co_return co_await database.count(); };
/// auto cleanup = [&]() -> ordo::coro<> { co_await database.disconnect(); };
/// int const rows = co_await ordo::with_cleanup(body, cleanup);
/// @endcode
///
/// The cleanup runs when the body returns, throws, or is cancelled, and may wait: a cancellation that has ended the body is
/// over. Another one that comes meanwhile interrupts it. It does not run if the task is destroyed with its loop.
///
/// @param body      A coroutine function.
/// @param cleanup   Another one, whose result is ignored. What it throws takes the place of what the body threw.
/// @returns         What the body returns.
/// @par Source      Python's try … finally.
template <detail::body_for<> F, detail::body_for<> G>
coro<detail::body_value<F>> with_cleanup(F&& body, G&& cleanup) {
    detail::warn_of_temporary_closure<F>();
    detail::warn_of_temporary_closure<G>();
    return detail::run_with_cleanup<std::decay_t<F>, std::decay_t<G>>(std::forward<F>(body), std::forward<G>(cleanup));
}
template <class F, class G>
    requires(!detail::body_for<F> || !detail::body_for<G>)
coro<> with_cleanup(F&&, G&&) {
    static_assert(detail::body_for<F>, "ordo: the body of with_cleanup() is a coroutine function without arguments");
    static_assert(detail::body_for<G>, "ordo: the cleanup of with_cleanup() is a coroutine function without arguments");
    return detail::coro_access::none<void>();
}

} // namespace ordo
