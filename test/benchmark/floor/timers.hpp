// ordo: the floor of the benchmark: timers in an indexed heap.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "queue.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

namespace ordo_benchmark::floor {

using nanoseconds = std::int64_t;

inline nanoseconds read_clock() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

struct timer : node {
    nanoseconds deadline;
    std::uint64_t sequence; ///< of scheduling, among equal deadlines
    std::size_t index;      ///< in the heap
};

/// With four children of each timer, so that it has half the height of a binary one, and those compared share a cache line.
class heap {
    struct entry {
        nanoseconds deadline;
        timer* of;

        bool operator<(entry const& other) const noexcept {
            return deadline < other.deadline || (deadline == other.deadline && of->sequence < other.of->sequence);
        }
    };

public:
    timer* top() const noexcept { return entries_.empty() ? nullptr : entries_.front().of; }

    void push(timer* which) {
        which->sequence = sequence_++;
        entry const added{which->deadline, which};
        entries_.push_back(added);
        rise(entries_.size() - 1, added);
    }

    void remove(timer* which) noexcept {
        auto const at = which->index;
        auto const last = entries_.back();
        entries_.pop_back();
        if (at == entries_.size()) return;
        if (at > 0 && last < entries_[(at - 1) / 4]) rise(at, last);
        else sink(at, last);
    }

private:
    void place(std::size_t at, entry const& which) noexcept {
        entries_[at] = which;
        which.of->index = at;
    }

    void rise(std::size_t at, entry const& which) noexcept {
        while (at > 0) {
            auto const parent = (at - 1) / 4;
            if (!(which < entries_[parent])) break;
            place(at, entries_[parent]);
            at = parent;
        }
        place(at, which);
    }

    void sink(std::size_t at, entry const& which) noexcept {
        auto const size = entries_.size();
        for (auto child = 4 * at + 1; child < size; child = 4 * at + 1) {
            auto first = child;
            for (auto const end = std::min(child + 4, size); ++child < end;)
                if (entries_[child] < entries_[first]) first = child;
            if (!(entries_[first] < which)) break;
            place(at, entries_[first]);
            at = first;
        }
        place(at, which);
    }

    std::vector<entry> entries_;
    std::uint64_t sequence_ = 0;
};

template <class F>
struct timer_callback : timer {
    F function;

    static void call(node* base) {
        auto* const self = static_cast<timer_callback*>(base);
        F function(std::move(self->function));
        self->free();
        function();
    }
    void free() noexcept {
        this->~timer_callback();
        memory.deallocate(this, sizeof(timer_callback));
    }
};

template <class F>
timer_callback<F>* call_at(heap& scheduled, nanoseconds deadline, F function) {
    using callback = timer_callback<F>;
    auto* const result = ::new (memory.allocate(sizeof(callback)))
        callback{{{nullptr, callback::call}, deadline, 0, 0}, std::move(function)};
    scheduled.push(result);
    return result;
}

/// @param which   As call_at() returned it, not fired yet.
template <class F>
void cancel(heap& scheduled, timer_callback<F>* which) noexcept {
    scheduled.remove(which);
    which->free();
}

/// Until no timer is left.
inline void run_timers(heap& scheduled) {
    while (auto* first = scheduled.top()) {
        auto const now = read_clock();
        if (first->deadline > now) {
            timespec const until{first->deadline / 1'000'000'000, first->deadline % 1'000'000'000};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
            continue;
        }
        do {
            scheduled.remove(first);
            ready.push(first);
            first = scheduled.top();
        } while (first && first->deadline <= now);
        run_iterations();
    }
}

} // namespace ordo_benchmark::floor
