// ordo: executors, which run blocking functions on other threads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/detail/executor_job.hpp>
#include <ordo/detail/job_call.hpp>
#include <ordo/detail/temporary_closure.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <source_location>
#include <stop_token>
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

    /// Jobs that wait for a thread; 0 if it does not know.
    virtual std::size_t queue_length() const noexcept { return 0; }
};

/// Runs functions on a pool of threads.
///
/// Destroying it waits for the jobs that it has accepted. The default executor of a loop asks those that take a
/// std::stop_token to stop first, and after a second names in a warning those that it still waits for.
///
/// @par Source   concurrent.futures.ThreadPoolExecutor.
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
    /// On threads of a foreign executor: those that run count, too.
    std::size_t queue_length() const noexcept override;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

namespace detail {

template <class Call>
auto start_job(event_loop& loop, executor* on, Call call, std::source_location where) {
    using result_type = typename Call::result_type;
    auto& core = loop_access::core(loop);
    core.check_open("event_loop::run_in_executor");
    core.check_thread("event_loop::run_in_executor");
    std::shared_ptr<job_roster> roster;
    if (!on) {
        on = &loop_access::default_executor(loop);
        roster = loop_access::default_jobs(loop);
    }
    auto state = job_future<result_type>::make(core, where);
    on->submit(typed_job<Call>::make(core, *state, std::move(call), std::move(roster)));
    return future_access::adopt<future<result_type>>(std::move(state));
}

/// A job in a context.
template <class Call>
struct job_in_context {
    using result_type = typename Call::result_type;
    static constexpr bool stoppable = Call::stoppable;

    context in;
    Call call;

    result_type operator()(std::stop_token const& stop) { return in.run(call, stop); }
};

} // namespace detail

/// Call f(args...) on a thread of the executor, or f(std::stop_token, args...) if it takes that.
///
/// Up to four arguments are copied or moved; std::ref keeps a reference. Cancelling the future drops a job that has not
/// begun, and asks one that has to stop, both in the next iteration; its result is dropped.
///
/// @code
/// auto sum = loop.run_in_executor([](std::stop_token stop, int n) {
///     long result = 0;
///     for (int i = 0; i < n && !stop.stop_requested(); ++i) result += i;
///     return result;
/// }, 1'000'000);
/// @endcode
///
/// @returns   A future of what f returns or throws.
/// @throws    loop_closed_error; usage_error if the executor was shut down.
/// @par Source   asyncio loop.run_in_executor.
template <class F, class A, class B, class C, class D>
auto event_loop::run_in_executor(executor& on, F&& f, A&& a, B&& b, C&& c, D&& d, std::source_location where)
    -> future<detail::job_result<F, A, B, C, D>> {
    detail::warn_of_temporary_closure<F>();
    return detail::start_job(*this, &on,
                             detail::bind_job(std::forward<F>(f), std::forward<A>(a), std::forward<B>(b),
                                              std::forward<C>(c), std::forward<D>(d)),
                             where);
}

template <class F, class A, class B, class C, class D>
    requires(!std::is_base_of_v<executor, std::remove_cvref_t<F>>)
auto event_loop::run_in_executor(F&& f, A&& a, B&& b, C&& c, D&& d, std::source_location where)
    -> future<detail::job_result<F, A, B, C, D>> {
    detail::warn_of_temporary_closure<F>();
    return detail::start_job(*this, nullptr,
                             detail::bind_job(std::forward<F>(f), std::forward<A>(a), std::forward<B>(b),
                                              std::forward<C>(c), std::forward<D>(d)),
                             where);
}

/// Refuse further jobs for the default executor, ask those that take a std::stop_token to stop, and wait, without
/// blocking the loop, until the accepted ones are done; with a timeout, no longer than that.
///
/// Jobs that would not stop in time are named in a warning, with the place where they were submitted, and left behind:
/// the destructor of the loop does not wait for them, the end of the process does. run() gives them 300 s.
///
/// @par Cancellation   The same: it is not waited any longer.
/// @par Source         asyncio loop.shutdown_default_executor.
template <class Rep, class Period>
coro<void> event_loop::shutdown_default_executor(std::chrono::duration<Rep, Period> timeout) {
    return end_default_executor(detail::deadline_after(time_point(), timeout).time_since_epoch());
}

/// Call f(args...) on a thread of the running loop's default executor, in a copy of the caller's context. It is started
/// at once, not when it is awaited. @see event_loop::run_in_executor
///
/// @throws usage_error   if no loop is running on this thread.
/// @par Source           asyncio.to_thread.
template <class F, class A = detail::nothing, class B = detail::nothing, class C = detail::nothing,
          class D = detail::nothing>
auto to_thread(F&& f, A&& a = {}, B&& b = {}, C&& c = {}, D&& d = {},
               std::source_location where = std::source_location::current())
    -> future<detail::job_result<F, A, B, C, D>> {
    detail::warn_of_temporary_closure<F>();
    auto call = detail::bind_job(std::forward<F>(f), std::forward<A>(a), std::forward<B>(b), std::forward<C>(c),
                                 std::forward<D>(d));
    auto& loop = get_running_loop();
    using in_context = detail::job_in_context<decltype(call)>;
    return detail::start_job(loop, nullptr, in_context{copy_context(), std::move(call)}, where);
}

} // namespace ordo
