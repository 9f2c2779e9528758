// ordo: wait, until some of several futures are done.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/combinator.hpp>
#include <ordo/task.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace ordo {

/// When wait() is over.
///
/// @par Source   asyncio.ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION.
enum class return_when : std::uint8_t {
    all_completed,
    first_completed,
    first_exception, ///< or when all are done; a cancelled one does not count as failed
};

/// What wait() gives: both in the order of its arguments.
template <class Future>
struct wait_result {
    std::vector<Future> done;
    std::vector<Future> pending;
};

namespace detail {

/// @param futures   Belong to the caller.
ORDO_DECL coro<> wait_for_some(std::vector<future_pointer<>> const& futures, return_when when,
                               optional_duration timeout);

template <class T>
inline constexpr bool is_vector_of_futures = false;
template <std::derived_from<any_future> Future>
inline constexpr bool is_vector_of_futures<std::vector<Future>> = true;
template <class T>
concept vector_of_futures = is_vector_of_futures<std::remove_cvref_t<T>>;

} // namespace detail

/// Wait until some of these futures and tasks are done, or time runs out: `auto [done, pending] = co_await wait(tasks)`.
///
/// Nothing is cancelled and nothing thrown because of what they end with, or because time runs out: look at those in
/// `done`. One that is given twice counts once. Coroutines must be made tasks first.
///
/// @tparam Future     task<T>, future<T>, or any_task or any_future for different types.
/// @param timeout     Of any length; without one it waits for ever.
/// @returns           Two iterations after the end of the last one that it waits for.
/// @throws value_error         if there is nothing to wait for.
/// @throws usage_error         if they belong to another loop.
/// @par Cancellation  Ends the wait, and does not reach the futures.
/// @par Source        asyncio.wait.
template <std::derived_from<any_future> Future>
coro<wait_result<Future>> wait(std::vector<Future> futures, return_when when = return_when::all_completed,
                               optional_duration timeout = std::nullopt) {
    std::vector<detail::future_pointer<>> states;
    states.reserve(futures.size());
    for (auto const& future : futures) states.push_back(detail::future_access::state(future));
    detail::remove_repeated(states);
    co_await detail::wait_for_some(states, when, timeout);
    wait_result<Future> result;
    for (auto& state : states) {
        auto& list = state->done() ? result.done : result.pending;
        list.push_back(detail::future_access::adopt<Future>(std::move(state)));
    }
    co_return result;
}
template <std::derived_from<any_future> Future>
coro<wait_result<Future>> wait(std::vector<Future> futures, optional_duration timeout) {
    return wait(std::move(futures), return_when::all_completed, timeout);
}
template <class Other, class... More>
    requires(!detail::vector_of_futures<Other>)
coro<> wait(Other&&, More&&...) {
    static_assert(detail::never<Other>,
                  "ordo: wait() takes a std::vector of futures or tasks, and gives these back; make "
                  "tasks of coroutines first, with create_task()");
    return detail::coro_access::none<void>();
}

} // namespace ordo
