// ordo: choosing what of a loop is listed, and writing it down.
// SPDX-License-Identifier: BSL-1.0
#include "inspector/state.hpp"

#include "detail/json.hpp"
#include "detail/seconds.hpp"

#include <ordo/call_graph.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <algorithm>

namespace ordo::detail {
namespace {

constexpr std::size_t listed_tasks = 500;     // more than anybody reads; whoever looks for one filters
constexpr std::size_t listed_callbacks = 200; // of a queue, for the same reason

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

class text_filter {
public:
    explicit text_filter(std::string_view wanted) : wanted_(wanted) {
        std::ranges::transform(wanted_, wanted_.begin(), lower);
    }

    bool takes_all() const noexcept { return wanted_.empty(); }
    bool takes(std::string_view text) const {
        return !std::ranges::search(text, wanted_, {}, lower).empty() || takes_all();
    }

private:
    std::string wanted_;
};

/// A function with the last part of its file's path, as the page shows it.
std::string words_of(std::source_location const& where) {
    std::string_view const path = where.file_name();
    return fmt::format(" {} {}:{}", where.function_name(), path.substr(path.rfind('/') + 1), where.line());
}

std::string words_of(callback_info const& who) {
    return fmt::format("{} {}", to_string(who.kind), who.name) + words_of(who.where);
}

std::string words_of(call_graph_task const& task) {
    auto words = task.name;
    switch (task.state) {
    case call_graph_task::activity::running: words += " runs"; break;
    case call_graph_task::activity::ready: words += " is ready"; break;
    case call_graph_task::activity::waiting: words += " waits for " + task.waits_for; break;
    }
    if (!task.holder.empty()) words += ", held by '" + task.holder + '\'';
    if (task.cancelling > 0) words += ", is being cancelled";
    for (auto const& where : task.stack) words += words_of(where);
    return words;
}

struct selection {
    std::vector<bool> listed; ///< for each task
    std::size_t matching = 0;
};

/// Those that match, the oldest first, each with those that it hangs from in the tree.
selection select(call_graph const& graph, text_filter const& filter) {
    selection result{.listed = std::vector<bool>(graph.tasks.size())};
    std::size_t count = 0;
    std::vector<std::size_t> to_list;
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
        if (!filter.takes_all() && !filter.takes(words_of(graph.tasks[i]))) continue;
        ++result.matching;
        to_list.push_back(i);
        while (!to_list.empty()) {
            auto const at = to_list.back();
            to_list.pop_back();
            if (result.listed[at] || count == listed_tasks) continue;
            result.listed[at] = true;
            ++count;
            auto const& above = graph.tasks[at].awaited_by;
            to_list.insert(to_list.end(), above.begin(), above.end());
        }
    }
    return result;
}

/// Take out of the graph what is not listed.
void cut(call_graph& graph, std::vector<bool> const& listed) {
    std::vector<std::size_t> place(listed.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < listed.size(); ++i)
        if (listed[i]) place[i] = count++;
    auto const renumber = [&](std::vector<std::size_t>& indices) {
        std::erase_if(indices, [&](std::size_t index) { return !listed[index]; });
        for (auto& index : indices) index = place[index];
    };
    for (std::size_t i = 0; i < listed.size(); ++i) {
        if (!listed[i]) continue;
        renumber(graph.tasks[i].awaits);
        renumber(graph.tasks[i].awaited_by);
        if (place[i] != i) graph.tasks[place[i]] = std::move(graph.tasks[i]);
    }
    graph.tasks.resize(count);
}

/// A call graph does not have them; it lists the tasks in the same order.
std::string numbers_as_json(loop_core const& core, std::vector<bool> const& listed) {
    std::vector<std::uint32_t> numbers;
    auto const* task = core.first_task;
    for (std::size_t i = 0; task && i < listed.size(); ++i, task = task->next_task())
        if (listed[i]) numbers.push_back(task->number());
    return json_array(numbers, [](std::uint32_t number) { return std::to_string(number); });
}

std::string histogram_as_json(latency_histogram const& histogram) {
    std::array<std::uint64_t, latency_histogram::buckets> counts;
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = histogram.count(i);
    return json_array(counts, [](std::uint64_t count) { return std::to_string(count); });
}

std::string metrics_as_json(loop_metrics const& metrics) {
    return fmt::format(
        R"({{"iterations":{},"callbacks":{},"busy":{},"tasks":{},"tasks_created":{},"ready":{},"scheduled":{},)"
        R"("outstanding":{},"executor_queue":{},"longest_callback":{},"ready_lag":{},"timer_lag":{}}})",
        metrics.iterations, metrics.callbacks, seconds(metrics.busy), metrics.tasks, metrics.tasks_created,
        metrics.ready, metrics.scheduled, metrics.outstanding, metrics.executor_queue,
        seconds(metrics.longest_callback), histogram_as_json(metrics.ready_lag), histogram_as_json(metrics.timer_lag));
}

std::string queue_as_json(std::vector<callback_info> const& queue, text_filter const& filter, time_point now) {
    std::vector<std::size_t> listed;
    std::size_t matching = 0;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        if (!filter.takes_all() && !filter.takes(words_of(queue[i]))) continue;
        if (++matching <= listed_callbacks) listed.push_back(i);
    }
    auto const callbacks = json_array(listed, [&](std::size_t i) {
        auto const& who = queue[i];
        auto const due = who.deadline ? fmt::format(R"("remaining":{:.3f},)", seconds(*who.deadline - now)) : "";
        return fmt::format(R"({{"position":{},{}{}}})", i + 1, due, callback_as_json(who));
    });
    return fmt::format(R"({{"length":{},"matching":{},"callbacks":{}}})", queue.size(), matching, callbacks);
}

} // namespace

std::string inspector_state(event_loop const& loop, inspector_history const& history, std::string_view wanted) {
    text_filter const filter(wanted);
    auto graph = capture_call_graph(loop);
    auto const tasks = graph.tasks.size();
    auto const selected = select(graph, filter);
    cut(graph, selected.listed);
    auto const queues = loop.queued_callbacks();
    return fmt::format(
        R"({{"age":{:.3f},"filter":{},"metrics":{},"graph":{},"numbers":{},"tasks":{},"matching":{},"ready":{},)"
        R"("scheduled":{},"samples":{},"slow":{}}})",
        history.age(), json_string(wanted), metrics_as_json(loop.metrics()), to_json(graph),
        numbers_as_json(loop_access::core(loop), selected.listed), tasks, selected.matching,
        queue_as_json(queues.ready, filter, loop.time()), queue_as_json(queues.scheduled, filter, loop.time()),
        history.samples_as_json(), history.slow_as_json());
}

} // namespace ordo::detail
