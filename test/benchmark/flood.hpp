// ordo: W7a of the peers that queue callables: threads that flood a loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "clock.hpp"
#include "workload.hpp"

#include <latch>
#include <thread>
#include <vector>

namespace ordo_benchmark {

/// Threads on other cores call post(callback) as fast as they can. Each callback compares its number with how many of
/// its thread ran before.
///
/// @param in   Is run(), until a callback calls its end().
template <class Place, class Post>
outcome flood(Place& in, std::size_t size, Post post) {
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
            post([&, i] {
                in_order += i == count++;
                if (++ran == size) in.end();
            });
    };

    pin_to(0);
    std::vector<std::jthread> senders;
    for (std::size_t i = 0; i < threads; ++i) senders.emplace_back(send, i);
    all_ready.arrive_and_wait();
    auto const begin = wall_ns();
    in.run();
    return {(wall_ns() - begin) / static_cast<double>(size), in_order};
}

} // namespace ordo_benchmark
