// ordo: future<T>, one result that arrives later.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/detail/future_base.hpp>
#include <ordo/detail/task_base.hpp>
#include <ordo/event_loop.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

struct future_access;
template <class T, class Token>
struct async_waiting; // defined in async_wait.hpp, which has to be included

/// The value of a future or task that is known to be one of a T.
template <class T>
storage_t<T>& value_of(future_base& state) noexcept {
    if (state.is_task()) return static_cast<task_state<T>&>(state).value();
    return static_cast<future_state<T>&>(state).value();
}

} // namespace detail

/// A future or task whose result type is not known.
///
/// A handle: cheap to copy, copies denote the same future. An empty one (default constructed, moved from) may only be
/// destroyed, assigned or tested.
///
/// @par Thread safety   The loop's thread only.
class any_future {
public:
    any_future() = default;

    bool done() const noexcept { return state_->done(); }
    bool cancelled() const noexcept { return state_->cancelled(); }

    /// Ask for the future to be cancelled: whoever waits for it gets a cancelled_error. A task that is asked is cancelled
    /// where it waits, and may decline.
    ///
    /// @param message   Of the cancelled_error.
    /// @returns         False if it is done already.
    /// @par Source      asyncio.Future.cancel, asyncio.Task.cancel.
    bool cancel(std::string_view message = {}) const { return state_->cancel(message); }

    /// The error it ended with; null if it has a result.
    ///
    /// @throws invalid_state_error   if it is pending.
    /// @throws cancelled_error       if it is cancelled.
    std::exception_ptr exception() const { return state_->exception(); }

    /// Call f(future) or f() by call_soon() when it is done; at once by call_soon() if it is already. Callbacks and
    /// waiting tasks run in the order in which they came.
    ///
    /// @returns        A handle, for remove_done_callback().
    /// @par Context    A copy of the caller's, or the one given in front of f.
    /// @par Source     asyncio.Future.add_done_callback.
    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, context>)
    handle add_done_callback(F&& f, std::source_location where = std::source_location::current()) const {
        return add_callback<any_future>(detail::copy_current_context(), std::forward<F>(f), where);
    }
    template <class F>
    handle add_done_callback(context in, F&& f, std::source_location where = std::source_location::current()) const {
        return add_callback<any_future>(detail::context_access::data(in), std::forward<F>(f), where);
    }

    /// Take back a done callback that is not scheduled yet.
    ///
    /// @returns   How many were removed: 1, or 0 if it was none of this future or the future is done.
    std::size_t remove_done_callback(handle const& callback) const {
        auto* node = detail::handle_access::node(callback);
        if (!node || !state_->remove_waiter(node)) return 0;
        node->act(node, detail::node_action::dispose);
        return 1;
    }

    /// Of the call that created it.
    std::source_location const& created_at() const noexcept { return state_->created_at(); }

    /// The loop it belongs to.
    /// @throws usage_error   if the loop is destroyed.
    event_loop& get_loop() const {
        if (auto* loop = state_->core().owner()) return *loop;
        throw usage_error("future::get_loop: the loop is destroyed");
    }

    explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    friend bool operator==(any_future const&, any_future const&) = default;

protected:
    friend struct detail::future_access;
    explicit any_future(detail::future_pointer<> state) noexcept : state_(std::move(state)) {}

    template <class Future, class F>
    handle add_callback(detail::context_pointer in, F&& f, std::source_location where) const;

    detail::future_pointer<> state_;
};

/// One result that arrives later.
///
/// Made by event_loop::create_future(), completed once by set_result(), set_exception() or cancel(). Awaiting it gives
/// the result or throws; `co_await f` gives a T const& that lives as long as the future, `co_await std::move(f)` gives
/// the T itself, and later looks find it gone. Any number of tasks may await it.
///
/// An error that nobody looks at before the last handle is gone goes to the loop's exception handler.
///
/// @par Thread safety   The loop's thread only.
/// @par Source          asyncio.Future.
template <class T>
class [[nodiscard]] future : public any_future {
public:
    using value_type = T;

    future() = default;

    /// The result: a T const& that lives as long as the future.
    ///
    /// @throws invalid_state_error   if it is pending, or the result was moved out.
    /// @throws cancelled_error       if it is cancelled.
    /// @throws anything              it was completed with.
    detail::look_t<T> result() const& {
        state_->check_result("future::result");
        return detail::storage<T>::look(value());
    }
    /// The result, moved out.
    T result() && {
        state_->check_result("future::result");
        state_->mark_moved_out();
        return detail::storage<T>::take(value());
    }

