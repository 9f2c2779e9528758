// ordo: runs the bodies of a scenario: callbacks, coroutines, generators, the program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "scenario.hpp"
#include "value.hpp"

#include <memory>
#include <ordo/async_generator.hpp>
#include <ordo/coro.hpp>
#include <string_view>

namespace conformance {

class runtime;

void run_program(runtime& rt, definition const& program);

/// Run the body of a callback as the actor of the trace, where it begins with an event.
value run_callback(runtime& rt, std::string_view actor, std::string_view event, std::string_view callback);

/// What a coroutine of the scenario is: `worker()`.
ordo::coro<value> run_coroutine(runtime& rt, definition const& of);

/// What a generator of the scenario is: `numbers()`.
/// @param mark   Goes with the body.
ordo::async_generator<value, value> run_generator(runtime& rt, definition const& of, std::shared_ptr<void> mark);

} // namespace conformance
