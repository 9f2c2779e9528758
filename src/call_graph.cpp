// ordo: walking from task to task, and putting what is found into text.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/call_graph.hpp>

#include "detail/json.hpp"
#include "detail/reports.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <algorithm>
#include <iostream>
#include <unordered_map>
#include <unordered_set>

namespace ordo {
namespace detail {
namespace {

using task_indices = std::unordered_map<future_base const*, std::size_t>;

/// All pending tasks of a loop, each with its place among them.
class capture {
public:
    explicit capture(loop_core const& core) : now_(core.now()) {
        for (auto const* task = core.first_task; task; task = task->next_task()) {
            indices_.emplace(task, tasks_.size());
            tasks_.push_back(task);
        }
        for (auto const* task : tasks_) graph_.tasks.push_back(describe(*task));
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            graph_.tasks[i].awaited_by = awaiters_of(*tasks_[i]);
            for (auto const awaiter : graph_.tasks[i].awaited_by) graph_.tasks[awaiter].awaits.push_back(i);
        }
    }

    call_graph take() && { return std::move(graph_); }

    /// The task, if it is one, or those that wait for the future.
    std::vector<std::size_t> places_of(future_base const& future) const {
        if (auto const found = indices_.find(&future); found != indices_.end()) return {found->second};
        return awaiters_of(future);
    }

private:
    call_graph_task describe(task_base const& task) const {
        call_graph_task result{.name = task.name(), .cancelling = task.cancelling(), .age = now_ - task.began()};
        result.created_at = task.created_at();
        if (auto const frame = task.innermost_frame()) result.stack = promise_base::of(frame).stack();
        else result.state = call_graph_task::activity::running;
        if (auto wait = present_wait(task)) {
            result.state = call_graph_task::activity::waiting;
            result.waits_for = std::move(wait->what);
            if (wait->deadline) result.remaining = *wait->deadline - now_;
            if (wait->holder != 0) result.holder = name_of(wait->holder);
        }
        return result;
    }

    std::string name_of(std::uint32_t number) const {
        // Numbers may have begun anew, but not among tasks that are alive together.
        auto const rank = [first = tasks_.front()->number()](std::uint32_t of) { return of - first; };
        auto const found = std::ranges::lower_bound(tasks_, rank(number), {},
                                                    [&](task_base const* task) { return rank(task->number()); });
        bool const alive = found != tasks_.end() && (*found)->number() == number;
        return alive ? (*found)->name() : "a task that has ended";
    }

    /// Tasks that wait for the future, or for what waits for it.
    std::vector<std::size_t> awaiters_of(future_base const& future) const {
        std::vector<std::size_t> found;
        std::unordered_set<future_base const*> seen;
        std::vector<future_base const*> to_ask{&future};
        while (!to_ask.empty()) {
            auto const* const asked = to_ask.back();
            to_ask.pop_back();
            for (auto const* awaiter : asked->awaiters()) {
                if (!seen.insert(awaiter).second) continue;
                if (auto const task = indices_.find(awaiter); task != indices_.end()) found.push_back(task->second);
                else to_ask.push_back(awaiter);
            }
        }
        std::ranges::sort(found);
        return found;
    }

    time_point now_;
    std::vector<task_base const*> tasks_;
    task_indices indices_;
    call_graph graph_;
};

/// What can be reached from some tasks along some edges.
void reach(call_graph const& graph, std::vector<std::size_t> from, std::vector<std::size_t> call_graph_task::* along,
           std::vector<bool>& reached) {
    std::vector<bool> seen(graph.tasks.size());
    while (!from.empty()) {
        auto const at = from.back();
        from.pop_back();
        if (seen[at]) continue;
        reached[at] = seen[at] = true;
        auto const& next = graph.tasks[at].*along;
        from.insert(from.end(), next.begin(), next.end());
    }
}

/// The graph without some of its tasks.
call_graph restrict(call_graph graph, std::vector<bool> const& kept) {
    std::vector<std::size_t> place(graph.tasks.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < place.size(); ++i)
        if (kept[i]) place[i] = count++;
    auto const renumber = [&](std::vector<std::size_t>& indices) {
        std::erase_if(indices, [&](std::size_t index) { return !kept[index]; });
        for (auto& index : indices) index = place[index];
    };
    call_graph result;
    for (std::size_t i = 0; i < place.size(); ++i) {
        if (!kept[i]) continue;
        renumber(graph.tasks[i].awaits);
        renumber(graph.tasks[i].awaited_by);
        result.tasks.push_back(std::move(graph.tasks[i]));
    }
    return result;
}

std::string in_seconds(duration time) {
    return fmt::format("{:.3g} s", std::chrono::duration<double>(time).count());
}

/// What a task does, in a line.
std::string headline(call_graph_task const& task) {
    auto text = '\'' + task.name + '\'';
    switch (task.state) {
    case call_graph_task::activity::running: text += " runs"; break;
    case call_graph_task::activity::ready: text += " is ready"; break;
    case call_graph_task::activity::waiting: text += " waits for " + task.waits_for; break;
    }
    if (!task.holder.empty()) text += ", held by '" + task.holder + '\'';
    if (task.remaining) text += ", " + in_seconds(*task.remaining) + " to go";
    if (task.cancelling > 0) text += ", is being cancelled";
    return text + ", age " + in_seconds(task.age) + '\n';
}

/// Writes tasks below each other, each with what it waits for.
class forest {
public:
    explicit forest(call_graph const& graph) : graph_(graph), written_(graph.tasks.size()) {
        for (std::size_t i = 0; i < written_.size(); ++i)
            if (graph.tasks[i].awaited_by.empty()) write(i);
        for (std::size_t i = 0; i < written_.size(); ++i) // that wait for each other in a circle
            if (!written_[i]) write(i);
    }

