// ordo: how the pump tells of what went wrong; the telling itself knows futures and tasks, and stands above.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/loop_core.hpp>

#include <exception>
#include <optional>
#include <source_location>
#include <string>

namespace ordo::detail {

class future_base;
class task_base;
struct wait_description;

/// Hand the exception in flight, which left a callback, to the loop's exception handler, and dispose of the node.
void report_callback(loop_core& core, callback_node* node) noexcept;

/// A future that failed goes away, and nobody has looked at its error.
void report_unretrieved(future_base& future) noexcept;

/// The loop goes away, and the task was not done.
void report_abandoned(task_base& task) noexcept;

/// A coroutine was destroyed before it began. @param where   It is written.
void report_never_awaited(std::source_location const& where) noexcept;

void report_slow_callback(callback_info const& who, duration took) noexcept;

/// What a task waits for; nothing if it runs or is ready.
std::optional<wait_description> present_wait(task_base const& task);

/// What every task of a loop waits for.
std::string describe_tasks(loop_core const& core);

/// "type: what it says".
std::string describe_error(std::exception_ptr const& exception);

/// "file:line (function)", or "an unknown place".
std::string describe(std::source_location const& where);

} // namespace ordo::detail
