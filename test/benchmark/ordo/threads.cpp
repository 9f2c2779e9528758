// ordo: other threads in the benchmark of ordo: W7a, W7b, W8a, W8b.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <latch>
#include <thread>
#include <vector>

namespace ordo_benchmark {
namespace {

/// Threads on other cores call call_soon_threadsafe() as fast as they can. Each callback compares its number with how
/// many of its thread ran before.
template <class Place>
outcome flood(std::size_t size) {
    Place place;
    auto const threads = option("threads", std::size_t(1));
    std::vector<std::size_t> counts(threads);
    std::size_t ran = 0;
    std::uint64_t in_order = 0;
    std::latch all_ready(static_cast<std::ptrdiff_t>(threads + 1));
    auto const send = [&](std::size_t sender) {
        pin_to(1 + sender);
        auto& count = counts[sender];
        all_ready.arrive_and_wait();
        for (std::size_t i = 0; i < size / threads + (sender < size % threads); ++i)
            place.loop.call_soon_threadsafe([&, i] {
                in_order += i == count++;
                if (++ran == size) place.end();
            });
    };

    pin_to(0);
    std::vector<std::jthread> senders;
    for (std::size_t i = 0; i < threads; ++i) senders.emplace_back(send, i);
    all_ready.arrive_and_wait();
    auto const begin = wall_ns();
    place.run();
    return {(wall_ns() - begin) / static_cast<double>(size), in_order};
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

ordo_registration const w7a("W7a", flood<owned_loop>, flood<embedded_loop>);
ordo_registration const w7b("W7b", run_two_loops<owned_loop>, run_two_loops<embedded_loop>);
ordo_registration const w8a("W8a", jobs<owned_loop, 1>, jobs<embedded_loop, 1>);
ordo_registration const w8b("W8b", jobs<owned_loop, 64>, jobs<embedded_loop, 64>);

} // namespace
} // namespace ordo_benchmark
