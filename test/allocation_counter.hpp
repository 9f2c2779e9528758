// ordo: how many allocations the steps of a task make. For one file of a test.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "counted_heap.hpp"

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>

namespace {

#if ORDO_SANITIZED
// Under sanitizers every block is allocated anew, so that they find uses after free: nothing to count.
bool const skipped = [] {
    std::puts("skipped: sanitizers want every allocation for themselves");
    std::exit(77); // CTest's mark for it
    return true;
}();
#endif

constexpr int rounds = 1000;

/// How many allocations `rounds` steps make, after a few to warm up, each awaited in one task on a loop of its own.
std::size_t count_in_task(std::function<ordo::coro<>()> const& step) {
    ordo::event_loop loop;
    auto count = [&step]() -> ordo::coro<std::size_t> {
        for (int i = 0; i < 10; ++i) co_await step();
        auto const before = allocations.load();
        for (int i = 0; i < rounds; ++i) co_await step();
        co_return allocations.load() - before;
    };
    return loop.run_until_complete(count());
}

} // namespace
