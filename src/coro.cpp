// ordo: where coroutines stand, and what becomes of one that nobody awaits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/coro.hpp>

#include "detail/reports.hpp"

#include <ordo/detail/loop_core.hpp>

#include <string_view>

namespace ordo::detail {

std::vector<std::source_location> promise_base::stack() const {
    std::vector<std::source_location> stack;
    for (auto const* at = this; at; at = at->parent()) stack.push_back(at->where());
    if (stack.size() > 1 && std::string_view(stack.back().file_name()).ends_with("ordo/task.hpp")) stack.pop_back();
    return stack;
}

void drop_unawaited(std::coroutine_handle<> frame) noexcept {
    bool const debug = this_thread.loop ? this_thread.loop->debug() : debug_by_environment();
    if (debug) report_never_awaited(promise_base::of(frame).where());
    frame.destroy();
}

} // namespace ordo::detail
