// ordo: jobs, the thread pool, and the default executor of a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/executor.hpp>

#include "detail/loop_state.hpp"

#include <ordo/detail/scope_exit.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/log.hpp>
#include <ordo/task.hpp>

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>
#include <vector>

namespace ordo {
executor::~executor() = default;

/// Counts the jobs that were accepted and are not done, so that shutting down can wait for them on any kind of threads.
///
/// Its own threads take their jobs from a queue that is linked through these, under the lock that counts them: a
/// boost::asio::thread_pool allocates for each, and has locks of its own.
class thread_pool_executor::implementation {
public:
    explicit implementation(boost::asio::any_io_executor threads) : foreign_(std::move(threads)) {}

    explicit implementation(std::size_t threads) {
        try {
            while (own_.size() < threads) own_.emplace_back([this] { serve(); });
        } catch (...) {
            end();
            throw;
        }
    }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;
    ~implementation() { end(); }

    void submit(job work) {
        {
            std::lock_guard lock(mutex_);
            if (shut_down_)
                throw usage_error("thread_pool_executor::submit: it was shut down; submit to one that is not");
            ++unfinished_;
            if (!foreign_) queued_.push(std::move(work));
        }
        if (!foreign_) return arrived_.notify_one();
        auto run = [accepted = accepted_job(*this), work = std::move(work)]() mutable { work(); };
        boost::asio::post(foreign_, boost::asio::bind_allocator(detail::recycling_allocator<void>(), std::move(run)));
    }

    void shutdown(bool wait) {
        std::unique_lock lock(mutex_);
        shut_down_ = true;
        if (wait) none_left_.wait(lock, [&] { return unfinished_ == 0; });
    }

    std::size_t queue_length() const noexcept {
        std::lock_guard lock(mutex_);
        return unfinished_ - running_;
    }

private:
    /// Notes the end of a job on foreign threads, or of one that was dropped with their queue.
    class accepted_job {
    public:
        explicit accepted_job(implementation& of) noexcept : of_(&of) {}
        accepted_job(accepted_job&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        accepted_job& operator=(accepted_job&&) = delete;
        ~accepted_job() {
            if (!of_) return;
            std::lock_guard lock(of_->mutex_);
            of_->note_end();
        }

    private:
        implementation* of_;
    };

    /// Under the lock.
    void note_end() noexcept {
        if (--unfinished_ == 0) none_left_.notify_all();
    }

    /// What a thread of its own does.
    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            arrived_.wait(lock, [&] { return ended_ || !queued_.empty(); });
            if (queued_.empty()) return;
            auto next = queued_.pop();
            ++running_;
            lock.unlock();
            next();
            lock.lock();
            --running_;
            note_end();
        }
    }

    /// Let the own threads end.
    void end() noexcept {
        {
            std::lock_guard lock(mutex_);
            ended_ = true;
        }
        arrived_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable none_left_;
    detail::job_list queued_; ///< for its own threads
    std::size_t unfinished_ = 0;
    std::size_t running_ = 0; ///< on its own threads
    bool shut_down_ = false;
    bool ended_ = false;
    boost::asio::any_io_executor foreign_; ///< empty if it has threads of its own
    std::vector<std::jthread> own_;        ///< last, because they use the others
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

/// Threads that nobody waits for any more. The process joins them before it ends, as Python does.
class leftover_threads {
public:
    static void take(std::thread thread) noexcept {
        static leftover_threads leftovers;
        std::lock_guard lock(leftovers.mutex_);
        try {
            leftovers.threads_.reserve(leftovers.threads_.size() + 1);
        } catch (...) {
            return thread.detach();
        }
        leftovers.threads_.push_back(std::move(thread));
    }
    ~leftover_threads() {
        for (auto& thread : threads_) thread.join();
    }

private:
    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

/// Runs its one job on a thread of its own, and leaves that behind unless it is waited for.
class single_use_executor final : public executor {
public:
    ~single_use_executor() override {
        if (thread_.joinable()) leftover_threads::take(std::move(thread_));
    }
    void submit(job work) override { thread_ = std::thread(std::move(work)); }
    void shutdown(bool wait) override {
        if (wait && thread_.joinable()) thread_.join();
    }

private:
    std::thread thread_;
};

/// A pool that does not let the loop wait for its jobs in silence.
std::shared_ptr<executor> make_default_executor(std::shared_ptr<detail::job_roster> const& jobs) {
    auto const end = [jobs](executor* pool) {
        try {
            jobs->request_stop();
            if (!jobs->wait_until_empty(detail::executor_patience))
                logger()->warn("event_loop: its end waits for jobs of the default executor: {}; let long jobs take a "
                               "std::stop_token and look at it, or end with shutdown_default_executor(timeout)",
                               jobs->describe());
        } catch (...) {
            // There is no memory to say it.
        }
        delete pool;
    };
    return {new thread_pool_executor, end};
}

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

std::size_t thread_pool_executor::queue_length() const noexcept {
    return implementation_->queue_length();
}

executor& event_loop::default_executor() {
    if (state_->default_executor_is_shut_down)
        throw usage_error("event_loop::run_in_executor: the default executor was shut down; use one of your own");
    if (!state_->default_jobs) state_->default_jobs = std::make_shared<detail::job_roster>();
    if (!state_->default_executor) state_->default_executor = make_default_executor(state_->default_jobs);
    return *state_->default_executor;
}

std::shared_ptr<detail::job_roster> const& detail::loop_access::default_jobs(event_loop& loop) {
    return loop.state_->default_jobs;
}

void event_loop::set_default_executor(std::shared_ptr<executor> replacement) {
    core_->check_thread("event_loop::set_default_executor");
    if (!replacement) throw usage_error("event_loop::set_default_executor: the executor is null; pass a real one");
    state_->default_jobs = std::make_shared<detail::job_roster>();
    state_->default_executor = std::move(replacement);
}

coro<void> event_loop::shutdown_default_executor() {
    return end_default_executor(std::nullopt);
}

coro<void> event_loop::end_default_executor(std::optional<duration> timeout) {
    state_->default_executor_is_shut_down = true;
    auto pool = state_->default_executor;
    if (!pool) co_return;
    auto const jobs = state_->default_jobs;
    if (jobs) jobs->request_stop();
    single_use_executor joining;
    auto const join = [](std::shared_ptr<executor> perhaps_the_last) { perhaps_the_last->shutdown(true); };
    auto const joined = run_in_executor(joining, join, std::move(pool));
    auto const over = create_future<>();
    auto const finish = [over] {
        if (!over.done()) over.set_result();
    };
    joined.add_done_callback(finish);
    timer_handle deadline;
    if (timeout) deadline = call_later(*timeout, finish);
    detail::scope_exit const disarm([&] { deadline.cancel(); });
    co_await over;
    if (joined.done()) {
        joining.shutdown(true);
        co_return joined.result();
    }
    state_->default_executor.reset();
    logger()->warn("event_loop::shutdown_default_executor: jobs did not stop within {:.3f} s and are left behind: {}; "
                   "let long jobs take a std::stop_token and look at it",
                   std::chrono::duration<double>(*timeout).count(), jobs ? jobs->describe() : "none of this loop");
}

} // namespace ordo
