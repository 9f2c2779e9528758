// ordo: what can be awaited in a coroutine of ordo.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <coroutine>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

template <class...>
inline constexpr bool never = false;

/// Stands for the awaiter of what cannot be awaited, so that the compiler has no more to say than the reason.
struct no_awaiter {
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
};

/// Says how an Awaitable&& is awaited: make() gives the awaiter. Specialised next to each awaitable type. (A foreign awaiter
/// would resume the frame on its own, outside of the step of its task and out of order; so there is no general rule.)
template <class Awaitable>
struct awaiter_of {
    static constexpr bool awaitable = false;
    static no_awaiter make(Awaitable&&) {
        static_assert(never<Awaitable>,
                      "ordo: this cannot be awaited here; awaitable are coro<T> (as an rvalue), "
                      "future<T>, task<T>, sleep() and, with <ordo/asio_operation.hpp>, Asio operations "
                      "started with boost::asio::deferred");
        return {};
    }
};

/// awaiter_of for an expression of type T: an rvalue reference counts as the rvalue it denotes.
template <class T>
using awaiter_for = awaiter_of<std::conditional_t<std::is_rvalue_reference_v<T>, std::remove_reference_t<T>, T>>;

} // namespace detail

/// Can be awaited in a coro: `co_await std::declval<T>()`.
template <class T>
concept awaitable = requires { requires detail::awaiter_for<T>::awaitable; };

namespace detail {

/// A coroutine of another library would find nothing to await here; this tells it why. Ours ask awaiter_of. (What is foreign
/// itself it can await.)
template <awaitable Awaitable>
    requires(!requires { awaiter_for<Awaitable>::foreign; })
no_awaiter operator co_await(Awaitable&&) {
    static_assert(never<Awaitable>, "ordo: only a coroutine that returns ordo::coro can await this; from another one, "
                                    "give it to create_task() and use add_done_callback()");
    return {};
}

} // namespace detail

using detail::operator co_await;

/// What awaiting a T gives.
template <awaitable T>
using await_result_t = decltype(detail::awaiter_for<T>::make(std::declval<T>()).await_resume());

} // namespace ordo
