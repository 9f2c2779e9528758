// ordo: the static checks of a scenario.
// SPDX-License-Identifier: BSL-1.0
#include "errors.hpp"
#include "operation.hpp"
#include "scenario.hpp"
#include "value.hpp"

#include <algorithm>
#include <cstdlib>
#include <ranges>
#include <set>

namespace conformance {
namespace {

constexpr std::int64_t longest_delay = 80'000; // ms; Python's loop waits no longer than 86,400 of its units at once

struct parameter {
    std::string_view kind;
    bool binds;
    bool optional;
};

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    for (auto const part : std::views::split(text, by))
        if (!part.empty()) parts.emplace_back(part.begin(), part.end());
    return parts;
}

std::vector<parameter> parameters_of(operation const& row) {
    std::vector<parameter> result;
    for (auto notation : split(row.parameters, ' ')) {
        bool const optional = notation.ends_with('?');
        if (optional) notation.remove_suffix(1);
        auto const words = split(notation, ':');
        result.push_back({words.back(), words.size() == 3, optional});
    }
    return result;
}

/// Where a statement stands.
struct place {
    definition const& in;
    int depth = 0;
    bool in_handler = false;
    bool in_top_try = false; ///< directly in the body of a `try` at the top level
};

class checker {
public:
    explicit checker(scenario& checked) : scenario_(checked) {}

    void check() {
        for (auto& [name, checked] : scenario_.definitions) check_block(checked.body, {checked});
        check_block(scenario_.program.body, {scenario_.program});
        for (auto const& [line, name, wanted] : uses_) check_use(line, name, wanted);
    }

private:
    struct use {
        std::size_t line;
        std::string name;
        std::string_view wanted; ///< kinds, separated by |
    };

    [[noreturn]] static void fail(std::size_t line, std::string const& reason) { throw scenario_error(line, reason); }

    void check_use(std::size_t line, std::string const& name, std::string_view wanted) {
        auto const kinds = split(wanted, '|');
        if (name == "self" && std::ranges::count(kinds, "task") > 0) return;
        if (!kinds_.contains(name)) fail(line, "nothing ever creates `" + name + "`");
        auto const& known = kinds_[name];
        if (!std::ranges::any_of(kinds, [&](auto kind) { return known.contains(kind); }))
            fail(line, "`" + name + "` is a " + std::string(*known.begin()) + ", expected " + std::string(wanted));
    }

    void check_block(block& body, place const& where) {
        if (body.empty()) fail(where.in.line, "empty body (write `pass`)");
        for (auto& at : body) check_statement(at, where);
    }

    void check_statement(statement& at, place const& where) {
        if (at.row) check_operation(at, where);
        else if (at.word == "yield") check_yield(at, where);
        else if (at.word == "raise") check_raise(at, where);
        else if (at.word == "return") check_return(at, where);
        else if (is_block_statement(at.word) && at.word != "try") check_block_statement(at, where);

        bool const is_try = at.word == "try";
        place inside{where.in, where.depth + 1, where.in_handler, false};
        if (is_block_statement(at.word))
            check_block(at.body, {where.in, inside.depth, where.in_handler, is_try && where.depth == 0});
        for (auto& handler : at.handlers) check_block(handler.body, {where.in, inside.depth, true});
        if (at.otherwise) check_block(*at.otherwise, inside);
        if (at.cleanup) check_block(*at.cleanup, inside);
    }

    void check_yield(statement const& at, place const& where) {
        if (where.in.kind != "asyncgen" || !(where.depth == 0 || where.in_top_try))
            fail(at.line, "yield belongs at the top level of an asyncgen or directly inside a top-level try");
        if (at.arguments.size() != 1 || !parse_value(at.arguments[0])) fail(at.line, "yield needs a value");
    }

    void check_raise(statement const& at, place const& where) {
        if (where.in.kind == "program") fail(at.line, "a program cannot raise");
        if (at.arguments.empty()) {
            if (!where.in_handler) fail(at.line, "a bare raise belongs in an except clause");
        } else if (!is_raisable(at.arguments[0])) {
            fail(at.line, "unknown exception type " + at.arguments[0]);
        }
    }

    void check_return(statement const& at, place const& where) {
        if (at.arguments.empty()) return;
        if (where.in.kind != "coro" && where.in.kind != "callback")
            fail(at.line, "only a coro or a callback returns a value");
        if (!parse_value(at.arguments[0])) fail(at.line, "not a value: " + at.arguments[0]);
    }

