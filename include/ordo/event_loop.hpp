// ordo: event_loop, which runs callbacks in asyncio's order on an Asio context of its own or of the host.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/context_var.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/result.hpp>
#include <ordo/fwd.hpp>
#include <ordo/handle.hpp>
#include <ordo/loop_options.hpp>
#include <ordo/timer_handle.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {
class pump;
class job_roster;
struct loop_access;
template <class Token>
struct draining; // defined in drain.hpp, which has to be included
} // namespace detail

/// Runs callbacks, one at a time, in an order that is defined.
///
/// In each iteration the loop appends to the ready queue what I/O has completed, then the timers that are due, and runs
/// exactly the callbacks that are queued at that moment; what they schedule waits for the next iteration. It waits only
/// when nothing is ready.
///
/// A loop that owns its context is run by run_forever(), run_until_complete() or ordo::run(). A loop on a borrowed
/// context or executor is run by the host, by running that: from the first call_soon() on, whenever there is something
/// to do, the loop posts one handler to the executor. Ready callbacks, timers, executor jobs and outstanding operations
/// keep the host's run() alive; an idle loop does not.
///
/// @code
/// ordo::event_loop loop;
/// loop.call_later(10ms, [&] { loop.stop(); });
/// loop.run_forever();
/// @endcode
///
/// @par Errors          What a callback throws goes to the exception handler; the loop goes on.
/// @par Thread safety   call_soon_threadsafe() is for any thread, is_closed() too. Everything else belongs to the loop's
///                      thread: the one that runs it, or, for a borrowed strand, whichever runs the strand. Before and
///                      after the run any one thread may use it. Debug mode checks this.
/// @par Source          asyncio.AbstractEventLoop.
class ORDO_DECL event_loop {
public:
    /// A loop with an io_context of its own.
    event_loop();
    explicit event_loop(loop_options options);

    /// A loop on the host's context, which one thread at a time runs.
    explicit event_loop(boost::asio::io_context& host, loop_options options = {});

    /// A loop on any Asio executor that runs one handler at a time: of an io_context that one thread runs, or a strand.
    explicit event_loop(boost::asio::any_io_executor host, loop_options options = {});

    event_loop(event_loop const&) = delete;
    event_loop& operator=(event_loop const&) = delete;

    /// Closes the loop, if that was not done. It must not be running.
    ~event_loop();

    // -- scheduling

    /// Call f(args...) in the next iteration, in the order of the calls.
    ///
    /// @param f      Owned by the loop until it ran or was cancelled. What it returns is dropped. In front of it may
    ///               stand the context to run in: `call_soon(in, f, ...)`.
    /// @param a, b, c, d   Up to four arguments, copied or moved in; std::ref keeps a reference.
    /// @returns      A handle; dropping it does not cancel.
    /// @throws       loop_closed_error
    /// @par Context  A copy of the caller's, or the one given in front of f.
    /// @par Source   asyncio loop.call_soon.
    template <class F, class A = detail::nothing, class B = detail::nothing, class C = detail::nothing,
              class D = detail::nothing, class E = detail::nothing>
    [[gnu::always_inline]] handle call_soon(F&& f, A&& a = {}, B&& b = {}, C&& c = {}, D&& d = {}, E&& e = {},
                                            std::source_location where = std::source_location::current()) {
        return queue(detail::make_callback<detail::callback_node>(where, std::forward<F>(f), std::forward<A>(a),
                                                                  std::forward<B>(b), std::forward<C>(c),
                                                                  std::forward<D>(d), std::forward<E>(e)));
    }

    /// As call_soon(), from any thread. If the loop sleeps it is woken, once for any number of calls.
    ///
    /// The order is causal: what happened before the call runs before.
    ///
    /// @par Thread safety   Any thread, for as long as the loop exists. The handle may be used on any thread.
    /// @par Source          asyncio loop.call_soon_threadsafe.
    template <class F, class A = detail::nothing, class B = detail::nothing, class C = detail::nothing,
              class D = detail::nothing, class E = detail::nothing>
    [[gnu::always_inline]] handle call_soon_threadsafe(F&& f, A&& a = {}, B&& b = {}, C&& c = {}, D&& d = {},
                                                       E&& e = {},
                                                       std::source_location where = std::source_location::current()) {
        return queue_threadsafe(detail::make_callback<detail::shared_node>(
            where, std::forward<F>(f), std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
            std::forward<E>(e)));
    }

