// ordo: tasks and futures in the benchmark of ordo: W3, W4, W5a, W5b, W5c.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;

[[gnu::noinline]] ordo::coro<std::uint64_t> trivial(std::uint64_t value) {
    co_return value;
}

ordo::coro<> create_and_await(std::size_t left, std::uint64_t& sum) {
    auto const batch = alive(1000, left);
    std::vector<ordo::task<std::uint64_t>> tasks;
    tasks.reserve(batch);
    while (left > 0) {
        auto const count = std::min(batch, left);
        for (std::size_t i = 0; i < count; ++i) tasks.push_back(ordo::create_task(trivial(i)));
        for (auto const& task : tasks) sum += co_await task;
        tasks.clear();
        left -= count;
    }
}

ordo::coro<> await_trivial(std::size_t count, std::uint64_t& sum) {
    for (std::size_t i = 0; i < count; ++i) sum += co_await trivial(1);
}

/// Each completes the future that the other one waits for.
ordo::coro<> play(ordo::future<>& own, ordo::future<>& other, std::size_t turns, std::uint64_t& count) {
    for (std::size_t i = 0; i < turns; ++i, ++count) {
        co_await own;
        own = ordo::get_running_loop().create_future();
        other.set_result();
    }
}

ordo::coro<> take_turns(std::size_t size, std::uint64_t& count) {
    auto& loop = ordo::get_running_loop();
    auto const pairs = std::max<std::size_t>(alive(2, size) / 2, 1);
    std::vector<std::array<ordo::future<>, 2>> inboxes(pairs);
    std::vector<ordo::task<>> tasks;
    for (auto& [a, b] : inboxes) {
        a = loop.create_future();
        b = loop.create_future();
        auto const turns = size / pairs;
        tasks.push_back(loop.create_task(play(a, b, turns - turns / 2, count)));
        tasks.push_back(loop.create_task(play(b, a, turns / 2, count)));
        a.set_result();
    }
    for (auto const& task : tasks) co_await task;
}

ordo::coro<> yield(std::size_t times, std::uint64_t& count) {
    for (std::size_t i = 0; i < times; ++i, ++count) co_await ordo::sleep(0s);
}

/// Let as many tasks as are asked for share the work.
template <auto Work, std::size_t Tasks>
ordo::coro<> share(std::size_t size, std::uint64_t& count) {
    auto const number = alive(Tasks, size);
    std::vector<ordo::task<>> tasks;
    tasks.reserve(number);
    for (std::size_t i = 0; i < number; ++i)
        tasks.push_back(ordo::create_task(Work(size / number + (i < size % number), count)));
    for (auto const& task : tasks) co_await task;
}

main_registration<create_and_await> const w3("W3");
main_registration<share<await_trivial, 1>> const w4("W4");
main_registration<take_turns> const w5a("W5a");
main_registration<share<yield, 1>> const w5b("W5b");
main_registration<share<yield, 1000>> const w5c("W5c");

} // namespace
} // namespace ordo_benchmark
