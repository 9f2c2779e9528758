// ordo: where queues keep their items, and which of them is the next.
//
// Each keeps the memory that it once took, so that in steady state nothing is allocated. Before push() comes make_room(),
// which is where memory may fail.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/constants.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ordo::detail {

/// First in, first out, in a ring.
template <class T>
class fifo_items {
public:
    fifo_items() = default;
    fifo_items(fifo_items&& other) noexcept { swap(other); }
    fifo_items& operator=(fifo_items&&) = delete;
    ~fifo_items() {
        for (std::size_t i = 0; i < size_; ++i) std::destroy_at(place(i));
        if (block_) std::allocator<T>().deallocate(block_, capacity_);
    }

    /// An empty one of the same kind.
    fifo_items none() const { return {}; }
    void swap(fifo_items& other) noexcept {
        std::swap(block_, other.block_);
        std::swap(capacity_, other.capacity_);
        std::swap(first_, other.first_);
        std::swap(size_, other.size_);
    }

    void make_room() {
        if (size_ == capacity_) grow();
    }
    void push(T&& item) {
        std::construct_at(place(size_), std::move(item));
        ++size_;
    }
    T pop() {
        auto* const oldest = place(0);
        T item(std::move(*oldest));
        std::destroy_at(oldest);
        first_ = (first_ + 1) & (capacity_ - 1);
        --size_;
        return item;
    }

private:
    T* place(std::size_t index) const noexcept { return block_ + ((first_ + index) & (capacity_ - 1)); }

    void grow() {
        fifo_items bigger;
        auto const capacity = capacity_ ? 2 * capacity_ : first_queue_capacity;
        bigger.block_ = std::allocator<T>().allocate(capacity);
        bigger.capacity_ = capacity;
        for (; bigger.size_ < size_; ++bigger.size_)
            std::construct_at(bigger.place(bigger.size_), std::move_if_noexcept(*place(bigger.size_)));
        swap(bigger);
    }

    T* block_ = nullptr;
    std::size_t capacity_ = 0; ///< 0, or a power of 2
    std::size_t first_ = 0;    ///< where the oldest stands
    std::size_t size_ = 0;
};

template <class T>
void make_room_in(std::vector<T>& items) {
    if (items.size() == items.capacity()) items.reserve(items.empty() ? first_queue_capacity : 2 * items.size());
}

/// Last in, first out.
template <class T>
class lifo_items {
public:
    lifo_items none() const { return {}; }
    void swap(lifo_items& other) noexcept { items_.swap(other.items_); }

    void make_room() { make_room_in(items_); }
    void push(T&& item) { items_.push_back(std::move(item)); }
    T pop() {
        T item(std::move(items_.back()));
        items_.pop_back();
        return item;
    }

private:
    std::vector<T> items_;
};

/// The smallest first, in a heap; among equal ones the first.
template <class T, class Compare>
class sorted_items {
public:
    explicit sorted_items(Compare compare) : compare_(std::move(compare)) {}

    sorted_items none() const { return sorted_items(compare_); }
    void swap(sorted_items& other) noexcept { items_.swap(other.items_); }

    void make_room() { make_room_in(items_); }
    void push(T&& item) {
        items_.push_back({std::move(item), ++pushed_});
        std::push_heap(items_.begin(), items_.end(), later());
    }
    T pop() {
        std::pop_heap(items_.begin(), items_.end(), later());
        T item(std::move(items_.back().value));
        items_.pop_back();
        return item;
    }

private:
    struct entry {
        T value;
        std::uint64_t number; ///< in the order of pushing
    };

    auto later() const noexcept {
        return [this](entry const& a, entry const& b) {
            if (compare_(b.value, a.value)) return true;
            return b.number < a.number && !compare_(a.value, b.value);
        };
    }

    std::vector<entry> items_;
    std::uint64_t pushed_ = 0;
    [[no_unique_address]] Compare compare_;
};

} // namespace ordo::detail
