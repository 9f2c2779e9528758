// ordo: call_graph, where tasks wait, what for, and who waits for them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/detail/promise_base.hpp>
#include <ordo/fwd.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace ordo {

/// A task at the moment of the capture.
struct call_graph_task {
    enum class activity : std::uint8_t {
        running, ///< this is its step; where it stands it can ask itself, with call_stack()
        ready,   ///< its next step is queued
        waiting,
    };

    std::string name{};
    activity state = activity::ready;
    int cancelling = 0; ///< requests to cancel it that it has not taken back
    duration age{};     ///< on the loop's clock, to within a slice of the pump
    std::source_location created_at{};
    /// The co_await in which each of its coroutines stands, the innermost first.
    std::vector<std::source_location> stack{};
    std::string waits_for{};               ///< such as "sleep", "lock::acquire", "async_receive"; empty unless it waits
    std::optional<duration> remaining{};   ///< until the deadline of what it waits for, if that has one
    std::string holder{};                  ///< the task that has the lock which this one waits for
    std::vector<std::size_t> awaits{};     ///< other tasks of the graph
    std::vector<std::size_t> awaited_by{}; ///< the same the other way round
};

/// Several tasks of one loop.
struct call_graph {
    std::vector<call_graph_task> tasks; ///< in the order of their creation
};

/// All tasks of a loop that are not done.
///
/// @throws wrong_thread_error   in debug mode.
/// @par Thread safety           The loop's thread only.
/// @par Source                  asyncio.capture_call_graph, and `python -m asyncio pstree`.
ORDO_DECL call_graph capture_call_graph(event_loop const& loop);

/// A future or task, with all that wait for it and all that it waits for, directly or not. A plain future itself has no
/// place in it.
ORDO_DECL call_graph capture_call_graph(any_future const& of);

/// As an indented text: tasks that nobody waits for stand at the left, and below each what it waits for.
///
/// @verbatim
/// 'Task-1' waits for gather, age 1.2 s
///     at app.cpp:31 (ordo::coro<> serve())
///   'fetch a' waits for sleep, 0.8 s to go, age 1.2 s
///       at app.cpp:12 (ordo::coro<> fetch(std::string))
/// @endverbatim
ORDO_DECL std::string format_call_graph(call_graph const& graph);

/// The same as JSON: {"tasks": [{"name": ..., "state": ..., "age": seconds, "stack": [{"file", "line", "function"}], ...}]}.
ORDO_DECL std::string to_json(call_graph const& graph);

/// Write it to a stream; to the standard error by default.
///
/// @par Source   asyncio.print_call_graph.
ORDO_DECL void print_call_graph(event_loop const& loop);
ORDO_DECL void print_call_graph(event_loop const& loop, std::ostream& to);

/// From now on, print the call graph of the loop to the standard error whenever the process receives a signal. While one
/// callback keeps the loop busy, that waits.
///
/// @param number   Such as SIGUSR1. Takes the place of a handler that the loop had for it; remove_signal_handler() ends it.
/// @throws         as event_loop::add_signal_handler().
ORDO_DECL void dump_on_signal(event_loop& loop, int number);

namespace detail {

/// The frames of the caller, which need not wait for it.
class own_stack_awaiter {
public:
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> frame) {
        stack_ = promise_base::of(frame).stack();
        return false;
    }
    std::vector<std::source_location> await_resume() noexcept { return std::move(stack_); }

private:
    std::vector<std::source_location> stack_;
};

struct own_stack_request {};

template <>
struct awaiter_of<own_stack_request> {
    static constexpr bool awaitable = true;
    static own_stack_awaiter make(own_stack_request) noexcept { return {}; }
};

} // namespace detail

/// Where the running coroutine and those that await it stand, the innermost first: `auto stack = co_await call_stack();`.
/// It does not suspend.
[[nodiscard("ordo: call_stack() does nothing until it is awaited")]] inline detail::own_stack_request
call_stack() noexcept {
    return {};
}

} // namespace ordo
