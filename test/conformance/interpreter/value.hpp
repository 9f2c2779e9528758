// ordo: the values of scenarios.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace conformance {

/// What coroutines return, queues carry and operations give.
struct value {
    using list = std::vector<value>;

    value() = default; ///< none
    value(bool b) : is(b) {}
    value(std::int64_t i) : is(i) {}
    value(std::string text) : is(std::move(text)) {}
    value(char const* text) : is(std::string(text)) {}
    value(list items) : is(std::move(items)) {}
    value(std::exception_ptr error) : is(std::move(error)) {}

    std::variant<std::monostate, bool, std::int64_t, std::string, list, std::exception_ptr> is;
};

/// Of numbers, or of strings: what a priority_queue goes by.
bool operator<(value const& a, value const& b);

/// As a token of the trace.
std::string render(value const& what);

/// A literal: an integer, none, true, false, or a symbol, which is a string. Nothing if it is none of them.
std::optional<value> parse_value(std::string_view token);

bool is_name(std::string_view token);
bool is_symbol(std::string_view token);
std::optional<std::int64_t> parse_integer(std::string_view token);

} // namespace conformance
