// ordo: the slow paths of recycled memory, and giving it back when a thread ends.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/recycling.hpp>

namespace ordo::detail {

constinit thread_local recycler this_recycler{};

namespace {

std::size_t rounded(std::size_t size) {
    return size <= recycling_limit ? block_size(size_class(size)) : size;
}

/// Empties the lists when the thread ends; blocks that are returned still later go straight to the heap.
struct emptying {
    emptying() { this_recycler.capacity = recycling_capacity; }
    ~emptying() {
        this_recycler.capacity = 0;
        for (auto*& list : this_recycler.free) {
            while (auto* block = list) {
                list = block->next;
                ::operator delete(block);
            }
        }
    }
};

} // namespace

void* allocate_slowly(std::size_t size) {
    thread_local emptying at_thread_end;
    static_cast<void>(at_thread_end);
    return ::operator new(rounded(size));
}

void deallocate_slowly(void* memory, std::size_t) noexcept {
    ::operator delete(memory);
}

} // namespace ordo::detail
