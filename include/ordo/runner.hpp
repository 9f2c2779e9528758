// ordo: run, the entry point of a program, and runner, its parts.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/context_var.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

namespace ordo {

/// A loop of its own, for one or more main coroutines, and the care for its end.
///
/// While run() is under way, the first SIGINT cancels the main task; if that ends cancelled, run() throws
/// keyboard_interrupt. A second SIGINT ends the process in the way of the system. (Only where SIGINT has its default
/// action; a handler that the program adds itself takes precedence.)
///
/// @par Thread safety   One thread.
/// @par Source          asyncio.Runner.
class ORDO_DECL runner {
public:
    /// On a loop from new_event_loop().
    runner();
    explicit runner(loop_options options);
    runner(runner const&) = delete;
    runner& operator=(runner const&) = delete;

    /// close(); what that throws is logged.
    ~runner();

    /// Run the coroutine as the main task. All runs share one context, copied where the runner was made.
    ///
    /// @returns   Its result; or throws its error.
    /// @throws keyboard_interrupt   if SIGINT ended it.
    /// @throws usage_error          if a loop is running on this thread.
    template <class T>
    T run(coro<T> main, std::source_location where = std::source_location::current());

    /// Run the coroutine that a callable makes, or what else can be awaited; it is kept alive until then.
    template <detail::task_source F>
    auto run(F&& main, std::source_location where = std::source_location::current()) {
        return run(detail::coro_from(std::forward<F>(main)), where);
    }

    /// Cancel the tasks that are left, in the order of their creation, and wait for them; report the errors they end
    /// with; shut the default executor down; close the loop. Idempotent.
    void close();

    event_loop& get_loop() noexcept { return *loop_; }

private:
    /// Runs the task, with SIGINT cancelling it.
    void run_until_done(any_task const& main);

    std::unique_ptr<event_loop> loop_;
    context const context_ = copy_context(); ///< of the main tasks
};

template <class T>
T runner::run(coro<T> main, std::source_location where) {
    detail::loop_access::check_can_run(*loop_, "run");
    auto task = loop_->create_task(std::move(main), task_options{.context = context_}, where);
    run_until_done(task);
    return std::move(task).result();
}

/// Run a coroutine on a loop of its own, and clean up after it.
///
/// @code
/// int main() { return ordo::run(serve(8080)); }
/// @endcode
///
/// @param main   A coro, a callable that makes one, or what else can be awaited.
/// @returns      Its result; or throws its error, or keyboard_interrupt.
/// @par Source   asyncio.run.
template <class Main>
auto run(Main&& main, std::source_location where = std::source_location::current()) {
    runner own;
    return own.run(std::forward<Main>(main), where);
}

} // namespace ordo