    std::string text() && { return std::move(text_); }

private:
    /// Without recursion, because a line of tasks can be long.
    void write(std::size_t root) {
        std::vector<std::pair<std::size_t, std::size_t>> to_write{{root, 0}};
        while (!to_write.empty()) {
            auto const [at, depth] = to_write.back();
            to_write.pop_back();
            auto const& task = graph_.tasks[at];
            text_.append(2 * depth, ' ');
            if (written_[at]) {
                text_ += '\'' + task.name + "', see above\n";
                continue;
            }
            written_[at] = true;
            text_ += headline(task);
            for (auto const& where : task.stack) text_.append(2 * depth + 4, ' ') += "at " + describe(where) + '\n';
            for (auto child = task.awaits.rbegin(); child != task.awaits.rend(); ++child)
                to_write.emplace_back(*child, depth + 1);
        }
    }

    call_graph const& graph_;
    std::vector<bool> written_;
    std::string text_;
};

char const* name_of(call_graph_task::activity state) {
    switch (state) {
    case call_graph_task::activity::running: return "running";
    case call_graph_task::activity::ready: return "ready";
    case call_graph_task::activity::waiting: break;
    }
    return "waiting";
}

std::string json_place(std::source_location const& where) {
    return fmt::format(R"({{"file":{},"line":{},"function":{}}})", json_string(where.file_name()), where.line(),
                       json_string(where.function_name()));
}

std::string json_task(call_graph_task const& task) {
    auto const seconds = [](duration time) { return std::chrono::duration<double>(time).count(); };
    auto const index = [](std::size_t i) { return std::to_string(i); };
    auto text = fmt::format(R"({{"name":{},"state":"{}","cancelling":{},"age":{})", json_string(task.name),
                            name_of(task.state), task.cancelling, seconds(task.age));
    if (!task.waits_for.empty()) text += ",\"waits_for\":" + json_string(task.waits_for);
    if (task.remaining) text += fmt::format(",\"remaining\":{}", seconds(*task.remaining));
    if (!task.holder.empty()) text += ",\"holder\":" + json_string(task.holder);
    return text + fmt::format(R"(,"created_at":{},"stack":{},"awaits":{},"awaited_by":{}}})",
                              json_place(task.created_at), json_array(task.stack, json_place),
                              json_array(task.awaits, index), json_array(task.awaited_by, index));
}

} // namespace

std::string describe_tasks(loop_core const& core) {
    auto const graph = capture(core).take();
    return graph.tasks.empty() ? "" : "; these tasks are left:\n" + format_call_graph(graph);
}

} // namespace detail

call_graph capture_call_graph(event_loop const& loop) {
    auto const& core = detail::loop_access::core(loop);
    core.check_thread("capture_call_graph");
    return detail::capture(core).take();
}

call_graph capture_call_graph(any_future const& of) {
    auto const& future = *detail::future_access::state(of);
    future.core().check_thread("capture_call_graph");
    detail::capture all(future.core());
    auto const places = all.places_of(future);
    auto graph = std::move(all).take();
    std::vector<bool> reached(graph.tasks.size());
    detail::reach(graph, places, &call_graph_task::awaited_by, reached);
    detail::reach(graph, places, &call_graph_task::awaits, reached);
    return detail::restrict(std::move(graph), reached);
}

std::string format_call_graph(call_graph const& graph) {
    return detail::forest(graph).text();
}

std::string to_json(call_graph const& graph) {
    return "{\"tasks\":" + detail::json_array(graph.tasks, detail::json_task) + '}';
}

void print_call_graph(event_loop const& loop) {
    print_call_graph(loop, std::cerr);
}

void print_call_graph(event_loop const& loop, std::ostream& to) {
    to << format_call_graph(capture_call_graph(loop)) << std::flush;
}

void dump_on_signal(event_loop& loop, int number) {
    loop.add_signal_handler(number, [&loop] { print_call_graph(loop); });
}

} // namespace ordo
