// ordo: a function on its way to another thread and back.
//
// One block of memory holds the function, its result and the node that brings the result home through the loop's inbox.
// Which thread may touch it goes with it: the loop's until submit(), the executor's while it is a job_share, the loop's
// again once the node has arrived. Only `phase` is for both: the loop cancels a job that has not begun with it. The
// future, and the list of jobs under way, belong to the loop's thread throughout.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/task_base.hpp>

#include <atomic>
#include <exception>
#include <utility>

namespace ordo::detail {

class ORDO_DECL executor_job : public ready_node {
public:
    executor_job(executor_job const&) = delete;
    executor_job& operator=(executor_job const&) = delete;

    /// Executor's thread: call the function unless the job was cancelled, and send the outcome home.
    void run() noexcept;
    /// Executor's thread: it will never be run; its future is cancelled.
    void drop() noexcept { go_home(); }
    /// Loop's thread: cancel it if it has not begun.
    void cancel() noexcept;
    /// Loop's thread: the loop goes away before the job is done.
    void abandon() noexcept;

protected:
    enum class phase : unsigned char { queued, running, done, cancelled };

    /// @param link   Where the future says which job is its own.
    executor_job(loop_core& core, future_pointer<> future, executor_job*& link);
    virtual ~executor_job();

    virtual void call() noexcept = 0;
    /// Give the outcome to the future, which is pending.
    virtual void deliver(future_base& future) = 0;
    virtual void destroy() noexcept = 0;

    std::atomic<phase> phase_{phase::queued};

private:
    static void perform(ready_node* node, node_action action);
    void arrive();
    void go_home() noexcept;
    void unlink() noexcept;

    core_share core_;
    future_pointer<> future_; ///< null once abandoned
    executor_job** link_;
    executor_job* previous_ = nullptr;
    executor_job* next_ = nullptr;
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
    executor_job* job_;
};

/// The future of a job: cancelling it cancels the job, in the next iteration.
template <class T>
class job_future final : public future_state<T> {
    static_assert(!is_coro<T>, "ordo: an executor runs plain functions; give a coroutine to create_task()");

public:
    explicit job_future(loop_core& core) noexcept : future_state<T>(core, {}) {}
    static future_pointer<job_future> make(loop_core& core) {
        return future_pointer<job_future>(::new (allocate(sizeof(job_future))) job_future(core));
    }

    bool cancel(std::string_view message) override {
        if (!future_state<T>::cancel(message)) return false;
        if (!job) return true;
        auto cancel_job = [self = share(*this)] {
            if (self->job) self->job->cancel();
        };
        auto* node = callback<decltype(cancel_job)>::make(std::move(cancel_job));
        try {
            this->core().push(node);
        } catch (...) {
            node->release();
            throw;
        }
        return true;
    }

    executor_job* job = nullptr; ///< while it is under way

private:
    void destroy() noexcept override {
        this->~job_future();
        deallocate(this, sizeof(job_future));
    }
};

template <class Call, class T>
class typed_job final : public executor_job {
public:
    static job_share make(loop_core& core, job_future<T>& future, Call&& function) {
        void* memory = allocate(sizeof(typed_job));
        try {
            return job_share(::new (memory) typed_job(core, future, std::move(function)));
        } catch (...) {
            deallocate(memory, sizeof(typed_job));
            throw;
        }
    }

private:
    typed_job(loop_core& core, job_future<T>& future, Call&& function)
        : executor_job(core, share<future_base>(future), future.job), function_(std::move(function)) {}

    void call() noexcept override {
        try {
            if constexpr (std::is_void_v<T>) {
                function_();
                result_.emplace();
            } else if constexpr (std::is_reference_v<T>) {
                result_.emplace(std::addressof(function_()));
            } else {
                result_.emplace(function_());
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
