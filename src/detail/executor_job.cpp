// ordo: a job on its way, and the roster of those of a default executor.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/executor_job.hpp>

#include "coarse_clock.hpp"
#include "reports.hpp"

#include <spdlog/spdlog.h>
#include <vector>

namespace ordo::detail {

executor_job::executor_job(loop_core& core, future_pointer<> future, std::source_location where)
    : core_(core), future_(std::move(future)), where_(where) {
    act = &executor_job::perform;
}

executor_job::~executor_job() = default;

void executor_job::begin(executor_job*& link, std::shared_ptr<job_roster> roster) {
    core_->work_started();
    outstanding::link(*core_);
    link_ = &link;
    link = this;
    roster_ = std::move(roster);
    if (roster_) roster_->add(*this);
}

void executor_job::leave_loop() noexcept {
    *std::exchange(link_, nullptr) = nullptr;
    unlink(*core_);
    core_->work_finished();
}

void executor_job::leave_roster() noexcept {
    if (roster_) roster_->remove(*this);
}

void executor_job::run() noexcept {
    auto expected = phase::queued;
    if (phase_.compare_exchange_strong(expected, phase::running, std::memory_order_relaxed)) {
        if (roster_) started_.store(coarse_clock::now(), std::memory_order_relaxed);
        call();
        phase_.store(phase::done, std::memory_order_relaxed);
    }
    leave_roster();
    if (expected == phase::queued) go_home();
    else let_go();
}

void executor_job::drop() noexcept {
    auto expected = phase::queued;
    phase_.compare_exchange_strong(expected, phase::dropped, std::memory_order_relaxed);
    leave_roster();
    if (expected == phase::queued) go_home();
    else let_go();
}

/// One of the two that have a cancelled job is done with it.
void executor_job::let_go() noexcept {
    if (phase_.exchange(phase::let_go, std::memory_order_acq_rel) == phase::let_go) destroy();
}

void executor_job::go_home() noexcept {
    auto const core = core_; // once the node is there, the job may be gone, and with it the loop
    if (core->push_threadsafe(this)) return;
    note_if_dropped(); // the loop is closed, and has abandoned the job
    destroy();
}

void executor_job::note_if_dropped() const noexcept {
    if (phase_.load(std::memory_order_relaxed) == phase::done) ++core_->dropped_results;
}

void executor_job::cancel() noexcept {
    auto expected = phase::queued;
    if (!phase_.compare_exchange_strong(expected, phase::cancelled, std::memory_order_relaxed)) stop_.request_stop();
    else if (!core_->push_threadsafe(this)) perform(this, node_action::dispose);
}

void executor_job::abandon() noexcept {
    leave_loop();
    future_ = {};
}

void executor_job::perform(ready_node* node, node_action action) {
    if (is_question(action)) return;
    auto* job = static_cast<executor_job*>(node);
    bool const delivered = !job->link_ && job->future_; // this is the second time
    if (action == node_action::run) {
        if (!delivered && job->arrive()) return;
    } else if (!delivered) {
        job->note_if_dropped();
        if (job->link_) job->abandon();
    }
    auto const where = job->phase_.load(std::memory_order_relaxed);
    if (where != phase::cancelled && where != phase::let_go) return job->destroy();
    job->future_ = {}; // which belongs to this thread
    job->let_go();
}

/// @returns   Whether it is queued once more. As asyncio, where the future's own callback looks after the job in the
///            iteration after the result has come.
bool executor_job::arrive() noexcept {
    leave_loop();
    if (future_->done()) return false;
    if (phase_.load(std::memory_order_relaxed) != phase::done) {
        future_->cancel("the executor dropped the job");
        return false;
    }
    core_->push(this);
    try {
        deliver(*future_);
    } catch (...) { // moving the result threw
        future_->set_exception(std::current_exception(), "run_in_executor");
    }
    return true;
}

void job_roster::add(executor_job& job) noexcept {
    std::lock_guard lock(mutex_);
    job.roster_next_ = first_;
    if (first_) first_->roster_previous_ = &job;
    first_ = &job;
}

void job_roster::remove(executor_job& job) noexcept {
    std::lock_guard lock(mutex_);
    (job.roster_previous_ ? job.roster_previous_->roster_next_ : first_) = job.roster_next_;
    if (job.roster_next_) job.roster_next_->roster_previous_ = job.roster_previous_;
    if (!first_) emptied_.notify_all();
}

void job_roster::request_stop() {
    std::vector<std::stop_source> sources; // what they call may end jobs, so not under the lock
    {
        std::lock_guard lock(mutex_);
        for (auto* job = first_; job; job = job->roster_next_)
            if (job->stop_.stop_possible()) sources.push_back(job->stop_);
    }
    for (auto& source : sources) source.request_stop();
}

bool job_roster::wait_until_empty(duration longest) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, longest, [&] { return !first_; });
}

std::string job_roster::describe() {
    using std::chrono::steady_clock;
    std::string text;
    std::size_t queued = 0;
    auto const now = steady_clock::now();
    std::lock_guard lock(mutex_);
    for (auto* job = first_; job; job = job->roster_next_) {
        auto const started = job->started_.load(std::memory_order_relaxed);
        if (started == steady_clock::time_point()) {
            ++queued;
            continue;
        }
        text += fmt::format("{}submitted at {}, running for {:.3f} s", text.empty() ? "" : ", and ",
                            detail::describe(job->where_), std::chrono::duration<double>(now - started).count());
    }
    if (queued > 0) text += fmt::format("{}{} not begun", text.empty() ? "" : ", and ", queued);
    return text.empty() ? "none of this loop" : text;
}

} // namespace ordo::detail
