// ordo: names, actors and the lines of the trace.
// SPDX-License-Identifier: BSL-1.0
#include "runtime.hpp"

#include "errors.hpp"
#include "interpreter.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <ordo/log.hpp>
#include <ordo/loop_hooks.hpp>
#include <ordo/policy.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

namespace conformance {
namespace {

constexpr std::string_view internal = "internal"; // label of the tasks that the library makes for itself

/// The beginning of a report to the exception handler, and its category.
constexpr std::pair<std::string_view, std::string_view> categories[] = {
    {"exception in a callback", "callback_error"},
    {"the error of a task was never retrieved", "never_retrieved"},
    {"the error of a future was never retrieved", "never_retrieved"},
    {"a task was destroyed while it was pending", "destroyed_pending"},
    {"an async_generator could not be closed", "generator_close_error"},
    {"a task that was left over at the end of run() failed", "leftover_task_error"},
    {"exception in a shielded future", "shielded_error"},
    {"an error in a task group gave way to a system_exit", "suppressed_error"},
};

std::string_view category_of(std::string_view message) {
    for (auto const& [text, category] : categories)
        if (message.starts_with(text)) return category;
    return is_symbol(message) ? "user" : "other";
}

/// Gives what the library logs to a function.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit log_sink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

private:
    void sink_it_(spdlog::details::log_msg const& line) override {
        take_(std::string_view(line.payload.data(), line.payload.size()));
    }
    void flush_() override {}

    std::function<void(std::string_view)> take_;
};

} // namespace

thread_local std::vector<std::string> runtime::actors;

runtime::runtime(scenario const& of)
    : scenario_(of), owned_loop_(std::make_unique<ordo::event_loop>(ordo::loop_options{.clock = clock_})),
      loop_(owned_loop_.get()) {
    set_exception_handler("trace");
    loop_->set_hooks({.on_task_created = [this](ordo::any_task const& task) { name_task(task); }});
}

runtime::log_capture::log_capture(runtime& to) {
    auto sink = std::make_shared<log_sink>([&to](std::string_view line) { to.on_log(line); });
    ordo::set_logger(std::make_shared<spdlog::logger>("ordo", std::move(sink)));
}

runtime::log_capture::~log_capture() {
    ordo::set_logger(nullptr);
}

std::string runtime::run() {
    trace_ = "trace 1 " + scenario_.name + "\n";
    ordo::context().run([this] { run_program(*this, scenario_.program); });
    finish();
    return std::move(trace_);
}

/// Note the final states; what the end of the loop brings is not traced.
void runtime::finish() {
    for (auto const& [name, what] : names_)
        if (auto const* future = std::get_if<future_pointer>(&what))
            trace_ += "final " + name + " " + (*future)->state() + "\n";
    trace_ += "end\n";
    enabled_ = false;
    loop_->close();
}

value runtime::run_with_runner(ordo::coro<value> main) {
    if (loop_->is_running()) return ordo::run(std::move(main));
    if (!runner_) {
        ordo::set_event_loop_factory([this] { return std::move(owned_loop_); });
        runner_ = std::make_unique<ordo::runner>();
        ordo::set_event_loop_factory({});
    }
    value result;
    std::exception_ptr error;
    try {
        result = runner_->run(std::move(main));
    } catch (...) {
        error = std::current_exception();
    }
    runner_->close();
    if (error) std::rethrow_exception(error);
    return result;
}

void runtime::set_exception_handler(std::string_view mode) {
    if (mode == "default") {
        // What the loop does by itself; but in the log the type of the error would be lost.
        return loop_->set_exception_handler([this](auto& loop, ordo::exception_context const& what) {
            report("default_handler", what);
            loop.default_exception_handler(what);
        });
    }
    bool const raises = mode == "raising";
    loop_->set_exception_handler([this, raises](auto&, ordo::exception_context const& what) {
        report("handler", what);
        if (raises) std::rethrow_exception(make_error("RuntimeError", "handler_failed"));
    });
}

// -- names

bool runtime::bound(statement const& at) {
    for (auto const& name : at.references) {
        if (name == "self" ? current_task().has_value() : names_.contains(name)) continue;
        log("skip " + at.word + " " + name);
        return false;
    }
    return true;
}

void runtime::bind(std::string const& name, object what) {
    if (auto const* future = std::get_if<future_pointer>(&what)) {
        auto const known = [&](auto const& label) { return label.first->denotes_the_same(**future); };
        if (!(*future)->task() && std::ranges::none_of(labels_, known)) labels_.emplace_back(*future, name);
    }
    if (auto const found = names_.find(name); found != names_.end())
        replaced_.push_back(std::exchange(found->second, std::move(what)));
    else names_.emplace(name, std::move(what));
}

void runtime::drop(std::string const& name) {
    auto const found = names_.find(name);
    if (auto const* future = std::get_if<future_pointer>(&found->second))
        std::erase_if(labels_, [&](auto const& label) { return label.first->denotes_the_same(**future); });
    auto const last_reference = std::move(found->second);
    names_.erase(found);
}

future_pointer runtime::future(std::string_view name) const {
    if (name != "self") return std::get<future_pointer>((*this)[name]);
    auto const task = *current_task();
    for (auto const& [known, what] : names_)
        if (auto const* future = std::get_if<future_pointer>(&what); future && (*future)->awaitable() == task)
            return *future;
    return make_object<ordo::any_task>(task, [](auto const&) { return value(); });
}

std::string runtime::name_of(future_object const& future) const {
    if (auto const task = future.task()) return task.name();
    for (auto const& [known, label] : labels_)
        if (known->denotes_the_same(future)) return label;
    return "?";
}

std::optional<ordo::any_task> runtime::current_task() {
    try {
        return ordo::current_task();
    } catch (ordo::usage_error const&) {
        return std::nullopt; // no loop is running on this thread
    }
}

value runtime::all_tasks() const {
    std::vector<std::string> names;
    for (auto const& task : ordo::all_tasks())
        if (task.name() != internal) names.push_back(task.name());
    std::ranges::sort(names);
    return value::list(names.begin(), names.end());
}

void runtime::name_task(ordo::any_task const& task) {
    if (!task.name().starts_with("Task-")) return; // create_task() was given one
    bool const from_thread = std::string_view(task.created_at().file_name()).ends_with("thread_operations.cpp");
    auto& names = from_thread ? names_from_threads_ : next_task_names_;
    task.set_name(names.empty() ? internal : names.front());
    if (!names.empty()) names.pop_front();
}

// -- tracing

std::string runtime::actor() const {
    if (!actors.empty()) return actors.back();
    auto const task = current_task();
    return task ? task->name() : "program";
}

void runtime::write(std::string_view who, std::string_view event) {
    if (!enabled_) return;
    auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(loop_->time().time_since_epoch());
    trace_ += std::to_string(now.count()) + " " + std::to_string(loop_->iterations()) + " ";
    trace_.append(who).append(" ").append(event).append("\n");
}

void runtime::report(std::string_view event, ordo::exception_context const& what) {
    std::string text(event);
    text.append(" ").append(category_of(what.message));
    if (what.exception) text.append(" ").append(render(what.exception));
    write("loop", text);
}

void runtime::on_log(std::string_view line) {
    constexpr std::string_view failed_handler = "the exception handler itself threw: ";
    if (line.starts_with(failed_handler))
        write("loop", "default_handler handler_error " + std::string(line.substr(failed_handler.size())));
}

} // namespace conformance
