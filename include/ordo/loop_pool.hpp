// ordo: loop_pool, loops on several threads, one each.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>
#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace ordo {

/// Uses several cores: a loop on each of its threads, none of which shares anything with another.
///
/// A server runs the same main on each, which listens on the same port with SO_REUSEPORT, so that the kernel spreads the
/// connections; or one thread accepts, and picks a loop for each connection.
///
/// Between loops may cross: call_soon_threadsafe(), run_coroutine_threadsafe(), which gives a concurrent_future,
/// wrap_future() to await that, spawn(), and values. Futures, tasks, locks, queues and Asio's objects stay with one loop.
///
/// @code
/// ordo::loop_pool pool(4);
/// pool.start([](std::size_t) { return work(); });
/// pool.join();
/// @endcode
///
/// @par Thread safety   Every member may be called on any thread but those of the pool; pick(), loop() and stop() on
///                      those, too.
class ORDO_DECL loop_pool {
public:
    /// As many as there are cores.
    loop_pool();
    /// @throws usage_error         if there are to be none.
    /// @throws std::system_error   if a thread cannot be started.
    explicit loop_pool(std::size_t threads, loop_options options = {});
    loop_pool(loop_pool const&) = delete;
    loop_pool& operator=(loop_pool const&) = delete;

    /// stop() and join(); errors are logged.
    ~loop_pool();

    std::size_t size() const noexcept;
    event_loop& loop(std::size_t index);
    /// Each in turn.
    event_loop& pick() noexcept;

    using main_function = std::function<coro<>(std::size_t index)>;
    /// Run main(index) as a task of each loop. The function is called on the thread of the loop, and kept until the end.
    /// If one fails, all are stopped.
    ///
    /// @throws usage_error   if it was called before, or after stop().
    void start(main_function main);

    /// Cancel every main; without one, end the loops. As run() does, each loop then cancels the tasks it has left.
    void stop() noexcept;

    /// Wait until every main has ended, or for stop().
    ///
    /// @throws anything      that the first main to fail has thrown. That it was cancelled by stop() is no error.
    /// @throws usage_error   on a thread of the pool.
    void join();

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace ordo
