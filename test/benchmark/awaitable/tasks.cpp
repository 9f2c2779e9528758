// ordo: coroutines of Asio in the benchmark: W3, W4, W5a, W5b, W5c, W12, W13a, W13b.
// SPDX-License-Identifier: BSL-1.0
//
// The handle to a task that Asio has is the promise that co_spawn(..., use_promise) gives; a future or a queue is a
// channel, and a lock is a channel that holds one token.
#include "run_main.hpp"

#include <algorithm>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/experimental/promise.hpp> // use_promise.hpp needs it, and does not include it
#include <boost/asio/experimental/use_promise.hpp>
#include <memory>
#include <numeric>
#include <vector>

namespace ordo_benchmark {
namespace {

[[gnu::noinline]] awaitable<std::uint64_t> trivial(std::uint64_t value) {
    co_return value;
}

awaitable<void> create_and_await(asio::io_context& context, std::size_t left, std::uint64_t& sum) {
    using promise = decltype(asio::co_spawn(context, trivial(0), asio::experimental::use_promise));
    auto const batch = alive(1000, left);
    std::vector<promise> tasks;
    tasks.reserve(batch);
    while (left > 0) {
        auto const count = std::min(batch, left);
        for (std::size_t i = 0; i < count; ++i)
            tasks.push_back(asio::co_spawn(context, trivial(i), asio::experimental::use_promise));
        for (auto& task : tasks) sum += co_await std::move(task)(use_awaitable);
        tasks.clear();
        left -= count;
    }
}

awaitable<void> await_trivial(asio::io_context&, std::size_t count, std::uint64_t& sum) {
    for (std::size_t i = 0; i < count; ++i) sum += co_await trivial(1);
}

awaitable<void> yield(asio::io_context& context, std::size_t times, std::uint64_t& count) {
    for (std::size_t i = 0; i < times; ++i, ++count) co_await asio::post(context, asio::deferred);
}

/// Let as many tasks as are asked for share the work.
template <auto Work, std::size_t Tasks>
awaitable<void> share(asio::io_context& context, std::size_t size, std::uint64_t& count) {
    auto const number = alive(Tasks, size);
    std::vector<awaitable<void>> tasks;
    for (std::size_t i = 0; i < number; ++i) tasks.push_back(Work(context, size / number + (i < size % number), count));
    co_await join(context, std::move(tasks));
}

/// Each answers what the other one sends.
awaitable<void> play(channel& own, channel& other, std::size_t turns, std::uint64_t& count) {
    for (std::size_t i = 0; i < turns; ++i, ++count) {
        co_await own.async_receive(use_awaitable);
        other.try_send(error_code(), 0);
    }
}

awaitable<void> take_turns(asio::io_context& context, std::size_t size, std::uint64_t& count) {
    auto const pairs = std::max<std::size_t>(alive(2, size) / 2, 1);
    std::vector<std::unique_ptr<channel>> inboxes;
    std::vector<awaitable<void>> tasks;
    for (std::size_t i = 0; i < pairs; ++i) {
        auto const turns = size / pairs;
        auto& a = *inboxes.emplace_back(std::make_unique<channel>(context, 1));
        auto& b = *inboxes.emplace_back(std::make_unique<channel>(context, 1));
        tasks.push_back(play(a, b, turns - turns / 2, count));
        tasks.push_back(play(b, a, turns / 2, count));
        a.try_send(error_code(), 0);
    }
    co_await join(context, std::move(tasks));
}

awaitable<void> gather_batches(asio::io_context& context, std::size_t left, std::uint64_t& sum) {
    using operation = decltype(asio::co_spawn(context, trivial(0), asio::deferred));
    auto const batch = alive(1000, left);
    while (left > 0) {
        auto const count = std::min(batch, left);
        std::vector<operation> children;
        children.reserve(count);
        for (std::size_t i = 0; i < count; ++i) children.push_back(asio::co_spawn(context, trivial(i), asio::deferred));
        auto const [order, errors, results] = co_await asio::experimental::make_parallel_group(std::move(children))
                                                  .async_wait(asio::experimental::wait_for_all(), use_awaitable);
        sum += std::accumulate(results.begin(), results.end(), std::uint64_t(0));
        left -= count;
    }
}

awaitable<void> take_often(asio::io_context& context, channel& lock, std::size_t times, std::uint64_t& taken) {
    for (std::size_t i = 0; i < times; ++i, ++taken) {
        co_await lock.async_receive(use_awaitable);
        co_await asio::post(context, asio::deferred);
        lock.try_send(error_code(), 0);
    }
}

awaitable<void> hand_lock_over(asio::io_context& context, std::size_t size, std::uint64_t& taken) {
    channel lock(context, 1);
    lock.try_send(error_code(), 0);
    std::vector<awaitable<void>> tasks;
    tasks.push_back(take_often(context, lock, size - size / 2, taken));
    tasks.push_back(take_often(context, lock, size / 2, taken));
    co_await join(context, std::move(tasks));
}

awaitable<void> put_all(channel& to, std::size_t size) {
    for (std::uint64_t i = 0; i < size; ++i) co_await to.async_send(error_code(), i, use_awaitable);
}
awaitable<void> get_all(channel& from, std::size_t size, std::uint64_t& sum) {
    for (std::size_t i = 0; i < size; ++i) sum += co_await from.async_receive(use_awaitable);
}

awaitable<void> pass_items(asio::io_context& context, std::size_t size, std::uint64_t& sum) {
    channel items(context, 1);
    std::vector<awaitable<void>> tasks;
    tasks.push_back(put_all(items, size));
    tasks.push_back(get_all(items, size, sum));
    co_await join(context, std::move(tasks));
}

registration const w3("asio_awaitable", "W3", run_main<create_and_await>);
registration const w4("asio_awaitable", "W4", run_main<share<await_trivial, 1>>);
registration const w5a("asio_awaitable", "W5a", run_main<take_turns>);
registration const w5b("asio_awaitable", "W5b", run_main<share<yield, 1>>);
registration const w5c("asio_awaitable", "W5c", run_main<share<yield, 1000>>);
registration const w12("asio_awaitable", "W12", run_main<gather_batches>);
registration const w13a("asio_awaitable", "W13a", run_main<hand_lock_over>);
registration const w13b("asio_awaitable", "W13b", run_main<pass_items>);

} // namespace
} // namespace ordo_benchmark
