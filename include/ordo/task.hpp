// ordo: task<T>, a coroutine that a loop runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/temporary_closure.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>

#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ordo {
namespace detail {

/// What tasks have beyond futures, for handles that know the result type and for those that do not.
template <class Future>
class task_operations : public Future {
public:
    task_operations() = default;

    /// The name given to create_task(), else "Task-N".
    std::string name() const { return step_state().name(); }
    void set_name(std::string_view name) const { step_state().set_name(name); }

    /// The context its steps run in.
    ///
    /// @par Source   asyncio.Task.get_context.
    context get_context() const {
        auto& task = step_state();
        return context_access::share(task.context(), this_thread.task == &task);
    }

    /// Requests to cancel that were not taken back by uncancel().
    int cancelling() const noexcept { return step_state().cancelling(); }

    /// Take one request back; at zero a cancellation that was not delivered yet is revoked.
    ///
    /// @returns      How many are left.
    /// @par Source   asyncio.Task.uncancel, as of Python 3.13.
    int uncancel() const noexcept { return step_state().uncancel(); }

protected:
    explicit task_operations(future_pointer<> state) noexcept : Future(std::move(state)) {}

    task_base& step_state() const noexcept { return static_cast<task_base&>(*this->state_); }
};

} // namespace detail

/// A task whose result type is not known. Awaiting it waits for its end, and throws its error.
class any_task : public detail::task_operations<any_future> {
public:
    any_task() = default;
    template <class T>
    any_task(task<T> const& known) noexcept;

private:
    friend struct detail::future_access;
    using task_operations::task_operations;
};

/// A coroutine that the loop runs, in steps from one wait to the next, and a future of its result.
///
/// A handle: copies denote the same task. The loop owns the task until it is done, whether or not a handle is left.
/// cancel() throws a cancelled_error into the coroutine at the point where it waits.
///
/// @code
/// auto t = loop.create_task(fetch("a"), "fetch a");
/// auto page = co_await std::move(t);
/// @endcode
///
/// @par Thread safety   The loop's thread only.
/// @par Source          asyncio.Task.
template <class T>
class task : public detail::task_operations<future<T>> {
public:
    task() = default;

    /// A task completes itself: this does not compile, and through a future<T> it throws usage_error.
    template <class... U>
    void set_result(U&&...) const {
        static_assert(detail::never<U...>, "ordo: a task completes itself; return from its coroutine");
    }
    template <class E>
    void set_exception(E&&) const {
        static_assert(detail::never<E>, "ordo: a task completes itself; throw from its coroutine, or cancel() it");
    }

private:
    friend struct detail::future_access;
    using detail::task_operations<future<T>>::task_operations;
};

template <class T>
any_task::any_task(task<T> const& known) noexcept : task_operations(detail::future_access::state(known)) {}

/// How a task is made; asyncio's keyword arguments.
struct task_options {
    std::string_view name{};                ///< for logs; "Task-N" if empty
    std::optional<ordo::context> context{}; ///< to run in; else a copy of the caller's
    std::optional<bool> eager_start{};      ///< begin at once, up to the first wait; else as the loop's options say
};

/// Create a task on the running loop. @see event_loop::create_task
///
/// @throws usage_error   if no loop is running on this thread.
/// @par Source           asyncio.create_task.
template <class T>
task<T> create_task(coro<T> coroutine, std::string_view name = {},
                    std::source_location where = std::source_location::current()) {
    return get_running_loop().create_task(std::move(coroutine), name, where);
}
template <class T>
task<T> create_task(coro<T> coroutine, task_options const& options,
                    std::source_location where = std::source_location::current()) {
    return get_running_loop().create_task(std::move(coroutine), options, where);
}
template <detail::task_source F>
auto create_task(F&& source, std::string_view name = {}, std::source_location where = std::source_location::current()) {
    return get_running_loop().create_task(std::forward<F>(source), name, where);
}
template <detail::task_source F>
auto create_task(F&& source, task_options const& options,
                 std::source_location where = std::source_location::current()) {
    return get_running_loop().create_task(std::forward<F>(source), options, where);
}

