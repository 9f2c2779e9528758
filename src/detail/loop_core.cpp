// ordo: the slow paths of the core of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/loop_core.hpp>

#include "arrival_watch.hpp"
#include "environment.hpp"

#include <ordo/detail/constants.hpp>
#include <ordo/exceptions.hpp>

#include <string>

namespace ordo::detail {

constinit thread_local thread_state this_thread{};

bool loop_core::push_threadsafe(ready_node* node) noexcept {
    if (arrivals_) [[unlikely]]
        arrivals_->comes_from_thread(node);
    switch (inbox_.push(node)) {
    case inbox::outcome::closed: return false;
    case inbox::outcome::queued_and_asleep: wake_surely(); break;
    case inbox::outcome::queued: break;
    }
    return true;
}

void loop_core::attend(char const* where) {
    check_open(where);
    if (!wake_if_asleep()) inbox_.drain(ready_);
}

void loop_core::attend_new(callback_node* node) {
    try {
        check_thread("event_loop::call_soon", node->where);
        if (!inbox_.quiet()) attend("event_loop::call_soon");
    } catch (...) {
        node->release();
        throw;
    }
}

bool loop_core::wake_if_asleep() {
    if (!inbox_.wake_up()) return false;
    try {
        wake();
    } catch (...) {
        if (inbox_.fall_asleep()) throw;
        wake_surely(); // an entry has arrived meanwhile, and relies on it
    }
    return true;
}

/// Somebody relies on the loop to wake, and cannot be told that there is no memory for it: wait until there is.
void loop_core::wake_surely() noexcept {
    for (;; std::this_thread::sleep_for(memory_retry_interval)) {
        try {
            return wake();
        } catch (...) {}
    }
}

void loop_core::throw_closed(char const* where) {
    throw loop_closed_error(std::string(where) + ": the loop is closed; schedule on an open one");
}

void loop_core::check_thread_slowly(char const* where, std::source_location const& place) const {
    auto const thread = thread_.load(std::memory_order_relaxed);
    if (thread == std::thread::id() || thread == std::this_thread::get_id()) return;
    auto text = std::string(where) + ": called on a thread that is not the loop's; use call_soon_threadsafe()";
    if (place.line() != 0)
        text += std::string(" (from ") + place.file_name() + ":" + std::to_string(place.line()) + ")";
    throw wrong_thread_error(text);
}

bool debug_by_environment() {
    return is_set_in_environment("ORDO_DEBUG");
}

void throw_not_running(char const* where) {
    throw usage_error(std::string(where) + ": no loop is running on this thread; call it from a callback or a task");
}

} // namespace ordo::detail
