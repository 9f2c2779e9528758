// ordo: the bodies that with_timeout(), with_task_group() and the like run: coroutine functions, with or without the
// object that the scope is about.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/temporary_closure.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// What a body returns; void if it cannot be called.
template <class F, class... Scope>
struct body_result : std::type_identity<void> {};
template <class F, class... Scope>
    requires std::is_invocable_v<F&, Scope&...>
struct body_result<F, Scope...> : std::invoke_result<F&, Scope&...> {};
template <class F, class... Scope>
    requires(!std::is_invocable_v<F&, Scope&...> && std::is_invocable_v<F&>)
struct body_result<F, Scope...> : std::invoke_result<F&> {};

/// A coroutine function that is called with these arguments, or without.
template <class F, class... Scope>
concept body_for = is_coro<typename body_result<std::decay_t<F>, Scope...>::type>;

/// The coroutine that a body makes, and its result.
template <class F, class... Scope>
using body_coro = typename body_result<std::decay_t<F>, Scope...>::type;
template <class F, class... Scope>
using body_value = typename body_coro<F, Scope...>::value_type;

template <class F, class... Scope>
body_coro<F, Scope...> call_body(F& body, Scope&... scope) {
    if constexpr (std::is_invocable_v<F&, Scope&...>) return std::invoke(body, scope...);
    else return std::invoke(body);
}

} // namespace ordo::detail
