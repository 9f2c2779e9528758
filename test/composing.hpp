// ordo: what the tests of gather(), wait(), task groups and the like put together.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "virtual_loop.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::cancelled_error;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::sleep;

inline coro<int> value_after(ordo::duration delay, int value) {
    co_await sleep(delay);
    co_return value;
}
inline coro<> nothing_after(ordo::duration delay) {
    co_await sleep(delay);
}
inline coro<int> failure_after(ordo::duration delay, char const* text) {
    co_await sleep(delay);
    throw std::runtime_error(text);
}

/// So many iterations.
inline coro<int> value_after_hops(int hops, int value) {
    for (int i = 0; i < hops; ++i) co_await sleep(0s);
    co_return value;
}

/// Takes `cleanup` to end when it is cancelled.
inline coro<> unwilling(ordo::duration cleanup) {
    bool cancelled = false;
    try {
        co_await sleep(1h);
    } catch (cancelled_error const&) {
        cancelled = true;
    }
    co_await sleep(cleanup);
    if (cancelled) throw cancelled_error();
}

/// Whatever awaits it gets this when it is cancelled.
inline coro<int> declining(int value) {
    try {
        co_await sleep(1h);
    } catch (cancelled_error const&) {} // declined
    co_return value;
}

/// What an exception says: "cancelled", "cancelled: message", or its text.
inline std::string text_of(std::exception_ptr const& error) {
    if (!error) return "(no error)";
    try {
        std::rethrow_exception(error);
    } catch (cancelled_error const& e) {
        return e.message().empty() ? "cancelled" : "cancelled: " + e.message();
    } catch (std::exception const& e) {
        return e.what();
    } catch (ordo::system_exit const& e) {
        return "exit " + std::to_string(e.code());
    } catch (ordo::generator_exit const&) {
        return "generator_exit";
    } catch (...) {
        return "something else";
    }
}

/// What an awaitable throws, as text_of() says it.
template <class A>
coro<std::string> error_of(A awaitable) {
    std::exception_ptr error;
    try {
        co_await std::move(awaitable);
    } catch (...) {
        error = std::current_exception();
    }
    co_return text_of(error);
}

/// What a future that is done ended with: "value", or what text_of() says.
inline std::string outcome_of(ordo::any_future const& future) {
    if (!future.done()) return "pending";
    if (future.cancelled()) return "cancelled";
    auto const error = future.exception();
    return error ? text_of(error) : "value";
}

inline constexpr int most_iterations = 12;

/// Cancels a task after 0, 1, 2 ... iterations, until it is done before, each time from the start.
///
/// @param main   A coroutine function of the virtual_loop it runs on.
/// @returns      A line for each: the number, how the task ended, cancelling() if that is not 1, and what was recorded.
template <class Main>
std::vector<std::string> cancelled_after_each_iteration(Main const& main) {
    std::vector<std::string> lines;
    for (int iterations = 0; iterations < most_iterations; ++iterations) {
        virtual_loop v;
        auto const task = v.loop.create_task(main(v));
        for (int i = 0; i < iterations; ++i) v.run_once();
        bool const cancelled = task.cancel("stop");
        for (int i = 0; i < 20; ++i) {
            v.run_once();
            v.clock->advance(1s);
        }
        auto line = std::to_string(iterations) + ": " + outcome_of(task);
        if (cancelled && task.cancelling() != 1) line += ", cancelling " + std::to_string(task.cancelling());
        if (auto const text = v.order.text(); !text.empty()) line += ", " + text;
        if (!cancelled) line += ", too late";
        lines.push_back(line);
        if (!cancelled) break;
    }
    return lines;
}

/// As order_recorder::difference(): empty if they are the same, else both.
inline std::string difference(std::vector<std::string> const& actual, std::vector<std::string> const& expected) {
    ordo::testing::order_recorder recorder;
    for (auto const& line : actual) recorder.record(line);
    return recorder.difference(expected);
}