/// A future or task as it is; what else can be awaited as a task on the running loop.
///
/// @par Source   asyncio.ensure_future.
template <class T>
task<T> ensure_future(coro<T> coroutine, std::source_location where = std::source_location::current()) {
    return get_running_loop().create_task(std::move(coroutine), std::string_view(), where);
}
template <detail::request A>
auto ensure_future(A&& request, std::source_location where = std::source_location::current()) {
    return get_running_loop().create_task(std::forward<A>(request), std::string_view(), where);
}
template <detail::typed_future Future>
Future ensure_future(Future future) {
    return future;
}

/// The task whose coroutine calls; none in a callback.
///
/// @throws usage_error   if no loop is running on this thread.
/// @par Source           asyncio.current_task.
ORDO_DECL std::optional<any_task> current_task();

/// The tasks of a loop, of the running one if none is given, that are not done, in the order of their creation.
///
/// @par Source   asyncio.all_tasks, which gives them in no order.
ORDO_DECL std::vector<any_task> all_tasks();
ORDO_DECL std::vector<any_task> all_tasks(event_loop const& loop);

namespace detail {

template <class T>
task<T> start_task(loop_core& core, coro<T>&& coroutine, std::string_view name, context_pointer in, bool eager,
                   std::source_location where) {
    core.check_open("event_loop::create_task");
    core.check_thread("event_loop::create_task", where);
    auto frame = coro_access::frame(coroutine);
    if (!frame) throw usage_error("event_loop::create_task: this coro was awaited or moved from before");
    future_pointer<task_state<T>> state(frame_prefix<T>::make_task(frame.address(), core, where));
    bool const at_once = eager && this_thread.loop == &core;
    try {
        state->schedule(frame, std::move(in), name, at_once);
    } catch (...) {
        coroutine = coro_access::none<T>(); // destroys the frame, before the last share of the block goes
        throw;
    }
    coro_access::slot(coroutine) = nullptr;
    if (at_once) [[unlikely]]
        state->begin_at_once();
    return future_access::adopt<task<T>>(std::move(state));
}

/// Keeps a callable alive, in the frame of a coroutine, for as long as the coroutine that it makes.
template <class F>
auto keep_and_call(F function) -> std::invoke_result_t<F&> {
    co_return co_await function();
}
template <class A>
auto keep_and_await(A request) -> coro<await_result_t<A>> {
    co_return co_await std::move(request);
}

template <task_source F>
auto coro_from(F&& source) {
    if constexpr (request<F>) return keep_and_await(std::decay_t<F>(std::forward<F>(source)));
    else return keep_and_call(std::decay_t<F>(std::forward<F>(source)));
}

/// A request is what a function returns, which no compiler destroys twice.
template <task_source F>
constexpr void warn_of_temporary_source() {
    if constexpr (!request<F>) warn_of_temporary_closure<F>();
}

} // namespace detail

template <class T>
task<T> event_loop::create_task(coro<T> coroutine, std::string_view name, std::source_location where) {
    return detail::start_task(*core_, std::move(coroutine), name, detail::copy_current_context(), core_->eager_start,
                              where);
}
template <class T>
task<T> event_loop::create_task(coro<T> coroutine, task_options const& options, std::source_location where) {
    auto in = options.context ? detail::context_access::data(*options.context) : detail::copy_current_context();
    return detail::start_task(*core_, std::move(coroutine), options.name, std::move(in),
                              options.eager_start.value_or(core_->eager_start), where);
}
template <detail::task_source F>
detail::task_made_by<F> event_loop::create_task(F&& source, std::string_view name, std::source_location where) {
    detail::warn_of_temporary_source<F>();
    return create_task(detail::coro_from(std::forward<F>(source)), name, where);
}
template <detail::task_source F>
detail::task_made_by<F> event_loop::create_task(F&& source, task_options const& options, std::source_location where) {
    detail::warn_of_temporary_source<F>();
    return create_task(detail::coro_from(std::forward<F>(source)), options, where);
}

template <class T>
T event_loop::run_until_complete(future<T>&& main) {
    run_until_done(main);
    return std::move(main).result();
}
template <class T>
detail::look_t<T> event_loop::run_until_complete(future<T> const& main) {
    run_until_done(main);
    return main.result();
}
template <class T>
T event_loop::run_until_complete(coro<T> main, std::source_location where) {
    check_can_run("event_loop::run_until_complete");
    return run_until_complete(create_task(std::move(main), std::string_view(), where));
}

} // namespace ordo
