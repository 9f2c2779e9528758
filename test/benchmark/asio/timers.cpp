// ordo: timers of plain Asio in the benchmark: W6a, W6b, W6c, W10b.
// SPDX-License-Identifier: BSL-1.0
#include "context.hpp"

#include <chrono>
#include <memory>
#include <vector>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;

/// One at a time from the heap, because a timer cannot be moved while it is waited for.
std::vector<std::unique_ptr<asio::steady_timer>> room_for(std::size_t size) {
    std::vector<std::unique_ptr<asio::steady_timer>> timers;
    timers.reserve(size);
    return timers;
}

outcome arm_and_cancel(std::size_t size) {
    asio_context in;
    auto const order = shuffled(size);
    auto timers = room_for(size);
    std::uint64_t fired = 0, cancelled = 0;
    random next;
    auto const base = std::chrono::steady_clock::now() + 1h;

    auto const begin = wall_ns();
    for (std::size_t i = 0; i < size; ++i) {
        auto const expiry = base + std::chrono::microseconds(next() % 3'600'000'000);
        timers.push_back(std::make_unique<asio::steady_timer>(in.context, expiry));
        timers.back()->async_wait([&](error_code error) { ++(error ? cancelled : fired); });
    }
    for (auto const i : order) timers[i]->cancel();
    asio::post(in.context, [&] { in.end(); });
    in.run();
    return {(wall_ns() - begin) / static_cast<double>(size), cancelled - fired};
}

outcome fire(std::size_t size) {
    asio_context in;
    auto timers = room_for(size);
    std::uint64_t fired = 0, in_order = 0;
    auto last = std::chrono::steady_clock::time_point();
    random next;

    auto const begin = process_cpu_ns();
    auto const base = std::chrono::steady_clock::now() + 300ms;
    for (std::size_t i = 0; i < size; ++i) {
        auto const expiry = base + std::chrono::microseconds(next() % 50'000);
        timers.push_back(std::make_unique<asio::steady_timer>(in.context, expiry));
        timers.back()->async_wait([&, expiry](error_code error) {
            in_order += !error && last <= expiry;
            last = expiry;
            if (++fired == size) in.end();
        });
    }
    in.run();
    return {(process_cpu_ns() - begin) / static_cast<double>(size), in_order};
}

/// What is ready at once is a callback in the queue: without coroutines there is no other, and the handler of the
/// cancelled wait has to run, too.
struct rounds {
    asio_context& in;
    std::size_t left;
    asio::steady_timer timer{in.context};
    std::uint64_t done = 0;

    void begin() {
        timer.expires_after(30s);
        timer.async_wait([](error_code) {});
        asio::post(in.context, [this] { end(); });
    }
    void end() {
        ++done;
        timer.cancel();
        if (--left > 0) begin();
        else in.end();
    }
};

outcome arm_and_be_in_time(std::size_t size) {
    asio_context in;
    rounds all{in, size};
    auto const begin = wall_ns();
    all.begin();
    in.run();
    return {(wall_ns() - begin) / static_cast<double>(size), all.done};
}

outcome pending_timers(std::size_t size) {
    asio_context in;
    auto timers = room_for(size);
    std::uint64_t fired = 0;
    random next;
    auto const before = heap_bytes();
    for (std::size_t i = 0; i < size; ++i) {
        auto const delay = 1h + std::chrono::microseconds(next() % 3'600'000'000);
        timers.push_back(std::make_unique<asio::steady_timer>(in.context, delay));
        timers.back()->async_wait([&](error_code) { ++fired; });
    }
    return {(heap_bytes() - before) / static_cast<double>(size), size - fired};
}

registration const w6a("asio", "W6a", arm_and_cancel);
registration const w6b("asio", "W6b", fire);
registration const w6c("asio", "W6c", arm_and_be_in_time);
registration const w10b("asio", "W10b", pending_timers);

} // namespace
} // namespace ordo_benchmark
