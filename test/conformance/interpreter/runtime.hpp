// ordo: one run of a scenario: its loop, its names and its trace.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "object.hpp"
#include "scenario.hpp"
#include "value.hpp"

#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/runner.hpp>
#include <ordo/testing/virtual_clock.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance {

/// Virtual time that does not wait for jobs: those of a scenario are run by the scenario.
class scenario_clock final : public ordo::clock {
public:
    void advance(ordo::duration by) noexcept { time_.advance(by); }
    ordo::time_point now() noexcept override { return time_.now(); }
    std::optional<ordo::duration> time_to_wait(std::optional<ordo::time_point> deadline,
                                               std::size_t) noexcept override {
        return time_.time_to_wait(deadline, 0);
    }

private:
    ordo::testing::virtual_clock time_;
};

class runtime {
public:
    explicit runtime(scenario const& of);
    runtime(runtime const&) = delete;
    runtime& operator=(runtime const&) = delete;

    /// Run the program. @returns   The trace.
    std::string run();

    ordo::event_loop& loop() { return *loop_; }
    scenario_clock& clock() { return *clock_; }
    /// As asyncio.Runner: run, cancel what is left, close the loop.
    value run_with_runner(ordo::coro<value> main);
    void set_exception_handler(std::string_view mode);

    definition const& definition_of(std::string_view name) const { return scenario_.definitions.find(name)->second; }

    // -- names

    /// Whether all that a statement refers to is bound; traces the first that is not.
    bool bound(statement const& at);
    object const& operator[](std::string_view name) const { return names_.find(name)->second; }
    /// A future or task, also `self`.
    future_pointer future(std::string_view name) const;
    void bind(std::string const& name, object what);
    void drop(std::string const& name);
    std::string name_of(future_object const& future) const;

    /// The task whose code runs; nothing outside of tasks and loops.
    static std::optional<ordo::any_task> current_task();
    /// The names of those that are not done, sorted; without those that the library made for itself.
    value all_tasks() const;

    /// The next tasks that the library makes of coroutines get these names.
    void name_next_tasks(std::deque<std::string> names) { next_task_names_ = std::move(names); }
    /// So does the one that run_coroutine_threadsafe() makes later.
    void name_task_from_thread(std::string name) { names_from_threads_.push_back(std::move(name)); }

    // -- tracing

    void log(std::string_view event) { write(actor(), event); }
    void succeeded(std::string const& text, value const& result) { log(text + " -> " + render(result)); }
    void failed(std::string const& text, std::exception_ptr const& error) { log(text + " ! " + render(error)); }

    /// Call a function as the actor of the trace.
    template <class F>
    auto act_as(std::string_view actor, F&& f) {
        struct turn {
            explicit turn(std::string_view who) { actors.emplace_back(who); }
            ~turn() { actors.pop_back(); }
        } const now(actor);
        return std::forward<F>(f)();
    }

    std::multimap<std::string, ordo::handle, std::less<>> done_callbacks; ///< by the name of the callback

private:
    void name_task(ordo::any_task const& task);
    std::string actor() const;
    void write(std::string_view actor, std::string_view event);
    void report(std::string_view event, ordo::exception_context const& what);
    void on_log(std::string_view line);
    void finish();

    /// What the library logs comes here, to the end.
    struct log_capture {
        explicit log_capture(runtime& to);
        ~log_capture();
    };

    static thread_local std::vector<std::string> actors; ///< innermost last; else it is the task, or the program

    log_capture const captured_{*this}; // first, to go last
    scenario const& scenario_;
    std::string trace_;
    bool enabled_ = true;
    std::map<std::string, object, std::less<>> names_;
    std::vector<object> replaced_;                               ///< live until the end
    std::vector<std::pair<future_pointer, std::string>> labels_; ///< of futures that are no tasks
    std::deque<std::string> next_task_names_;
    std::deque<std::string> names_from_threads_;
    std::shared_ptr<scenario_clock> clock_ = std::make_shared<scenario_clock>();
    std::unique_ptr<ordo::event_loop> owned_loop_; ///< null once the runner has it
    ordo::event_loop* loop_;
    std::unique_ptr<ordo::runner> runner_;
};

} // namespace conformance
