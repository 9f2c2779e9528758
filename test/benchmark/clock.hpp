// ordo: what the workloads of the benchmark measure with: time, memory, cores, random numbers, a hash of the order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <malloc.h>
#include <numeric>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ordo_benchmark {

inline double read_clock(clockid_t which) {
    timespec now{};
    clock_gettime(which, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}
inline double wall_ns() {
    return read_clock(CLOCK_MONOTONIC);
}
inline double thread_cpu_ns() {
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
inline double process_cpu_ns() {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/// What malloc has given out, small blocks and mapped ones.
inline double heap_bytes() {
    auto const info = mallinfo2();
    return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

/// Memory of the process that is in use by pages.
inline double resident_bytes() {
    auto* file = std::fopen("/proc/self/statm", "r");
    if (!file) return 0;
    long total = 0, resident = 0;
    if (std::fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
    std::fclose(file);
    return static_cast<double>(resident * sysconf(_SC_PAGESIZE));
}

/// The cores on which the process might run when this was first asked, which is before any pin_to().
inline std::vector<std::size_t> const& allowed_cores() {
    static auto const allowed = [] {
        cpu_set_t set;
        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof set, &set);
        std::vector<std::size_t> cores;
        for (std::size_t core = 0; core < CPU_SETSIZE; ++core)
            if (CPU_ISSET(core, &set)) cores.push_back(core);
        return cores;
    }();
    return allowed;
}

/// Let the calling thread run on this one of the allowed cores only; counted from the first again if there are fewer.
inline void pin_to(std::size_t place) {
    auto const& cores = allowed_cores();
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cores.at(place % cores.size()), &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/// Xorshift, which is cheap and easily the same in every language.
class random {
public:
    std::uint64_t operator()() noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }

private:
    std::uint64_t state_ = 88172645463325252;
};

/// 0 to size - 1, in an order that is the same for every peer.
inline std::vector<std::size_t> shuffled(std::size_t size) {
    std::vector<std::size_t> result(size);
    std::iota(result.begin(), result.end(), std::size_t(0));
    random next;
    for (auto i = size; i > 1; --i) std::swap(result[i - 1], result[next() % i]);
    return result;
}

/// FNV-1a over the numbers of what happened, in the order in which it did.
class order_hash {
public:
    void add(std::uint64_t number) noexcept {
        for (int byte = 0; byte < 8; ++byte, number >>= 8) value_ = (value_ ^ (number & 255)) * 1099511628211;
    }
    std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 14695981039346656037u;
};

} // namespace ordo_benchmark
