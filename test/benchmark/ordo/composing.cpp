// ordo: what tasks do with each other in the benchmark of ordo: W11, W12, W13a, W13b.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <vector>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;

ordo::coro<> sleep_long() {
    co_await ordo::sleep(1h);
}

ordo::coro<> create_sleepers(std::size_t size, std::vector<ordo::task<>>& tasks) {
    tasks.reserve(size);
    for (std::size_t i = 0; i < size; ++i) tasks.push_back(ordo::create_task(sleep_long()));
    co_await ordo::sleep(0s); // they go to sleep
}

ordo::coro<> cancel_and_await(std::vector<ordo::task<>> const& tasks, std::uint64_t& cancelled) {
    for (auto const& task : tasks) task.cancel();
    for (auto const& task : tasks) {
        try {
            co_await task;
        } catch (ordo::cancelled_error const&) {
            ++cancelled;
        }
    }
}

/// The same without a second exception for each, for whoever only wants them gone: option await=wait.
ordo::coro<> cancel_and_wait(std::vector<ordo::task<>> const& tasks, std::uint64_t& cancelled) {
    for (auto const& task : tasks) task.cancel();
    auto const ended = co_await ordo::wait(tasks);
    for (auto const& task : ended.done) cancelled += task.cancelled();
}

template <class Place>
outcome cancel_all(std::size_t size) {
    Place place;
    std::vector<ordo::task<>> tasks;
    std::uint64_t cancelled = 0;
    place.run(create_sleepers(size, tasks));
    auto const end_all = option("await", "each") == "wait" ? cancel_and_wait : cancel_and_await;
    auto const begin = wall_ns();
    place.run(end_all(tasks, cancelled));
    return {(wall_ns() - begin) / static_cast<double>(size), cancelled};
}

[[gnu::noinline]] ordo::coro<std::uint64_t> trivial(std::uint64_t value) {
    co_return value;
}

ordo::coro<> gather_batches(std::size_t left, std::uint64_t& sum) {
    auto const batch = alive(1000, left);
    while (left > 0) {
        auto const count = std::min(batch, left);
        std::vector<ordo::coro<std::uint64_t>> children;
        children.reserve(count);
        for (std::size_t i = 0; i < count; ++i) children.push_back(trivial(i));
        auto const results = co_await ordo::gather(std::move(children));
        sum += std::accumulate(results.begin(), results.end(), std::uint64_t(0));
        left -= count;
    }
}

/// Whoever wants the lock finds it taken, because its owner yields while it holds it.
ordo::coro<> take_often(ordo::lock& lock, std::size_t times, std::uint64_t& taken) {
    for (std::size_t i = 0; i < times; ++i, ++taken) {
        auto const held = co_await lock.scoped();
        co_await ordo::sleep(0s);
    }
}

ordo::coro<> hand_lock_over(std::size_t size, std::uint64_t& taken) {
    ordo::lock lock;
    co_await ordo::gather(take_often(lock, size - size / 2, taken), take_often(lock, size / 2, taken));
}

ordo::coro<> put_all(ordo::queue<std::uint64_t>& to, std::size_t size) {
    for (std::uint64_t i = 0; i < size; ++i) co_await to.put(i);
}
ordo::coro<> get_all(ordo::queue<std::uint64_t>& from, std::size_t size, std::uint64_t& sum) {
    for (std::size_t i = 0; i < size; ++i) sum += co_await from.get();
}

ordo::coro<> pass_items(std::size_t size, std::uint64_t& sum) {
    ordo::queue<std::uint64_t> queue(1);
    co_await ordo::gather(put_all(queue, size), get_all(queue, size, sum));
}

ordo_registration const w11("W11", cancel_all<owned_loop>, cancel_all<embedded_loop>);
main_registration<gather_batches> const w12("W12");
main_registration<hand_lock_over> const w13a("W13a");
main_registration<pass_items> const w13b("W13b");

} // namespace
} // namespace ordo_benchmark
