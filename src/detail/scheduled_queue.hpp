// ordo: the timers of a loop, earliest first.
//
// An indexed 4-ary heap: each timer knows its place, so that a cancelled one leaves at once and costs no memory and no
// wake-up later. (asyncio marks it and sweeps; a timing wheel is faster only when many far timers are all cancelled.)
// Deadlines stand in the heap's array, next to each other; the sequence number, which settles ties, in the timer.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/callback.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ordo::detail {

class scheduled_queue {
public:
    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }

    /// Deadline of the first timer; there must be one.
    time_point first_deadline() const noexcept { return heap_.front().deadline; }

    /// @throws std::bad_alloc   with nothing changed.
    void push(timer_place* timer) {
        heap_.push_back({timer->deadline, timer});
        timer->sequence = next_sequence_++;
        rise(heap_.size() - 1);
    }

    timer_place* pop() noexcept {
        auto* first = heap_.front().timer;
        remove(first);
        return first;
    }

    void remove(timer_place* timer) noexcept {
        std::size_t const hole = timer->index;
        timer->index = timer_place::nowhere;
        auto const last = heap_.back();
        heap_.pop_back();
        if (hole == heap_.size()) return;
        place(hole, last);
        if (hole > 0 && before(last, heap_[parent(hole)])) rise(hole);
        else sink(hole);
    }

private:
    struct slot {
        time_point deadline;
        timer_place* timer;
    };
    static constexpr std::size_t arity = 4;

    static std::size_t parent(std::size_t at) noexcept { return (at - 1) / arity; }

    static bool before(slot const& a, slot const& b) noexcept {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.timer->sequence < b.timer->sequence;
    }

    void place(std::size_t at, slot const& what) noexcept {
        heap_[at] = what;
        what.timer->index = static_cast<std::uint32_t>(at);
    }

    void rise(std::size_t at) noexcept {
        auto const moving = heap_[at];
        for (; at > 0 && before(moving, heap_[parent(at)]); at = parent(at)) place(at, heap_[parent(at)]);
        place(at, moving);
    }

    void sink(std::size_t at) noexcept {
        auto const moving = heap_[at];
        for (;;) {
            auto const first = at * arity + 1;
            if (first >= heap_.size()) break;
            auto const end = std::min(first + arity, heap_.size());
            auto least = first;
            for (auto child = first + 1; child < end; ++child)
                if (before(heap_[child], heap_[least])) least = child;
            if (!before(heap_[least], moving)) break;
            place(at, heap_[least]);
            at = least;
        }
        place(at, moving);
    }

    std::vector<slot> heap_;
    std::uint64_t next_sequence_ = 0;
};

} // namespace ordo::detail