    void check_block_statement(statement& at, place const& where) {
        auto const& name = at.arguments[0];
        if (at.word == "repeat") {
            if (!parse_integer(name)) fail(at.line, "not an integer: " + name);
            return;
        }
        if (where.in.kind != "coro" && where.in.kind != "asyncgen") fail(at.line, at.word + " belongs in a coro");
        if (at.word == "with") return refer(at, name, "lock|condition|semaphore");
        if (at.word == "for_each") return refer(at, name, "generator");
        kinds_[name].insert(at.word == "taskgroup" ? "task_group" : "timeout_block");
        if (at.word != "taskgroup") check_delay(at.line, at.arguments[1], at.word == "timeout");
    }

    void check_operation(statement& at, place const& where) {
        auto const& row = *at.row;
        if (std::holds_alternative<operation::await_function>(row.perform) && where.in.kind != "coro" &&
            where.in.kind != "asyncgen")
            fail(at.line, at.word + " must be in a coro");
        auto const options = split(row.options, ' ');
        for (auto const& [name, given] : at.options)
            if (std::ranges::count(options, name) == 0) fail(at.line, at.word + " has no option " + name);

        std::size_t index = 0;
        for (auto const& expected : parameters_of(row)) {
            if (index == at.arguments.size()) {
                if (expected.optional) continue;
                fail(at.line, at.word + ": missing " + std::string(expected.kind));
            }
            if (expected.kind == "awaitables") {
                while (index < at.arguments.size()) check_argument(at, "awaitable", at.arguments[index++]);
            } else if (expected.binds) {
                bind(at, expected.kind, at.arguments[index++]);
            } else {
                check_argument(at, expected.kind, at.arguments[index++]);
            }
        }
        if (index < at.arguments.size()) fail(at.line, at.word + ": too many arguments");
        if (auto const* context = at.option("context")) refer(at, *context, "context");
        if (auto const* timeout = at.option("timeout")) check_delay(at.line, *timeout, true);
    }

    void bind(statement& at, std::string_view kind, std::string const& name) {
        if (!is_name(name) || name == "self") fail(at.line, "bad name " + name);
        kinds_[name].insert(kind);
        at.bound = name;
    }

    void refer(statement& at, std::string const& name, std::string_view wanted) {
        at.references.push_back(name);
        uses_.push_back({at.line, name, wanted});
    }

    void check_argument(statement& at, std::string_view kind, std::string const& token) {
        auto const called = called_name(token);
        if (kind == "int") {
            if (!parse_integer(token)) fail(at.line, "not an integer: " + token);
        } else if (kind == "ms" || kind == "delay" || kind == "timeout") {
            check_delay(at.line, token, kind == "timeout");
        } else if (kind == "value") {
            if (!parse_value(token)) fail(at.line, "not a value: " + token);
        } else if (kind == "symbol") {
            if (!is_symbol(token)) fail(at.line, "not a symbol: " + token);
        } else if (kind == "exception") {
            if (!is_raisable(token)) fail(at.line, "unknown exception type " + token);
        } else if (kind == "callback") {
            check_definition(at.line, token, "callback");
        } else if (kind == "call" || kind == "generator_call") {
            if (!called) fail(at.line, "expected a call like name(), got " + token);
            check_definition(at.line, *called, kind == "call" ? "coro" : "asyncgen");
        } else if (kind == "awaitable") {
            if (called) check_definition(at.line, *called, "coro");
            else refer(at, token, "future|task");
        } else {
            refer(at, token, kind);
        }
    }

    void check_definition(std::size_t line, std::string_view name, std::string_view kind) {
        auto const found = scenario_.definitions.find(name);
        if (found == scenario_.definitions.end() || found->second.kind != kind)
            fail(line, "no " + std::string(kind) + " named " + std::string(name));
    }

    static void check_delay(std::size_t line, std::string const& token, bool allow_none) {
        if (allow_none && token == "none") return;
        auto const delay = parse_integer(token);
        if (!delay || std::abs(*delay) > longest_delay)
            fail(line, "not a time in ms below " + std::to_string(longest_delay) + ": " + token);
    }

    scenario& scenario_;
    std::map<std::string, std::set<std::string_view>, std::less<>> kinds_; ///< of the objects that names are bound to
    std::vector<use> uses_;
};

} // namespace

void check_scenario(scenario& checked) {
    checker(checked).check();
}

} // namespace conformance
