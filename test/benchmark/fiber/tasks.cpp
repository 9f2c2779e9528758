// ordo: Boost.Fiber, whose tasks have stacks of their own, in the benchmark: W3, W5a, W5b, W5c, W13a, W13b.
// SPDX-License-Identifier: BSL-1.0
//
// It has no callbacks, no timers but those that wake a fiber, and no cancelling: so there is nothing else to compare.
#include "../clock.hpp"
#include "../workload.hpp"

#include <algorithm>
#include <array>
#include <boost/fiber/all.hpp>
#include <vector>

namespace ordo_benchmark {
namespace {

namespace fibers = boost::fibers;

/// Bytes of a stack: as much as the deepest workload needs, with room to spare.
constexpr std::size_t stack_size = 16 * 1024;

/// Keeps the stacks of fibers that have ended for others.
fibers::pooled_fixedsize_stack& stacks() {
    static fibers::pooled_fixedsize_stack pool(stack_size);
    return pool;
}

/// A fiber, which begins when the calling one waits, and a future of its result.
template <class F>
auto start(F function) {
    return fibers::async(fibers::launch::post, std::allocator_arg, stacks(), std::move(function));
}

/// As much of the work for each of so many fibers; `work(place, times)`.
template <class F>
void share(std::size_t size, std::size_t number, F work) {
    std::vector<fibers::future<void>> all;
    all.reserve(number);
    for (std::size_t i = 0; i < number; ++i)
        all.push_back(start([&work, i, times = size / number + (i < size % number)] { work(i, times); }));
    for (auto& each : all) each.get();
}

std::uint64_t create_and_await(std::size_t left) {
    std::uint64_t sum = 0;
    auto const batch = alive(1000, left);
    std::vector<fibers::future<std::uint64_t>> all;
    all.reserve(batch);
    while (left > 0) {
        std::uint64_t const count = std::min(batch, left);
        for (std::uint64_t i = 0; i < count; ++i) all.push_back(start([i] { return i; }));
        for (auto& each : all) sum += each.get();
        all.clear();
        left -= count;
    }
    return sum;
}

/// Each completes the future that the other one waits for.
std::uint64_t take_turns(std::size_t size) {
    auto const pairs = std::max<std::size_t>(alive(2, size) / 2, 1);
    std::vector<std::array<fibers::promise<void>, 2>> inboxes(pairs);
    std::uint64_t count = 0;
    for (auto& [a, b] : inboxes) a.set_value();
    share(size / pairs * pairs, 2 * pairs, [&](std::size_t place, std::size_t) {
        auto const turns = size / pairs;
        auto& own = inboxes[place / 2][place % 2];
        auto& other = inboxes[place / 2][1 - place % 2];
        for (std::size_t i = 0; i < (place % 2 ? turns / 2 : turns - turns / 2); ++i, ++count) {
            own.get_future().get();
            own = fibers::promise<void>();
            other.set_value();
        }
    });
    return count;
}

template <std::size_t Fibers>
std::uint64_t yield(std::size_t size) {
    std::uint64_t count = 0;
    share(size, alive(Fibers, size), [&](std::size_t, std::size_t times) {
        for (std::size_t i = 0; i < times; ++i, ++count) boost::this_fiber::yield();
    });
    return count;
}

std::uint64_t hand_lock_over(std::size_t size) {
    fibers::mutex mutex;
    std::uint64_t taken = 0;
    share(size, 2, [&](std::size_t, std::size_t times) {
        for (std::size_t i = 0; i < times; ++i, ++taken) {
            std::unique_lock const held(mutex);
            boost::this_fiber::yield();
        }
    });
    return taken;
}

std::uint64_t pass_items(std::size_t size) {
    fibers::buffered_channel<std::uint64_t> items(2); // one place of these is never used
    std::uint64_t sum = 0;
    share(2 * size, 2, [&](std::size_t place, std::size_t times) {
        if (place == 0) {
            for (std::uint64_t i = 0; i < times; ++i) items.push(i);
        } else {
            for (std::size_t i = 0; i < times; ++i) sum += items.value_pop();
        }
    });
    return sum;
}

template <auto Main>
outcome run(std::size_t size) {
    auto const begin = wall_ns();
    auto const check = Main(size);
    return {(wall_ns() - begin) / static_cast<double>(size), check};
}

registration const w3("fiber", "W3", run<create_and_await>);
registration const w5a("fiber", "W5a", run<take_turns>);
registration const w5b("fiber", "W5b", run<yield<1>>);
registration const w5c("fiber", "W5c", run<yield<1000>>);
registration const w13a("fiber", "W13a", run<hand_lock_over>);
registration const w13b("fiber", "W13b", run<pass_items>);

} // namespace
} // namespace ordo_benchmark
