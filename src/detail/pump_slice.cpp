// ordo: one slice of the pump: iterations, until one of its bounds or until nothing is ready.
// SPDX-License-Identifier: BSL-1.0
#include "coarse_clock.hpp"
#include "pump.hpp"
#include "reports.hpp"

#include <ordo/exceptions.hpp>

#include <algorithm>
#include <limits>

namespace ordo::detail {

void pump::slice() noexcept {
    if (closed()) return;
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    auto const outer = std::exchange(this_thread.loop, this);
    auto const outer_context = std::exchange(this_thread.context, nullptr);
    running_ = true;
    run_iterations();
    this_thread.context = outer_context;
    this_thread.loop = outer;
    if (owns_context_) return;
    running_ = false;
    thread_.store({}, std::memory_order_relaxed);
}

/// When a slice gives way to Asio.
struct pump::slice_bounds {
    std::uint64_t last_iteration = 0;
    std::size_t callbacks = 0; ///< that were run
    std::size_t next_look = 1; ///< callbacks after which they are looked at; every iteration runs one at least
    std::optional<time_point> started{}; ///< when the first iteration was over
};

void pump::run_iterations() noexcept {
    slice_bounds bounds{.last_iteration = iterations_ + (options_.strict ? 1 : options_.max_iterations)};
    if (bounds.last_iteration < iterations_) bounds.last_iteration = std::numeric_limits<std::uint64_t>::max();
    for (;;) {
        if (!inbox_.quiet()) [[unlikely]]
            inbox_.drain(ready_);
        if (!scheduled_.empty()) collect_due_timers();
        if (ready_.empty() && !stopping_) [[unlikely]] {
            if (something_may_come()) continue;
            if (!stopping_) return;
        }
        ++iterations_;
        bounds.callbacks += debug_ ? run_batch_in_debug_mode() : run_batch();
        if (stopping_) [[unlikely]]
            return park();
        if (bounds.callbacks >= bounds.next_look && is_over(bounds)) return;
    }
}

/// Whether the slice has come to one of its bounds; then the pump is posted for the next one.
bool pump::is_over(slice_bounds& bounds) noexcept {
    if (!anything_left()) return false;
    bool over = iterations_ >= bounds.last_iteration || bounds.callbacks >= options_.max_callbacks;
    if (!over) {
        // Early looks find slow callbacks soon; fast ones need few.
        auto const step = std::min<std::uint64_t>(bounds.last_iteration - iterations_, callbacks_per_clock_look);
        auto const next = bounds.callbacks + std::min<std::uint64_t>(bounds.callbacks, step);
        bounds.next_look = std::min(next, options_.max_callbacks);
        auto const now = std::chrono::steady_clock::now();
        if (!bounds.started) bounds.started = now;
        over = now - *bounds.started >= options_.max_time;
    }
    return over && try_post(true);
}

bool pump::anything_left() const noexcept {
    return !ready_.empty() || !inbox_.quiet() || !scheduled_.empty();
}

/// @returns   How many callbacks it ran.
std::size_t pump::run_batch() noexcept {
    std::size_t count = 0;
    for (auto* next = ready_.take(); next; ++count) {
        auto* const node = std::exchange(next, next->next);
        try {
            node->act(node, node_action::run);
        } catch (...) {
            next = after_exception(node, next);
        }
    }
    return count;
}

/// An exception has left a node.
/// @returns   What is to run after it: the rest of its batch, unless it ends the run.
ready_node* pump::after_exception(ready_node* node, ready_node* rest) noexcept {
    try {
        throw;
    } catch (system_exit const&) {
        if (can_exit) {
            exit_ = std::current_exception();
            stopping_ = true;
            ready_.prepend(rest);
            node->act(node, node_action::dispose);
            return nullptr;
        }
        report_callback(*this, static_cast<callback_node*>(node));
    } catch (...) {
        report_callback(*this, static_cast<callback_node*>(node));
    }
    return rest;
}

std::size_t pump::run_batch_in_debug_mode() noexcept {
    std::size_t count = 0;
    for (auto* next = ready_.take(); next; ++count) {
        auto* const node = std::exchange(next, next->next);
        introduction who;
        this_thread.introduction = &who;
        node->act(node, node_action::introduce);
        this_thread.introduction = nullptr;
        auto const started = std::chrono::steady_clock::now();
        try {
            node->act(node, node_action::run);
        } catch (...) {
            next = after_exception(node, next);
        }
        auto const took = std::chrono::steady_clock::now() - started;
        if (took >= owner_->slow_callback_duration) report_slow_callback(who, took);
    }
    return count;
}

void pump::collect_due_timers() {
    auto const first = scheduled_.first_deadline();
    // Far from the deadline the coarse clock settles it; asking the exact one in each iteration would cost 30 ns.
    if (!clock_ && !std::exchange(due_, false) && first > coarse_clock::now() + coarse_clock::lag()) return;
    auto const present = now();
    while (!scheduled_.empty() && scheduled_.first_deadline() <= present) ready_.push(scheduled_.pop());
}

} // namespace ordo::detail
