// ordo: one slice of the pump: iterations, until one of its bounds or until nothing is ready.
// SPDX-License-Identifier: BSL-1.0
#include "arrival_watch.hpp"
#include "coarse_clock.hpp"
#include "pump.hpp"
#include "reports.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/exceptions.hpp>

#include <algorithm>
#include <limits>

namespace ordo::detail {

/// What a slice has taken so far, and where it ends. A look at the clock costs 30 ns, so there are few.
class pump::progress {
public:
    explicit progress(pump& of) noexcept
        : pump_(of), last_iteration_(of.iterations_ + (of.options_.strict ? 1 : of.options_.max_iterations)),
          began_(std::chrono::steady_clock::now()), ready_since_(of.posted_.value_or(began_)), looked_(began_) {
        of.posted_.reset();
        if (last_iteration_ < of.iterations_) last_iteration_ = std::numeric_limits<std::uint64_t>::max();
        if (!of.clock_) of.slice_began = began_;
    }
    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;

    /// Callbacks have run since the last time, in this batch.
    /// @returns   After how many it is to be asked again.
    std::size_t time_callbacks() noexcept {
        auto const now = std::chrono::steady_clock::now();
        auto const took = now - std::exchange(looked_, now);
        pump_.longest_callback_ = std::max(pump_.longest_callback_, took);
        return took < callback_timing_step ? callbacks_per_clock_look : 1;
    }
    /// The callback that began then is over. @returns   How long it took.
    duration time_callback(time_point began) noexcept {
        looked_ = std::chrono::steady_clock::now();
        pump_.longest_callback_ = std::max(pump_.longest_callback_, looked_ - began);
        return looked_ - began;
    }

    /// An iteration is over. @returns   Whether the slice has come to one of its bounds.
    bool is_over(std::uint64_t callbacks) noexcept {
        auto const& options = pump_.options_;
        // Early looks find slow callbacks soon; fast ones need few.
        auto const step = std::min<std::uint64_t>(last_iteration_ - pump_.iterations_, look(callbacks));
        next_look_ = std::min<std::uint64_t>(callbacks + std::min(callbacks, step), options.max_callbacks);
        return pump_.iterations_ >= last_iteration_ || callbacks >= options.max_callbacks ||
               looked_ - began_ >= options.max_time;
    }
    /// How many callbacks it has run when that is to be asked again.
    std::uint64_t next_look() const noexcept { return next_look_; }

    /// The slice ends, after so many callbacks.
    void end(std::uint64_t callbacks) noexcept {
        if (callbacks > seen_) look(callbacks);
        pump_.callbacks_ += callbacks;
        pump_.busy_ += looked_ - began_;
        pump_.slice_began = {};
    }

private:
    std::size_t look(std::uint64_t callbacks) noexcept {
        auto const step = time_callbacks();
        pump_.ready_lag_.add(looked_ - ready_since_, callbacks - std::exchange(seen_, callbacks));
        ready_since_ = looked_;
        return step;
    }

