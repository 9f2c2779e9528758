// ordo: the steps of draining a loop: waiting, cancelling, closing, and waiting for what Asio still has of it.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/drain.hpp>

#include "detail/pump.hpp"

#include <ordo/call_graph.hpp>
#include <ordo/detail/constants.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>
#include <ordo/task.hpp>
#include <ordo/wait.hpp>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

namespace ordo::detail {
namespace {

std::vector<any_task> others(event_loop& loop) {
    auto tasks = all_tasks(loop);
    std::erase(tasks, *current_task());
    return tasks;
}

/// Until no other task is left, those included that come meanwhile.
coro<> wait_for_others(event_loop& loop, time_point deadline) {
    for (auto left = others(loop); !left.empty() && loop.time() < deadline; left = others(loop))
        co_await wait(left, return_when::all_completed, deadline - loop.time());
}

coro<> end_tasks(event_loop& loop, time_point deadline, std::shared_ptr<drain_report> report) {
    co_await wait_for_others(loop, deadline);
    for (auto const& task : others(loop)) {
        report->cancelled.push_back(task.name());
        task.cancel();
    }
    co_await wait_for_others(loop, loop.time() + drain_patience);
    co_await loop.shutdown_asyncgens();
    co_await loop.shutdown_default_executor(drain_patience);
    for (auto const& task : others(loop)) report->abandoned.push_back(task.name());
}

/// Later than end_tasks(), whose own task is not one of them.
void describe_abandoned(event_loop& loop, drain_report& report) noexcept {
    try {
        report.call_graph = format_call_graph(capture_call_graph(loop));
    } catch (...) {} // without memory their names must do
}

/// Waits on the host's executor until nothing inside Asio refers to a closed loop.
class last_look : public std::enable_shared_from_this<last_look> {
public:
    last_look(event_loop& loop, std::function<void()> then)
        : core_(loop_access::core(loop)), timer_(loop.host_executor()), then_(std::move(then)) {}

    /// Aborted operations complete in the handlers that are queued by now; only those of foreign contexts take longer.
    void begin() {
        boost::asio::post(timer_.get_executor(), [self = shared_from_this()] { self->look(); });
    }

private:
    void look() {
        if (core_->shares_elsewhere() == own_shares) {
            core_ = {};
            return then_();
        }
        timer_.expires_after(drain_interval);
        timer_.async_wait([self = shared_from_this()](boost::system::error_code) { self->look(); });
    }

    static constexpr std::size_t own_shares = 1;
    core_share core_;
    boost::asio::steady_timer timer_;
    std::function<void()> then_;
};

void close_and_look(event_loop& loop, std::function<void()> then) {
    auto const look = std::make_shared<last_look>(loop, std::move(then));
    boost::asio::post(loop.host_executor(), [&loop, look] {
        loop.close();
        look->begin();
    });
}

} // namespace

void drain(event_loop& loop, time_point deadline, std::function<void(drain_report)> done) {
    loop_access::core(loop).check_open("event_loop::drain");
    if (loop_access::pump_of(loop).owns_context())
        throw usage_error("event_loop::drain: this loop has a context of its own; end it with close(), or by run()");
    auto begin = [&loop, deadline, done = std::move(done)] {
        auto const report = std::make_shared<drain_report>();
        auto const ending = loop.create_task(end_tasks(loop, deadline, report), "drain");
        ending.add_done_callback([&loop, report, done] {
            describe_abandoned(loop, *report);
            close_and_look(loop, [report, done] { done(std::move(*report)); });
        });
    };
    loop.call_soon_threadsafe(std::move(begin));
}

} // namespace ordo::detail
