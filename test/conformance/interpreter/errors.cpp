// ordo: which type and tag stands for an error.
// SPDX-License-Identifier: BSL-1.0
#include "errors.hpp"

#include "value.hpp"

#include <algorithm>
#include <ordo/exceptions.hpp>
#include <span>
#include <utility>
#include <vector>

namespace conformance {
namespace {

/// An error that ordo has no type for.
class raised_error : public std::exception {
public:
    raised_error(std::string_view type, std::string message)
        : error{std::string(type), std::move(message)}, text_(error.type + "(" + error.message + ")") {}
    char const* what() const noexcept override { return text_.c_str(); }

    python_error const error;

private:
    std::string text_;
};

class raised_exit : public ordo::system_exit {
public:
    explicit raised_exit(std::string text) : system_exit(1), message(std::move(text)) {}
    std::string const message;
};

/// A type, and the next more general one.
struct type_row {
    std::string_view type;
    std::string_view base;
    bool raisable;
};
constexpr type_row types[] = {
    {"BaseException", "", false},
    {"Exception", "BaseException", false},
    {"CancelledError", "BaseException", true},
    {"GeneratorExit", "BaseException", false},
    {"SystemExit", "BaseException", true},
    {"BaseExceptionGroup", "BaseException", false},
    {"ExceptionGroup", "Exception", false},
    {"ValueError", "Exception", true},
    {"TypeError", "Exception", true},
    {"LookupError", "Exception", true},
    {"KeyError", "LookupError", true},
    {"RuntimeError", "Exception", true},
    {"BrokenBarrierError", "RuntimeError", false},
    {"TimeoutError", "Exception", true},
    {"InvalidStateError", "Exception", false},
    {"QueueEmpty", "Exception", false},
    {"QueueFull", "Exception", false},
    {"StopAsyncIteration", "Exception", false},
};

type_row const* find_type(std::string_view type) {
    auto const* const found = std::ranges::find(types, type, &type_row::type);
    return found == std::end(types) ? nullptr : found;
}

/// A part of a text of the library, and what Python's error for it is. The first that fits counts.
struct text_row {
    std::string_view part;
    std::string_view tag;
    std::string_view type = {}; ///< as classify_type() says, if empty
};
constexpr text_row texts[] = {
    {"already done (", "already_done"},
    {"no result yet (pending)", "result_not_ready"},
    {"future::exception: not done yet", "exception_not_set"},
    {"a task completes itself", "task_owns_its_result"},
    {"a task cannot await itself", "await_self"},
    {"run: another loop is running", "run_inside_loop"},
    {"this loop is running already", "loop_already_running"},
    {"another loop is running on this thread", "loop_already_running"},
    {"the loop was stopped before the future was done", "loop_stopped_early"},
    {"the loop is closed", "loop_closed"},
    {"the loop was closed", "loop_closed"},
    {"event_loop::close: the loop is running", "close_running_loop"},
    {"no loop is running on this thread", "no_running_loop"},
    {"it is running already, for another task", "generator_running"},
    {"async_generator::asend: it stands at no co_yield yet", "generator_not_started", "TypeError"},
    {"ignored generator_exit", "generator_ignored_exit"},
    {"this token was made ", "foreign_token", "ValueError"},
    {"this token was used already", "token_used"},
    {"this context is already being run in", "context_entered"},
    {"it was shut down", "executor_shut_down"},
    {"wait: there is nothing to wait for", "nothing_to_wait_for"},
    {"timeout::reschedule: the body does not run", "timeout_left"},
    {"the group is not in use yet", "taskgroup_not_entered"},
    {"the group has ended", "taskgroup_finished"},
    {"lock::release: the lock is not held", "lock_not_acquired"},
    {"condition::wait: the lock is not held", "wait_without_lock"},
    {"the lock is not held", "notify_without_lock"},
    {"semaphore::release: all", "semaphore_over_released"},
    {"permits; give 0 or more", "semaphore_negative"},
    {"barrier: 0 parties", "barrier_without_parties"},
    {"barrier::wait: the barrier was aborted;", "barrier_aborted"},
    {"barrier::wait: the barrier was aborted or reset", "barrier_aborted_or_reset"},
    {"queue::task_done: called more often", "task_done_too_often"},
    {"the group is being cancelled", "taskgroup_shutting_down"},
};

bool is_exception(std::exception_ptr const& error) {
    return is_caught_by(error, "Exception");
}

python_error with_text(std::string_view type, std::string_view text) {
    if (text.empty() || is_symbol(text)) return {std::string(type), std::string(text)};
    for (auto const& row : texts)
        if (text.find(row.part) != std::string_view::npos)
            return {std::string(row.type.empty() ? type : row.type), "#" + std::string(row.tag)};
    return {std::string(type), "#other"};
}

} // namespace

std::exception_ptr make_error(std::string_view type, std::string message) {
    if (type == "CancelledError") return std::make_exception_ptr(ordo::cancelled_error(std::move(message)));
    if (type == "TimeoutError") return std::make_exception_ptr(ordo::timeout_error(message));
    if (type == "SystemExit") return std::make_exception_ptr(raised_exit(std::move(message)));
    return std::make_exception_ptr(raised_error(type, std::move(message)));
}

std::exception_ptr make_stop_async_iteration() {
    return make_error("StopAsyncIteration", "");
}

python_error classify(std::exception_ptr const& error) {
    try {
        std::rethrow_exception(error);
    } catch (raised_error const& e) {
        return e.error;
    } catch (raised_exit const& e) {
        return {"SystemExit", e.message};
    } catch (ordo::cancelled_error const& e) {
        return {"CancelledError", e.message()};
    } catch (ordo::generator_exit const&) {
        return {"GeneratorExit", ""};
    } catch (ordo::timeout_error const& e) {
        return {"TimeoutError", is_symbol(e.what()) ? e.what() : ""};
    } catch (ordo::queue_empty const&) {
        return {"QueueEmpty", ""};
    } catch (ordo::queue_full const&) {
        return {"QueueFull", ""};
    } catch (ordo::exception_group const& e) {
        return {std::ranges::all_of(e.exceptions(), is_exception) ? "ExceptionGroup" : "BaseExceptionGroup",
                "#taskgroup"};
    } catch (ordo::broken_barrier_error const& e) {
        return with_text("BrokenBarrierError", e.what());
    } catch (ordo::invalid_state_error const& e) {
        return with_text("InvalidStateError", e.what());
    } catch (ordo::value_error const& e) {
        return with_text("ValueError", e.what());
    } catch (std::exception const& e) {
        return with_text("RuntimeError", e.what());
    }
}

std::string render(std::exception_ptr const& error) {
    auto const [type, message] = classify(error);
    auto text = type + "(" + message + ")";
    try {
        std::rethrow_exception(error);
    } catch (ordo::exception_group const& group) {
        std::string members;
        for (auto const& member : group.exceptions()) members += (members.empty() ? "" : ",") + render(member);
        return text + "[" + members + "]";
    } catch (...) {
        return text;
    }
}

bool is_caught_by(std::exception_ptr const& error, std::string_view wanted) {
    auto const found = classify(error).type;
    if (found == "ExceptionGroup" && wanted == "BaseExceptionGroup") return true; // the one type with two bases
    for (auto const* row = find_type(found); row; row = find_type(row->base))
        if (row->type == wanted) return true;
    return false;
}

bool is_raisable(std::string_view type) {
    auto const* const row = find_type(type);
    return row && row->raisable;
}

bool is_catchable(std::string_view type) {
    return find_type(type);
}

} // namespace conformance
