// ordo: async_generator<T>, a coroutine that both awaits and yields values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/generator_base.hpp>
#include <ordo/exceptions.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace ordo {
namespace detail {

template <class T, class Sent>
class generator_promise final : public promise_base {
public:
    static void* operator new(std::size_t frame_size) { return generator_base::allocate_frame(frame_size); }
    static void operator delete(void* frame) noexcept { generator_base::deallocate_frame(frame); }

    async_generator<T, Sent> get_return_object() noexcept;

    /// The value stands in the frame until the body goes on.
    template <class U>
        requires std::convertible_to<U&&, T>
    auto yield_value(U&& value) {
        if constexpr (std::is_reference_v<T>) return yield_awaiter{state(), std::addressof(value)};
        else return yield_awaiter{state(), T(std::forward<U>(value))};
    }

    auto final_suspend() const noexcept {
        struct final_awaiter {
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<generator_promise> frame) const noexcept {
                generator_base::of(frame.address()).ended();
                return transfer_to(frame.promise().parent()->frame());
            }
            void await_resume() const noexcept {}
        };
        return final_awaiter{};
    }

    void return_void() const noexcept {}
    void unhandled_exception() noexcept {
        if (in_debug_mode()) [[unlikely]]
            note_failure(*this);
        state().failed();
    }

private:
    struct yield_awaiter {
        generator_base& generator;
        storage_t<T> value;

        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<generator_promise> frame) noexcept {
            generator.yielded(&value);
            return transfer_to(frame.promise().parent()->frame());
        }
        Sent await_resume() const {
            generator.throw_injected();
            if constexpr (!std::is_void_v<Sent>) {
                auto* const sent = static_cast<Sent*>(generator.take_sent());
                return sent ? std::move(*sent) : Sent();
            }
        }
    };

    generator_base& state() noexcept {
        // Clang takes the promise for a variable of the body, in front of which there is nothing; UBSan complains, and
        // the optimiser might take advantage of it. So where the address comes from is hidden.
        void* at = frame().address();
        __asm__("" : "+r"(at));
        return generator_base::of(at);
    }
};

template <class Sent>
using sent_t = std::optional<std::conditional_t<std::is_void_v<Sent>, std::monostate, Sent>>;

template <class T, class Sent>
struct [[nodiscard("ordo: next() does nothing until it is awaited")]] next_request {
    generator_pointer generator;
    std::exception_ptr injected{};
    sent_t<Sent> sent{};
};

/// What an iteration gives: std::optional of the value, or of a reference_wrapper.
template <class T>
using yielded_t = std::conditional_t<std::is_reference_v<T>, std::reference_wrapper<std::remove_reference_t<T>>, T>;

template <class T, class Sent>
class next_awaiter : public generator_awaiter {
public:
    explicit next_awaiter(next_request<T, Sent>&& from)
        : generator_awaiter(std::move(from.generator), std::move(from.injected)), sent_(std::move(from.sent)) {}

    template <std::derived_from<promise_base> Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> consumer) {
        if (sent_) send(&*sent_);
        return generator_awaiter::await_suspend(consumer);
    }

    std::optional<yielded_t<T>> await_resume() {
        auto* const value = static_cast<storage_t<T>*>(generator_awaiter::await_resume());
        if (!value) return std::nullopt;
        return std::optional<yielded_t<T>>(storage<T>::take(*value));
    }

private:
    sent_t<Sent> sent_;
};

template <class T, class Sent>
struct awaiter_of<next_request<T, Sent>> {
    static constexpr bool awaitable = true;
    static next_awaiter<T, Sent> make(next_request<T, Sent>&& request) {
        return next_awaiter<T, Sent>(std::move(request));
    }
};

} // namespace detail

