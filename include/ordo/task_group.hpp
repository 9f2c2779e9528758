// ordo: task_group, tasks that never outlive a body.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/body.hpp>
#include <ordo/detail/group_base.hpp>
#include <ordo/task.hpp>
#include <ordo/wait_for.hpp>

#include <concepts>
#include <exception>
#include <optional>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {
struct group_access;
}

/// What a task of task_group::start() is given, to say that it has started.
///
/// A handle: cheap to copy.
template <class T = void>
class task_status {
public:
    /// Let the caller of start() go on, with a value. If that has been cancelled it does nothing: the task will be, too.
    ///
    /// @throws invalid_state_error   if it was called before.
    template <class U = T>
        requires(!std::is_void_v<T> && std::convertible_to<U &&, T>)
    void started(U&& value) const {
        if (somebody_waits()) caller_.set_result(std::forward<U>(value));
    }
    void started() const
        requires std::is_void_v<T>
    {
        if (somebody_waits()) caller_.set_result();
    }

private:
    friend class task_group;
    explicit task_status(future<T> caller) noexcept : caller_(std::move(caller)) {}

    bool somebody_waits() const {
        if (caller_.done() && !caller_.cancelled())
            throw invalid_state_error("task_status::started: it was called before; a task starts once");
        return !caller_.done();
    }

    future<T> caller_;
};

namespace detail {

template <class F, class T>
concept starts_with_status = std::invocable<F&, task_status<T>> && is_coro<std::invoke_result_t<F&, task_status<T>>>;

} // namespace detail

/// Tasks that end before the body does that they were created in.
///
/// @code
/// auto body = [](ordo::task_group& group) -> ordo::coro<> {
///     group.create_task(fetch("a"));
///     group.create_task(fetch("b"));
///     co_return;
/// };
/// co_await ordo::with_task_group(body); // both have ended
/// @endcode
///
/// The first error, of a task or of the body, cancels all the others, in the order of their creation, and the body. When
/// the last has ended the errors come out together, as an exception_group; a cancellation alone comes out as it is.
///
/// @par Thread safety   The loop's thread only.
/// @par Source          asyncio.TaskGroup, as of Python 3.15.
class ORDO_DECL task_group : detail::group_base {
public:
    task_group() = default;

    /// Create a task in the group. @see ordo::create_task
    ///
    /// @throws usage_error   unless the body runs or tasks of the group do, and nothing has failed or been cancelled.
    template <class T>
    task<T> create_task(coro<T> coroutine, std::string_view name = {},
                        std::source_location where = std::source_location::current()) {
        return create_task(std::move(coroutine), task_options{.name = name}, where);
    }
    template <class T>
    task<T> create_task(coro<T> coroutine, task_options const& options,
                        std::source_location where = std::source_location::current()) {
        auto as = prepare();
        auto created = loop().create_task(std::move(coroutine), options, where);
        add(created, std::move(as));
        return created;
    }
    template <detail::task_source F>
    detail::task_made_by<F> create_task(F&& source, std::string_view name = {},
                                        std::source_location where = std::source_location::current()) {
        return create_task(std::forward<F>(source), task_options{.name = name}, where);
    }
    template <detail::task_source F>
    detail::task_made_by<F> create_task(F&& source, task_options const& options,
                                        std::source_location where = std::source_location::current()) {
        detail::warn_of_temporary_source<F>();
        check_takes_tasks("task_group::create_task");
        return create_task(detail::coro_from(std::forward<F>(source)), options, where);
    }

    /// Create a task, and wait until it says that it has started: `auto port = co_await group.start<int>(serve)`.
    ///
    /// @param function   A coroutine function of a task_status<T>, on which it calls started().
    /// @returns          What started() was given; the task runs on in the group.
    /// @throws usage_error   if the task ends without having called started().
    /// @throws anything      that the task throws before it has; that does not count as an error of the group.
    /// @par Cancellation     Cancels the task, and waits for its end.
    /// @par Source           Trio's nursery.start.
    template <class T = void, class F>
    coro<T> start(F&& function, std::string_view name = {},
                  std::source_location where = std::source_location::current()) {
        static_assert(detail::starts_with_status<std::decay_t<F>, T>,
                      "ordo: start<T>() takes a coroutine function of a task_status<T>");
        detail::warn_of_temporary_closure<F>();
        return start_and_wait<T, std::decay_t<F>>(std::forward<F>(function), std::string(name), where);
    }

