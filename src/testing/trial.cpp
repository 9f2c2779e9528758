// ordo: runs a test body, and looks at what it leaves behind.
// SPDX-License-Identifier: BSL-1.0
#include "testing/trial.hpp"

#include "detail/open_ends.hpp"
#include "detail/reports.hpp"
#include "testing/seconds.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/detail/generator_base.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/log.hpp>
#include <ordo/testing/failing_heap.hpp>
#include <ordo/testing/run_test_case.hpp>
#include <ordo/testing/stepping.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <cstdint>
#include <memory>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <utility>

namespace ordo::testing {
namespace {

/// So many iterations may what a body leaves ready take to come to its end; more than any chain of tasks that wake each
/// other is long, and a fraction of a second.
constexpr std::uint64_t settling_iterations = 100'000;

loop_options on_virtual_time(loop_options options) {
    if (!options.clock) options.clock = std::make_shared<virtual_clock>();
    return options;
}

} // namespace

trial::trial(loop_options options) : loop_(on_virtual_time(std::move(options))) {
    loop_.set_exception_handler([this](event_loop& loop, exception_context const& what) {
        failing_heap::pause const unharmed;
        if (tolerates && tolerates(what)) return;
        note(what);
        loop.default_exception_handler(what);
    });
}

trial::~trial() = default;

void trial::note(exception_context const& what) {
    complaints_ += "\n  reported: " + what.message;
    if (what.task) complaints_ += ": task '" + what.task.name() + "'";
    if (what.exception) complaints_ += ": " + describe(what.exception);
    if (what.where.line() != 0) complaints_ += "; created at " + detail::describe(what.where);
}

std::exception_ptr trial::run(std::function<coro<>()> const& body) {
    std::exception_ptr error;
    task<> main;
    try {
        main = loop_.create_task(body(), "main");
        loop_.run_until_complete(main);
    } catch (...) {
        error = std::current_exception();
    }
    has_ended_ = !main || main.done();
    failing_heap::pause const unharmed;
    run_until_idle(loop_, {.max_iterations = settling_iterations}); // what does not come to rest is left
    return error;
}

std::string trial::complaints() {
    failing_heap::pause const unharmed;
    for (auto const& each : leftovers(loop_)) complaints_ += "\n  left " + each;
    loop_.set_exception_handler([](event_loop&, exception_context const&) {}); // of what was just named
    loop_.close();
    return complaints_;
}

void announce(char const* what, std::string const& run, std::function<void(std::string const&)> const& on_run) {
    logger()->info("{}{}", what, run);
    if (on_run) on_run(run);
}

std::string describe(std::exception_ptr const& error) {
    return detail::describe_error(error);
}

std::vector<std::string> leftovers(event_loop const& loop) {
    std::vector<std::string> all;
    for (auto const& task : all_tasks(loop))
        all.push_back("pending: task '" + task.name() + "', created at " + detail::describe(task.created_at()));
    auto const now = loop.time();
    auto const queued = loop.queued_callbacks();
    for (auto const& ready : queued.ready)
        if (ready.name.empty() && ready.kind != callback_kind::internal)
            all.push_back("pending: a callback, scheduled at " + detail::describe(ready.where));
    for (auto const& timer : queued.scheduled)
        if (timer.name.empty()) // else it is of a task that sleeps
            all.push_back("pending: a timer due in " + in_seconds(*timer.deadline - now) + ", scheduled at " +
                          detail::describe(timer.where));
    for (auto* each = detail::loop_access::core(loop).first_generator; each; each = each->next_generator())
        if (each->present() == detail::generator_base::state::suspended)
            all.push_back("open: an async_generator, begun at " + detail::describe(each->created_at()));
    for (auto& each : detail::open_ends(loop)) all.push_back("open: " + std::move(each));
    return all;
}

void run_test_case(std::function<coro<>()> const& body, loop_options options) {
    trial one(std::move(options));
    auto const thrown = one.run(body);
    bool const has_ended = one.has_ended(); // else the error is of the loop, and says what is left
    auto complaints = one.complaints();
    if (!complaints.empty()) complaints.insert(0, "the test left something behind:");
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (std::exception const&) {
        if (complaints.empty() || !has_ended) throw;
        throw std::runtime_error(describe(thrown) + '\n' + complaints);
    } catch (...) { // perhaps the test framework's own, which must not be lost
        if (!complaints.empty()) logger()->error("{}", complaints);
        throw;
    }
    if (!complaints.empty()) throw std::runtime_error(complaints);
}

} // namespace ordo::testing
