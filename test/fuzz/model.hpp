// ordo: what the fuzzer knows of each object by itself, to compare it with what the library says.
//
// For each loop it keeps the ready queue and the timers as they should be. The library is wrong if a callback runs that is
// not the next one, in another iteration than the next, cancelled, early, twice, or in the wrong context.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/ordo.hpp>

#include <boost/asio.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace fuzz {

[[noreturn]] inline void fail(char const* what) {
    std::fprintf(stderr, "fuzz_api: the library is wrong: %s\n", what);
    std::abort();
}

inline void demand(bool holds, char const* what) {
    if (!holds) fail(what);
}

/// Jumps to the next deadline; what only I/O could bring is never waited for.
class fuzz_clock final : public ordo::clock {
public:
    void advance(ordo::duration by) noexcept { now_ += by; }
    ordo::time_point now() noexcept override { return now_; }
    std::optional<ordo::duration> time_to_wait(std::optional<ordo::time_point> deadline,
                                               std::size_t) noexcept override {
        if (!deadline || *deadline == ordo::time_point::max()) return std::nullopt;
        now_ = std::max(now_, *deadline);
        return ordo::duration::zero();
    }

private:
    ordo::time_point now_{};
};

struct house;

/// A callback, timer or done callback.
struct callback_model {
    house* home = nullptr;
    unsigned number = 0;
    std::uint64_t iteration = 0; ///< in which it was queued, or the timer scheduled
    ordo::time_point deadline{};
    std::optional<int> variable{}; ///< what it must find in the context variable
    unsigned future = ~0u;         ///< the number of its future, of a done callback
    bool timer = false;
    bool ordered = true; ///< its place in the queue is known
    bool exact = true;   ///< so is the iteration in which it was queued
    bool dead = false;   ///< cancelled or removed, before it ran
    bool ran = false;
};
using callback_pointer = std::shared_ptr<callback_model>;

/// A loop, and what may go before or after it.
struct house {
    unsigned number = 0;
    bool borrowed = false;
    bool eager = false;
    std::shared_ptr<fuzz_clock> clock = std::make_shared<fuzz_clock>();
    std::unique_ptr<boost::asio::io_context> host{};
    std::unique_ptr<ordo::event_loop> loop{};
    std::deque<callback_pointer> queue{};
    std::vector<callback_pointer> timers{};
    int attached = 0;
    bool handled = true;     ///< the exception handler is the fuzzer's
    bool report_due = false; ///< a callback threw, and the handler was not told yet
    unsigned reader = 0;     ///< which add_reader() is in force; 0: none
    int pipe[2] = {-1, -1};  ///< made when it is needed

    bool open() const { return loop && !loop->is_closed(); }

    void queued(callback_pointer const& callback, bool exact = true) {
        callback->iteration = loop ? loop->iterations() : 0;
        callback->exact = exact;
        if (callback->ordered) queue.push_back(callback);
    }

    /// The callback runs now.
    void running(callback_pointer const& callback) {
        demand(!callback->ran, "a callback runs twice");
        demand(!callback->dead, "a cancelled callback runs");
        demand(loop && &ordo::get_running_loop() == loop.get(), "a callback runs on another loop");
        callback->ran = true;
        if (callback->timer) return timer_runs(*callback);
        if (!callback->ordered) return;
        while (!queue.empty() && queue.front()->dead) queue.pop_front();
        demand(!queue.empty() && queue.front() == callback, "callbacks do not run first in, first out");
        queue.pop_front();
        demand(!callback->exact || loop->iterations() == callback->iteration + 1,
               "a callback does not run in the next iteration");
    }

    /// Outside of any iteration: what was queued before the last one has run.
    void check_nothing_is_lost() {
        while (!queue.empty() && queue.front()->dead) queue.pop_front();
        demand(queue.empty() || !open() || queue.front()->iteration >= loop->iterations(), "a callback is lost");
    }

private:
    void timer_runs(callback_model const& timer) {
        demand(clock->now() >= timer.deadline, "a timer runs early");
        demand(loop->iterations() > timer.iteration, "a timer runs in the iteration in which it was scheduled");
        std::erase_if(timers, [](auto const& other) { return other->dead || other->ran; });
        for (auto const& other : timers) { // in the order of their scheduling
            if (other->iteration >= loop->iterations()) continue;
            bool const first =
                other->deadline < timer.deadline || (other->deadline == timer.deadline && other->number < timer.number);
            demand(!first, "timers do not run in the order of deadline and scheduling");
        }
    }
};

/// A future or task.
struct future_model {
    enum class outcome { none, value, error, cancelled };

    house* home = nullptr;
    unsigned number = 0;
    bool task = false;
    bool job = false;     ///< of an executor, which completes it
    bool awaited = false; ///< by a task, whose cancellation may cancel it
    bool cancel_requested = false;
    bool in_context = false; ///< a context was given, which may be in use when the task begins
    bool eager = false;      ///< may begin at once
    bool begun = false;
    std::optional<int> variable{}; ///< what the task must find in the context variable, when it begins
    bool done = false;
    bool moved_out = false;
    outcome ended = outcome::none; ///< what a future was completed with, or the body of a task ended with
    int value = 0;
    std::uint64_t iteration = 0; ///< in which it was seen to be done
    std::vector<callback_pointer> callbacks{};
};
using future_pointer = std::shared_ptr<future_model>;

} // namespace fuzz