    /// Complete it.
    ///
    /// @throws invalid_state_error   if it is done already.
    /// @throws loop_closed_error     if somebody waits for it and the loop is closed.
    template <class U = T>
        requires(!std::is_void_v<T> && std::convertible_to<U &&, T>)
    void set_result(U&& value) const {
        static_assert(!detail::binds_temporary<U&&, T>,
                      "ordo: the result of this future is a reference, and this is a temporary; give it an lvalue");
        if constexpr (std::is_reference_v<T>) settable("future::set_result").set_result("future::set_result", &value);
        else settable("future::set_result").set_result("future::set_result", std::forward<U>(value));
    }
    void set_result() const
        requires std::is_void_v<T>
    {
        settable("future::set_result").set_result("future::set_result");
    }

    /// Complete it with an error.
    ///
    /// @param error   A std::exception_ptr that is not null, or an object to throw.
    template <class E>
    void set_exception(E&& error) const {
        auto& state = settable("future::set_exception");
        if constexpr (std::is_same_v<std::remove_cvref_t<E>, std::exception_ptr>)
            state.set_exception(std::forward<E>(error), "future::set_exception");
        else state.set_exception(std::make_exception_ptr(std::forward<E>(error)), "future::set_exception");
    }

    /// As any_future::add_done_callback(), for f(future<T>) or f().
    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, context>)
    handle add_done_callback(F&& f, std::source_location where = std::source_location::current()) const {
        return any_future::add_callback<future>(detail::copy_current_context(), std::forward<F>(f), where);
    }
    template <class F>
    handle add_done_callback(context in, F&& f, std::source_location where = std::source_location::current()) const {
        return any_future::add_callback<future>(detail::context_access::data(in), std::forward<F>(f), where);
    }

    /// Hand the outcome to a completion token of Asio, once there is one. Defined in async_wait.hpp.
    ///
    /// @code
    /// auto const answer = loop.create_task(ask());
    /// answer.async_wait([](std::exception_ptr, int value) { std::cout << value; });
    /// auto for_a_thread = answer.async_wait(boost::asio::use_future); // a std::future
    /// @endcode
    ///
    /// @param token        As of spawn(). The value is copied, or, of an rvalue, moved out.
    /// @throws loop_closed_error
    /// @par Cancellation   Ends the wait, with operation_aborted; the future goes on.
    /// @par Thread safety  The loop's thread; the slot's signal may be emitted on any.
    template <class Token, class Waiting = detail::async_waiting<T, Token>>
    auto async_wait(Token&& token) const& {
        return Waiting::template start<false>(*this, token);
    }
    template <class Token, class Waiting = detail::async_waiting<T, Token>>
    auto async_wait(Token&& token) && {
        return Waiting::template start<true>(*this, token);
    }

protected:
    friend struct detail::future_access;
    explicit future(detail::future_pointer<> state) noexcept : any_future(std::move(state)) {}

    detail::storage_t<T>& value() const noexcept { return detail::value_of<T>(*state_); }

    detail::future_state<T>& settable(char const* where) const {
        if (state_->is_task()) [[unlikely]]
            detail::throw_completes_itself(where);
        return static_cast<detail::future_state<T>&>(*state_);
    }
};

namespace detail {

/// Makes handles of states and states of handles.
struct future_access {
    template <class Future>
    static Future adopt(future_pointer<> state) noexcept {
        return Future(std::move(state));
    }
    static future_pointer<> const& state(any_future const& of) noexcept { return of.state_; }
};

/// Awaiting a future, whatever its result.
class ORDO_DECL future_awaiter_base {
public:
    bool await_ready() const noexcept { return future_->done(); }
    void await_suspend(std::coroutine_handle<> frame) {
        task_ = &awaiting_task();
        if (future_.get() == task_ || &future_->core() != &task_->core()) [[unlikely]]
            return refuse(frame);
        future_->add_waiter(task_);
        task_->wait(frame, *future_);
    }

protected:
    explicit future_awaiter_base(future_pointer<> future) noexcept : future_(std::move(future)) {}
    future_awaiter_base(future_awaiter_base const&) = delete;
    future_awaiter_base& operator=(future_awaiter_base const&) = delete;
    ~future_awaiter_base() {
        if (task_ && !future_->done()) future_->remove_waiter(task_); // the frame is destroyed while it waits
    }

