// ordo: inject_failures, which plays a test once for each of its allocations, and lets that one fail.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/loop_options.hpp>
#include <ordo/testing/failing_heap.hpp>

#include <cstddef>
#include <functional>
#include <string>

namespace ordo::testing {

struct failure_options {
    /// Called before each run, with the allocation that is about to fail in words.
    std::function<void(std::string const& allocation)> on_run{};
    loop_options
        loop{}; ///< with a null clock, on a virtual_clock of each run's own; one that is given goes on from run to run
};

/// Run a test body again and again, each time on a thread and a loop of its own, and throw std::bad_alloc out of its first
/// allocation, its second, its third, until one run needs no more. The body may end with bad_alloc, or go on without; its
/// checks must hold, nobody may be told of any other error, and it must leave nothing behind, neither what
/// run_test_case() looks for nor memory. An error code of a stream that stands for bad_alloc counts as one.
///
/// Each run is logged, at level info, before it begins: one that aborts, hangs or fails without an exception can be told
/// from the others.
///
/// The program must have operator new from the kit: `ORDO_TESTING_REPLACE_NEW;` in one of its sources.
///
/// @code
/// void test() { ordo::testing::inject_failures(body); }
/// @endcode
///
/// @param body     Runs once before without a failure, so that what is made once for all is there.
/// @returns        How many allocations have failed.
/// @throws usage_error          if operator new is not replaced.
/// @throws std::runtime_error   if a run goes wrong; the text says how, and which allocation failed.
ORDO_DECL std::size_t inject_failures(std::function<coro<>()> const& body, failure_options options = {});

/// The same for what needs no loop, or has its own: run the scenario again and again, each time on a thread of its own.
///
/// @param scenario   Does in the lifetime of a failing_heap::may_fail what may fail, and returns what went wrong; it may
///                   throw bad_alloc.
/// @param on_run     As in failure_options.
/// @throws std::runtime_error   if something did, or memory is left behind.
ORDO_DECL std::size_t fail_each_allocation(std::function<std::string()> const& scenario,
                                           std::function<void(std::string const& allocation)> const& on_run = {});

} // namespace ordo::testing
