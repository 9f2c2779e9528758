// ordo: spawn, which starts a coroutine of ordo from Asio code, for any completion token.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/delivery.hpp>
#include <ordo/detail/hosted_run.hpp>
#include <ordo/task.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution/executor.hpp>
#include <memory>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

/// Call it, at once on the loop's thread, else when the loop comes to it.
template <class F>
void call_at_home(event_loop& loop, F&& start) {
    auto& core = loop_access::core(loop);
    core.check_open("spawn");
    if (core.at_home()) start();
    else loop.call_soon_threadsafe(std::forward<F>(start));
}

/// Create the task, let the relay cancel it, if there is one, and call done(task) when it has ended.
template <class T, class F>
void create_spawned(event_loop& loop, coro<T>&& coroutine, cancellation_relay* relay, F&& done,
                    std::source_location where) {
    auto const task = loop.create_task(std::move(coroutine), std::string_view(), where);
    task.add_done_callback(std::forward<F>(done));
    if (relay) relay->connect([task] { task.cancel(); });
}

class spawn_initiation {
public:
    spawn_initiation(event_loop& loop, std::source_location where) noexcept : loop_(&loop), where_(where) {}

    using executor_type = loop_executor;
    executor_type get_executor() const noexcept { return loop_->get_executor(); }

    template <class Handler, class T>
    void operator()(Handler&& handler, coro<T> coroutine) const {
        using delivery_type = delivery<std::decay_t<Handler>, T>;
        auto start = [loop = loop_, where = where_, coroutine = std::move(coroutine),
                      to = delivery_type(std::forward<Handler>(handler), *loop_, get_executor())]() mutable {
            auto* const relay = to.relay();
            auto done = [to = std::move(to)](any_future const& ended) mutable {
                to.template deliver<true>(*future_access::state(ended));
            };
            create_spawned(*loop, std::move(coroutine), relay, std::move(done), where);
        };
        call_at_home(*loop_, std::move(start));
    }

private:
    event_loop* loop_;
    std::source_location where_;
};

/// Nobody gets the outcome, so an error is reported as that of any task which nobody awaits.
template <class T>
void spawn_detached(event_loop& loop, coro<T>&& coroutine, std::source_location where) {
    call_at_home(loop, [&loop, where, coroutine = std::move(coroutine)]() mutable {
        static_cast<void>(loop.create_task(std::move(coroutine), std::string_view(), where));
    });
}

/// A loop that lives for as long as a coroutine.
template <class Executor>
class hosted_run_initiation {
public:
    hosted_run_initiation(Executor const& host, std::source_location where) : host_(host), where_(where) {}

    using executor_type = Executor;
    executor_type const& get_executor() const noexcept { return host_; }

    template <class Handler, class T>
    void operator()(Handler&& handler, coro<T> coroutine) const {
        using delivery_type = delivery<std::decay_t<Handler>, T, Executor>;
        auto& run = hosted_run::make(host_);
        auto to = std::make_shared<delivery_type>(std::forward<Handler>(handler), run.loop(), host_);
        run.loop().call_soon_threadsafe(
            [&run, to = std::move(to), coroutine = std::move(coroutine), where = where_]() mutable {
                auto* const relay = to->relay();
                auto done = [&run, to = std::move(to)](any_future const& ended) {
                    run.end([to, ended] { to->template deliver<true>(*future_access::state(ended)); });
                };
                create_spawned(run.loop(), std::move(coroutine), relay, std::move(done), where);
            });
    }

private:
    Executor host_;
    std::source_location where_;
};

/// As spawn_detached(); the host is kept running as by any other token.
template <class Executor, class T>
void spawn_hosted_detached(Executor const& host, coro<T>&& coroutine, std::source_location where) {
    auto& run = hosted_run::make(host);
    auto work = boost::asio::prefer(host, boost::asio::execution::outstanding_work.tracked);
    run.loop().call_soon_threadsafe([&run, work = std::move(work), coroutine = std::move(coroutine), where]() mutable {
        auto done = [&run, work = std::move(work)] { run.end([work] {}); };
        create_spawned(run.loop(), std::move(coroutine), nullptr, std::move(done), where);
    });
}

} // namespace detail

