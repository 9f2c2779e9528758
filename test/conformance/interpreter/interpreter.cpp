// ordo: statements that await nothing, and the bodies that are made of them: callbacks and the program.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"

#include "errors.hpp"
#include "operation.hpp"
#include "outcome.hpp"
#include "runtime.hpp"

namespace conformance {
namespace {

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
            rt.bind(at.bound, (*make)(arguments));
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

} // namespace

outcome run_simple(runtime& rt, statement const& at, std::exception_ptr const& handled) {
    if (at.row) return run_operation(rt, at);
    if (at.word == "raise") return run_raise(at, handled);
    if (at.word == "return") return run_return(at);
    if (at.word == "log") rt.log(without_options(at));
    return {};
}

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

// -- callbacks, and the program

namespace {

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

} // namespace conformance
