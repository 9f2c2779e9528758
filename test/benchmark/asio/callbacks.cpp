// ordo: callbacks of plain Asio in the benchmark: W1, W2, W5c.
// SPDX-License-Identifier: BSL-1.0
#include "context.hpp"

#include <algorithm>

namespace ordo_benchmark {
namespace {

struct chains {
    asio_context& in;
    std::size_t left; ///< to be posted
    std::uint64_t ran = 0;
    std::uint64_t size = left;

    void post() {
        --left;
        asio::post(in.context, [this] { step(); });
    }
    void step() {
        ++ran;
        if (left > 0) post();
        else if (ran == size) in.end();
    }
};

outcome run_chains(std::size_t size, std::size_t number) {
    asio_context in;
    chains all{in, size};
    auto const begin = wall_ns();
    for (std::size_t i = 0; i < number; ++i) all.post();
    in.run();
    return {(wall_ns() - begin) / static_cast<double>(size), all.ran};
}

struct batches {
    asio_context& in;
    std::size_t left;
    std::size_t batch = alive(1000, left);
    std::uint64_t sum = 0;

    void post() {
        asio::post(in.context, [this] { fill(); });
    }
    void fill() {
        auto const count = std::min(batch, left);
        for (std::size_t i = 0; i < count; ++i) asio::post(in.context, [this, i] { sum += i; });
        left -= count;
        if (left > 0) post();
        else asio::post(in.context, [this] { in.end(); });
    }
};

outcome run_batches(std::size_t size) {
    asio_context in;
    batches all{in, size};
    auto const begin = wall_ns();
    all.post();
    in.run();
    return {(wall_ns() - begin) / static_cast<double>(size), all.sum};
}

/// Without coroutines a chain of callbacks stands for a task that yields.
registration const w1("asio", "W1", [](std::size_t size) { return run_chains(size, alive(1, size)); });
registration const w2("asio", "W2", run_batches);
registration const w5c("asio", "W5c", [](std::size_t size) { return run_chains(size, alive(1000, size)); });

} // namespace
} // namespace ordo_benchmark
