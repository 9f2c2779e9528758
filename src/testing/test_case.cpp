// ordo: runs a test body, and looks at what it leaves behind.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/test_case.hpp>

#include <ordo/exception_context.hpp>
#include <ordo/task.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace ordo::testing {

void run_test_case(std::function<coro<>()> const& body) {
    std::string complaints; // outlives the loop, which may add to it as it goes
    event_loop loop({.clock = std::make_shared<virtual_clock>()});
    loop.set_exception_handler([&](event_loop& reporting, exception_context const& what) {
        complaints += "\n  reported: " + what.message;
        reporting.default_exception_handler(what);
    });
    loop.run_until_complete(body());
    for (auto const& task : all_tasks(loop)) complaints += "\n  left pending: task '" + task.name() + "'";
    loop.set_exception_handler([](event_loop&, exception_context const&) {}); // of what was just named
    loop.close();
    if (!complaints.empty()) throw std::runtime_error("the test left something behind:" + complaints);
}

} // namespace ordo::testing
