// ordo: the timers of a loop, earliest first.
//
// An indexed 4-ary heap: each timer knows its place, so that a cancelled one leaves at once and costs no memory and no
// wake-up later. (asyncio marks it and sweeps; a timing wheel is faster only when many far timers are all cancelled.)
// Deadlines stand in the heap's array, next to each other; the sequence number, which settles ties, in the timer: there
// it shares a word with the place, and four children fit into 64 bytes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/detail/callback.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ordo::detail {

class scheduled_queue {
public:
    /// @param first_sequence   For tests: numbers run out only after 2³² timers.
    explicit scheduled_queue(std::uint32_t first_sequence = 0) noexcept : next_sequence_(first_sequence) {}

    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }

    time_point deadline_of(schedulable_node const& timer) const noexcept { return heap_[timer.place.index].deadline; }

    /// Call f(timer, deadline) for each, in order.
    template <class F>
    void for_each(F f) const {
        auto sorted = heap_;
        std::sort(sorted.begin(), sorted.end(), before);
        for (auto const& slot : sorted) f(slot.timer, slot.deadline);
    }

    /// Deadline of the first timer; there must be one.
    time_point first_deadline() const noexcept { return heap_.front().deadline; }

    /// @throws std::bad_alloc   with nothing changed.
    void push(schedulable_node* timer, time_point deadline) {
        heap_.push_back({deadline, timer});
        if (next_sequence_ == std::numeric_limits<std::uint32_t>::max()) [[unlikely]]
            number_anew();
        timer->place.sequence = next_sequence_++;
        timer->scheduled = true;
        rise(heap_.size() - 1, heap_.back());
    }

    schedulable_node* pop() noexcept {
        auto* first = heap_.front().timer;
        remove(first);
        return first;
    }

    void remove(schedulable_node* timer) noexcept {
        std::size_t const hole = timer->place.index;
        timer->scheduled = false;
        auto const last = heap_.back();
        heap_.pop_back();
        if (hole == heap_.size()) return;
        if (hole > 0 && before(last, heap_[parent(hole)])) rise(hole, last);
        else sink(hole, last);
    }

private:
    struct slot {
        time_point deadline;
        schedulable_node* timer;
    };
    static constexpr std::size_t arity = 4;

    static std::size_t parent(std::size_t at) noexcept { return (at - 1) / arity; }

    // Which of two timers is earlier nobody can predict; that their deadlines differ, anybody. So the rare case is a
    // branch, and the usual one need not be.
    static bool before(slot const& a, slot const& b) noexcept {
        if (a.deadline == b.deadline) [[unlikely]]
            return a.timer->place.sequence < b.timer->place.sequence;
        return a.deadline < b.deadline;
    }
    static slot const* earlier(slot const* a, slot const* b) noexcept { return before(*b, *a) ? b : a; }

    void place(std::size_t at, slot const& what) noexcept {
        heap_[at] = what;
        what.timer->place.index = static_cast<std::uint32_t>(at);
    }

    /// Put `moving` into a hole, or higher.
    void rise(std::size_t hole, slot const moving) noexcept {
        for (; hole > 0 && before(moving, heap_[parent(hole)]); hole = parent(hole)) place(hole, heap_[parent(hole)]);
        place(hole, moving);
    }

    /// Put `moving` into a hole, or deeper.
    void sink(std::size_t hole, slot const moving) noexcept {
        for (;;) {
            auto const first = hole * arity + 1;
            if (first >= heap_.size()) break;
            prefetch_children_of_siblings(first);
            auto const* const least = earliest(first);
            if (!before(*least, moving)) break;
            place(hole, *least);
            hole = static_cast<std::size_t>(least - heap_.data());
        }
        place(hole, moving);
    }

    /// One of them has the next hole. In a heap that exceeds the cache the way down is a chain of misses, which overlap
    /// if nobody waits for the comparison to say which one it is.
    void prefetch_children_of_siblings(std::size_t first) const noexcept {
        auto const next = first * arity + 1;
        if (next + arity * arity > heap_.size()) return;
        for (std::size_t i = 0; i < arity; ++i) __builtin_prefetch(&heap_[next + i * arity]);
    }

    /// Of the siblings of which `first` is the first.
    slot const* earliest(std::size_t first) const noexcept {
        auto const* const child = &heap_[first];
        auto const count = heap_.size() - first;
        if (count >= arity) [[likely]]
            return earlier(earlier(child, child + 1), earlier(child + 2, child + 3));
        return std::min_element(child, child + count, before);
    }

    /// Sequence numbers have run out: those that are in use become the first ones. All but the last timer, which is new.
    void number_anew() noexcept {
        std::sort(heap_.begin(), heap_.end() - 1, before);
        next_sequence_ = 0;
        for (std::size_t i = 0; i + 1 < heap_.size(); ++i) {
            place(i, heap_[i]);
            heap_[i].timer->place.sequence = next_sequence_++;
        }
    }

    std::vector<slot> heap_;
    std::uint32_t next_sequence_; ///< below the largest number, except just before number_anew()
};

} // namespace ordo::detail
