// ordo: awaiting a coroutine of Asio.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/asio_operation.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// The executor of the running loop's host, on which a coroutine of Asio runs.
template <class Executor>
Executor host_executor_as() {
    auto const host = running_core("co_await").owner()->host_executor();
    if constexpr (std::is_same_v<Executor, boost::asio::any_io_executor>) {
        return host;
    } else {
        if (auto const* const exactly = host.target<Executor>()) return *exactly;
        throw usage_error("co_await: this awaitable names another type of executor than the loop has; let it be an "
                          "awaitable<T>, or give it to co_spawn() with the executor it needs and "
                          "boost::asio::deferred");
    }
}

/// `co_await f()`, where f is a coroutine of Asio: it runs in Asio's way, between the slices of the loop, and the task goes
/// on when it has ended. An error that it throws is thrown here; cancelling the task cancels it, with all types.
///
/// Asio 1.26 lets a cancellation that goes through co_spawn() use its slot after the end of the coroutine if that is
/// cleared by then; the awaiter keeps it until the task goes on, so here it is not.
template <class T, class Executor>
struct awaiter_of<boost::asio::awaitable<T, Executor>> {
    static constexpr bool awaitable = true;
    static constexpr bool foreign = true;
    static auto start(boost::asio::awaitable<T, Executor>&& from) {
        return boost::asio::co_spawn(host_executor_as<Executor>(), std::move(from), boost::asio::deferred);
    }
    static auto make(boost::asio::awaitable<T, Executor>&& from) {
        return awaiter_of<decltype(start(std::move(from)))>::make(start(std::move(from)));
    }
};

} // namespace ordo::detail
