// ordo: memory for callbacks, coroutine frames and operations, kept for the next of its size.
//
// A free list per thread and size class costs 1 ns where malloc costs 13. A block may be returned on another thread than
// the one that took it. Where one thread takes what another one returns, as when it floods a loop, memory has to flow
// back: a thread keeps two magazines of free blocks and exchanges whole ones with a depot for all (after Bonwick and
// Adams, "Magazines and Vmem", 2001, with blocks that are linked through themselves).
//
// Sanitizers see plain new and delete, so that they find uses after free; so do heap profilers and Valgrind if the
// environment has ORDO_NO_RECYCLING=1.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>
#include <ordo/detail/constants.hpp>

#include <cstddef>
#include <new>

namespace ordo::detail {

/// The free blocks of one thread. Trivial, so that reaching it needs no guard.
struct recycler {
    struct block {
        block* next;
        std::size_t bytes; ///< in the list from this block on
    };
    static constexpr std::size_t classes = recycling_limit / recycling_granularity + 1;

    block* free[classes];  ///< the magazine in use
    block* spare[classes]; ///< a full one or none: going to and fro over the end of a magazine does not touch the depot
    std::size_t capacity;  ///< bytes of a full magazine; 0 unless they will be given away when the thread ends
};

extern ORDO_DECL constinit thread_local recycler this_recycler;

/// Whether anything may be kept for reuse: not under sanitizers, nor with ORDO_NO_RECYCLING=1.
ORDO_DECL bool recycling_is_wanted() noexcept;

ORDO_DECL void* allocate_slowly(std::size_t size);
ORDO_DECL void deallocate_slowly(void* memory, std::size_t size) noexcept;

/// Blocks of a class have as many bytes as malloc() gives in full: it keeps one word of each chunk for itself.
constexpr std::size_t block_size(std::size_t size_class) {
    return size_class * recycling_granularity + sizeof(void*);
}
constexpr std::size_t size_class(std::size_t size) {
    return size <= block_size(1) ? 1 : (size + recycling_granularity - 1 - sizeof(void*)) / recycling_granularity;
}

/// @returns   At least `size` bytes, aligned for any scalar.
/// @throws    std::bad_alloc
inline void* allocate(std::size_t size) {
    if (!ORDO_SANITIZED && size <= recycling_limit) {
        auto& list = this_recycler.free[size_class(size)];
        if (auto* block = list) [[likely]] {
            list = block->next;
            return block;
        }
    }
    return allocate_slowly(size);
}

/// @param size   What allocate() was asked for.
inline void deallocate(void* memory, std::size_t size) noexcept {
    if (!ORDO_SANITIZED && size <= recycling_limit) {
        auto& list = this_recycler.free[size_class(size)];
        auto const bytes = (list ? list->bytes : 0) + block_size(size_class(size));
        if (bytes <= this_recycler.capacity) [[likely]] {
            list = ::new (memory) recycler::block{list, bytes};
            return;
        }
    }
    deallocate_slowly(memory, size);
}

/// The same as a standard allocator, for Asio's operations.
template <class T>
struct recycling_allocator {
    using value_type = T;

    recycling_allocator() = default;
    template <class U>
    recycling_allocator(recycling_allocator<U> const&) noexcept {}

    T* allocate(std::size_t count) {
        static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
        return static_cast<T*>(detail::allocate(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept { detail::deallocate(memory, count * sizeof(T)); }

    friend bool operator==(recycling_allocator, recycling_allocator) noexcept { return true; }
};

} // namespace ordo::detail
