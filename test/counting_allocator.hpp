// ordo: counting_allocator, which counts how often it is asked for memory.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

template <class T>
struct counting_allocator {
    using value_type = T;
    std::shared_ptr<int> count;

    explicit counting_allocator(std::shared_ptr<int> count) : count(std::move(count)) {}
    template <class U>
    counting_allocator(counting_allocator<U> const& other) : count(other.count) {}
    T* allocate(std::size_t n) {
        ++*count;
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* memory, std::size_t n) { std::allocator<T>().deallocate(memory, n); }
    friend bool operator==(counting_allocator const&, counting_allocator const&) = default;
};
