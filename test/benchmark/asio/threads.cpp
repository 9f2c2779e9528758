// ordo: other threads and plain Asio in the benchmark: W7a, W7b, W8a, W8b.
// SPDX-License-Identifier: BSL-1.0
#include "../flood.hpp"
#include "context.hpp"

#include <algorithm>
#include <latch>
#include <thread>
#include <vector>

namespace ordo_benchmark {
namespace {

outcome flood_context(std::size_t size) {
    asio_context in;
    auto const work = asio::make_work_guard(in.context);
    return flood(in, size, [&](auto callback) { asio::post(in.context, callback); });
}

struct two_contexts {
    std::size_t left;
    asio_context here{}, there{};
    std::uint64_t trips = 0;

    void ping() {
        asio::post(there.context, [this] { asio::post(here.context, [this] { pong(); }); });
    }
    void pong() {
        ++trips;
        if (--left > 0) return ping();
        here.end();
        there.end();
    }
};

outcome run_two_contexts(std::size_t size) {
    two_contexts both{size};
    auto const work_here = asio::make_work_guard(both.here.context);
    auto const work_there = asio::make_work_guard(both.there.context);
    std::latch ready(2);
    pin_to(0);
    std::jthread const thread([&] {
        pin_to(0);
        asio::post(both.there.context, [&] { ready.count_down(); });
        both.there.run();
    });
    ready.arrive_and_wait();
    auto const begin = wall_ns();
    both.ping();
    both.here.run();
    return {(wall_ns() - begin) / static_cast<double>(size), both.trips};
}

std::uint64_t job() {
    return 1;
}

/// Jobs on a thread of the pool, whose results come back as callbacks.
struct jobs {
    asio_context& in;
    asio::thread_pool& pool;
    std::size_t left; ///< to be posted
    std::size_t running = 0;
    std::uint64_t sum = 0;

    void post() {
        --left;
        ++running;
        asio::post(pool, [this] { asio::post(in.context, [this, result = job()] { done(result); }); });
    }
    void done(std::uint64_t result) {
        sum += result;
        --running;
        if (left > 0) post();
        else if (running == 0) in.end();
    }
};

outcome run_jobs(std::size_t size, std::size_t in_flight) {
    pin_to(0); // before the pool is made, which inherits it
    asio_context in;
    auto const work = asio::make_work_guard(in.context);
    asio::thread_pool pool(1);
    jobs all{in, pool, size};
    auto const begin = wall_ns();
    for (std::size_t i = 0; i < std::min(in_flight, size); ++i) all.post();
    in.run();
    auto const end = wall_ns();
    pool.join();
    return {(end - begin) / static_cast<double>(size), all.sum};
}

registration const w7a("asio", "W7a", flood_context);
registration const w7b("asio", "W7b", run_two_contexts);
registration const w8a("asio", "W8a", [](std::size_t size) { return run_jobs(size, 1); });
registration const w8b("asio", "W8b",
                       [](std::size_t size) { return run_jobs(size, option("in_flight", std::size_t(64))); });

} // namespace
} // namespace ordo_benchmark
