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

template <class F, class... Scope>
constexpr auto body_result() {
    if constexpr (std::is_invocable_v<F&, Scope&...>) return std::type_identity<std::invoke_result_t<F&, Scope&...>>();
    else if constexpr (std::is_invocable_v<F&>) return std::type_identity<std::invoke_result_t<F&>>();
    else return std::type_identity<void>();
}

/// A coroutine function that is called with these arguments, or without.
template <class F, class... Scope>
concept body_for = is_coro<typename decltype(body_result<std::decay_t<F>, Scope...>())::type>;

/// The coroutine that a body makes, and its result.
template <class F, class... Scope>
using body_coro = typename decltype(body_result<std::decay_t<F>, Scope...>())::type;
template <class F, class... Scope>
using body_value = typename body_coro<F, Scope...>::value_type;

template <class F, class... Scope>
body_coro<F, Scope...> call_body(F& body, Scope&... scope) {
    if constexpr (std::is_invocable_v<F&, Scope&...>) return std::invoke(body, scope...);
    else return std::invoke(body);
}

} // namespace ordo::detail
