// ordo: what the inspector remembers of the last seconds: how busy the loop was, and which callbacks were slow.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/callback_info.hpp>
#include <ordo/metrics.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace ordo::detail {

class inspector_history {
public:
    explicit inspector_history(duration slow)
        : slow_(slow), began_(std::chrono::steady_clock::now()), sampled_(began_) {}

    /// What has happened since the last sample.
    void sample(loop_metrics const& now);
    /// A callback has run.
    void note(callback_info const& who, duration took);

    /// Seconds since the beginning.
    double age() const noexcept;

    /// [[end, length, busy, callbacks, tasks], ...], in seconds, the oldest first.
    std::string samples_as_json() const;
    /// The same of callbacks that were slow: [{"end": ..., "took": ..., and what queue_as_json() says}, ...].
    std::string slow_as_json() const;

private:
    struct moment {
        double end;
        double length;
        double busy;
        std::uint64_t callbacks;
        std::size_t tasks;
    };
    struct slow_callback {
        double end;
        double took;
        callback_info who;
    };

    duration slow_;
    time_point began_;
    time_point sampled_;
    loop_metrics last_;
    std::deque<moment> samples_;
    std::deque<slow_callback> slow_callbacks_;
};

/// {"kind": ..., "name": ..., "file": ..., "line": ..., "function": ...}, without the braces.
std::string callback_as_json(callback_info const& who);

} // namespace ordo::detail
