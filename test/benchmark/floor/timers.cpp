// ordo: the floor of the benchmark: timers: W6a, W6b, W6c, W6d.
// SPDX-License-Identifier: BSL-1.0
#include "timers.hpp"

#include "../clock.hpp"
#include "../workload.hpp"
#include "coroutines.hpp"

#include <vector>

namespace ordo_benchmark::floor {
namespace {

constexpr nanoseconds second = 1'000'000'000;

struct count_one {
    std::uint64_t& fired;
    void operator()() const { ++fired; }
};

outcome arm_and_cancel(std::size_t size) {
    auto const order = shuffled(size);
    heap scheduled;
    std::vector<timer_callback<count_one>*> timers;
    timers.reserve(size);
    std::uint64_t fired = 0, cancelled = 0;
    random next;
    auto const base = read_clock() + 3600 * second;

    auto const begin = wall_ns();
    for (std::size_t i = 0; i < size; ++i) {
        auto const microseconds = static_cast<nanoseconds>(next() % 3'600'000'000);
        timers.push_back(call_at(scheduled, base + microseconds * 1000, count_one{fired}));
    }
    for (auto const i : order) {
        cancel(scheduled, timers[i]);
        ++cancelled;
    }
    return {(wall_ns() - begin) / static_cast<double>(size), cancelled - fired};
}

outcome fire(std::size_t size) {
    heap scheduled;
    std::uint64_t in_order = 0;
    nanoseconds last = 0;
    random next;

    auto const begin = process_cpu_ns();
    auto const base = read_clock() + 300'000'000;
    for (std::size_t i = 0; i < size; ++i) {
        auto const deadline = base + static_cast<nanoseconds>(next() % 50'000) * 1000;
        call_at(scheduled, deadline, [&, deadline] {
            in_order += last <= deadline;
            last = deadline;
        });
    }
    run_timers(scheduled);
    return {(process_cpu_ns() - begin) / static_cast<double>(size), in_order};
}

[[gnu::noinline]] coro<std::uint64_t> trivial() {
    co_return 1;
}

root arm_await_cancel(std::size_t rounds, std::uint64_t& sum) {
    heap scheduled;
    for (std::size_t i = 0; i < rounds; ++i) {
        auto* const timer = call_at(scheduled, read_clock() + 30 * second, [] {});
        sum += co_await trivial();
        cancel(scheduled, timer);
    }
}

coro<std::uint64_t> yield_once() {
    co_await yield();
    co_return 1;
}

root limit_bodies(std::size_t rounds, std::uint64_t& finished) {
    heap scheduled;
    for (std::size_t i = 0; i < rounds; ++i) {
        auto* const timer = call_at(scheduled, read_clock() + 30 * second, [] {});
        finished += co_await yield_once();
        cancel(scheduled, timer);
    }
}

template <auto Main>
outcome run(std::size_t size) {
    std::uint64_t check = 0;
    auto const begin = wall_ns();
    Main(size, check);
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), check};
}

registration const w6a("floor", "W6a", arm_and_cancel);
registration const w6b("floor", "W6b", fire);
registration const w6c("floor", "W6c", run<arm_await_cancel>);
registration const w6d("floor", "W6d", run<limit_bodies>);

} // namespace
} // namespace ordo_benchmark::floor
