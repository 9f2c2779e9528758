// ordo: from the text of a scenario to its statements.
// SPDX-License-Identifier: BSL-1.0
#include "errors.hpp"
#include "operation.hpp"
#include "scenario.hpp"
#include "value.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

namespace conformance {
namespace {

using tokens = std::vector<std::string>;

constexpr std::string_view python_keywords[] = {
    "False",  "None",     "True", "and",    "as",   "assert", "async",  "await",   "break", "class",  "continue", "def",
    "del",    "elif",     "else", "except", "for",  "from",   "global", "finally", "if",    "import", "in",       "is",
    "lambda", "nonlocal", "not",  "or",     "pass", "raise",  "return", "try",     "while", "with",   "yield"};
constexpr std::string_view reserved_names[] = {"rt",      "loop",     "asyncio", "concurrent", "contextvars",
                                               "program", "internal", "error",   "item",       "render_exception",
                                               "sent"};

bool is_free_for_definitions(std::string_view name) {
    return is_name(name) && std::ranges::count(python_keywords, name) == 0 &&
           std::ranges::count(reserved_names, name) == 0 && !is_catchable(name);
}

tokens split(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\f\v";
    tokens words;
    line = line.substr(0, line.find('#'));
    for (auto begin = line.find_first_not_of(blanks); begin != line.npos;) {
        auto const end = std::min(line.find_first_of(blanks, begin), line.size());
        words.emplace_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(blanks, end);
    }
    return words;
}

class parser {
public:
    explicit parser(std::string_view text) {
        for (std::size_t number = 1; !text.empty(); ++number) {
            auto const end = std::min(text.find('\n'), text.size());
            if (auto words = split(text.substr(0, end)); !words.empty()) lines_.emplace_back(number, std::move(words));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }

    scenario parse() {
        scenario result;
        while (next_ < lines_.size()) parse_top_level(result);
        if (result.name.empty() || result.program.kind.empty())
            fail("a scenario needs a `scenario` line and a `program`");
        return result;
    }

private:
    [[noreturn]] void fail(std::string const& reason) const { throw scenario_error(number_, reason); }

    tokens const& next_line() {
        if (next_ == lines_.size()) fail("unexpected end of the scenario (missing `end`?)");
        number_ = lines_[next_].first;
        return lines_[next_++].second;
    }

    void parse_top_level(scenario& result) {
        auto const& line = next_line();
        auto const& word = line.front();
        if (word == "scenario" && line.size() == 2) {
            result.name = line[1];
        } else if (word == "features" || word == "note") {
            // for those who choose scenarios, and for those who read them
        } else if ((word == "coro" || word == "callback" || word == "asyncgen") && line.size() == 2) {
            auto const& name = line[1];
            if (!is_free_for_definitions(name) || result.definitions.contains(name))
                fail("bad, reserved or repeated definition name " + name);
            result.definitions.emplace(name, parse_definition(word, name));
        } else if (word == "program" && line.size() == 1 && result.program.kind.empty()) {
            result.program = parse_definition(word, word);
        } else {
            fail("unknown top-level line: " + word);
        }
    }

    definition parse_definition(std::string const& kind, std::string const& name) {
        definition result{.kind = kind, .name = name, .body = {}, .line = number_};
        parse_block(result.body, {"end"});
        return result;
    }

    /// @returns   The line that ends the block.
    tokens const& parse_block(block& into, std::initializer_list<std::string_view> terminators) {
        for (;;) {
            auto const& line = next_line();
            if (std::ranges::count(terminators, line.front()) > 0) return line;
            into.push_back(parse_statement(line));
        }
    }

    statement parse_statement(tokens const& line) {
        statement result;
        result.line = number_;
        result.word = line.front();
        for (auto const& token : std::span(line).subspan(1)) {
            auto const at = token.find('=');
            if (at == token.npos) result.arguments.push_back(token);
            else set_option(result, token.substr(0, at), token.substr(at + 1));
        }
        if (is_block_statement(result.word)) {
            parse_block_statement(result);
        } else if (!(result.row = find_operation(result.word)) && !is_special_statement(result.word)) {
            fail("unknown operation " + result.word);
        }
        return result;
    }

    static void set_option(statement& of, std::string name, std::string option) {
        auto const found = std::ranges::find(of.options, name, &decltype(of.options)::value_type::first);
        if (found != of.options.end()) found->second = std::move(option);
        else of.options.emplace_back(std::move(name), std::move(option));
    }

    void parse_block_statement(statement& into) {
        if (!into.options.empty()) fail(into.word + " takes no options");
        if (into.word == "try") return parse_try(into);
        auto const expected = into.word.starts_with("timeout") ? std::size_t(2) : std::size_t(1);
        if (into.arguments.size() != expected) fail(into.word + " takes " + std::to_string(expected) + " argument(s)");
        parse_block(into.body, {"end"});
    }

    void parse_try(statement& into) {
        if (!into.arguments.empty()) fail("try takes no argument");
        std::initializer_list<std::string_view> const clauses = {"except", "else", "finally", "end"};
        auto const* clause = &parse_block(into.body, clauses);
        while (clause->front() != "end") {
            block body;
            auto const& next = parse_block(body, clauses);
            if (clause->front() == "except") {
                if (clause->size() != 2 || !is_catchable((*clause)[1])) fail("bad except clause");
                into.handlers.push_back({(*clause)[1], std::move(body)});
            } else {
                (clause->front() == "else" ? into.otherwise : into.cleanup) = std::move(body);
            }
            clause = &next;
        }
        if (into.handlers.empty() && !into.cleanup) fail("try needs an except or a finally clause");
        if (into.otherwise && into.handlers.empty()) fail("else needs an except clause");
    }

    std::vector<std::pair<std::size_t, tokens>> lines_; ///< with their numbers; none is empty
    std::size_t next_ = 0;
    std::size_t number_ = 0; ///< of the line that is being parsed
};

} // namespace

std::string statement::text() const {
    auto result = word;
    for (auto const& argument : arguments) result += " " + argument;
    for (auto const& [name, given] : options) result += " " + name + "=" + given;
    return result;
}

std::string const* statement::option(std::string_view name) const {
    for (auto const& [key, given] : options)
        if (key == name) return &given;
    return nullptr;
}

std::optional<std::string_view> called_name(std::string_view token) {
    if (!token.ends_with("()")) return std::nullopt;
    token.remove_suffix(2);
    return is_name(token) ? std::optional(token) : std::nullopt;
}

scenario parse_scenario(std::string_view text) {
    auto result = parser(text).parse();
    check_scenario(result);
    return result;
}

} // namespace conformance
