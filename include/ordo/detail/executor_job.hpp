// ordo: a function on its way to another thread and back.
//
// One block of memory holds the function, its result and the node that brings the result home through the loop's inbox.
// Which thread may touch it goes with it: the loop's until submit(), the executor's while it is a job_share, the loop's
// again once the node has arrived. Only `phase` is for both: the loop cancels a job that has not begun with it. Such a job
// leaves the loop in the next iteration, and the block goes when the executor has let go of it, too. The future, and the
// list of what is outstanding, belong to the loop's thread throughout. A job of a default executor is on a roster as
// well, for any thread, until it is done.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/task_base.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <source_location>
#include <stop_token>
#include <string>
#include <utility>

namespace ordo::detail {

class executor_job;

/// The jobs of the default executor of a loop that are not done: to stop them, to wait for them and to name them. It
/// outlives the loop with them.
class ORDO_DECL job_roster {
public:
    void add(executor_job& job) noexcept;
    void remove(executor_job& job) noexcept;

    /// Ask those that take a std::stop_token.
    /// @throws std::bad_alloc   with none asked.
    void request_stop();
    /// @returns   False if there are any left after this time.
    bool wait_until_empty(duration longest);
    /// "1 job that still runs: submitted at …, running for 1.500 s", or the like.
    std::string describe();

private:
    std::mutex mutex_;
    std::condition_variable emptied_;
    executor_job* first_ = nullptr;
};

class ORDO_DECL executor_job : public ready_node, public outstanding {
public:
    executor_job(executor_job const&) = delete;
    executor_job& operator=(executor_job const&) = delete;

    /// Executor's thread: call the function unless the job was cancelled, and send the outcome home.
    void run() noexcept;
    /// Executor's thread: it will never be run; its future is cancelled.
    void drop() noexcept;
    /// Loop's thread: cancel it if it has not begun, ask it to stop if it has.
    void cancel() noexcept;
    /// Loop's thread: the loop goes away before the job is done.
    void abandon() noexcept override;

protected:
    enum class phase : unsigned char {
        queued,
        running,
        done,
        dropped,   ///< by the executor, before it has begun
        cancelled, ///< before it has begun; it is on its way home while the executor has it
        let_go,    ///< cancelled, and either the executor or the loop is done with it
    };

    executor_job(loop_core& core, future_pointer<> future, std::source_location where);
    virtual ~executor_job();

    /// Once it is constructed.
    /// @param link     Where the future says which job is its own.
    /// @param roster   Of the default executor, else null.
    void begin(executor_job*& link, std::shared_ptr<job_roster> roster);

    virtual void call() noexcept = 0;
    /// Give the outcome to the future, which is pending.
    virtual void deliver(future_base& future) = 0;
    virtual void destroy() noexcept = 0;

    std::stop_source stop_{std::nostopstate};
    std::atomic<phase> phase_{phase::queued};

private:
    friend class job_roster;
    friend class job_list;

    static void perform(ready_node* node, node_action action);
    bool arrive() noexcept;
    void let_go() noexcept;
    void go_home() noexcept;
    void leave_loop() noexcept;
    void leave_roster() noexcept;
    void note_if_dropped() const noexcept;

    core_share core_;
    future_pointer<> future_;       ///< null once abandoned
    executor_job** link_ = nullptr; ///< null unless it is outstanding

    std::source_location where_; ///< of the call that submitted it
    std::atomic<std::chrono::steady_clock::time_point> started_{};
    std::shared_ptr<job_roster> roster_;
    executor_job* roster_previous_ = nullptr; ///< guarded by the roster
    executor_job* roster_next_ = nullptr;
    executor_job* list_next_ = nullptr; ///< valid while it is in a job_list
};

/// A job in the hands of an executor.
class job_share {
public:
    explicit job_share(executor_job* owned) noexcept : job_(owned) {}
    job_share(job_share&& other) noexcept : job_(std::exchange(other.job_, nullptr)) {}
    job_share& operator=(job_share&& other) noexcept {
        std::swap(job_, other.job_);
        return *this;
    }
    ~job_share() {
        if (job_) job_->drop();
    }

