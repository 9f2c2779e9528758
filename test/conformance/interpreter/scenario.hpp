// ordo: a scenario as it is read from its file: definitions, statements, blocks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance {

struct operation;
struct statement;
using block = std::vector<statement>;

/// A line, and for a block statement what stands up to its `end`.
struct statement {
    struct handler;

    std::size_t line = 0;
    std::string word; ///< its first token
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> options; ///< name=value
    block body;
    std::vector<handler> handlers; ///< of a `try`
    std::optional<block> otherwise;
    std::optional<block> cleanup;

    operation const* row = nullptr;      ///< of the table; null for a statement with a form of its own
    std::string bound;                   ///< the name that it gives to its result
    std::vector<std::string> references; ///< the object names that must be bound

    /// The line as the trace shows it.
    std::string text() const;
    /// The value of an option; null if it is not given.
    std::string const* option(std::string_view name) const;
};

struct statement::handler {
    std::string type;
    block body;
};

/// A coroutine, callback or generator function, or the program.
struct definition {
    std::string kind; ///< coro, callback, asyncgen or program
    std::string name;
    block body;
    std::size_t line = 0;
};

struct scenario {
    std::string name;
    std::map<std::string, definition, std::less<>> definitions;
    definition program;
};

/// A scenario that breaks the rules of the language.
class scenario_error : public std::runtime_error {
public:
    scenario_error(std::size_t at, std::string const& reason) : std::runtime_error(reason), line(at) {}

    std::size_t const line;
};

/// Read and check a scenario. @throws scenario_error
scenario parse_scenario(std::string_view text);

/// The static checks: arities, kinds of names, where statements may stand. Fills in what statements refer to.
/// @throws scenario_error
void check_scenario(scenario& checked);

/// `worker` of `worker()`; nothing if it is no call.
std::optional<std::string_view> called_name(std::string_view token);

} // namespace conformance