    pump& pump_;
    std::uint64_t last_iteration_;
    time_point const began_;
    time_point ready_since_; ///< what has run since the last look at the end of an iteration was ready then, at most
    time_point looked_;      ///< the last look
    std::uint64_t seen_ = 0; ///< callbacks that had run at the last look at the end of an iteration
    std::uint64_t next_look_ = 1;
};

void pump::slice() noexcept {
    if (closed()) return;
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    auto const outer = std::exchange(this_thread.loop, this);
    auto const outer_context = std::exchange(this_thread.context, nullptr);
    running_ = true;
    progress so_far(*this);
    so_far.end(run_iterations(so_far));
    this_thread.context = outer_context;
    this_thread.loop = outer;
    if (owns_context_) return;
    running_ = false;
    thread_.store({}, std::memory_order_relaxed);
}

loop_metrics pump::metrics() const {
    loop_metrics all;
    all.iterations = iterations_;
    all.callbacks = callbacks_;
    all.busy = busy_;
    all.tasks_created = tasks_created;
    all.dropped_results = dropped_results.load(std::memory_order_relaxed);
    all.tasks = tasks_alive;
    all.ready = ready_.size();
    all.scheduled = scheduled_.size();
    all.outstanding = outstanding_ + held_.load(std::memory_order_acquire);
    all.timer_lag = timer_lag_;
    all.ready_lag = ready_lag_;
    all.longest_callback = longest_callback_;
    return all;
}

queued_callbacks pump::queued() const {
    queued_callbacks all;
    ready_.for_each([&](ready_node* node) {
        if (callback_info who; introduce(node, who)) all.ready.push_back(std::move(who));
    });
    scheduled_.for_each([&](schedulable_node* timer, time_point deadline) {
        callback_info who;
        introduce(timer, who);
        who.kind = callback_kind::timer;
        who.deadline = deadline;
        all.scheduled.push_back(std::move(who));
    });
    return all;
}

/// @returns   How many callbacks it ran.
std::uint64_t pump::run_iterations(progress& so_far) noexcept {
    std::uint64_t callbacks = 0; // in a register, as the next one, which so_far cannot be in
    std::uint64_t next_look = so_far.next_look();
    for (;;) {
        if (!inbox_.quiet()) [[unlikely]]
            inbox_.drain(ready_);
        if (!scheduled_.empty()) collect_due_timers();
        if (ready_.empty() && !stopping_) [[unlikely]] {
            if (something_may_come()) continue;
            if (!stopping_) return callbacks;
        }
        ++iterations_;
        callbacks += watched_ ? run_watched_batch(so_far) : run_batch(so_far);
        if (stopping_) [[unlikely]] {
            park();
            return callbacks;
        }
        if (callbacks < next_look) [[likely]]
            continue;
        bool const is_over = so_far.is_over(callbacks);
        next_look = so_far.next_look();
        if (is_over && anything_left() && try_post(true)) return callbacks;
    }
}

bool pump::anything_left() const noexcept {
    return !ready_.empty() || !inbox_.quiet() || !scheduled_.empty();
}

/// @returns   How many callbacks it ran.
std::size_t pump::run_batch(progress& so_far) noexcept {
    std::size_t count = 0;
    std::size_t next_timing = callbacks_per_clock_look;
    for (auto* next = ready_.take(); next;) {
        auto* const node = std::exchange(next, next->next);
        try {
            node->act(node, node_action::run);
        } catch (...) {
            next = after_exception(node, next);
        }
        if (++count == next_timing) [[unlikely]]
            next_timing += so_far.time_callbacks();
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

std::size_t pump::run_watched_batch(progress& so_far) noexcept {
    if (arrivals_) arrivals_->arrange(ready_);
    std::size_t count = 0;
    auto const deadlines = std::exchange(due_deadlines_, {});
    auto timer = deadlines.begin();
    for (auto* next = ready_.take(); next; ++count) {
        auto* const node = std::exchange(next, next->next);
        callback_info who{.iteration = iterations_};
        if (arrivals_) timer = std::ranges::find(deadlines, node, [](auto const& each) { return each.first; });
        if (timer != deadlines.end() && timer->first == node) who.deadline = timer++->second;
        next = run_watched(node, next, who, so_far);
    }
    return count;
}

/// @returns   Whether it is something that runs.
bool pump::introduce(ready_node* node, callback_info& who) noexcept {
    this_thread.introduction = &who;
    try {
        node->act(node, node_action::introduce);
    } catch (...) {} // without memory for its name it has none
    return std::exchange(this_thread.introduction, nullptr);
}

/// @returns   What is to run after it.
ready_node* pump::run_watched(ready_node* node, ready_node* rest, callback_info& who, progress& so_far) noexcept {
    bool const runs = introduce(node, who);
    for (std::size_t i = 0; runs && i < callback_observers_.size(); ++i) callback_observers_[i]->begins(who);
    auto const started = std::chrono::steady_clock::now();
    try {
        node->act(node, node_action::run);
    } catch (...) {
        rest = after_exception(node, rest);
    }
    auto const took = so_far.time_callback(started);
    if (debug_ && took >= owner_->slow_callback_duration) report_slow_callback(who, took);
    for (std::size_t i = 0; runs && i < callback_observers_.size(); ++i) callback_observers_[i]->ended(who, took);
    return rest;
}

void pump::collect_due_timers() {
    auto const first = scheduled_.first_deadline();
    // Far from the deadline the coarse clock settles it; asking the exact one in each iteration would cost 30 ns.
    if (!clock_ && !std::exchange(due_, false) && first > coarse_clock::now() + coarse_clock::lag()) return;
    auto const present = now();
    while (!scheduled_.empty() && scheduled_.first_deadline() <= present) {
        auto const deadline = scheduled_.first_deadline();
        if (deadline > time_point()) timer_lag_.add(present - deadline); // else it only says "at once"
        auto* const timer = scheduled_.pop();
        ready_.push(timer);
        if (watched_) [[unlikely]]
            note_deadline(timer, deadline);
    }
}

/// Without memory for it, it is not known to who watches.
void pump::note_deadline(ready_node* timer, time_point deadline) noexcept {
    if (arrivals_) arrivals_->is_due(timer, deadline);
    try {
        due_deadlines_.emplace_back(timer, deadline);
    } catch (...) {}
}

} // namespace ordo::detail
