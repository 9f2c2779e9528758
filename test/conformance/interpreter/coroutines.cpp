// ordo: the bodies of coroutines and generators.
//
// They are run by coroutines of the same shape as the plain functions in interpreter.cpp, a generator by one that yields.
// A failure is kept as an exception_ptr, because in C++ nothing can be awaited in a handler.
// SPDX-License-Identifier: BSL-1.0
#include "errors.hpp"
#include "interpreter.hpp"
#include "operation.hpp"
#include "outcome.hpp"
#include "runtime.hpp"

#include <optional>
#include <ordo/task_group.hpp>
#include <ordo/timeout.hpp>
#include <span>

namespace conformance {
namespace {

ordo::coro<outcome> run_awaiting(runtime& rt, block const& body, std::exception_ptr handled);

ordo::coro<outcome> run_await(runtime& rt, statement const& at) {
    if (!rt.bound(at)) co_return outcome();
    outcome result;
    try {
        auto const given = co_await std::get<operation::await_function>(at.row->perform)(call(rt, at));
        rt.succeeded(at.text(), given);
    } catch (...) {
        result.error = std::current_exception();
        rt.failed(at.text(), result.error);
    }
    co_return result;
}

/// What follows the body of a `try`.
ordo::coro<outcome> run_clauses(runtime& rt, statement const& at, outcome result, std::exception_ptr handled) {
    if (auto const* clause = clause_after(rt, at, result))
        result = co_await run_awaiting(rt, *clause, either(result.error, handled));
    if (!at.cleanup) co_return result;
    auto cleanup = co_await run_awaiting(rt, *at.cleanup, either(result.error, handled));
    if (cleanup.goes_on()) co_return result;
    co_return cleanup;
}

ordo::coro<outcome> run_for_each(runtime& rt, statement const& at, std::exception_ptr handled) {
    auto const generator = std::get<std::shared_ptr<generator_object>>(rt[at.arguments[0]]);
    outcome result;
    while (result.goes_on()) {
        std::optional<value> item;
        try {
            item = co_await generator->items.next();
        } catch (...) {
            result.error = std::current_exception();
        }
        if (!item) break;
        rt.log("item " + at.arguments[0] + " " + render(*item));
        result = co_await run_awaiting(rt, at.body, handled);
    }
    co_return result;
}

/// What the library runs as the body of a block: it throws, or gives what the block returned.
auto body_of(runtime& rt, statement const& at, std::exception_ptr handled) {
    return [&rt, &at, handled]() -> ordo::coro<std::optional<value>> {
        auto const inside = co_await run_awaiting(rt, at.body, handled);
        if (inside.error) std::rethrow_exception(inside.error);
        co_return inside.returned;
    };
}

ordo::coro<outcome> run_timeout(runtime& rt, statement const& at, std::exception_ptr handled) {
    call const arguments(rt, at);
    std::shared_ptr<ordo::timeout> timeout;
    if (at.word == "timeout")
        timeout = std::make_shared<ordo::timeout>(ordo::optional_duration(arguments.maybe_time(1)));
    else timeout = std::make_shared<ordo::timeout>(std::optional(ordo::time_point(arguments.time(1))));
    rt.bind(at.arguments[0], timeout);
    auto const body = body_of(rt, at, handled);
    outcome result;
    try {
        result.returned = co_await ordo::with_timeout(*timeout, body);
    } catch (...) {
        result.error = std::current_exception();
    }
    co_return result;
}

ordo::coro<outcome> run_task_group(runtime& rt, statement const& at, std::exception_ptr handled) {
    auto const group = std::make_shared<ordo::task_group>();
    rt.bind(at.arguments[0], group);
    auto const block = body_of(rt, at, handled);
    outcome result;
    auto const body = [&]() -> ordo::coro<> {
        result.returned = co_await block();
    }; // cancel_group may leave it without
    try {
        co_await ordo::with_task_group(*group, body);
    } catch (...) {
        result.error = std::current_exception();
    }
    co_return result;
}

template <class Lockable>
ordo::coro<outcome> run_holding(runtime& rt, statement const& at, std::exception_ptr handled,
                                std::shared_ptr<Lockable> lockable) {
    ordo::await_result_t<decltype(lockable->scoped())> held;
    outcome result;
    try {
        held = co_await lockable->scoped();
        rt.succeeded(at.text(), value());
    } catch (...) {
        result.error = std::current_exception();
        rt.failed(at.text(), result.error);
    }
    if (result.error) co_return result;
    result = co_await run_awaiting(rt, at.body, handled);
    try {
        held.release(); // and not by its destructor, because the body may have released it, which is an error
    } catch (...) {
        result = {.error = std::current_exception()};
    }
    co_return result;
}

ordo::coro<outcome> run_with(runtime& rt, statement const& at, std::exception_ptr handled) {
    auto const run = [&](auto const& lockable) { return run_holding(rt, at, handled, lockable); };
    return std::visit(run, as_lockable(rt[at.arguments[0]]));
}

/// Trace how a block statement has ended.
outcome traced(runtime& rt, statement const& at, outcome result) {
    if (result.error) rt.failed(at.text(), result.error);
    else if (!result.returned) rt.succeeded(at.text(), value());
    return result;
}

ordo::coro<outcome> run_statement(runtime& rt, statement const& at, std::exception_ptr handled) {
    if (at.row && std::holds_alternative<operation::await_function>(at.row->perform))
        co_return co_await run_await(rt, at);
    outcome result;
    if (at.word == "try") {
        result = co_await run_awaiting(rt, at.body, handled);
        result = co_await run_clauses(rt, at, std::move(result), handled);
    } else if (at.word == "repeat") {
        for (auto left = *parse_integer(at.arguments[0]); left > 0 && result.goes_on(); --left)
            result = co_await run_awaiting(rt, at.body, handled);
    } else if (!rt.bound(at)) {
        co_return result;
    } else if (at.word == "for_each") {
        result = traced(rt, at, co_await run_for_each(rt, at, handled));
    } else if (at.word == "timeout" || at.word == "timeout_at") {
        result = traced(rt, at, co_await run_timeout(rt, at, handled));
    } else if (at.word == "with") {
        result = co_await run_with(rt, at, handled);
    } else if (at.word == "taskgroup") {
        result = traced(rt, at, co_await run_task_group(rt, at, handled));
    } else {
        result = run_simple(rt, at, handled);
    }
    co_return result;
}

ordo::coro<outcome> run_awaiting(runtime& rt, block const& body, std::exception_ptr handled) {
    outcome result;
    for (auto at = body.begin(); at != body.end() && result.goes_on(); ++at)
        result = co_await run_statement(rt, *at, handled);
    co_return result;
}

} // namespace

ordo::coro<value> run_coroutine(runtime& rt, definition const& of) {
    rt.log("start " + of.name);
    auto const result = co_await run_awaiting(rt, of.body, nullptr);
    if (result.error) {
        rt.log("raise " + of.name + " " + render(result.error));
        std::rethrow_exception(result.error);
    }
    auto const returned = result.returned.value_or(value());
    rt.log("return " + of.name + " " + render(returned));
    co_return returned;
}

ordo::async_generator<value, value> run_generator(runtime& rt, definition const& of,
                                                  [[maybe_unused]] std::shared_ptr<void> mark) {
    rt.log("start " + of.name);
    outcome result;
    for (auto at = of.body.begin(); at != of.body.end() && result.goes_on(); ++at) {
        bool const is_try = at->word == "try"; // the one block that may yield
        for (auto const& step : is_try ? std::span(at->body) : std::span(&*at, 1)) {
            if (step.word == "yield") {
                try {
                    auto const sent = co_yield *parse_value(step.arguments[0]);
                    rt.succeeded(step.text(), sent);
                } catch (...) {
                    result.error = std::current_exception();
                    rt.failed(step.text(), result.error);
                }
            } else {
                result = co_await run_statement(rt, step, nullptr);
            }
            if (!result.goes_on()) break;
        }
        if (is_try) result = co_await run_clauses(rt, *at, std::move(result), nullptr);
    }
    if (result.error) {
        rt.failed("finish " + of.name, result.error);
        std::rethrow_exception(result.error);
    }
    if (!result.returned) rt.succeeded("finish " + of.name, value());
}

} // namespace conformance
