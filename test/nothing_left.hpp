// ordo: OUTSIDE_TEST_CASE, a coroutine on real time that must leave no descriptor, no child and no task behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "failure_of.hpp"
#include "open_descriptors.hpp"

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/loop_options.hpp>
#include <ordo/task.hpp>
#include <ordo/timeout.hpp>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <utility>
#include <vector>

/// The fixture of a suite.
class nothing_left : no_descriptors_left {
public:
    ~nothing_left() {
        bool const no_child = ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
        BOOST_TEST(no_child);
    }
};

/// Run a body on a loop of its own, on real time, for at most a minute.
inline void run_outside(std::function<ordo::coro<>()> const& body) {
    std::string complaints;
    ordo::event_loop loop(ordo::loop_options{.strict = true}); // so that every iteration sees what comes
    loop.set_exception_handler(
        [&](ordo::event_loop&, ordo::exception_context const& what) { complaints += what.message + "; "; });
    auto const limited = [&]() -> ordo::coro<> { co_await ordo::with_timeout(std::chrono::minutes(1), body); };
    loop.run_until_complete(limited());
    for (auto const& task : ordo::all_tasks(loop)) complaints += "left pending: " + task.name() + "; ";
    loop.close();
    BOOST_TEST(complaints == "");
}

/// Arguments of a program. (g++ 12 destroys the elements of a list twice that stands in an expression with co_await.)
template <class... Words>
std::vector<std::string> words(Words... each) {
    return {std::string(each)...};
}

#define OUTSIDE_TEST_CASE(name)                                                                                        \
    static ordo::coro<> name##_body();                                                                                 \
    BOOST_AUTO_TEST_CASE(name) {                                                                                       \
        run_outside(&name##_body);                                                                                     \
    }                                                                                                                  \
    static ordo::coro<> name##_body()