    /// Call the function, once. What it throws goes to its future.
    void operator()() noexcept { std::exchange(job_, nullptr)->run(); }

private:
    friend class job_list;
    executor_job* job_;
};

/// Jobs that wait for a thread, first in, first out. They are linked through themselves, so that queueing one cannot fail.
class job_list {
public:
    bool empty() const noexcept { return !first_; }

    void push(job_share job) noexcept {
        auto* const pushed = std::exchange(job.job_, nullptr);
        pushed->list_next_ = nullptr;
        (first_ ? last_->list_next_ : first_) = pushed;
        last_ = pushed;
    }

    /// It must not be empty.
    job_share pop() noexcept { return job_share(std::exchange(first_, first_->list_next_)); }

private:
    executor_job* first_ = nullptr;
    executor_job* last_ = nullptr; ///< valid while there is a first
};

/// The future of a job: cancelling it cancels the job, in the next iteration and before anybody who waits for the future
/// goes on; the job leaves the loop in the one after.
template <class T>
class job_future final : public future_state<T> {
public:
    job_future(loop_core& core, std::source_location where) noexcept : future_state<T>(core, where) {}
    static future_pointer<job_future> make(loop_core& core, std::source_location where) {
        return future_pointer<job_future>(::new (allocate(sizeof(job_future))) job_future(core, where));
    }

    bool cancel(std::string_view message) override {
        if (this->done() || !job) return future_state<T>::cancel(message);
        auto cancel_job = [self = share(*this)] {
            if (self->job && self->cancelled()) self->job->cancel();
        };
        auto* node = callback<decltype(cancel_job)>::make(std::move(cancel_job));
        try {
            this->core().push(node);
        } catch (...) {
            node->release();
            throw;
        }
        return future_state<T>::cancel(message);
    }

    executor_job* job = nullptr; ///< while it is under way

private:
    void destroy() noexcept override {
        this->~job_future();
        deallocate(this, sizeof(job_future));
    }
};

/// Call is a job_call, or wraps one.
template <class Call, class T = typename Call::result_type>
class typed_job final : public executor_job {
public:
    static job_share make(loop_core& core, job_future<T>& future, Call&& function, std::shared_ptr<job_roster> roster) {
        void* memory = allocate(sizeof(typed_job));
        typed_job* job = nullptr;
        try {
            job = ::new (memory) typed_job(core, future, std::move(function));
            job->begin(future.job, std::move(roster));
        } catch (...) {
            if (job) job->destroy();
            else deallocate(memory, sizeof(typed_job));
            throw;
        }
        return job_share(job);
    }

private:
    typed_job(loop_core& core, job_future<T>& future, Call&& function)
        : executor_job(core, share<future_base>(future), future.created_at()), function_(std::move(function)) {
        if constexpr (Call::stoppable) stop_ = std::stop_source();
    }

    void call() noexcept override {
        auto const stop = stop_.get_token();
        try {
            if constexpr (std::is_void_v<T>) {
                function_(stop);
                result_.emplace();
            } else if constexpr (std::is_reference_v<T>) {
                result_.emplace(std::addressof(function_(stop)));
            } else {
                result_.emplace(function_(stop));
            }
        } catch (...) {
            result_.set_exception(std::current_exception());
        }
    }

    void deliver(future_base& future) override {
        auto& known = static_cast<job_future<T>&>(future);
        if (result_.has_exception()) known.set_exception(std::move(result_.exception()), "run_in_executor");
        else known.set_result("run_in_executor", std::move(result_.value()));
    }

    void destroy() noexcept override {
        this->~typed_job();
        deallocate(this, sizeof(typed_job));
    }

    Call function_;
    result<T> result_;
};

} // namespace ordo::detail
