// ordo: the floor of the benchmark: tasks and futures: W3, W4, W5a, W5b, W5c.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "coroutines.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ordo_benchmark::floor {
namespace {

[[gnu::noinline]] coro<std::uint64_t> trivial(std::uint64_t value) {
    co_return value;
}

/// A task with a frame of its own around the coroutine, as in asyncio, where they are two objects: option frames=2.
coro<std::uint64_t> wrap(coro<std::uint64_t> inner) {
    co_return co_await std::move(inner);
}

root create_and_await(std::size_t left, std::uint64_t& sum) {
    auto const batch = alive(1000, left);
    bool const wrapped = option("frames", std::size_t(1)) == 2;
    std::vector<task<std::uint64_t>> tasks;
    tasks.reserve(batch);
    while (left > 0) {
        auto const count = std::min(batch, left);
        for (std::size_t i = 0; i < count; ++i) tasks.emplace_back(wrapped ? wrap(trivial(i)) : trivial(i));
        for (auto const& task : tasks) sum += co_await task;
        tasks.clear();
        left -= count;
    }
}

root await_trivial(std::size_t count, std::uint64_t& sum) {
    for (std::size_t i = 0; i < count; ++i) sum += co_await trivial(1);
}

/// Each completes the future that the other one waits for.
root play(future& own, future& other, std::size_t turns, std::uint64_t& count) {
    for (std::size_t i = 0; i < turns; ++i, ++count) {
        co_await own;
        own = future();
        other.set();
    }
}

root yield_often(std::size_t times, std::uint64_t& count) {
    for (std::size_t i = 0; i < times; ++i, ++count) co_await yield();
}

outcome run_create_and_await(std::size_t size) {
    std::uint64_t sum = 0;
    auto const begin = wall_ns();
    create_and_await(size, sum);
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), sum};
}

outcome take_turns(std::size_t size) {
    auto const pairs = std::max<std::size_t>(alive(2, size) / 2, 1);
    std::vector<std::array<future, 2>> inboxes(pairs);
    std::uint64_t count = 0;
    auto const begin = wall_ns();
    for (auto& [a, b] : inboxes) {
        auto const turns = size / pairs;
        play(a, b, turns - turns / 2, count);
        play(b, a, turns / 2, count);
        a.set();
    }
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), count};
}

/// Let as many coroutines as are asked for share the work.
template <auto Work, std::size_t Tasks>
outcome share(std::size_t size) {
    auto const number = alive(Tasks, size);
    std::uint64_t count = 0;
    auto const begin = wall_ns();
    for (std::size_t i = 0; i < number; ++i) Work(size / number + (i < size % number), count);
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), count};
}

registration const w3("floor", "W3", run_create_and_await);
registration const w4("floor", "W4", share<await_trivial, 1>);
registration const w5a("floor", "W5a", take_turns);
registration const w5b("floor", "W5b", share<yield_often, 1>);
registration const w5c("floor", "W5c", share<yield_often, 1000>);

} // namespace
} // namespace ordo_benchmark::floor