    /// Call f(args...) once, after a delay.
    ///
    /// Never before the deadline. Equal deadlines run in the order they were scheduled (asyncio leaves this undefined).
    ///
    /// @param delay   From now, in any std::chrono unit, whole or floating; 0 and less mean the next iteration, behind
    ///                what is ready in it. More than 292 years mean never.
    /// @returns       A handle; dropping it does not cancel.
    /// @throws        loop_closed_error
    /// @par Source    asyncio loop.call_later.
    template <class Rep, class Period, class F, class A = detail::nothing, class B = detail::nothing,
              class C = detail::nothing, class D = detail::nothing, class E = detail::nothing>
    [[gnu::always_inline]] timer_handle call_later(std::chrono::duration<Rep, Period> delay, F&& f, A&& a = {},
                                                   B&& b = {}, C&& c = {}, D&& d = {}, E&& e = {},
                                                   std::source_location where = std::source_location::current()) {
        return schedule(detail::make_callback<detail::timer_node>(where, std::forward<F>(f), std::forward<A>(a),
                                                                  std::forward<B>(b), std::forward<C>(c),
                                                                  std::forward<D>(d), std::forward<E>(e)),
                        detail::deadline_after(time(), delay), delay <= delay.zero());
    }

    /// Call f(args...) once, at a moment of the loop's clock; one that has passed means the next iteration.
    ///
    /// @par Source   asyncio loop.call_at.
    template <class F, class A = detail::nothing, class B = detail::nothing, class C = detail::nothing,
              class D = detail::nothing, class E = detail::nothing>
    [[gnu::always_inline]] timer_handle call_at(time_point when, F&& f, A&& a = {}, B&& b = {}, C&& c = {}, D&& d = {},
                                                E&& e = {},
                                                std::source_location where = std::source_location::current()) {
        return schedule(detail::make_callback<detail::timer_node>(where, std::forward<F>(f), std::forward<A>(a),
                                                                  std::forward<B>(b), std::forward<C>(c),
                                                                  std::forward<D>(d), std::forward<E>(e)),
                        when);
    }

    /// The present, on the loop's clock.
    time_point time() const noexcept { return core_->now(); }

    // -- futures and tasks; defined in future.hpp, task.hpp and executor.hpp

    /// A pending future of this loop. @see future
    template <class T = void>
    future<T> create_future(std::source_location where = std::source_location::current());

    /// Schedule a coroutine. It begins in the next iteration. The loop owns it until it is done.
    ///
    /// @param name      For logs; "Task-N" if empty. In its place may stand task_options, which also say in which
    ///                  context it runs, and whether it begins at once.
    /// @returns         The task; dropping it lets the task run on, and its error, if any, is reported.
    /// @throws          loop_closed_error
    /// @par Source      asyncio loop.create_task.
    template <class T>
    task<T> create_task(coro<T> coroutine, std::string_view name = {},
                        std::source_location where = std::source_location::current());
    template <class T>
    task<T> create_task(coro<T> coroutine, task_options const& options,
                        std::source_location where = std::source_location::current());

    /// Schedule the coroutine that a callable makes, or what else can be awaited: sleep(), queue::get(). The callable,
    /// a capturing lambda for example, is kept alive until the coroutine ends.
    template <detail::task_source F>
    detail::task_made_by<F> create_task(F&& source, std::string_view name = {},
                                        std::source_location where = std::source_location::current());
    template <detail::task_source F>
    detail::task_made_by<F> create_task(F&& source, task_options const& options,
                                        std::source_location where = std::source_location::current());

    /// Call f(args...) on a thread of the executor, or of the default one. @see executor.hpp
    template <class F, class A = detail::nothing, class B = detail::nothing, class C = detail::nothing,
              class D = detail::nothing>
    auto run_in_executor(executor& on, F&& f, A&& a = {}, B&& b = {}, C&& c = {}, D&& d = {},
                         std::source_location where = std::source_location::current())
        -> future<detail::job_result<F, A, B, C, D>>;
    template <class F, class A = detail::nothing, class B = detail::nothing, class C = detail::nothing,
              class D = detail::nothing>
        requires(!std::is_base_of_v<executor, std::remove_cvref_t<F>>)
    auto run_in_executor(F&& f, A&& a = {}, B&& b = {}, C&& c = {}, D&& d = {},
                         std::source_location where = std::source_location::current())
        -> future<detail::job_result<F, A, B, C, D>>;

    /// Replace the default executor, which otherwise is a thread_pool_executor made at first use.
    void set_default_executor(std::shared_ptr<executor> replacement);

    /// End the default executor: refuse further jobs, and wait for the accepted ones. @see executor.hpp
    coro<void> shutdown_default_executor();
    template <class Rep, class Period>
    coro<void> shutdown_default_executor(std::chrono::duration<Rep, Period> timeout);

