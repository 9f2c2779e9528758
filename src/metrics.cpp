// ordo: collecting the metrics of a loop, and putting them into text.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/metrics.hpp>

#include "detail/loop_state.hpp"
#include "detail/pump.hpp"
#include "detail/seconds.hpp"

#include <ordo/executor.hpp>

#include <numeric>
#include <spdlog/fmt/fmt.h>

namespace ordo {

std::uint64_t latency_histogram::total() const noexcept {
    return std::reduce(counts_.begin(), counts_.end());
}

duration latency_histogram::quantile(double part) const noexcept {
    auto const rank = part * static_cast<double>(total());
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        below += counts_[i];
        if (below > 0 && static_cast<double>(below) >= rank) return upper_bound(i);
    }
    return {};
}

loop_metrics event_loop::metrics() const {
    core_->check_thread("event_loop::metrics");
    auto metrics = detail::loop_access::pump_of(*this).metrics();
    metrics.executor_queue = state_->default_executor ? state_->default_executor->queue_length() : 0;
    return metrics;
}

namespace {

using detail::seconds;

/// Writes one family of metrics after the other, each with a sample of every loop.
class exposition {
public:
    explicit exposition(std::span<labelled_metrics const> loops) : loops_(loops) {}

    template <class Value>
    void add(char const* name, char const* type, char const* help, Value const& value_of) {
        head(name, type, help);
        for (auto const& [labels, metrics] : loops_) sample(name, "", labels, "", value_of(metrics));
    }

    void add(char const* name, char const* help, latency_histogram loop_metrics::* histogram) {
        head(name, "histogram", help);
        for (auto const& [labels, metrics] : loops_) add(name, labels, metrics.*histogram);
    }

    std::string text() && { return std::move(text_); }

private:
    void add(char const* name, std::string_view labels, latency_histogram const& histogram) {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < latency_histogram::buckets; ++i) {
            below += histogram.count(i);
            auto const bound = latency_histogram::upper_bound(i);
            auto const le = bound == duration::max() ? std::string("+Inf") : fmt::format("{}", seconds(bound));
            sample(name, "_bucket", labels, fmt::format("le=\"{}\"", le), below);
        }
        sample(name, "_sum", labels, "", seconds(histogram.sum()));
        sample(name, "_count", labels, "", below);
    }

    void head(char const* name, char const* type, char const* help) {
        text_ += fmt::format("# HELP ordo_loop_{0} {1}\n# TYPE ordo_loop_{0} {2}\n", name, help, type);
    }

    template <class T>
    void sample(char const* name, char const* suffix, std::string_view labels, std::string const& label, T value) {
        auto const both = fmt::format("{}{}{}", labels, labels.empty() || label.empty() ? "" : ",", label);
        auto const braced = both.empty() ? both : '{' + both + '}';
        text_ += fmt::format("ordo_loop_{}{}{} {}\n", name, suffix, braced, value);
    }

    std::span<labelled_metrics const> loops_;
    std::string text_;
};

} // namespace

std::string to_prometheus(loop_metrics const& metrics, std::string_view labels) {
    labelled_metrics const only{std::string(labels), metrics};
    return to_prometheus(std::span(&only, 1));
}

std::string to_prometheus(std::span<labelled_metrics const> loops) {
    using of = loop_metrics const&;
    exposition text(loops);
    text.add("iterations_total", "counter", "Iterations that have begun.", [](of m) { return m.iterations; });
    text.add("callbacks_total", "counter", "Callbacks and steps of tasks that have run.",
             [](of m) { return m.callbacks; });
    text.add("busy_seconds_total", "counter", "Time spent in them.", [](of m) { return seconds(m.busy); });
    text.add("tasks_created_total", "counter", "Tasks that were created.", [](of m) { return m.tasks_created; });
    text.add("dropped_results_total", "counter", "Results that came when the loop was closed.",
             [](of m) { return m.dropped_results; });
    text.add("tasks", "gauge", "Tasks that are not done.", [](of m) { return m.tasks; });
    text.add("ready_callbacks", "gauge", "Callbacks in the ready queue.", [](of m) { return m.ready; });
    text.add("scheduled_timers", "gauge", "Timers in the scheduled queue.", [](of m) { return m.scheduled; });
    text.add("outstanding_operations", "gauge", "Operations and jobs that have not come home.",
             [](of m) { return m.outstanding; });
    text.add("executor_queue", "gauge", "Jobs that wait for a thread of the default executor.",
             [](of m) { return m.executor_queue; });
    text.add("longest_callback_seconds", "gauge", "The longest that a callback took.",
             [](of m) { return seconds(m.longest_callback); });
    text.add("timer_lag_seconds", "How late timers ran.", &loop_metrics::timer_lag);
    text.add("ready_lag_seconds", "How long callbacks can have been ready before they ran.", &loop_metrics::ready_lag);
    return std::move(text).text();
}

} // namespace ordo
