// ordo: what becomes of a coro that nobody awaits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/coro.hpp>

#include "detail/reports.hpp"

#include <ordo/detail/loop_core.hpp>

namespace ordo::detail {

void drop_unawaited(std::coroutine_handle<> frame) noexcept {
    bool const debug = this_thread.loop ? this_thread.loop->debug() : debug_by_environment();
    if (debug) report_never_awaited(promise_base::of(frame).where());
    frame.destroy();
}

} // namespace ordo::detail