    /// Results of jobs and threads that came after close(), and were dropped. Any thread.
    std::uint64_t dropped_results() const noexcept { return core_->dropped_results.load(); }

    /// Close the generators that are left half-way, in the order of their beginning, and report failures; run() does it.
    ///
    /// @par Source   asyncio loop.shutdown_asyncgens.
    coro<void> shutdown_asyncgens();

    // -- running

    /// Run until stop().
    ///
    /// @throws usage_error         if the loop is borrowed, runs already, or another one runs on this thread.
    /// @throws loop_closed_error
    /// @throws anything            that a foreign handler on the loop's own context throws.
    void run_forever();

    /// Run until the future, task or coroutine is done, and give its result or throw its error.
    ///
    /// @throws usage_error   as run_forever(), and if the loop was stopped before.
    template <class T>
    T run_until_complete(coro<T> main, std::source_location where = std::source_location::current());
    template <class T>
    T run_until_complete(future<T>&& main);
    template <class T>
    detail::look_t<T> run_until_complete(future<T> const& main);

    /// Run until the future or task is done, whatever it ends with.
    ///
    /// @throws usage_error   as run_until_complete().
    void run_until_done(any_future const& main);

    /// Let run_forever() return at the end of the current iteration. Callbacks that this iteration schedules run when
    /// the loop runs again. Before the run: run one iteration, without waiting.
    ///
    /// @throws usage_error   if the loop is borrowed: stop what runs it instead.
    void stop();

    /// Drop everything: callbacks and timers never run, pending tasks are reported and destroyed with all that their
    /// frames hold, the default executor is told to shut down. Idempotent.
    ///
    /// @throws usage_error   if the loop is running.
    void close();

    /// Whether run_forever() is under way; for a borrowed loop, whether it runs callbacks at this moment.
    bool is_running() const noexcept;
    bool is_closed() const noexcept { return core_->closed(); }

    /// Keep the host's run() alive although the loop is idle, until as many calls of detach().
    void attach() { core_->work_started(); }
    void detach() noexcept { core_->work_finished(); }

    /// End a borrowed loop in good order: wait until no task is left; at the deadline, cancel those that are, and wait a
    /// little longer; then close the loop, and wait until nothing of it is left in the host's context. See drain.hpp.
    ///
    /// @param deadline   From now, on the loop's clock.
    /// @param token      A completion token of the signature void(drain_report). Without an executor of its own, the
    ///                   handler runs on the host's.
    /// @throws usage_error         if the loop has a context of its own: runner and run() end that.
    /// @throws loop_closed_error
    /// @par Thread safety          Any thread. The loop must exist until the handler is called.
    template <class Rep, class Period, class Token, class Draining = detail::draining<Token>>
    auto drain(std::chrono::duration<Rep, Period> deadline, Token&& token) {
        return Draining::start(*this, detail::deadline_after(time(), deadline), token);
    }

    // -- descriptors and signals

    /// Call f(args...) by call_soon() whenever, and for as long as, a descriptor can be read or is at its end; replaces
    /// an earlier callback for reading it. remove_reader() also takes back a call that is queued already.
    ///
    /// @param descriptor   Of the caller, who keeps it open, and removes the callback before closing it. It must not be
    ///                     in use by an Asio object of the same context.
    /// @throws boost::system::system_error   if it is closed, or cannot be waited for, as a regular file.
    /// @throws loop_closed_error
    /// @par Source         asyncio loop.add_reader.
    template <class F, class... Args>
    void add_reader(int descriptor, F&& f, Args&&... args) {
        watch_descriptor(descriptor, false, repeatable(std::forward<F>(f), std::forward<Args>(args)...));
    }
    /// The same for a descriptor that can be written.
    template <class F, class... Args>
    void add_writer(int descriptor, F&& f, Args&&... args) {
        watch_descriptor(descriptor, true, repeatable(std::forward<F>(f), std::forward<Args>(args)...));
    }
    /// @returns   Whether there was one.
    bool remove_reader(int descriptor) { return unwatch_descriptor(descriptor, false); }
    bool remove_writer(int descriptor) { return unwatch_descriptor(descriptor, true); }

    /// Call f(args...) in the loop, as by call_soon(), whenever the process receives a signal; replaces an earlier
    /// handler of this loop for it.
    ///
    /// @param number   A signal such as SIGTERM.
    /// @throws usage_error                  if the signal does not exist.
    /// @throws boost::system::system_error  if it cannot be caught.
    /// @par Source     asyncio loop.add_signal_handler; boost::asio::signal_set does the work.
    template <class F, class... Args>
    void add_signal_handler(int number, F&& f, Args&&... args) {
        set_signal_handler(number, repeatable(std::forward<F>(f), std::forward<Args>(args)...));
    }

