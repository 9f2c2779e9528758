// ordo: other threads in the benchmark of ordo: W7a, W7b, W8a, W8b.
// SPDX-License-Identifier: BSL-1.0
#include "../flood.hpp"
#include "place.hpp"

#include <latch>
#include <thread>
#include <vector>

namespace ordo_benchmark {
namespace {

template <class Place>
outcome flood_loop(std::size_t size) {
    Place place;
    return flood(place, size, [&](auto callback) { place.loop.call_soon_threadsafe(callback); });
}

/// Two loops on two threads of one core schedule callbacks on each other.
template <class Place>
class two_loops {
public:
    outcome run(std::size_t size) {
        left_ = size;
        pin_to(0);
        std::latch ready(2);
        std::jthread const thread([&] {
            pin_to(0);
            there_.loop.call_soon([&] { ready.count_down(); });
            there_.run();
        });
        ready.arrive_and_wait();
        auto const begin = wall_ns();
        ping();
        here_.run();
        auto const end = wall_ns();
        there_.loop.call_soon_threadsafe([&] { there_.end(); });
        return {(end - begin) / static_cast<double>(size), trips_};
    }

private:
    void ping() {
        there_.loop.call_soon_threadsafe([this] { here_.loop.call_soon_threadsafe([this] { pong(); }); });
    }
    void pong() {
        ++trips_;
        if (--left_ > 0) ping();
        else here_.end();
    }

    Place here_, there_;
    std::size_t left_ = 0;
    std::uint64_t trips_ = 0;
};

std::uint64_t job() {
    return 1;
}

ordo::coro<> run_jobs(ordo::executor& pool, std::size_t count, std::uint64_t& sum) {
    auto& loop = ordo::get_running_loop();
    for (std::size_t i = 0; i < count; ++i) sum += co_await loop.run_in_executor(pool, job);
}

ordo::coro<> keep_in_flight(ordo::executor& pool, std::size_t size, std::size_t tasks, std::uint64_t& sum) {
    std::vector<ordo::coro<>> all;
    for (std::size_t i = 0; i < tasks; ++i) all.push_back(run_jobs(pool, size / tasks + (i < size % tasks), sum));
    co_await ordo::gather(std::move(all));
}

/// A thread of the same core runs the jobs.
template <class Place, std::size_t Tasks>
outcome jobs(std::size_t size) {
    pin_to(0); // before the pool is made, which inherits it
    Place place;
    ordo::thread_pool_executor pool(1);
    std::uint64_t sum = 0;
    place.run(run_jobs(pool, 1, sum)); // when that is done the thread has begun
    sum = 0;
    auto const begin = wall_ns();
    place.run(keep_in_flight(pool, size, option("in_flight", Tasks), sum));
    return {(wall_ns() - begin) / static_cast<double>(size), sum};
}

template <class Place>
outcome run_two_loops(std::size_t size) {
    two_loops<Place> loops;
    return loops.run(size);
}

ordo_registration const w7a("W7a", flood_loop<owned_loop>, flood_loop<embedded_loop>);
ordo_registration const w7b("W7b", run_two_loops<owned_loop>, run_two_loops<embedded_loop>);
ordo_registration const w8a("W8a", jobs<owned_loop, 1>, jobs<embedded_loop, 1>);
ordo_registration const w8b("W8b", jobs<owned_loop, 64>, jobs<embedded_loop, 64>);

} // namespace
} // namespace ordo_benchmark
