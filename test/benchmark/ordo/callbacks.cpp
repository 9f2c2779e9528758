// ordo: callbacks in the benchmark of ordo: W1, W2.
// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <algorithm>

namespace ordo_benchmark {
namespace {

/// Callbacks that schedule themselves.
template <class Place>
class chains {
public:
    explicit chains(std::size_t size) : size_(size) {}

    outcome run() {
        auto const begin = wall_ns();
        for (scheduled_ = 0; scheduled_ < alive(1, size_);) schedule();
        place_.run();
        return {(wall_ns() - begin) / static_cast<double>(size_), ran_};
    }

private:
    void schedule() {
        ++scheduled_;
        place_.loop.call_soon([this] { step(); });
    }
    void step() {
        ++ran_;
        if (scheduled_ < size_) schedule();
        else if (ran_ == size_) place_.end();
    }

    Place place_;
    std::size_t const size_;
    std::size_t scheduled_ = 0;
    std::uint64_t ran_ = 0;
};

/// A callback that schedules a batch of others, and itself.
template <class Place>
class batches {
public:
    explicit batches(std::size_t size) : left_(size), batch_(alive(1000, size)) {}

    outcome run() {
        auto const size = static_cast<double>(left_);
        auto const begin = wall_ns();
        place_.loop.call_soon([this] { fill(); });
        place_.run();
        return {(wall_ns() - begin) / size, sum_};
    }

private:
    void fill() {
        auto const count = std::min(batch_, left_);
        for (std::size_t i = 0; i < count; ++i) place_.loop.call_soon([this, i] { sum_ += i; });
        left_ -= count;
        if (left_ > 0) place_.loop.call_soon([this] { fill(); });
        else place_.loop.call_soon([this] { place_.end(); });
    }

    Place place_;
    std::size_t left_;
    std::size_t const batch_;
    std::uint64_t sum_ = 0;
};

template <template <class> class Workload, class Place>
outcome run(std::size_t size) {
    Workload<Place> workload(size);
    return workload.run();
}

ordo_registration const w1("W1", run<chains, owned_loop>, run<chains, embedded_loop>);
ordo_registration const w2("W2", run<batches, owned_loop>, run<batches, embedded_loop>);

} // namespace
} // namespace ordo_benchmark
