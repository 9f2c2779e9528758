// ordo: what the tests begin with in which allocations of locks, queues and the like fail: a crew, one of which may fail
// for want of memory, and the others must come through.
//
// As failing_allocations.hpp it is for one source of a program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "failing_allocations.hpp"

#include <ordo/testing/virtual_clock.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

using ordo::create_task;

inline constexpr auto text = "a message that is too long for the string's own buffer";

inline void expect(bool condition, char const* what) {
    if (!condition) throw std::logic_error(what);
}

/// In virtual time, so that a loop in which nothing can ever happen again says so.
inline void in_virtual_time(std::function<coro<>()> const& scenario) {
    fail_each([&](trial& t) {
        std::optional<event_loop> loop;
        t.attempt([&] {
            loop.emplace(ordo::loop_options{.clock = std::make_shared<ordo::testing::virtual_clock>()});
            t.watch(*loop);
            loop->run_until_complete(scenario());
        });
        if (loop) expect_works(t, *loop);
    });
}

/// Does it, and again if there was no memory for it.
template <class F>
void surely(F what) {
    try {
        what();
    } catch (std::bad_alloc const&) {
        what();
    }
}

/// The same for what is to be awaited. Made before others rely on it, because making it may fail.
template <class F>
coro<> made_sure(F what) {
    bool failed = false;
    try {
        co_await what();
    } catch (std::bad_alloc const&) {
        failed = true;
    }
    if (failed) co_await what();
}

/// Tasks, one of which may not begin, or fail, for want of memory.
struct crew {
    std::vector<ordo::task<>> tasks{};
    int came_through = 0;
    int cancelled = 0;
    int failed = 0;

    crew() { tasks.reserve(16); }

    template <class F>
    void start(int how_many, F const& body) {
        for (int i = 0; i < how_many; ++i) {
            try {
                tasks.push_back(create_task(body));
            } catch (std::bad_alloc const&) {
                ++failed;
            }
        }
    }
    void cancel(std::size_t which) {
        if (which < tasks.size()) surely([&] { tasks[which].cancel(text); });
    }
    /// Made before the tasks begin: who has them must not go away before they are done.
    coro<> all_done() {
        for (auto const& task : tasks) {
            try {
                co_await task;
                ++came_through;
            } catch (std::bad_alloc const&) {
                ++failed;
            } catch (ordo::cancelled_error const&) {
                ++cancelled;
            }
        }
        tasks.clear();
    }
    void expect_cancelled(int how_many) const {
        expect(cancelled == how_many || (failed > 0 && cancelled < how_many), "who was to be cancelled was not");
    }
};
