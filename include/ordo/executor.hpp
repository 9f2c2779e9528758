// ordo: executors, which run blocking functions on other threads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/executor_job.hpp>
#include <ordo/detail/temporary_closure.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ordo {

/// Runs functions on threads of its own.
///
/// @par Thread safety   Every member may be called on any thread.
/// @par Source          concurrent.futures.Executor.
class ORDO_DECL executor {
public:
    /// A function to be called once, by operator(); one that is dropped instead cancels its future.
    using job = detail::job_share;

    executor() = default;
    executor(executor const&) = delete;
    executor& operator=(executor const&) = delete;
    virtual ~executor();

    /// Take a job.
    /// @throws usage_error   if it was shut down.
    virtual void submit(job work) = 0;

    /// Refuse further jobs. Those that were accepted still run.
    /// @param wait   Return only when they are done.
    virtual void shutdown(bool wait) = 0;
};

/// Runs functions on a pool of threads.
///
/// Destroying it waits for the jobs that it has accepted.
///
/// @par Source   concurrent.futures.ThreadPoolExecutor, over boost::asio::thread_pool.
class ORDO_DECL thread_pool_executor final : public executor {
public:
    /// Four threads more than there are cores, 32 at most.
    thread_pool_executor();
    /// @param threads   At least 1.
    /// @throws usage_error   if it is 0.
    explicit thread_pool_executor(std::size_t threads);
    /// On the threads of any Asio executor, whose context must run until the jobs are done.
    explicit thread_pool_executor(boost::asio::any_io_executor threads);
    ~thread_pool_executor() override;

    void submit(job work) override;
    void shutdown(bool wait) override;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

namespace detail {

template <class F, class... Args>
auto start_job(event_loop& loop, executor& on, F&& f, Args&&... args) {
    using result_type = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;
    auto call = [f = std::decay_t<F>(std::forward<F>(f)),
                 bound = std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...)]() mutable -> result_type {
        return std::apply(std::move(f), std::move(bound));
    };
    auto& core = loop_access::core(loop);
    core.check_open("event_loop::run_in_executor");
    core.check_thread("event_loop::run_in_executor");
    auto state = job_future<result_type>::make(core);
    auto work = typed_job<decltype(call), result_type>::make(core, *state, std::move(call));
    on.submit(std::move(work));
    return future_access::adopt<future<result_type>>(std::move(state));
}

} // namespace detail

/// Call f(args...) on a thread of the executor.
///
/// The arguments are copied or moved; std::ref keeps a reference. Cancelling the future drops a job that has not begun;
/// one that has runs on, and its result is dropped.
///
/// @returns   A future of what f returns or throws.
/// @throws    loop_closed_error; usage_error if the executor was shut down.
/// @par Source   asyncio loop.run_in_executor.
template <class F, class... Args>
auto event_loop::run_in_executor(executor& where, F&& f, Args&&... args)
    -> future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>> {
    detail::warn_of_temporary_closure<F>();
    return detail::start_job(*this, where, std::forward<F>(f), std::forward<Args>(args)...);
}

template <class F, class... Args>
    requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
auto event_loop::run_in_executor(F&& f, Args&&... args)
    -> future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>> {
    detail::warn_of_temporary_closure<F>();
    core_->check_open("event_loop::run_in_executor");
    return detail::start_job(*this, default_executor(), std::forward<F>(f), std::forward<Args>(args)...);
}

/// Call f(args...) on a thread of the running loop's default executor, in a copy of the caller's context. It is started
/// at once, not when it is awaited.
///
/// @throws usage_error   if no loop is running on this thread.
/// @par Source           asyncio.to_thread.
template <class F, class... Args>
    requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
auto to_thread(F&& f, Args&&... args) -> future<std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>> {
    detail::warn_of_temporary_closure<F>();
    auto in_context = [in = copy_context()]<class G, class... Bound>(G&& g, Bound&&... bound) mutable {
        return in.run(std::forward<G>(g), std::forward<Bound>(bound)...);
    };
    return get_running_loop().run_in_executor(in_context, std::forward<F>(f), std::forward<Args>(args)...);
}

} // namespace ordo
