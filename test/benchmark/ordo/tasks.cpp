// ordo: tasks and futures in the benchmark of ordo: W3, W4, W5a, W5b, W5c.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "place.hpp"

#include <algorithm>
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

/// Two tasks, each of which completes the future that the other one waits for.
struct pair {
    ordo::coro<> ping(std::size_t turns, std::uint64_t& count) {
        for (std::size_t i = 0; i < turns; ++i, ++count) {
            auto const own = a;
            b.set_result();
            co_await own;
            a = ordo::get_running_loop().create_future();
        }
    }
    ordo::coro<> pong(std::size_t turns, std::uint64_t& count) {
        for (std::size_t i = 0; i < turns; ++i, ++count) {
            auto const own = b;
            co_await own;
            b = ordo::get_running_loop().create_future();
            a.set_result();
        }
    }

    ordo::future<> a = ordo::get_running_loop().create_future();
    ordo::future<> b = ordo::get_running_loop().create_future();
};

ordo::coro<> take_turns(std::size_t size, std::uint64_t& count) {
    std::vector<pair> pairs(std::max<std::size_t>(alive(2, size) / 2, 1));
    std::vector<ordo::task<>> tasks;
    auto const turns = size / 2 / pairs.size();
    for (auto& both : pairs) {
        tasks.push_back(ordo::create_task(both.pong(turns, count)));
        tasks.push_back(ordo::create_task(both.ping(turns, count)));
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

template <class Place, auto Main>
outcome run(std::size_t size) {
    Place place;
    std::uint64_t check = 0;
    auto const begin = wall_ns();
    place.run(Main(size, check));
    return {(wall_ns() - begin) / static_cast<double>(size), check};
}

template <auto Main>
struct listed : ordo_registration {
    explicit listed(char const* workload)
        : ordo_registration(workload, run<owned_loop, Main>, run<embedded_loop, Main>) {}
};

listed<create_and_await> const w3("W3");
listed<share<await_trivial, 1>> const w4("W4");
listed<take_turns> const w5a("W5a");
listed<share<yield, 1>> const w5b("W5b");
listed<share<yield, 1000>> const w5c("W5c");

} // namespace
} // namespace ordo_benchmark
