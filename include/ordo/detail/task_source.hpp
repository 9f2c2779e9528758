// ordo: what a task is made of, besides a coroutine.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/fwd.hpp>

#include <concepts>
#include <type_traits>

namespace ordo::detail {

template <class T>
inline constexpr bool is_coro = false;
template <class T>
inline constexpr bool is_coro<coro<T>> = true;

template <class Future>
concept future_like = std::derived_from<std::remove_cvref_t<Future>, any_future>;

/// A callable that makes a coroutine.
template <class F>
concept coroutine_function = is_coro<std::invoke_result_t<std::decay_t<F>&>>;

/// What does something once it is awaited, as sleep(), queue::get() and Asio operations do.
template <class A>
concept request = awaitable<std::decay_t<A>> && !is_coro<std::decay_t<A>> && !future_like<A>;

template <class F>
concept task_source = coroutine_function<F> || request<F>;

template <class F>
struct result_of_source {
    using type = typename std::invoke_result_t<std::decay_t<F>&>::value_type;
};
template <request A>
struct result_of_source<A> {
    using type = await_result_t<std::decay_t<A>>;
};

template <task_source F>
using task_made_by = task<typename result_of_source<F>::type>;

} // namespace ordo::detail
