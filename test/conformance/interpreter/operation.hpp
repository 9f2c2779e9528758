// ordo: the table of operations: what each looks like in a scenario, and what it does in C++.
//
// One row defines an operation completely. What it does is a function; the type of the function is its kind:
//
//   void    called now; traced only if it throws, and the error is swallowed
//   value   a query: called now; its value or error is always traced, the error is swallowed
//   object  as void, and the result is bound to the name that is the first parameter
//   coro    awaited; its value or error is always traced, and the error goes on
//
// Parameters, in the notation of ../conformance/operations.py: `name:kind`, where the kind is one of an object, several
// of them (`lock|condition`), or of a literal; `name:new:kind` binds a name; `?` behind it makes it optional.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "object.hpp"
#include "runtime.hpp"
#include "scenario.hpp"
#include "value.hpp"

#include <chrono>
#include <optional>
#include <ordo/context_var.hpp>
#include <ordo/coro.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace conformance {

/// An operation under way: its arguments, as what they stand for.
class call {
public:
    call(runtime& rt, statement const& of) : rt(rt), of_(&of) {}

    runtime& rt;

    // -- literals

    bool has(std::size_t index) const { return index < of_->arguments.size(); }
    std::string const& text(std::size_t index) const { return of_->arguments[index]; }
    std::string text_or_empty(std::size_t index) const { return has(index) ? text(index) : std::string(); }
    std::int64_t number(std::size_t index) const { return *parse_integer(text(index)); }
    value literal(std::size_t index) const { return *parse_value(text(index)); }
    std::chrono::milliseconds time(std::size_t index) const { return std::chrono::milliseconds(number(index)); }
    std::optional<std::chrono::milliseconds> maybe_time(std::size_t index) const { return maybe_time(text(index)); }
    /// None if it is not given.
    std::optional<std::chrono::milliseconds> time_option(std::string_view name) const {
        auto const* given = of_->option(name);
        return given ? maybe_time(*given) : std::nullopt;
    }
    std::string_view option(std::string_view name) const {
        auto const* given = of_->option(name);
        return given ? std::string_view(*given) : std::string_view();
    }

    // -- what names stand for

    template <class T>
    T object(std::size_t index) const {
        return std::get<T>(rt[text(index)]);
    }
    future_pointer future(std::size_t index) const;
    lockable_object lockable(std::size_t index) const { return as_lockable(rt[text(index)]); }
    /// The context option, else a copy of the present one.
    ordo::context context() const;

    /// Of a call `worker()`: a coroutine that has not begun.
    ordo::coro<value> coroutine(std::size_t index) const;
    bool is_coroutine(std::size_t index) const { return called_name(text(index)).has_value(); }
    /// `worker` of a call.
    std::string called(std::size_t index) const { return std::string(*called_name(text(index))); }
    /// The future or task, or a new task for a call, of each argument from this one on.
    std::vector<future_pointer> futures_from(std::size_t index) const;

private:
    static std::optional<std::chrono::milliseconds> maybe_time(std::string const& token) {
        auto const number = parse_integer(token);
        return number ? std::optional(std::chrono::milliseconds(*number)) : std::nullopt;
    }

    statement const* of_;
};

struct operation {
    using void_function = void (*)(call&);
    using query_function = value (*)(call&);
    using bind_function = object (*)(call&);
    using await_function = ordo::coro<value> (*)(call);

    std::string_view name;
    std::string_view parameters;
    std::variant<void_function, query_function, bind_function, await_function> perform;
    std::string_view options = {};
};

/// Null if there is none.
operation const* find_operation(std::string_view name);

// The areas of the table, each in a file of its own.
std::span<operation const> loop_operations();
std::span<operation const> future_operations();
std::span<operation const> task_operations();
std::span<operation const> composing_operations();
std::span<operation const> sync_operations();
std::span<operation const> context_operations();
std::span<operation const> generator_operations();
std::span<operation const> thread_operations();

// Statements with a form of their own.
bool is_special_statement(std::string_view word);
bool is_block_statement(std::string_view word);

} // namespace conformance