/// A coroutine that yields values, and may wait in between.
///
/// @code
/// ordo::async_generator<int> ticker(int n) {
///     for (int i = 0; i < n; ++i) {
///         co_await ordo::sleep(1s);
///         co_yield i;
///     }
/// }
/// ordo::coro<> print() {
///     auto ticks = ticker(3);
///     for (;;) {
///         auto tick = co_await ticks.next();
///         if (!tick) break;
///         std::cout << *tick;
///     }
/// }
/// @endcode
///
/// It runs within the task that asks for a value, as a coro does: what it throws, and a cancellation that reaches it,
/// leaves through next() and ends it. One task at a time may ask.
///
/// @par Ownership       Move-only; owns the coroutine. One that is destroyed half-way is closed by a task of the loop:
///                      its body ends with a generator_exit at the co_yield where it stands. aclose() does it at once.
/// @tparam Sent         What asend() hands to the body, as the value of its co_yield; if next() goes on, that is Sent().
/// @par Thread safety   The loop's thread only.
/// @par Source          Python's asynchronous generators (PEP 525).
template <class T, class Sent>
class [[nodiscard("ordo: a generator does nothing until next() is awaited")]] async_generator {
    static_assert(!std::is_void_v<T> && !std::is_rvalue_reference_v<T>,
                  "ordo: an async_generator yields objects or lvalue references");

public:
    using value_type = T;
    using promise_type = detail::generator_promise<T, Sent>;

    async_generator(async_generator&&) noexcept = default;
    async_generator& operator=(async_generator&&) noexcept = default;

    /// Go on to the next value: `co_await gen.next()` gives a std::optional<T> (of a std::reference_wrapper if T is a
    /// reference), empty once the body has ended.
    ///
    /// @throws usage_error   if another task is in it, or it was moved from.
    /// @par Source           Python's __anext__.
    detail::next_request<T, Sent> next() const { return {checked("next")}; }

    /// Go on as next() does, with a value for the co_yield at which the body stands.
    ///
    /// @throws usage_error   also if it stands at none, because nobody has asked for a value yet.
    /// @par Source           Python's asend.
    template <class U = Sent>
        requires(!std::is_void_v<Sent> && std::convertible_to<U &&, Sent>)
    detail::next_request<T, Sent> asend(U&& value) const {
        return {checked("asend"), nullptr, Sent(std::forward<U>(value))};
    }

    /// Throw an error out of the co_yield at which the body stands, and go on to the next value as next() does.
    ///
    /// @par Source   Python's athrow.
    detail::next_request<T, Sent> athrow(std::exception_ptr error) const {
        return {checked("athrow"), std::move(error)};
    }

    /// End the body, with a generator_exit where it stands, and wait until it has cleaned up. One that has ended, or
    /// not begun, is simply closed.
    ///
    /// @throws usage_error   if it is running, or yields once more.
    /// @throws anything      that the body throws meanwhile.
    /// @par Source           Python's aclose.
    coro<> aclose() const { return detail::close_generator(checked("aclose")); }

    /// Whether it holds a coroutine: false after it was moved from.
    explicit operator bool() const noexcept { return static_cast<bool>(state_); }

private:
    friend class detail::generator_promise<T, Sent>;
    explicit async_generator(detail::generator_base& state) noexcept : state_(state) {}

    detail::generator_pointer const& checked(char const* where) const {
        if (!state_) throw usage_error(std::string("async_generator::") + where + ": it was moved from");
        return state_;
    }

    detail::generator_pointer state_;
};

/// Call f(value) for each value of a generator, and close it.
///
/// @param f   A function or a coroutine function. If it gives a bool, false ends the loop.
/// @throws anything   that the generator or f throws; the generator is closed before.
/// @par Source        Python's `async for`, within `contextlib.aclosing`.
template <class T, class Sent, class F>
coro<> for_each(async_generator<T, Sent> generator, F f) {
    using given = std::invoke_result_t<F&, detail::yielded_t<T>>;
    std::exception_ptr failure;
    try {
        for (bool go_on = true; go_on;) {
            auto value = co_await generator.next();
            if (!value) break;
            if constexpr (std::is_same_v<given, coro<bool>>) {
                go_on = co_await std::invoke(f, *std::move(value));
            } else if constexpr (detail::is_coro<given>) {
                co_await std::invoke(f, *std::move(value));
            } else if constexpr (std::is_same_v<given, bool>) {
                go_on = std::invoke(f, *std::move(value));
            } else {
                std::invoke(f, *std::move(value));
            }
        }
    } catch (...) {
        failure = std::current_exception();
    }
    co_await generator.aclose();
    if (failure) std::rethrow_exception(failure);
}

namespace detail {

template <class T, class Sent>
async_generator<T, Sent> generator_promise<T, Sent>::get_return_object() noexcept {
    static_assert(alignof(generator_promise) <= 2 * sizeof(void*),
                  "ordo: values with extended alignment are not supported; yield a pointer");
    state().set_frame(frame());
    return async_generator<T, Sent>(state());
}

} // namespace detail
} // namespace ordo
