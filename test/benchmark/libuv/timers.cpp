// ordo: timers in the benchmark of libuv: W6a, W6b, W6c, W10b. They count in milliseconds.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "loop.hpp"

#include <vector>

namespace ordo_benchmark {
namespace {

constexpr std::uint64_t hour = 3'600'000;        // ms
constexpr std::uint64_t not_needed = 30'000;     // ms, the time-out of W6c
constexpr std::uint64_t microseconds_per = 1000; // in a ms

void count_fired(uv_timer_t* timer) {
    ++data_of<std::uint64_t>(timer->loop);
}

/// On the heap, as programs have it that do not know how many they need.
uv_timer_t* arm(uv_loop_t* loop, std::uint64_t delay) {
    auto* timer = new uv_timer_t;
    uv_timer_init(loop, timer);
    uv_timer_start(timer, count_fired, delay, 0);
    return timer;
}

void cancel(uv_timer_t* timer) {
    auto const forget = [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); };
    uv_close(reinterpret_cast<uv_handle_t*>(timer), forget);
}

std::uint64_t far_delay(random& next) {
    return hour + next() % (hour * microseconds_per) / microseconds_per;
}

outcome arm_and_cancel(std::size_t size) {
    uv_loop loop;
    std::uint64_t fired = 0;
    static_cast<uv_loop_t*>(loop)->data = &fired;
    auto const order = shuffled(size);
    std::vector<uv_timer_t*> timers(size);
    random next;
    auto const begin = wall_ns();
    for (auto& timer : timers) timer = arm(loop, far_delay(next));
    for (auto const place : order) cancel(timers[place]);
    loop.run();
    auto const elapsed = wall_ns() - begin;
    return {elapsed / static_cast<double>(size), fired == 0 ? size : 0};
}

/// Of equal milliseconds the one that was armed first fires first, which the check sees.
class firing {
public:
    explicit firing(std::size_t size) : timers_(size) {}

    outcome run() {
        random next;
        auto const begin = process_cpu_ns();
        for (auto& timer : timers_) {
            uv_timer_init(loop_, &timer);
            timer.data = this;
            uv_timer_start(&timer, fire, 300 + next() % 50'000 / microseconds_per, 0);
        }
        loop_.run();
        return {(process_cpu_ns() - begin) / static_cast<double>(timers_.size()), in_order_};
    }

private:
    static void fire(uv_timer_t* timer) {
        auto& self = data_of<firing>(timer);
        self.in_order_ += !self.last_ || before(*self.last_, *timer);
        self.last_ = timer;
    }
    static bool before(uv_timer_t const& left, uv_timer_t const& right) {
        return left.timeout != right.timeout ? left.timeout < right.timeout : &left < &right;
    }

    std::vector<uv_timer_t> timers_;
    uv_loop loop_; // closes the timers, so it goes first
    uv_timer_t const* last_ = nullptr;
    std::uint64_t in_order_ = 0;
};

outcome fire_in_random_order(std::size_t size) {
    return firing(size).run();
}

/// What is ready at once calls back in the next iteration, as everything that calls back does in libuv.
class unneeded {
public:
    explicit unneeded(std::size_t size) : size_(size) {
        uv_timer_init(loop_, &timer_);
        uv_idle_init(loop_, &idle_);
        idle_.data = this;
    }

    outcome run() {
        auto const begin = wall_ns();
        begin_round();
        uv_idle_start(&idle_, [](uv_idle_t* handle) { data_of<unneeded>(handle).end_round(); });
        loop_.run();
        return {(wall_ns() - begin) / static_cast<double>(size_), rounds_};
    }

private:
    void begin_round() {
        uv_timer_start(&timer_, [](uv_timer_t*) {}, not_needed, 0);
    }
    void end_round() {
        uv_timer_stop(&timer_);
        if (++rounds_ < size_) begin_round();
        else uv_idle_stop(&idle_);
    }

    uv_timer_t timer_;
    uv_idle_t idle_;
    uv_loop loop_; // closes both, so it goes first
    std::size_t const size_;
    std::uint64_t rounds_ = 0;
};

outcome time_out_not_needed(std::size_t size) {
    return unneeded(size).run();
}

outcome pending_timers(std::size_t size) {
    uv_loop loop;
    std::uint64_t fired = 0;
    static_cast<uv_loop_t*>(loop)->data = &fired;
    std::vector<uv_timer_t*> timers(size);
    random next;
    auto const before = heap_bytes();
    for (auto& timer : timers) timer = arm(loop, far_delay(next));
    auto const grown = heap_bytes() - before;
    for (auto* timer : timers) cancel(timer);
    return {grown / static_cast<double>(size), size - fired};
}

registration const w6a("libuv", "W6a", arm_and_cancel);
registration const w6b("libuv", "W6b", fire_in_random_order);
registration const w6c("libuv", "W6c", time_out_not_needed);
registration const w10b("libuv", "W10b", pending_timers);

} // namespace
} // namespace ordo_benchmark