    /// Cancel the tasks and the body; with_task_group() then returns, without an error unless one comes up.
    ///
    /// Before the body has begun: as soon as it does. After it has ended, and again: nothing.
    ///
    /// @par Source   asyncio.TaskGroup.cancel, as of Python 3.15.
    void cancel() { group_base::cancel(); }

private:
    friend struct detail::group_access;

    template <class T, class F>
    coro<T> start_and_wait(F function, std::string name, std::source_location where);
    template <class T, class F>
    static coro<> report_start(F function, future<T> caller);
};

namespace detail {

struct group_access {
    static group_base& base(task_group& of) noexcept { return of; }
};

template <class F>
coro<body_value<F, task_group>> run_in_group(task_group& group, F body) {
    using value_type = body_value<F, task_group>;
    auto& base = group_access::base(group);
    base.enter();
    std::exception_ptr failure;
    std::optional<storage_t<value_type>> value;
    try {
        if constexpr (std::is_void_v<value_type>) {
            co_await call_body(body, group);
        } else if constexpr (std::is_reference_v<value_type>) {
            value_type result = co_await call_body(body, group);
            value.emplace(std::addressof(result));
        } else {
            value.emplace(co_await call_body(body, group));
        }
    } catch (...) {
        failure = std::current_exception();
        base.body_failed();
    }
    co_await base.leave(std::move(failure));
    if constexpr (!std::is_void_v<value_type>) {
        if (!value)
            throw usage_error(
                "with_task_group: the group was cancelled before its body gave a result; give a body that "
                "may be cancelled no result");
        co_return storage<value_type>::take(*value);
    }
}
template <class F>
coro<body_value<F, task_group>> run_in_own_group(F body) {
    task_group group;
    co_return co_await run_in_group<F&>(group, body);
}

} // namespace detail

/// Run a body that creates tasks in a group, and wait until all of them have ended: `co_await with_task_group(body)`.
///
/// If no task runs when the body ends it does not wait; otherwise it goes on two iterations after the end of the last.
///
/// @param body   A coroutine function of a task_group& or of nothing, kept until it ends; it runs in the calling task.
/// @returns      What the body returns.
/// @throws exception_group   of the errors, in the order in which they came, that of the body last.
/// @throws cancelled_error   if the calling task was cancelled and there is no error.
/// @throws system_exit       of a task or the body, before everything else; the errors are reported then.
/// @par Cancellation   Cancels the body or, after it, the tasks; and waits for them all the same.
/// @par Source         asyncio.TaskGroup.
template <detail::body_for<task_group> F>
coro<detail::body_value<F, task_group>> with_task_group(F&& body) {
    detail::warn_of_temporary_closure<F>();
    return detail::run_in_own_group<std::decay_t<F>>(std::forward<F>(body));
}
/// The same in a group of the caller's, which others may have; it must outlive the call.
template <detail::body_for<task_group> F>
coro<detail::body_value<F, task_group>> with_task_group(task_group& group, F&& body) {
    detail::warn_of_temporary_closure<F>();
    return detail::run_in_group<std::decay_t<F>>(group, std::forward<F>(body));
}
template <class F>
    requires(!detail::body_for<F, task_group>)
coro<> with_task_group(F&&) {
    static_assert(detail::never<F>,
                  "ordo: the body of with_task_group() is a coroutine function of a task_group& or of nothing");
    return detail::coro_access::none<void>();
}
template <class F>
    requires(!detail::body_for<F, task_group>)
coro<> with_task_group(task_group&, F&& body) {
    return with_task_group(std::forward<F>(body));
}

template <class T, class F>
coro<T> task_group::start_and_wait(F function, std::string name, std::source_location where) {
    check_takes_tasks("task_group::start");
    auto caller = loop().create_future<T>(where);
    any_task const child = create_task(report_start<T, F>(std::move(function), caller), name, where);
    std::exception_ptr failure;
    try {
        co_await static_cast<any_future const&>(caller);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && !child.done()) co_await detail::cancel_and_wait(child);
    if (failure) std::rethrow_exception(failure);
    co_return co_await std::move(caller);
}

template <class T, class F>
coro<> task_group::report_start(F function, future<T> caller) {
    task_status<T> const status(caller);
    try {
        co_await std::invoke(function, status);
    } catch (cancelled_error const&) {
        caller.cancel();
        throw;
    } catch (...) {
        if (caller.done()) throw;
        caller.set_exception(std::current_exception());
    }
    if (!caller.done())
        caller.set_exception(usage_error("task_group::start: the task ended without having called started()"));
}
} // namespace ordo