    /// In await_resume(): a cancellation that is due, or a misuse, comes before the outcome of the future.
    future_base& outcome() {
        if (task_ && (misuse_ || task_->must_cancel())) [[unlikely]]
            check_wait();
        return *future_;
    }

private:
    void refuse(std::coroutine_handle<> frame);
    void check_wait();

    future_pointer<> future_;

    task_base* task_ = nullptr; ///< who waits; null if it was done at once
    char const* misuse_ = nullptr;
};

/// `co_await f` of an lvalue: look at the result.
template <class T>
class look_awaiter : public future_awaiter_base {
public:
    explicit look_awaiter(future<T> const& from) noexcept : future_awaiter_base(future_access::state(from)) {}

    look_t<T> await_resume() {
        auto& future = this->outcome();
        future.check_result("co_await");
        return storage<T>::look(value_of<T>(future));
    }
};

/// `co_await std::move(f)`, or of a temporary: take the result.
template <class T>
class take_awaiter : public future_awaiter_base {
public:
    explicit take_awaiter(future<T>&& from) noexcept : future_awaiter_base(future_access::state(from)) {}

    T await_resume() {
        auto& future = this->outcome();
        future.check_result("co_await");
        future.mark_moved_out();
        return storage<T>::take(value_of<T>(future));
    }
};

/// Waits for the end of something, whatever the type of its result, which stays there.
class any_awaiter : public future_awaiter_base {
public:
    explicit any_awaiter(any_future const& from) noexcept : future_awaiter_base(future_access::state(from)) {}
    void await_resume() { outcome().check_success("co_await"); }
};

template <class Future>
concept typed_future =
    requires { typename Future::value_type; } && std::derived_from<Future, future<typename Future::value_type>>;

template <class Future>
    requires typed_future<std::remove_cvref_t<Future>>
struct awaiter_of<Future> {
    static constexpr bool awaitable = true;
    using value_type = typename std::remove_cvref_t<Future>::value_type;
    static constexpr bool looks =
        std::is_lvalue_reference_v<Future> || std::is_const_v<std::remove_reference_t<Future>>;

    static auto make(Future&& from) noexcept {
        if constexpr (looks) return look_awaiter<value_type>(from);
        else return take_awaiter<value_type>(std::move(from));
    }
};

template <class Future>
    requires(std::derived_from<std::remove_cvref_t<Future>, any_future> && !typed_future<std::remove_cvref_t<Future>>)
struct awaiter_of<Future> {
    static constexpr bool awaitable = true;
    static auto make(Future&& from) noexcept { return any_awaiter(from); }
};

/// Says why an F cannot be a done callback of a Future, if it cannot.
template <class F, class Future>
constexpr void check_done_callback() {
    if constexpr (!is_coro<F> && std::invocable<F&, Future>) check_callback<F&, Future>();
    else if constexpr (!is_coro<F> && !std::invocable<F&>)
        static_assert(never<F>, "ordo: a done callback is called as f(future) or f()");
    else check_callback<F&>();
}

} // namespace detail

template <class Future, class F>
handle any_future::add_callback(detail::context_pointer in, F&& f, std::source_location where) const {
    detail::check_done_callback<std::decay_t<F>, Future>();
    state_->core().check_thread("future::add_done_callback");
    auto call = [share = detail::done_callback_share(*state_), f = std::forward<F>(f)]() mutable {
        if constexpr (std::invocable<decltype(f)&, Future>)
            f(detail::future_access::adopt<Future>(detail::share(*share)));
        else f();
    };
    auto* node = detail::callback<decltype(call)>::make(std::move(call));
    auto result = detail::handle_access::adopt(node);
    node->context = in.detach();
    node->where = where;
    if (state_->done()) state_->core().push(node, "future::add_done_callback");
    else state_->add_waiter(node);
    node->add_reference();
    return result;
}

template <class T>
future<T> event_loop::create_future(std::source_location where) {
    core_->check_open("event_loop::create_future");
    return detail::future_access::adopt<future<T>>(
        detail::future_pointer<>(detail::future_state<T>::make(*core_, where)));
}

} // namespace ordo
