// ordo: the slow paths of recycled memory: the depot, and giving everything back in the end.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/recycling.hpp>

#include "environment.hpp"

#include <mutex>
#include <type_traits>
#include <utility>

namespace ordo::detail {

constinit thread_local recycler this_recycler{};

namespace {

using block = recycler::block;

/// The first block of a list that lies in the depot.
struct magazine : block {
    magazine* below;
};
static_assert(sizeof(magazine) <= block_size(1));

void delete_all(block* list) noexcept {
    while (auto* const first = list) {
        list = first->next;
        ::operator delete(first);
    }
}

/// The magazines of one size class.
class shelf {
public:
    /// Put down a list, or delete it if there are enough.
    void put(block* list) noexcept {
        {
            std::lock_guard lock(mutex_);
            if (bytes_ + list->bytes <= capacity_) {
                auto const first = *list;
                top_ = ::new (list) magazine{first, top_};
                bytes_ += first.bytes;
                return;
            }
        }
        delete_all(list);
    }

    /// @returns   A list, or null.
    block* take() noexcept {
        std::lock_guard lock(mutex_);
        auto* const taken = top_;
        if (!taken) return nullptr;
        top_ = taken->below;
        bytes_ -= taken->bytes;
        return taken;
    }

    void close() noexcept {
        {
            std::lock_guard lock(mutex_);
            capacity_ = 0;
        }
        while (auto* const list = take()) delete_all(list);
    }

private:
    std::mutex mutex_;
    magazine* top_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t capacity_ = recycling_capacity;
};

// Threads may end after the process has begun to, so the shelves are never destroyed, only emptied.
constinit shelf depot[recycler::classes];
static_assert(std::is_trivially_destructible_v<shelf>);

struct closing_of_the_depot {
    ~closing_of_the_depot() {
        for (auto& each : depot) each.close();
    }
};

/// Gives the magazines away when the thread ends; blocks that are returned still later go straight to the heap.
struct end_of_thread {
    end_of_thread() noexcept { this_recycler.capacity = recycling_is_wanted() ? recycling_magazine : 0; }
    ~end_of_thread() {
        this_recycler.capacity = 0;
        for (std::size_t i = 0; i < recycler::classes; ++i)
            for (auto** list : {&this_recycler.free[i], &this_recycler.spare[i]})
                if (auto* const left = std::exchange(*list, nullptr)) depot[i].put(left);
    }
};

/// @returns   Whether this thread may keep blocks.
bool keep_blocks() noexcept {
    static closing_of_the_depot at_exit;
    thread_local end_of_thread at_thread_end;
    static_cast<void>(at_exit);
    static_cast<void>(at_thread_end);
    return this_recycler.capacity != 0;
}

constexpr bool is_recycled(std::size_t size) {
    return !ORDO_SANITIZED && size <= recycling_limit;
}

} // namespace

bool recycling_is_wanted() noexcept {
    static bool const wanted = !ORDO_SANITIZED && !is_set_in_environment("ORDO_NO_RECYCLING");
    return wanted;
}

void* allocate_slowly(std::size_t size) {
    if (!is_recycled(size)) return ::operator new(size);
    auto const index = size_class(size);
    if (keep_blocks()) {
        auto* list = std::exchange(this_recycler.spare[index], nullptr);
        if (!list) list = depot[index].take();
        if (list) {
            this_recycler.free[index] = list->next;
            return list;
        }
    }
    return ::operator new(block_size(index));
}

void deallocate_slowly(void* memory, std::size_t size) noexcept {
    if (!is_recycled(size) || !keep_blocks()) return ::operator delete(memory);
    auto const index = size_class(size);
    auto*& list = this_recycler.free[index];
    auto*& spare = this_recycler.spare[index];
    if (list) {
        if (spare) depot[index].put(spare);
        spare = list;
    }
    list = ::new (memory) block{nullptr, block_size(index)};
}

} // namespace ordo::detail
