// ordo: memory in the benchmark of ordo: W10a, W10b.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <chrono>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;

ordo::coro<> sleep_long() {
    co_await ordo::sleep(1h);
}

template <class Place>
outcome sleeping_tasks(std::size_t size) {
    Place place;
    auto const create_all = [size]() -> ordo::coro<> {
        for (std::size_t i = 0; i < size; ++i) ordo::create_task(sleep_long());
        co_await ordo::sleep(0s); // they go to sleep
    };
    auto const before = heap_bytes();
    place.run(create_all());
    auto const bytes = heap_bytes() - before;
    auto const tasks = ordo::all_tasks(place.loop);
    place.loop.set_exception_handler([](auto&, auto&) {}); // that each dies with the loop is no news
    return {bytes / static_cast<double>(size), tasks.size()};
}

template <class Place>
outcome pending_timers(std::size_t size) {
    Place place;
    std::uint64_t fired = 0;
    random next;
    auto const before = heap_bytes();
    for (std::size_t i = 0; i < size; ++i)
        place.loop.call_later(1h + std::chrono::microseconds(next() % 3'600'000'000), [&] { ++fired; });
    auto const bytes = heap_bytes() - before;
    return {bytes / static_cast<double>(size), size - fired};
}

ordo_registration const w10a("W10a", sleeping_tasks<owned_loop>, sleeping_tasks<embedded_loop>);
ordo_registration const w10b("W10b", pending_timers<owned_loop>, pending_timers<embedded_loop>);

} // namespace
} // namespace ordo_benchmark
