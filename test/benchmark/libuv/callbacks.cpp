// ordo: callbacks in the benchmark of libuv: W1, W2.
//
// It has no call_soon(). What comes nearest is an idle handle, whose callback runs in every iteration.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "loop.hpp"

#include <algorithm>
#include <utility>

namespace ordo_benchmark {
namespace {

/// Runs a callback in each iteration until it says that it was the last.
template <class Each>
double run_idle(Each each) {
    uv_loop loop;
    uv_idle_t idle;
    uv_idle_init(loop, &idle);
    idle.data = &each;
    uv_idle_start(&idle, [](uv_idle_t* handle) {
        if (!data_of<Each>(handle)()) uv_idle_stop(handle);
    });
    auto const begin = wall_ns();
    loop.run();
    return wall_ns() - begin;
}

outcome chain(std::size_t size) {
    std::uint64_t ran = 0;
    auto const elapsed = run_idle([&] { return ++ran < size; });
    return {elapsed / static_cast<double>(size), ran};
}

/// First in, first out, as programs on libuv write it for themselves.
class entry_queue {
public:
    entry_queue() = default;
    entry_queue(entry_queue const&) = delete;
    entry_queue& operator=(entry_queue const&) = delete;

    using function = void (*)(void* owner, std::size_t place);

    void push(function run, void* owner, std::size_t place) {
        *tail_ = new entry{nullptr, run, owner, place};
        tail_ = &(*tail_)->next;
    }
    void run_all() {
        auto* entry = std::exchange(head_, nullptr);
        tail_ = &head_;
        while (entry) {
            entry->run(entry->owner, entry->place);
            delete std::exchange(entry, entry->next);
        }
    }

private:
    struct entry {
        entry* next;
        function run;
        void* owner;
        std::size_t place;
    };

    entry* head_ = nullptr;
    entry** tail_ = &head_;
};

outcome batches(std::size_t size) {
    auto const batch = alive(1000, size);
    std::size_t left = size;
    std::uint64_t sum = 0;
    entry_queue ready;
    auto const add = [](void* owner, std::size_t place) { *static_cast<std::uint64_t*>(owner) += place; };
    auto const elapsed = run_idle([&] {
        ready.run_all();
        auto const count = std::min(batch, left);
        for (std::size_t place = 0; place < count; ++place) ready.push(add, &sum, place);
        left -= count;
        return count > 0;
    });
    return {elapsed / static_cast<double>(size), sum};
}

registration const w1("libuv", "W1", chain);
registration const w2("libuv", "W2", batches);

} // namespace
} // namespace ordo_benchmark
