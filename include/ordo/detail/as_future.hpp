// ordo: anything that can be awaited as a future: a future as it is, a coroutine or another awaitable as a task.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/task.hpp>

#include <concepts>
#include <functional>
#include <ranges>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace ordo::detail {

/// @param where   Of the call, for the task that is made; unknown of a function that takes any number of arguments.
template <awaitable A>
auto as_future(A&& from, std::source_location where = {}) {
    using plain = std::remove_cvref_t<A>;
    if constexpr (future_like<A>) {
        return plain(std::forward<A>(from));
    } else if constexpr (is_coro<plain>) {
        auto& core = running_core("get_running_loop");
        auto const frame = coro_access::frame(from);
        if (frame && where.line() == 0) where = frame.promise().where(); // where the coroutine is written
        return start_task(core, std::move(from), {}, copy_current_context(), core.eager_start, where);
    } else {
        return get_running_loop().create_task(std::forward<A>(from), std::string_view(), where);
    }
}

/// Has the compiler say why an A cannot be awaited, if it cannot.
template <class A>
constexpr void explain_unless_awaitable() {
    if constexpr (!awaitable<A>) static_cast<void>(&awaiter_for<A>::make);
}

template <class A>
using future_of = decltype(as_future(std::declval<A>()));

/// What the result of a future is: nothing, of one whose type is not known.
template <class Future>
struct result_of_future {
    using type = void;
};
template <typed_future Future>
struct result_of_future<Future> {
    using type = typename Future::value_type;
};
template <class Future>
using result_of_future_t = typename result_of_future<Future>::type;

/// How a result stands among others.
template <class T>
struct element {
    using type = std::remove_cv_t<T>;
};
template <class T>
struct element<T&> {
    using type = std::reference_wrapper<T>;
};
template <>
struct element<void> {
    using type = std::monostate;
};
template <class T>
using element_t = typename element<T>::type;

/// The result of a future that is done: moved out, or a copy.
/// @throws anything   that it ended with.
template <class T, bool Take>
element_t<T> element_from(future_base& future, char const* where) {
    if constexpr (std::is_void_v<T>) {
        future.check_success(where);
        return {};
    } else {
        future.check_result(where);
        if constexpr (std::is_reference_v<T>) {
            return *value_of<T>(future);
        } else if constexpr (Take) {
            future.mark_moved_out();
            return std::move(value_of<T>(future));
        } else {
            static_assert(std::copy_constructible<T>,
                          "ordo: the result of a future that is an lvalue is copied, and this one cannot be; move the "
                          "future in");
            return value_of<T>(future);
        }
    }
}

template <class R>
concept range_of_awaitables = !awaitable<R> && std::ranges::input_range<R> && awaitable<std::ranges::range_value_t<R>>;

/// What the elements of a range are taken as. A view does not own what it shows, so that is not to be moved out of.
template <class R>
using given_by = std::conditional_t<std::is_lvalue_reference_v<R> || std::ranges::view<std::remove_cvref_t<R>>,
                                    std::ranges::range_reference_t<R>, std::ranges::range_value_t<R>>;

} // namespace ordo::detail
