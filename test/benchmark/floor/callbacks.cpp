// ordo: the floor of the benchmark: callbacks: W1, W2.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "queue.hpp"

#include <algorithm>

namespace ordo_benchmark::floor {
namespace {

struct chain {
    std::size_t& left; ///< to be scheduled
    std::uint64_t& ran;

    void operator()() const {
        ++ran;
        if (left > 0) {
            --left;
            call_soon(chain(*this));
        }
    }
};

outcome run_chains(std::size_t size) {
    auto left = size;
    std::uint64_t ran = 0;
    auto const begin = wall_ns();
    for (auto count = alive(1, size); count > 0; --count, --left) call_soon(chain{left, ran});
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), ran};
}

struct batches {
    std::size_t left;
    std::size_t batch;
    std::uint64_t& sum;

    void operator()() const {
        auto const count = std::min(batch, left);
        for (std::size_t i = 0; i < count; ++i) call_soon([&to = sum, i] { to += i; });
        if (left > count) call_soon(batches{left - count, batch, sum});
    }
};

outcome run_batches(std::size_t size) {
    std::uint64_t sum = 0;
    auto const begin = wall_ns();
    call_soon(batches{size, alive(1000, size), sum});
    run_iterations();
    return {(wall_ns() - begin) / static_cast<double>(size), sum};
}

registration const w1("floor", "W1", run_chains);
registration const w2("floor", "W2", run_batches);

} // namespace
} // namespace ordo_benchmark::floor