    /// @returns   Whether there was one.
    bool remove_signal_handler(int number);

    // -- errors and debugging

    using exception_handler = std::function<void(event_loop&, exception_context const&)>;

    /// Replace default_exception_handler(); an empty one restores it.
    void set_exception_handler(exception_handler replacement);
    exception_handler const& get_exception_handler() const noexcept;

    /// Report an error that nobody else can handle. What the handler throws is logged.
    void call_exception_handler(exception_context const& report);

    /// Log the report, as an error of the logger "ordo".
    void default_exception_handler(exception_context const& report);

    /// Functions to be called when tasks are created, go on and end, and when callbacks run.
    ///
    /// @par Source   asyncio loop.set_task_factory, reduced to what it is used for.
    void set_hooks(loop_hooks hooks);

    /// Check for calls on the wrong thread, and log callbacks that take longer than slow_callback_duration and coros
    /// that were never awaited. On from the start if the environment has ORDO_DEBUG=1.
    void set_debug(bool on);
    bool get_debug() const noexcept { return core_->debug(); }

    /// In debug mode, a callback or step that takes at least this long is logged.
    duration slow_callback_duration = detail::slow_callback_duration;

    /// How many iterations have begun, over all runs.
    std::uint64_t iterations() const noexcept;
    /// What the loop has counted and timed of itself. Linear in the length of the ready queue; defined in metrics.hpp.
    loop_metrics metrics() const;
    /// What stands in its queues, for who debugs. Linear; defined in callback_info.hpp.
    ordo::queued_callbacks queued_callbacks() const;

    /// An Asio executor whose handlers run in the ready queue, in order; defined in loop_executor.hpp.
    loop_executor get_executor() const noexcept;

    /// The executor that the loop itself runs on: its own context's, or that which the host has given. Handlers on it run
    /// between the slices of the pump, in the order of Asio; they must not throw. For objects whose operations are only
    /// awaited it is as good as get_executor(), and cheaper.
    boost::asio::any_io_executor host_executor() const;

private:
    friend struct detail::loop_access;

    // Each takes a new node over.
    handle queue(detail::callback_node* node) {
        core_->push_new(node);
        node->references = 2;
        return detail::handle_access::adopt(node);
    }
    handle queue_threadsafe(detail::shared_node* node);
    timer_handle schedule(detail::timer_node* node, time_point when, std::optional<bool> is_due = {});

    /// A function that can be called, and copied, more than once.
    template <class F, class... Args>
    static std::function<void()> repeatable(F&& f, Args&&... args) {
        detail::check_callback<std::decay_t<F>&, std::decay_t<Args>&...>();
        auto bound = [f = std::decay_t<F>(std::forward<F>(f)),
                      bound_args = std::tuple<std::decay_t<Args>...>(std::forward<Args>(args)...)]() mutable {
            std::apply(f, bound_args);
        };
        return [shared = std::make_shared<decltype(bound)>(std::move(bound))] { (*shared)(); };
    }

    void check_can_run(char const* where) const;
    void set_signal_handler(int number, std::function<void()> handler);
    void watch_descriptor(int descriptor, bool for_writing, std::function<void()> ready);
    bool unwatch_descriptor(int descriptor, bool for_writing);
    executor& default_executor();
    coro<void> end_default_executor(std::optional<duration> timeout);

    struct state;
    std::unique_ptr<state> state_; ///< the cold parts
    detail::loop_core* core_;
};

/// The loop whose callback or task the caller is.
///
/// @throws usage_error   if there is none.
/// @par Source           asyncio.get_running_loop.
inline event_loop& get_running_loop() {
    return *detail::running_core("get_running_loop").owner();
}

namespace detail {

/// Reaches the private parts of a loop.
struct loop_access {
    static loop_core& core(event_loop const& loop) noexcept { return *loop.core_; }
    static ordo::executor& default_executor(event_loop& loop) { return loop.default_executor(); }
    ORDO_DECL static std::shared_ptr<job_roster> const& default_jobs(event_loop& loop);
    static void check_can_run(event_loop const& loop, char const* where) { loop.check_can_run(where); }
    ORDO_DECL static pump& pump_of(event_loop const& loop) noexcept;
    /// Let Asio deliver, without running anything, what has completed by now on the loop's own context.
    ORDO_DECL static void deliver_completions(event_loop& loop) noexcept;
};

} // namespace detail
} // namespace ordo
