// ordo: exception_context, what an exception handler is told.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/future.hpp>
#include <ordo/handle.hpp>
#include <ordo/task.hpp>

#include <exception>
#include <source_location>
#include <string>
#include <vector>

namespace ordo {

/// An error that nobody else can handle. All but the message may be empty.
///
/// @par Source   the dict that asyncio gives to an exception handler.
struct exception_context {
    std::string message;
    std::exception_ptr exception{};
    ordo::handle handle{}; ///< the callback it left
    any_future future{};   ///< the future or task it belongs to
    any_task task{};       ///< the same, if it is a task
    /// In debug mode, if it is a task: where its coroutines stood when the exception was thrown, or when the loop was closed,
    /// the innermost first.
    std::vector<std::source_location> stack{};
    std::source_location where{}; ///< where the callback, future or task was created; line 0 if that is not known
};

} // namespace ordo