/// Run a coroutine as a task of a loop, and hand its outcome to a completion token of Asio.
///
/// @code
/// void by_callback(std::string url) {
///     ordo::spawn(loop, fetch(url), [](std::exception_ptr, std::string page) { std::cout << page; });
/// }
/// boost::asio::awaitable<void> by_coroutine(std::string url) {
///     std::cout << co_await ordo::spawn(loop, fetch(url), boost::asio::use_awaitable);
/// }
/// @endcode
///
/// @param coroutine   A coro, or a function that makes one, which is kept alive until its end.
/// @param token       Of the signature void(std::exception_ptr, T), or void(std::exception_ptr). The T is made by default
///                    if there is an error; of a T that cannot be there is a std::optional<T>, of a T& a pointer. The
///                    handler's executor, allocator and cancellation slot are honoured; without an executor of its own it
///                    runs in the loop, as a done callback. With boost::asio::detached an error goes to the loop's
///                    exception handler.
/// @throws loop_closed_error   If the loop is closed later, the handler is destroyed without a call.
/// @par Cancellation   A cancellation of any type cancels the task. If it ends cancelled, the error is a
///                     boost::system::system_error with operation_aborted.
/// @par Thread safety  Any thread, for as long as the loop exists; the slot's signal may be emitted on any thread.
/// @par Source         boost::asio::co_spawn.
template <class T, class Token>
auto spawn(event_loop& loop, coro<T> coroutine, Token&& token,
           std::source_location where = std::source_location::current()) {
    if (!coroutine) throw usage_error("spawn: this coro was awaited or moved from before");
    if constexpr (std::is_same_v<std::decay_t<Token>, boost::asio::detached_t>)
        return detail::spawn_detached(loop, std::move(coroutine), where);
    else
        return boost::asio::async_initiate<Token, detail::delivery_signature<T>>(detail::spawn_initiation(loop, where),
                                                                                 token, std::move(coroutine));
}
template <detail::coroutine_function F, class Token>
auto spawn(event_loop& loop, F&& function, Token&& token,
           std::source_location where = std::source_location::current()) {
    return spawn(loop, detail::coro_from(std::forward<F>(function)), std::forward<Token>(token), where);
}

/// Run a coroutine on a loop of its own, on an executor of the host: what ordo::run() is for a program.
///
/// When the coroutine has ended, the tasks that it has left are cancelled and awaited, the loop is closed, and then the
/// token is completed. Otherwise as above.
///
/// @param executor   Of an io_context that one thread runs, or a strand. It keeps its run() going until the end.
/// @param token      Without an executor of its own, the handler runs on `executor`.
template <class Executor, class T, class Token>
    requires boost::asio::execution::is_executor<Executor>::value
auto spawn(Executor const& executor, coro<T> coroutine, Token&& token,
           std::source_location where = std::source_location::current()) {
    if (!coroutine) throw usage_error("spawn: this coro was awaited or moved from before");
    if constexpr (std::is_same_v<Executor, loop_executor>)
        return spawn(executor.loop(), std::move(coroutine), std::forward<Token>(token), where);
    else if constexpr (std::is_same_v<std::decay_t<Token>, boost::asio::detached_t>)
        return detail::spawn_hosted_detached(executor, std::move(coroutine), where);
    else
        return boost::asio::async_initiate<Token, detail::delivery_signature<T>>(
            detail::hosted_run_initiation<Executor>(executor, where), token, std::move(coroutine));
}
template <class Executor, detail::coroutine_function F, class Token>
    requires boost::asio::execution::is_executor<Executor>::value
auto spawn(Executor const& executor, F&& function, Token&& token,
           std::source_location where = std::source_location::current()) {
    return spawn(executor, detail::coro_from(std::forward<F>(function)), std::forward<Token>(token), where);
}

} // namespace ordo
