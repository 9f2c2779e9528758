// ordo: generators for tests, and a loop that keeps its reports.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "counted.hpp"
#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/async_generator.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

inline ordo::async_generator<int> numbers(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

inline ordo::async_generator<int> ticks(int n) {
    for (int i = 0; i < n; ++i) {
        co_await ordo::sleep(std::chrono::seconds(1));
        co_yield i;
    }
}

/// Yields for ever; records how it ends.
inline ordo::async_generator<int> recording(ordo::testing::order_recorder& order, counted) {
    try {
        for (int i = 0;; ++i) co_yield i;
    } catch (ordo::generator_exit const&) {
        order.record("exit");
    } catch (ordo::cancelled_error const&) {
        order.record("cancelled");
        throw;
    } catch (std::exception const& e) {
        order.record(e.what());
    }
    co_await ordo::sleep(std::chrono::seconds(1));
    order.record("cleaned up");
}

/// The error text of a coroutine that throws an E; tests need it outside of macros.
template <class E>
ordo::coro<std::string> error_of(ordo::coro<> what) {
    std::string text = "(nothing was thrown)";
    try {
        co_await std::move(what);
    } catch (E const& e) {
        text = e.what();
    }
    co_return text;
}

inline ordo::coro<> take_one(ordo::async_generator<int> const& generator) {
    auto value = co_await generator.next();
    static_cast<void>(value);
}

struct generator_loop : virtual_loop {
    std::vector<std::string> reports;

    generator_loop() {
        counted::reset();
        loop.set_exception_handler([this](ordo::event_loop&, ordo::exception_context const& what) {
            reports.push_back(what.message + (what.exception ? ": " + text(what.exception) : ""));
        });
    }

    ~generator_loop() { loop.close(); } // while there are reports to add to

    static std::string text(std::exception_ptr const& error) {
        return error_text<std::exception>([&] { std::rethrow_exception(error); });
    }
};
