// ordo: concurrent_future<T>, one result that any thread may wait for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/detail/concurrent_base.hpp>
#include <ordo/fwd.hpp>

#include <chrono>
#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {
struct concurrent_access;
} // namespace detail

/// One result that any thread may wait for, blocking: the way from a loop to threads that have none.
///
/// run_coroutine_threadsafe() gives one; wrap_future() makes a future of a loop of it, which can be awaited. It is a
/// handle: cheap to copy, copies denote the same future. An empty one (default constructed, moved from) may only be
/// destroyed, assigned or tested. An error that nobody looks at is dropped, as in Python.
///
/// @code
/// auto answer = ordo::run_coroutine_threadsafe(ask(), loop); // on another thread than the loop's
/// std::cout << std::move(answer).get(5s);
/// @endcode
///
/// @par Thread safety   Every member may be called on any thread, the same handle by one at a time. Only what a T const&
///                      refers to must not be moved out by another thread meanwhile.
/// @par Source          concurrent.futures.Future.
template <class T>
class [[nodiscard]] concurrent_future {
public:
    using value_type = T;

    concurrent_future() = default;

    /// A pending one, for who completes it.
    static concurrent_future make() { return concurrent_future(detail::concurrent_state<T>::make()); }

    bool done() const noexcept { return state_->done(); }
    bool cancelled() const noexcept { return state_->cancelled(); }
    /// Whether set_running_or_notify_cancel() was called, and it is not done yet.
    bool running() const noexcept { return state_->running(); }

    /// Wait for the end, and look at the result: a T const& that lives as long as the future.
    ///
    /// @param timeout                In any std::chrono unit, of the steady clock.
    /// @throws timeout_error         if it is not done by then; it goes on.
    /// @throws cancelled_error       if it is cancelled.
    /// @throws invalid_state_error   if the result was moved out.
    /// @throws usage_error           if it is not done, and this is the thread of the loop that completes it.
    /// @throws anything              it was completed with.
    /// @par Source                   concurrent.futures.Future.result.
    detail::look_t<T> get() const& { return look(std::nullopt); }
    template <class Rep, class Period>
    detail::look_t<T> get(std::chrono::duration<Rep, Period> timeout) const& {
        return look(length(timeout));
    }
    /// The same, moved out: `std::move(f).get()`, or of a temporary.
    T get() && { return take(std::nullopt); }
    template <class Rep, class Period>
    T get(std::chrono::duration<Rep, Period> timeout) && {
        return take(length(timeout));
    }

    /// Wait for the end, whatever it is.
    /// @throws usage_error   as get().
    void wait() const { state_->wait_until(std::nullopt, "concurrent_future::wait"); }
    /// @returns   Whether it is done.
    template <class Rep, class Period>
    bool wait(std::chrono::duration<Rep, Period> timeout) const {
        auto const deadline = detail::deadline_after(std::chrono::steady_clock::now(), timeout);
        return state_->wait_until(deadline, "concurrent_future::wait");
    }

    /// Wait for the end: the error, or null if there is a result. Throws as get().
    std::exception_ptr exception() const {
        state_->wait_or_throw(std::nullopt, "concurrent_future::exception");
        return state_->exception();
    }
    template <class Rep, class Period>
    std::exception_ptr exception(std::chrono::duration<Rep, Period> timeout) const {
        state_->wait_or_throw(length(timeout), "concurrent_future::exception");
        return state_->exception();
    }

    /// Cancel it, while it is pending. What it is chained to, a task for example, is cancelled in turn.
    ///
    /// @returns   False if it is running or has finished.
    bool cancel() const noexcept { return share()->cancel(); }

    /// Call f(concurrent_future) or f() when it is done, on the thread that completes it, in the order of the calls; at
    /// once if it is done already. What it throws is logged.
    template <class F>
    void add_done_callback(F&& f) const;

    // -- for who completes it

    /// The work begins: from now on it cannot be cancelled.
    ///
    /// @returns              False if it is cancelled: then do not begin.
    /// @throws usage_error   if it was called before.
    bool set_running_or_notify_cancel() const { return state_->set_running_or_notify_cancel(); }

    /// @throws invalid_state_error   if it is done.
    template <class U = T>
        requires(!std::is_void_v<T> && std::convertible_to<U &&, T>)
    void set_result(U&& value) const {
        if constexpr (std::is_reference_v<T>) share()->set_result("concurrent_future::set_result", &value);
        else share()->set_result("concurrent_future::set_result", std::forward<U>(value));
    }
    void set_result() const
        requires std::is_void_v<T>
    {
        share()->set_result("concurrent_future::set_result");
    }

    /// @param error   A std::exception_ptr that is not null, or an object to throw.
    /// @throws invalid_state_error   if it is done.
    template <class E>
    void set_exception(E&& error) const {
        if constexpr (std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr>)
            share()->set_exception(std::forward<E>(error), "concurrent_future::set_exception");
        else
            share()->set_exception(std::make_exception_ptr(std::forward<E>(error)), "concurrent_future::set_exception");
    }

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    friend bool operator==(concurrent_future const&, concurrent_future const&) = default;

private:
    friend struct detail::concurrent_access;
    using state_pointer = std::shared_ptr<detail::concurrent_state<T>>;
    explicit concurrent_future(state_pointer state) noexcept : state_(std::move(state)) {}

    template <class Rep, class Period>
    static duration length(std::chrono::duration<Rep, Period> timeout) {
        return detail::deadline_after(time_point(), timeout).time_since_epoch();
    }
    /// A share of its own: callbacks may destroy this handle.
    state_pointer share() const noexcept { return state_; }

    detail::look_t<T> look(std::optional<duration> timeout) const {
        state_->wait_or_throw(timeout, "concurrent_future::get");
        state_->check_result("concurrent_future::get");
        return detail::storage<T>::look(state_->value());
    }
    T take(std::optional<duration> timeout) const {
        state_->wait_or_throw(timeout, "concurrent_future::get");
        state_->claim_result("concurrent_future::get");
        return detail::storage<T>::take(state_->value());
    }

    state_pointer state_;
};

namespace detail {

struct concurrent_access {
    template <class T>
    static std::shared_ptr<concurrent_state<T>> const& state(concurrent_future<T> const& of) noexcept {
        return of.state_;
    }
    template <class T>
    static concurrent_future<T> adopt(std::shared_ptr<concurrent_state<T>> state) noexcept {
        return concurrent_future<T>(std::move(state));
    }
};

/// A done callback in a block of its own.
template <class F, class T>
class concurrent_callback final : public concurrent_base::callback {
public:
    template <class G>
    concurrent_callback(G&& f, std::weak_ptr<concurrent_state<T>> of)
        : function_(std::forward<G>(f)), of_(std::move(of)) {}

    void call() noexcept override {
        try {
            if constexpr (std::invocable<F&, concurrent_future<T>>) function_(concurrent_access::adopt(of_.lock()));
            else function_();
        } catch (...) {
            log_callback_error();
        }
        delete this;
    }
    void drop() noexcept override { delete this; }

private:
    F function_;
    std::weak_ptr<concurrent_state<T>> of_; // no cycle; whoever completes it holds a share
};

} // namespace detail

template <class T>
template <class F>
void concurrent_future<T>::add_done_callback(F&& f) const {
    using callback = detail::concurrent_callback<std::decay_t<F>, T>;
    auto const keep = share();
    keep->add_callback(new callback(std::forward<F>(f), keep));
}

} // namespace ordo
