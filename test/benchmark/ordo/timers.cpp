// ordo: timers and time-outs in the benchmark of ordo: W6a, W6b, W6c, W6d.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <chrono>
#include <vector>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;

/// Arm timers that are far away, and cancel them in another order.
template <class Place>
outcome arm_and_cancel(std::size_t size) {
    Place place;
    auto const order = shuffled(size);
    std::vector<ordo::timer_handle> timers;
    timers.reserve(size);
    std::uint64_t fired = 0, cancelled = 0;
    random next;
    auto const base = place.loop.time() + 1h;

    auto const begin = wall_ns();
    for (std::size_t i = 0; i < size; ++i)
        timers.push_back(
            place.loop.call_at(base + std::chrono::microseconds(next() % 3'600'000'000), [&] { ++fired; }));
    for (auto const i : order) {
        timers[i].cancel();
        cancelled += timers[i].cancelled();
    }
    timers.clear();
    place.loop.call_soon([&] { place.end(); });
    place.run();
    return {(wall_ns() - begin) / static_cast<double>(size), cancelled - fired};
}

/// What the timers of W6b have in common, so that the callable of each is as small as that of the floor.
template <class Place>
struct firing {
    std::size_t left;
    Place place{};
    std::uint64_t in_order = 0;
    ordo::time_point last{};

    void fire(ordo::time_point deadline) {
        in_order += last <= deadline;
        last = deadline;
        if (--left == 0) place.end();
    }
};

/// Let timers fire. Each compares its deadline with that of the one before.
template <class Place>
outcome fire(std::size_t size) {
    firing<Place> all{size};
    auto& loop = all.place.loop;
    random next;

    auto const begin = process_cpu_ns();
    auto const base = loop.time() + 300ms;
    for (std::size_t i = 0; i < size; ++i) {
        auto const deadline = base + std::chrono::microseconds(next() % 50'000);
        loop.call_at(deadline, [&all, deadline] { all.fire(deadline); });
    }
    all.place.run();
    return {(process_cpu_ns() - begin) / static_cast<double>(size), all.in_order};
}

[[gnu::noinline]] ordo::coro<std::uint64_t> trivial() {
    co_return std::uint64_t(1);
}

ordo::coro<> arm_await_cancel(std::size_t rounds, std::uint64_t& sum) {
    auto& loop = ordo::get_running_loop();
    for (std::size_t i = 0; i < rounds; ++i) {
        auto timer = loop.call_later(30s, [] {});
        sum += co_await trivial();
        timer.cancel();
    }
}

ordo::coro<> limit_bodies(std::size_t rounds, std::uint64_t& finished) {
    auto const body = [&]() -> ordo::coro<> {
        co_await ordo::sleep(0s);
        ++finished;
    };
    for (std::size_t i = 0; i < rounds; ++i) co_await ordo::with_timeout(30s, body);
}

ordo_registration const w6a("W6a", arm_and_cancel<owned_loop>, arm_and_cancel<embedded_loop>);
ordo_registration const w6b("W6b", fire<owned_loop>, fire<embedded_loop>);
main_registration<arm_await_cancel> const w6c("W6c");
main_registration<limit_bodies> const w6d("W6d");

} // namespace
} // namespace ordo_benchmark
