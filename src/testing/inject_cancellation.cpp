// ordo: cancelling a test body at each of its suspension points.
//
// Before each step of a task a callback is queued. It runs in front of everything that the step schedules, so it finds the
// task suspended and not woken yet; one that is queued again by itself finds it later, perhaps woken but not run.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/inject_cancellation.hpp>

#include "testing/trial.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/loop_hooks.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace ordo::testing {
namespace {

/// One run, in which one task is cancelled.
class canceller {
public:
    /// @param step         Of the victims, counted from 1, after which one is cancelled,
    /// @param iterations   and how many later.
    canceller(event_loop& loop, bool any, std::size_t step, std::size_t iterations)
        : loop_(loop), any_(any), step_(step), iterations_(iterations) {
        loop.set_hooks({.on_task_created =
                            [this](any_task const& task) {
                                if (std::exchange(main_is_next_, false)) main_ = task;
                            },
                        .on_task_step = [this](any_task const& task) { on_step(task); }});
    }
    canceller(canceller const&) = delete;
    canceller& operator=(canceller const&) = delete;
    ~canceller() { loop_.set_hooks({}); }

    /// The task that is created next is that of the body.
    void main_is_next() noexcept { main_is_next_ = true; }

    bool reached() const noexcept { return steps_ >= step_; } ///< there was such a step
    std::string const& victim() const noexcept { return victim_; }

private:
    void on_step(any_task const& task) {
        if (task_ && task == *task_) task_.reset(); // it goes on: this suspension is over
        if (!any_ && task != main_) return;
        if (++steps_ != step_) return;
        task_ = task;
        look(0);
    }
    void look(std::size_t waited) {
        loop_.call_soon([this, waited] {
            if (!task_ || task_->done()) return;
            if (waited < iterations_) return look(waited + 1);
            victim_ = task_->name();
            task_->cancel("injected");
        });
    }

    event_loop& loop_;
    bool const any_;
    std::size_t const step_;
    std::size_t const iterations_;
    std::size_t steps_ = 0;
    bool main_is_next_ = false;
    std::optional<any_task> main_;
    std::optional<any_task> task_; ///< the victim, while it is suspended there
    std::string victim_;           ///< its name, once it was cancelled
};

bool is_cancellation(std::exception_ptr const& error) {
    try {
        std::rethrow_exception(error);
    } catch (cancelled_error const&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

std::size_t inject_cancellation(std::function<coro<>()> const& body, cancellation_options options) {
    std::size_t runs = 0;
    for (std::size_t step = 1;; ++step) {
        for (std::size_t iterations = 0; iterations <= options.iterations; ++iterations) {
            auto const when =
                "after step " + std::to_string(step) + " and " + std::to_string(iterations) + " iterations";
            announce("inject_cancellation: a run with a cancellation ", when, options.on_run);
            trial one(options.loop);
            std::optional<canceller> cancels(std::in_place, one.loop(), options.any_task, step, iterations);
            auto const error = one.run([&] {
                auto coroutine = body();
                cancels->main_is_next();
                return coroutine;
            });
            bool const reached = cancels->reached();
            auto const victim = cancels->victim();
            cancels.reset();
            auto complaints = one.complaints();
            if (error && (victim.empty() || !is_cancellation(error)))
                complaints += "\n  the body ended with " + describe(error);
            if (!complaints.empty())
                throw std::runtime_error(
                    (victim.empty() ? "without a cancellation" : "with task '" + victim + "' cancelled " + when) + ":" +
                    complaints);
            runs += !victim.empty();
            if (!reached || (victim.empty() && !options.any_task && iterations == 0)) return runs; // or main was done
        }
    }
}

} // namespace ordo::testing
