// ordo: how statements end, and what the plain functions and the coroutines that run them share.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "scenario.hpp"
#include "value.hpp"

#include <exception>
#include <optional>

namespace conformance {

class runtime;

/// How a statement or a block has ended.
struct outcome {
    std::exception_ptr error{};
    std::optional<value> returned{};

    bool goes_on() const { return !error && !returned; }
};

/// Run a statement without a block, other than an await.
/// @param handled   What a bare `raise` throws again.
outcome run_simple(runtime& rt, statement const& at, std::exception_ptr const& handled);

/// The clause of a `try` that follows its body; null if none does.
block const* clause_after(runtime& rt, statement const& at, outcome const& body);

inline std::exception_ptr either(std::exception_ptr const& error, std::exception_ptr const& otherwise) {
    return error ? error : otherwise;
}

} // namespace conformance
