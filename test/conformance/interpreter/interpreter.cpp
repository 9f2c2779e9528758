// ordo: statements, one after the other.
//
// A callback and the program are run by plain functions, a coroutine by coroutines of the same shape, a generator by one
// that yields. What they share is how a statement can end: it goes on, returns, or fails. A failure is kept as an
// exception_ptr, because in C++ nothing can be awaited in a handler.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"

#include "errors.hpp"
#include "operation.hpp"
#include "runtime.hpp"

#include <optional>
#include <span>

namespace conformance {
namespace {

/// How a statement or a block has ended.
struct outcome {
    std::exception_ptr error{};
    std::optional<value> returned{};

    bool goes_on() const { return !error && !returned; }
};

// -- what needs no coroutine

outcome run_operation(runtime& rt, statement const& at) {
    if (!rt.bound(at)) return {};
    call arguments(rt, at);
    try {
        if (auto const* perform = std::get_if<operation::void_function>(&at.row->perform)) {
            (*perform)(arguments);
        } else if (auto const* ask = std::get_if<operation::query_function>(&at.row->perform)) {
            rt.succeeded(at.text(), (*ask)(arguments));
        } else if (auto const* make = std::get_if<operation::bind_function>(&at.row->perform)) {
            rt.bind(at.arguments[0], (*make)(arguments));
        }
    } catch (...) {
        rt.failed(at.text(), std::current_exception());
    }
    return {};
}

outcome run_return(statement const& at) {
    return {.returned = at.arguments.empty() ? value() : *parse_value(at.arguments[0])};
}

outcome run_raise(statement const& at, std::exception_ptr const& handled) {
    if (at.arguments.empty()) return {.error = handled};
    return {.error = make_error(at.arguments[0], at.arguments.size() > 1 ? at.arguments[1] : "")};
}

std::string without_options(statement const& at) {
    auto shown = at;
    shown.options.clear();
    return shown.text();
}

/// A statement without a block, other than an await.
/// @param handled   What a bare `raise` throws again.
outcome run_simple(runtime& rt, statement const& at, std::exception_ptr const& handled) {
    if (at.row) return run_operation(rt, at);
    if (at.word == "raise") return run_raise(at, handled);
    if (at.word == "return") return run_return(at);
    if (at.word == "log") rt.log(without_options(at));
    return {};
}

/// The clause of a `try` that follows its body; null if none does.
block const* clause_after(runtime& rt, statement const& at, outcome const& body) {
    if (body.error) {
        for (auto const& handler : at.handlers) {
            if (!is_caught_by(body.error, handler.type)) continue;
            rt.log("caught " + render(body.error));
            return &handler.body;
        }
    }
    return body.goes_on() && at.otherwise ? &*at.otherwise : nullptr;
}

std::exception_ptr either(std::exception_ptr const& error, std::exception_ptr const& otherwise) {
    return error ? error : otherwise;
}

// -- callbacks, and the program

outcome run_block(runtime& rt, block const& body, std::exception_ptr const& handled);

outcome run_try(runtime& rt, statement const& at, std::exception_ptr const& handled) {
    auto result = run_block(rt, at.body, handled);
    if (auto const* clause = clause_after(rt, at, result))
        result = run_block(rt, *clause, either(result.error, handled));
    if (!at.cleanup) return result;
    auto cleanup = run_block(rt, *at.cleanup, either(result.error, handled));
    return cleanup.goes_on() ? result : cleanup;
}

outcome run_block(runtime& rt, block const& body, std::exception_ptr const& handled) {
    outcome result;
    for (auto at = body.begin(); at != body.end() && result.goes_on(); ++at) {
        if (at->word == "try") {
            result = run_try(rt, *at, handled);
        } else if (at->word == "repeat") {
            for (auto left = *parse_integer(at->arguments[0]); left > 0 && result.goes_on(); --left)
                result = run_block(rt, at->body, handled);
        } else {
            result = run_simple(rt, *at, handled);
        }
    }
    return result;
}

// -- coroutines

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
            item = co_await generator->next();
        } catch (...) {
            result.error = std::current_exception();
        }
        if (!item) break;
        rt.log("item " + at.arguments[0] + " " + render(*item));
        result = co_await run_awaiting(rt, at.body, handled);
    }
    co_return result;
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
        result = co_await run_for_each(rt, at, handled);
        result = traced(rt, at, std::move(result));
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

// -- generators

ordo::async_generator<value> run_generator(runtime& rt, definition const& of, std::shared_ptr<value> sent) {
    rt.log("start " + of.name);
    outcome result;
    for (auto at = of.body.begin(); at != of.body.end() && result.goes_on(); ++at) {
        bool const is_try = at->word == "try"; // the one block that may yield
        for (auto const& step : is_try ? std::span(at->body) : std::span(&*at, 1)) {
            if (step.word == "yield") {
                try {
                    co_yield *parse_value(step.arguments[0]);
                    rt.succeeded(step.text(), *sent);
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

} // namespace

void run_program(runtime& rt, definition const& program) {
    run_block(rt, program.body, nullptr);
}

value run_callback(runtime& rt, std::string_view actor, std::string_view event, std::string_view callback) {
    return rt.act_as(actor, [&] {
        rt.log(event);
        auto const result = run_block(rt, rt.definition_of(callback).body, nullptr);
        if (result.error) std::rethrow_exception(result.error);
        return result.returned.value_or(value());
    });
}

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

std::shared_ptr<generator_object> make_generator(runtime& rt, definition const& of) {
    auto sent = std::make_shared<value>();
    auto items = run_generator(rt, of, sent);
    return std::make_shared<generator_object>(std::move(items), std::move(sent));
}

} // namespace conformance
