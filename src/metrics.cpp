// ordo: collecting the metrics of a loop, and putting them into text.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/metrics.hpp>

#include "detail/loop_state.hpp"
#include "detail/pump.hpp"

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

double seconds(std::chrono::duration<double> time) {
    return time.count();
}

/// Writes one family of metrics after the other.
class exposition {
public:
    explicit exposition(std::string_view labels) : labels_(labels) {}

    template <class T>
    void add(char const* name, char const* type, char const* help, T value) {
        head(name, type, help);
        sample(name, "", "", value);
    }

    void add(char const* name, char const* help, latency_histogram const& histogram) {
        head(name, "histogram", help);
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < latency_histogram::buckets; ++i) {
            below += histogram.count(i);
            auto const bound = latency_histogram::upper_bound(i);
            auto const le = bound == duration::max() ? std::string("+Inf") : fmt::format("{}", seconds(bound));
            sample(name, "_bucket", fmt::format("le=\"{}\"", le), below);
        }
        sample(name, "_sum", "", seconds(histogram.sum()));
        sample(name, "_count", "", below);
    }

    std::string text() && { return std::move(text_); }

private:
    void head(char const* name, char const* type, char const* help) {
        text_ += fmt::format("# HELP ordo_loop_{0} {1}\n# TYPE ordo_loop_{0} {2}\n", name, help, type);
    }

    template <class T>
    void sample(char const* name, char const* suffix, std::string const& label, T value) {
        auto const both = fmt::format("{}{}{}", labels_, labels_.empty() || label.empty() ? "" : ",", label);
        auto const braced = both.empty() ? both : '{' + both + '}';
        text_ += fmt::format("ordo_loop_{}{}{} {}\n", name, suffix, braced, value);
    }

    std::string_view labels_;
    std::string text_;
};

} // namespace

std::string to_prometheus(loop_metrics const& metrics, std::string_view labels) {
    exposition text(labels);
    text.add("iterations_total", "counter", "Iterations that have begun.", metrics.iterations);
    text.add("callbacks_total", "counter", "Callbacks and steps of tasks that have run.", metrics.callbacks);
    text.add("busy_seconds_total", "counter", "Time spent in them.", seconds(metrics.busy));
    text.add("tasks_created_total", "counter", "Tasks that were created.", metrics.tasks_created);
    text.add("dropped_results_total", "counter", "Results that came when the loop was closed.",
             metrics.dropped_results);
    text.add("tasks", "gauge", "Tasks that are not done.", metrics.tasks);
    text.add("ready_callbacks", "gauge", "Callbacks in the ready queue.", metrics.ready);
    text.add("scheduled_timers", "gauge", "Timers in the scheduled queue.", metrics.scheduled);
    text.add("outstanding_operations", "gauge", "Operations and jobs that have not come home.", metrics.outstanding);
    text.add("executor_queue", "gauge", "Jobs that wait for a thread of the default executor.", metrics.executor_queue);
    text.add("longest_callback_seconds", "gauge", "The longest that a callback took.",
             seconds(metrics.longest_callback));
    text.add("timer_lag_seconds", "How late timers ran.", metrics.timer_lag);
    text.add("ready_lag_seconds", "How long callbacks can have been ready before they ran.", metrics.ready_lag);
    return std::move(text).text();
}

} // namespace ordo
