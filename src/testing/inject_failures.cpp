// ordo: letting each allocation of a test body fail.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/inject_failures.hpp>

#include "testing/trial.hpp"

#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace ordo::testing {
namespace {

/// Also one that a stream has turned into an error code.
bool is_bad_alloc(std::exception_ptr const& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (std::bad_alloc const&) {
        return true;
    } catch (boost::system::system_error const& e) {
        return e.code() == boost::system::errc::not_enough_memory;
    } catch (exception_group const& group) {
        return std::ranges::all_of(group.exceptions(), is_bad_alloc);
    } catch (...) {}
    return false;
}

/// Threads that were left behind have so long, in milliseconds, to give back what they hold.
constexpr int patience = 2000;

std::string on_a_thread_of_its_own(std::function<std::string()> const& scenario) {
    std::string wrong;
    std::thread([&] {
        try {
            wrong = scenario();
        } catch (std::bad_alloc const&) {
        } catch (...) {
            wrong = "it ended with " + describe(std::current_exception());
        }
    }).join();
    return wrong;
}

/// Less than 0 if something was given back that was there before.
std::ptrdiff_t leaked_since(std::ptrdiff_t before) {
    for (int i = 0; i < patience && failing_heap::live() > before; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return failing_heap::live() - before;
}

} // namespace

std::size_t fail_each_allocation(std::function<std::string()> const& scenario,
                                 std::function<void(std::string const&)> const& on_run) {
    if (!failing_heap::in_use())
        throw usage_error(
            "inject_failures: operator new is not the kit's; write ORDO_TESTING_REPLACE_NEW in one source of "
            "the program");
    announce("inject_failures: a run ", "without a failure", on_run);
    failing_heap::fail(static_cast<std::size_t>(-1));
    if (auto const wrong = on_a_thread_of_its_own(scenario); !wrong.empty())
        throw std::runtime_error("without a failure: " + wrong);
    for (std::size_t failures = 0;; ++failures) {
        auto const run = "with allocation " + std::to_string(failures) + " failing";
        auto const fail = [&](std::string const& what) { throw std::runtime_error(run + ": " + what); };
        announce("inject_failures: a run ", run, on_run);
        auto const before = failing_heap::live();
        failing_heap::fail(failures);
        if (auto const wrong = on_a_thread_of_its_own(scenario); !wrong.empty()) fail(wrong);
        if (auto const leaked = leaked_since(before); leaked > 0)
            fail(std::to_string(leaked) + (leaked == 1 ? " block" : " blocks") + " leaked");
        if (!failing_heap::has_failed()) return failures;
    }
}

std::size_t inject_failures(std::function<coro<>()> const& body, failure_options options) {
    auto const armed_body = [&]() -> coro<> {
        failing_heap::may_fail const armed;
        co_await body();
    };
    auto const scenario = [&] {
        trial one(options.loop);
        one.tolerates = [](exception_context const& what) { return is_bad_alloc(what.exception); };
        auto const error = one.run(armed_body);
        auto complaints = one.complaints();
        if (error && !is_bad_alloc(error)) complaints += "\n  the body ended with " + describe(error);
        return complaints;
    };
    return fail_each_allocation(scenario, options.on_run);
}

} // namespace ordo::testing
