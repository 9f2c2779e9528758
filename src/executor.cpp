// ordo: jobs, the thread pool, and the default executor of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/executor.hpp>

#include "detail/loop_state.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/task.hpp>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace ordo {
namespace detail {

executor_job::executor_job(loop_core& core, future_pointer<> future, executor_job*& link)
    : core_(core), future_(std::move(future)), link_(&link) {
    act = &executor_job::perform;
    core.work_started();
    *link_ = this;
    next_ = core.first_job;
    if (next_) next_->previous_ = this;
    core.first_job = this;
}

executor_job::~executor_job() = default;

void executor_job::unlink() noexcept {
    *link_ = nullptr;
    (previous_ ? previous_->next_ : core_->first_job) = next_;
    if (next_) next_->previous_ = previous_;
    core_->work_finished();
}

void executor_job::run() noexcept {
    auto expected = phase::queued;
    if (phase_.compare_exchange_strong(expected, phase::running, std::memory_order_relaxed)) {
        call();
        phase_.store(phase::done, std::memory_order_relaxed);
    }
    go_home();
}

void executor_job::go_home() noexcept {
    if (!core_->push_threadsafe(this)) destroy(); // the loop is closed, and has abandoned the job
}

void executor_job::cancel() noexcept {
    auto expected = phase::queued;
    phase_.compare_exchange_strong(expected, phase::cancelled, std::memory_order_relaxed);
}

void executor_job::abandon() noexcept {
    unlink();
    future_ = {};
}

void executor_job::perform(ready_node* node, node_action action) {
    if (action == node_action::introduce) return;
    auto* job = static_cast<executor_job*>(node);
    if (action == node_action::run) job->arrive();
    else if (job->future_) job->abandon();
    job->destroy();
}

void executor_job::arrive() {
    unlink();
    if (future_->done()) return;
    if (phase_.load(std::memory_order_relaxed) == phase::done) deliver(*future_);
    else future_->cancel("the executor dropped the job");
}

} // namespace detail

executor::~executor() = default;

/// Counts the jobs that were accepted and are not done, so that shutting down can wait for them on any kind of threads.
class thread_pool_executor::implementation {
public:
    explicit implementation(std::size_t threads) : pool_(std::in_place, threads), threads_(pool_->get_executor()) {}
    explicit implementation(boost::asio::any_io_executor threads) : threads_(std::move(threads)) {}

    void submit(job work) {
        {
            std::lock_guard lock(mutex_);
            if (shut_down_)
                throw usage_error("thread_pool_executor::submit: it was shut down; submit to one that is not");
            ++unfinished_;
        }
        auto run = [accepted = accepted_job(*this), work = std::move(work)]() mutable { work(); };
        boost::asio::post(threads_, boost::asio::bind_allocator(detail::recycling_allocator<void>(), std::move(run)));
    }

    void shutdown(bool wait) {
        std::unique_lock lock(mutex_);
        shut_down_ = true;
        if (wait) none_left_.wait(lock, [&] { return unfinished_ == 0; });
    }

private:
    /// Notes the end of a job, or of one that was dropped with its queue.
    class accepted_job {
    public:
        explicit accepted_job(implementation& of) noexcept : of_(&of) {}
        accepted_job(accepted_job&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        accepted_job& operator=(accepted_job&&) = delete;
        ~accepted_job() {
            if (!of_) return;
            std::lock_guard lock(of_->mutex_);
            if (--of_->unfinished_ == 0) of_->none_left_.notify_all();
        }

    private:
        implementation* of_;
    };

    std::mutex mutex_;
    std::condition_variable none_left_;
    std::size_t unfinished_ = 0;
    bool shut_down_ = false;
    std::optional<boost::asio::thread_pool> pool_; ///< empty on foreign threads
    boost::asio::any_io_executor threads_;
};

namespace {

std::size_t default_thread_count() {
    auto const cores = std::max(1u, std::thread::hardware_concurrency());
    return std::min(cores + detail::default_executor_extra_threads, detail::default_executor_thread_limit);
}

std::size_t checked_thread_count(std::size_t threads) {
    if (threads == 0) throw usage_error("thread_pool_executor: 0 threads run nothing; give at least 1");
    return threads;
}

/// Runs its one job on a thread of its own.
class single_use_executor final : public executor {
public:
    ~single_use_executor() override { shutdown(true); }
    void submit(job work) override { thread_ = std::thread(std::move(work)); }
    void shutdown(bool) override {
        if (thread_.joinable()) thread_.join();
    }

private:
    std::thread thread_;
};

} // namespace

thread_pool_executor::thread_pool_executor() : thread_pool_executor(default_thread_count()) {}

thread_pool_executor::thread_pool_executor(std::size_t threads)
    : implementation_(std::make_unique<implementation>(checked_thread_count(threads))) {}

thread_pool_executor::thread_pool_executor(boost::asio::any_io_executor threads)
    : implementation_(std::make_unique<implementation>(std::move(threads))) {}

thread_pool_executor::~thread_pool_executor() {
    shutdown(true);
}

void thread_pool_executor::submit(job work) {
    implementation_->submit(std::move(work));
}

void thread_pool_executor::shutdown(bool wait) {
    implementation_->shutdown(wait);
}

executor& event_loop::default_executor() {
    if (state_->default_executor_is_shut_down)
        throw usage_error("event_loop::run_in_executor: the default executor was shut down; use one of your own");
    if (!state_->default_executor) state_->default_executor = std::make_shared<thread_pool_executor>();
    return *state_->default_executor;
}

void event_loop::set_default_executor(std::shared_ptr<executor> replacement) {
    core_->check_thread("event_loop::set_default_executor");
    if (!replacement) throw usage_error("event_loop::set_default_executor: the executor is null; pass a real one");
    state_->default_executor = std::move(replacement);
}

coro<void> event_loop::shutdown_default_executor() {
    state_->default_executor_is_shut_down = true;
    auto const pool = state_->default_executor;
    if (!pool) co_return;
    single_use_executor joining;
    auto join = [pool] { pool->shutdown(true); };
    auto joined = run_in_executor(joining, join);
    co_await std::move(joined);
}

} // namespace ordo
