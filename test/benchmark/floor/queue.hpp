// ordo: the floor of the benchmark: a ready queue and callbacks, written by hand and with nothing but what they need.
//
// What stands in this folder is no library: it has no misuse checks, no cancellation and no handles, one global queue, and
// does the work of each workload as directly as we know how. What it takes is the limit that ordo is compared with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace ordo_benchmark::floor {

/// Memory that was freed, for the next block of its size.
struct free_list {
    static constexpr std::size_t granularity = 64; ///< bytes
    static constexpr std::size_t classes = 32;

    struct block {
        block* next;
    };
    block* free[classes];

    void* allocate(std::size_t size) {
        auto const index = (size + granularity - 1) / granularity;
        if (index >= classes) return std::malloc(size);
        if (auto* found = free[index]) {
            free[index] = found->next;
            return found;
        }
        return std::malloc(index * granularity);
    }
    void deallocate(void* memory, std::size_t size) noexcept {
        auto const index = (size + granularity - 1) / granularity;
        if (index >= classes) return std::free(memory);
        free[index] = ::new (memory) block{free[index]};
    }
};

/// Per thread, as any program needs it that has more than one.
inline constinit thread_local free_list memory{};

struct node {
    node* next;
    void (*run)(node*);
};

/// First in, first out.
struct fifo {
    node* head = nullptr;
    node** tail = &head;

    void push(node* last) noexcept {
        last->next = nullptr;
        *tail = last;
        tail = &last->next;
    }
    /// Append all of another one.
    void splice(fifo& other) noexcept {
        if (!other.head) return;
        *tail = other.head;
        tail = other.tail;
        other.take();
    }
    /// All that is queued, in one chain.
    node* take() noexcept {
        tail = &head;
        return std::exchange(head, nullptr);
    }
};

inline constinit fifo ready;

/// Run what is queued, each time exactly what was queued at that moment, until nothing is left.
[[gnu::noinline]] inline void run_iterations() {
    while (auto* next = ready.take()) {
        while (next) {
            auto* const current = next;
            next = next->next;
            current->run(current);
        }
    }
}

template <class F>
struct callback : node {
    explicit callback(F&& f) : node{nullptr, call}, function(std::move(f)) {}
    F function;

    static void call(node* base) {
        auto* const self = static_cast<callback*>(base);
        F function(std::move(self->function));
        self->~callback();
        memory.deallocate(self, sizeof(callback));
        function();
    }
};

template <class F>
void call_soon(F function) {
    ready.push(::new (memory.allocate(sizeof(callback<F>))) callback<F>(std::move(function)));
}

} // namespace ordo_benchmark::floor
