// ordo: the floor of the benchmark: memory, and cancelling: W10a, W10b, W11.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "coroutines.hpp"
#include "timers.hpp"

#include <type_traits>
#include <vector>

namespace ordo_benchmark::floor {
namespace {

constexpr nanoseconds hour = 3'600'000'000'000;

struct cancelled {};

/// Waits on a timer that stands in the frame.
struct sleep : timer {
    heap& scheduled;
    std::coroutine_handle<> frame;
    bool is_cancelled = false;

    sleep(heap& in, nanoseconds delay) : timer{{nullptr, resume}, read_clock() + delay, 0, 0}, scheduled(in) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> which) {
        frame = which;
        scheduled.push(this);
    }
    void await_resume() const {
        if (is_cancelled) throw cancelled();
    }

    void cancel() {
        is_cancelled = true;
        scheduled.remove(this);
        ready.push(this);
    }

private:
    static void resume(node* self) { static_cast<sleep*>(self)->frame.resume(); }
};

/// @param own   Where the caller finds the sleep, to cancel it.
coro<std::uint64_t> sleep_long(heap& scheduled, sleep*& own) {
    sleep waiting(scheduled, hour);
    own = &waiting;
    try {
        co_await waiting;
    } catch (cancelled const&) {
        co_return 1;
    }
    co_return 0;
}

struct sleepers {
    explicit sleepers(std::size_t size) : sleeps(size) {
        tasks.reserve(size);
        for (auto& own : sleeps) tasks.emplace_back(sleep_long(scheduled, own));
        run_iterations(); // they go to sleep
    }

    heap scheduled;
    std::vector<sleep*> sleeps;
    std::vector<task<std::uint64_t>> tasks;
};

outcome sleeping_tasks(std::size_t size) {
    auto const before = heap_bytes();
    sleepers all(size);
    auto const bytes = heap_bytes() - before;
    auto const handles = static_cast<double>((sizeof all.sleeps[0] + sizeof all.tasks[0]) * size); // nobody needs them
    for (auto* const each : all.sleeps) each->cancel(); // nothing else would end them, and free their frames
    run_iterations();
    return {(bytes - handles) / static_cast<double>(size), all.tasks.size()};
}

outcome pending_timers(std::size_t size) {
    heap scheduled;
    std::uint64_t fired = 0;
    auto const count = [&fired] { ++fired; };
    std::vector<timer_callback<std::remove_const_t<decltype(count)>>*> timers;
    timers.reserve(size);
    random next;
    auto const before = heap_bytes();
    for (std::size_t i = 0; i < size; ++i) {
        auto const microseconds = static_cast<nanoseconds>(next() % 3'600'000'000);
        timers.push_back(call_at(scheduled, read_clock() + hour + microseconds * 1000, count));
    }
    auto const bytes = heap_bytes() - before;
    for (auto* const each : timers) cancel(scheduled, each);
    return {bytes / static_cast<double>(size), size - fired};
}

root await_all(std::vector<task<std::uint64_t>> const& tasks, std::uint64_t& cancelled) {
    for (auto const& task : tasks) cancelled += co_await task;
}

outcome cancel_all(std::size_t size) {
    sleepers all(size);
    std::uint64_t cancelled = 0;
    auto const begin = wall_ns();
    for (auto* const each : all.sleeps) each->cancel();
    await_all(all.tasks, cancelled);
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), cancelled};
}

registration const w10a("floor", "W10a", sleeping_tasks);
registration const w10b("floor", "W10b", pending_timers);
registration const w11("floor", "W11", cancel_all);

} // namespace
} // namespace ordo_benchmark::floor
