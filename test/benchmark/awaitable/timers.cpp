// ordo: timers, time-outs and cancelling with coroutines of Asio in the benchmark: W6c, W6d, W10a, W11.
// SPDX-License-Identifier: BSL-1.0
#include "run_main.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <deque>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;

[[gnu::noinline]] awaitable<std::uint64_t> trivial() {
    co_return 1;
}

/// The handler of the cancelled wait has to run, too, so each round ends with a yield.
awaitable<void> arm_await_cancel(asio::io_context& context, std::size_t rounds, std::uint64_t& sum) {
    asio::steady_timer timer(context);
    for (std::size_t i = 0; i < rounds; ++i) {
        timer.expires_after(30s);
        timer.async_wait([](error_code) {});
        sum += co_await trivial();
        timer.cancel();
        co_await asio::post(context, asio::deferred);
    }
}

awaitable<void> yield_once(asio::io_context& context) {
    co_await asio::post(context, asio::deferred);
}

awaitable<void> limit_bodies(asio::io_context& context, std::size_t rounds, std::uint64_t& finished) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(context);
    for (std::size_t i = 0; i < rounds; ++i) {
        timer.expires_after(30s);
        auto const first = co_await (yield_once(context) || timer.async_wait(use_awaitable));
        finished += first.index() == 0;
    }
}

awaitable<void> sleep_long(asio::io_context& context) {
    asio::steady_timer timer(context, 1h);
    co_await timer.async_wait(use_awaitable);
}

outcome sleeping_tasks(std::size_t size) {
    asio_context in;
    auto left = size;
    auto const before = heap_bytes();
    for (std::size_t i = 0; i < size; ++i)
        asio::co_spawn(in.context, sleep_long(in.context), [&](std::exception_ptr) { --left; });
    in.context.poll(); // they go to sleep
    return {(heap_bytes() - before) / static_cast<double>(size), left};
}

/// A task is cancelled through the slot of its completion handler. That runs when the task has ended, so there is nothing
/// to await but the last one.
outcome cancel_all(std::size_t size) {
    asio_context in;
    std::deque<asio::cancellation_signal> signals(size);
    std::uint64_t cancelled = 0;
    for (auto& signal : signals)
        asio::co_spawn(in.context, sleep_long(in.context),
                       asio::bind_cancellation_slot(signal.slot(),
                                                    [&](std::exception_ptr error) { cancelled += error != nullptr; }));
    in.context.poll(); // they go to sleep
    auto const begin = wall_ns();
    asio::post(in.context, [&] {
        for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);
    });
    in.context.restart();
    in.run();
    return {(wall_ns() - begin) / static_cast<double>(size), cancelled};
}

registration const w6c("asio_awaitable", "W6c", run_main<arm_await_cancel>);
registration const w6d("asio_awaitable", "W6d", run_main<limit_bodies>);
registration const w10a("asio_awaitable", "W10a", sleeping_tasks);
registration const w11("asio_awaitable", "W11", cancel_all);

} // namespace
} // namespace ordo_benchmark
