// ordo: the slow paths of the core of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/loop_core.hpp>

#include <ordo/exceptions.hpp>

#include <string>

namespace ordo::detail {

constinit thread_local thread_state this_thread{};

bool loop_core::push_threadsafe(ready_node* node) {
    switch (inbox_.push(node)) {
    case inbox::outcome::closed: return false;
    case inbox::outcome::queued_and_asleep: wake(); break;
    case inbox::outcome::queued: break;
    }
    return true;
}

void loop_core::attend() {
    check_open("event_loop");
    if (inbox_.wake_up()) wake();
    else inbox_.drain(ready_);
}

void loop_core::throw_closed(char const* where) {
    throw loop_closed_error(std::string(where) + ": the loop is closed; schedule on an open one");
}

void loop_core::check_thread_slowly(char const* where) const {
    auto const thread = thread_.load(std::memory_order_relaxed);
    if (thread == std::thread::id() || thread == std::this_thread::get_id()) return;
    throw wrong_thread_error(std::string(where) +
                             ": called on a thread that is not the loop's; use call_soon_threadsafe()");
}

loop_core& running_core(char const* where) {
    if (auto* core = this_thread.loop) return *core;
    throw usage_error(std::string(where) + ": no loop is running on this thread; call it from a callback or a task");
}

} // namespace ordo::detail
