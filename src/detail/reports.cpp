// ordo: puts errors that nobody else can handle into words.
// SPDX-License-Identifier: BSL-1.0
#include "reports.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/log.hpp>

#include <boost/core/demangle.hpp>
#include <spdlog/spdlog.h>

namespace ordo {
namespace detail {
namespace {

void report(loop_core& core, exception_context const& what) noexcept {
    try {
        if (auto* loop = core.owner()) return loop->call_exception_handler(what);
        logger()->error("{}", what.message);
    } catch (...) {
        // There is no memory to tell it, and nobody left to tell.
    }
}

void add_stack(exception_context& to, task_base const& task) {
    if (auto const* stack = task.last_stack()) to.stack = *stack;
}

} // namespace

std::string describe_error(std::exception_ptr const& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (std::exception const& e) {
        return boost::core::demangle(typeid(e).name()) + ": " + e.what();
    } catch (cancelled_error const& e) {
        return "ordo::cancelled_error: " + e.message();
    } catch (...) {
        return "an exception that is not a std::exception";
    }
}

void report_callback(loop_core& core, callback_node* node) noexcept {
    try {
        exception_context what{.message = "exception in a callback", .exception = std::current_exception()};
        what.handle = handle_access::share(node);
        what.where = node->where;
        report(core, what);
    } catch (...) {}
    node->act(node, node_action::dispose);
}

void report_unretrieved(future_base& future) noexcept {
    try {
        exception_context what{.message = future.is_task() ? "the error of a task was never retrieved"
                                                           : "the error of a future was never retrieved"};
        what.exception = future.exception();
        what.future = future_access::adopt<any_future>(share(future));
        if (future.is_task()) {
            what.task = future_access::adopt<any_task>(share(future));
            add_stack(what, static_cast<task_base&>(future));
        }
        what.where = future.created_at();
        report(future.core(), what);
    } catch (...) {}
}

void report_abandoned(task_base& task) noexcept {
    try {
        exception_context what{.message = "a task was destroyed while it was pending"};
        what.task = future_access::adopt<any_task>(share(task));
        what.future = what.task;
        what.where = task.created_at();
        add_stack(what, task);
        report(task.core(), what);
    } catch (...) {}
}

std::string describe(std::source_location const& where) {
    if (where.line() == 0) return "an unknown place";
    return fmt::format("{}:{} ({})", where.file_name(), where.line(), where.function_name());
}

std::optional<wait_description> present_wait(task_base const& task) {
    auto const* const what = task.waits_for();
    if (!what || what->over()) return {};
    wait_description wait;
    what->describe(wait);
    return wait;
}

void report_never_awaited(std::source_location const& where) noexcept {
    try {
        logger()->warn("a coro was never awaited, of {}; co_await it, or give it to create_task()", describe(where));
    } catch (...) {}
}

void report_slow_callback(callback_info const& who, duration took) noexcept {
    try {
        auto const what = who.name.empty() ? "a callback created at " : "a step of task '" + who.name + "' from ";
        logger()->warn("{}{} took {:.3f} s; give blocking work to run_in_executor()", what, describe(who.where),
                       std::chrono::duration<double>(took).count());
    } catch (...) {}
}

} // namespace detail

void event_loop::default_exception_handler(exception_context const& what) {
    auto text = what.message;
    if (what.task) text += " '" + what.task.name() + "'";
    if (what.exception) text += ": " + detail::describe_error(what.exception);
    if (what.where.line() != 0) text += "; created at " + detail::describe(what.where);
    for (auto const& where : what.stack)
        text += (&where == what.stack.data() ? "; at " : ", awaited at ") + detail::describe(where);
    logger()->error("{}", text);
}

} // namespace ordo
