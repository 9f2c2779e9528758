// ordo: what the tests begin with in which every allocation fails in turn: nothing leaks, nobody is told anything but
// bad_alloc, the loop goes on.
//
// It replaces operator new, so it is for one source of a program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/log.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/inject_failures.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <spdlog/spdlog.h>
#include <string>
#include <utility>

ORDO_TESTING_REPLACE_NEW;

using ordo::testing::failing_heap;
using namespace std::chrono_literals;
using ordo::coro;
using ordo::event_loop;
using ordo::exception_context;

/// One run of a scenario, in which one allocation fails.
struct trial {
    std::string wrong; ///< what was seen that is not a bad_alloc

    /// The scenario proper, or a part of it. It may end with bad_alloc, and with nothing else.
    /// @returns   Whether it came to its end.
    bool attempt(std::function<void()> const& scenario) {
        std::exception_ptr thrown;
        try {
            failing_heap::may_fail const armed;
            scenario();
        } catch (...) {
            thrown = std::current_exception();
        }
        if (thrown) expect_bad_alloc(thrown, "it ended with");
        return !thrown;
    }

    /// What the loop reports must be bad_alloc too, or the consequence of one.
    void watch(event_loop& loop) {
        loop.set_exception_handler([this](event_loop&, exception_context const& report) {
            failing_heap::pause const unharmed;
            if (report.exception) expect_bad_alloc(report.exception, report.message);
        });
    }

    void expect_bad_alloc(std::exception_ptr const& thrown, std::string const& what) {
        try {
            std::rethrow_exception(thrown);
        } catch (std::bad_alloc const&) {
        } catch (std::exception const& e) {
            wrong += what + ": " + e.what() + "; ";
        } catch (...) {
            wrong += what + ": something unknown; ";
        }
    }
};

/// Runs the scenario with its first, second, third … allocation failing, until one run needs no more.
/// @returns   How many have failed.
inline long fail_each(std::function<void(trial&)> const& scenario) {
    auto const failures = static_cast<long>(ordo::testing::fail_each_allocation([&] {
        trial one;
        scenario(one);
        return one.wrong;
    }));
    BOOST_TEST_MESSAGE("allocations that failed in turn: " << failures);
    BOOST_TEST(failures > 0);
    return failures;
}

/// What is logged must not be kept, because that would look like a leak.
struct silent_log {
    std::shared_ptr<spdlog::logger> previous = ordo::logger();
    silent_log() { ordo::set_logger(std::make_shared<spdlog::logger>("silent")); }
    ~silent_log() { ordo::set_logger(previous); }
};

inline coro<int> add(int a, int b) {
    co_await ordo::sleep(0ms);
    co_return a + b;
}

/// Whether a loop still does what it is for.
inline void expect_works(trial& t, event_loop& loop) {
    int calls = 0;
    loop.call_soon([&] { ++calls; });
    loop.call_later(0ms, [&] { ++calls; });
    int const sum = loop.run_until_complete(add(1, 2));
    if (sum != 3 || calls != 2) t.wrong += "the loop does not work afterwards; ";
}

/// A scenario on a loop of its own, which is looked at when memory is there again.
inline void on_own_loop(std::function<void(event_loop&)> const& scenario) {
    fail_each([&](trial& t) {
        std::optional<event_loop> loop;
        t.attempt([&] {
            loop.emplace();
            t.watch(*loop);
            scenario(*loop);
        });
        if (loop) expect_works(t, *loop);
    });
}

/// The same for a coroutine, which is the loop's main task.
inline void in_task(std::function<coro<>()> const& scenario) {
    on_own_loop([&](event_loop& loop) { loop.run_until_complete(scenario()); });
}
