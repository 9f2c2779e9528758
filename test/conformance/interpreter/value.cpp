// ordo: literals, and values as tokens of the trace.
// SPDX-License-Identifier: BSL-1.0
#include "value.hpp"

#include "errors.hpp"

#include <algorithm>
#include <charconv>

namespace conformance {
namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

bool is_word(std::string_view token, std::string_view also) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    constexpr std::string_view digits = "0123456789";
    auto const in = [](std::string_view set, char c) { return set.find(c) != std::string_view::npos; };
    return !token.empty() && in(letters, token.front()) &&
           std::ranges::all_of(token, [&](char c) { return in(letters, c) || in(digits, c) || in(also, c); });
}

} // namespace

bool is_name(std::string_view token) {
    return is_word(token, "");
}

bool is_symbol(std::string_view token) {
    return is_word(token, ".-");
}

std::optional<std::int64_t> parse_integer(std::string_view token) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
    return number;
}

std::optional<value> parse_value(std::string_view token) {
    if (auto const number = parse_integer(token)) return value(*number);
    if (token == "none") return value();
    if (token == "true" || token == "false") return value(token == "true");
    if (is_symbol(token)) return value(std::string(token));
    return std::nullopt;
}

std::string render(value const& what) {
    return std::visit(overloaded{
                          [](std::monostate) -> std::string { return "none"; },
                          [](bool b) -> std::string { return b ? "true" : "false"; },
                          [](std::int64_t i) { return std::to_string(i); },
                          [](std::string const& text) { return text; },
                          [](std::exception_ptr const& error) { return render(error); },
                          [](value::list const& items) {
                              std::string text;
                              for (auto const& item : items) text += (text.empty() ? "" : ",") + render(item);
                              return "[" + text + "]";
                          },
                      },
                      what.is);
}

bool operator<(value const& a, value const& b) {
    if (auto const *x = std::get_if<std::int64_t>(&a.is), *y = std::get_if<std::int64_t>(&b.is); x && y) return *x < *y;
    return std::get<std::string>(a.is) < std::get<std::string>(b.is);
}

} // namespace conformance
