// ordo: the untyped half of a task: its steps, what it waits for, cancelling it.
//
// A task is one block of memory: this state, which is a future and a node of the ready queue, and behind it the frame
// of its coroutine. The frame is destroyed as soon as the coroutine has ended, so that what its parameters hold is
// released then; the block lives on until the last handle is gone.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/future_base.hpp>
#include <ordo/detail/result.hpp>

#include <algorithm>
#include <coroutine>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace ordo::detail {

class promise_base;

class ORDO_DECL task_base : public future_base, public ready_node {
public:
    /// Link it into the loop's tasks, and queue its first step.
    /// @param at_once   It is not queued: begin_at_once() takes the step.
    /// @throws loop_closed_error, std::bad_alloc   with nothing changed.
    void schedule(std::coroutine_handle<> root, context_pointer in, std::string_view name, bool at_once) {
        if (!name.empty()) [[unlikely]]
            set_name(name);
        auto& core = *core_;
        if (!at_once) core.push(this, "event_loop::create_task");
        number_ = static_cast<std::uint32_t>(++core.tasks_created);
        resume_ = root;
        context_.address() = in.detach();
        add_reference(); // the loop's, until it is done
        previous_task_ = core.last_task;
        (previous_task_ ? previous_task_->next_task_ : core.first_task) = this;
        core.last_task = this;
        ++core.tasks_alive;
        began_ = core.slice_began; // because a look at the clock costs 30 ns
        if (began_ == time_point() || core.observer) [[unlikely]]
            note_creation();
    }
    /// Take the first step within that of another task, or within a callback.
    /// @throws system_exit   that it ended with.
    void begin_at_once();

    void describe(wait_description& into) const override;
    task_base* as_task() noexcept override { return this; }
    bool cancel(std::string_view message) override;
    int uncancel() noexcept;

    /// In two steps, so that the gather for which it waits, or the last of those tasks that wait for each other from here
    /// on, can be cancelled between them. Null: there is none, cancel() does it all.
    gathering* awaited_gathering(task_base*& last) noexcept;
    /// @param passed_on   Whether the wait for the gather will end by it.
    void cancel_after_gathering(task_base* last, bool passed_on, std::string_view message);

    int cancelling() const noexcept { return static_cast<int>(cancel_requests_); }

    std::string name() const;
    void set_name(std::string_view name);
    /// Of the tasks of its loop, from 1 on, in the order of their creation.
    std::uint32_t number() const noexcept { return number_; }
    /// When it was created, on the loop's clock, to within a slice of the pump.
    time_point began() const noexcept { return began_; }
    /// What it waits for, or did until it became ready; null if it runs or only yielded.
    awaited const* waits_for() const noexcept { return awaited_; }
    /// In which it is suspended; null if it runs.
    std::coroutine_handle<> innermost_frame() const noexcept { return resume_; }
    /// An exception leaves a coroutine of the task: remember where they all stand, for the report of an error that nobody
    /// retrieves.
    void note_failure(promise_base const& innermost) noexcept;
    /// What was remembered so, or when the task was abandoned; empty outside of debug mode.
    std::vector<std::source_location> const* last_stack() const noexcept { return texts_ ? &texts_->stack : nullptr; }

    /// Say who it is in this_thread.introduction.
    void introduce(callback_kind kind) const;
    context_data*& context() noexcept { return context_.address(); }

    // -- for awaiters, in their await_suspend(): who they are is this_thread.task

    /// The frame waits; it goes on with the next step, which `what` queues. A cancellation that is due reaches it now.
    void wait(std::coroutine_handle<> frame, awaited& what) {
        resume_ = frame;
        awaited_ = &what;
        if (must_cancel_ | level_) [[unlikely]]
            cancel_wait();
    }
    /// The same, but once it is the task's turn `what` is asked whether the wait goes on instead.
    void retry(std::coroutine_handle<> frame, awaited& what) {
        wait(frame, what);
        before_step_ |= asks;
    }
    /// The frame goes on in the next iteration.
    void yield(std::coroutine_handle<> frame) {
        resume_ = frame;
        if (level_due()) must_cancel_ = true;
        core_->push(this);
    }
    /// Queue the next step.
    void wake() { core_->push(this); }
    /// What the task waits for failed to begin.
    void forget_wait() noexcept { awaited_ = nullptr; }

    // -- and in their await_resume()

    bool must_cancel() const noexcept { return must_cancel_; }
    /// Whether a value that is there is to be given first.
    bool keeps_values() const noexcept { return keeps_values_; }
    /// Throw the cancellation that is due, if one is.
    void deliver_cancellation() {
        if (must_cancel_) [[unlikely]]
            throw_cancellation();
    }
    /// Deliver one at the next suspension.
    void request_cancellation(std::string_view message) {
        set_message(std::string(message));
        must_cancel_ = true;
        if (!begun_) before_step_ |= may_not_begin;
    }
    /// A cancellation that is due was delivered by other means.
    void settle_cancellation() noexcept { must_cancel_ = false; }

    /// The loop goes away with the task pending: report it and destroy what its frame holds.
    void abandon() noexcept;

    task_base* next_task() const noexcept { return next_task_; }

    /// How it takes cancellation, for the length of a scope.
    class cancellation_scope {
    public:
        cancellation_scope(task_base& task, bool level, bool keeps_values) noexcept
            : task_(task), level_(std::exchange(task.level_, task.level_ || level)),
              keeps_values_(std::exchange(task.keeps_values_, task.keeps_values_ || keeps_values)),
              floor_(task.cancel_floor_) {
            if (level && !level_) task.cancel_floor_ = task.cancel_requests_;
        }
        cancellation_scope(cancellation_scope const&) = delete;
        cancellation_scope& operator=(cancellation_scope const&) = delete;
        ~cancellation_scope() {
            task_.level_ = level_;
            task_.keeps_values_ = keeps_values_;
            task_.cancel_floor_ = std::min(floor_, task_.cancel_requests_);
        }

    private:
        task_base& task_;
        bool level_;
        bool keeps_values_;
        std::uint32_t floor_;
    };

    /// In its lifetime no cancellation is level-triggered: the task waits for what must have ended before it goes on.
    class edge_triggered {
    public:
        explicit edge_triggered(task_base& task) noexcept : task_(task), level_(std::exchange(task.level_, false)) {}
        edge_triggered(edge_triggered const&) = delete;
        edge_triggered& operator=(edge_triggered const&) = delete;
        ~edge_triggered() { task_.level_ = level_; }

    private:
        task_base& task_;
        bool level_;
    };

protected:
    task_base(loop_core& core, std::source_location where) noexcept : future_base(core, true, where) {
        act = &task_base::perform;
    }
    ~task_base() = default;

    /// The frame that the next step resumes; null while that runs, and the root once its body has ended.
    std::coroutine_handle<> resume_;

private:
    enum before_step : std::uint8_t {
        may_not_begin = 1, ///< it is the first one, and the task was cancelled before
        asks = 2,          ///< what it waits for is asked whether the wait goes on
    };

    static void perform(ready_node* node, node_action action);
    void perform_seldom(node_action action);
    bool takes_step();
    [[gnu::always_inline]] void step();
    void complete();
    state settle_failure() noexcept;
    void destroy_frames() noexcept;
    void remember_stack(promise_base const& innermost, std::exception_ptr thrown) noexcept;
    void note_creation() noexcept;
    void unlink() noexcept;
    task_base* awaited_task() const noexcept;
    /// The last of the tasks that wait for each other, and whether they wait in a circle; it is any of that then.
    std::pair<task_base*, bool> end_of_line() noexcept;
    void count_request(task_base* last) noexcept;
    task_base* end_of_circle(task_base* inside) noexcept;
    bool level_due() const noexcept { return level_ && cancel_requests_ > cancel_floor_; }
    void cancel_wait();
    [[noreturn]] void throw_cancellation();

    awaited* awaited_ = nullptr; ///< what it waits for; null while it runs, and where it only yielded
    context_pointer context_;
    task_base* previous_task_ = nullptr;
    task_base* next_task_ = nullptr;
    time_point began_{};
    std::uint32_t number_ = 0;
    std::uint32_t cancel_requests_ = 0;
    std::uint32_t cancel_floor_ = 0; ///< requests that were there when level_ was set
};

/// Is told of every task of a loop. It must not throw.
class task_observer {
public:
    virtual void created(task_base& task) noexcept = 0;
    virtual void steps(task_base& task) noexcept = 0;
    virtual void done(task_base& task) noexcept = 0;

protected:
    ~task_observer() = default;
};

[[noreturn]] ORDO_DECL void throw_outside_of_task();

/// The task whose coroutine awaits something.
/// @throws usage_error   if there is none: the frame was resumed by something that is not ordo.
inline task_base& awaiting_task() {
    if (auto* task = this_thread.task) [[likely]]
        return *task;
    throw_outside_of_task();
}

/// What the exception that is being handled, in a catch block, makes of the body that it leaves.
ORDO_DECL ending ending_by_exception() noexcept;

/// The future or task in a form that knows its result type.
template <class T, class Base>
class typed : public Base {
public:
    storage_t<T>& value() noexcept { return *value_; }

protected:
    using Base::Base;
    ~typed() = default;

    std::optional<storage_t<T>> value_; ///< there is one if it finished without an exception
};

/// The state of a future<T> that is not a task.
template <class T>
class future_state : public typed<T, future_base> {
public:
    future_state(loop_core& core, std::source_location where) noexcept : typed<T, future_base>(core, false, where) {}

    static future_pointer<future_state> make(loop_core& core, std::source_location where) {
        return future_pointer<future_state>(::new (allocate(sizeof(future_state))) future_state(core, where));
    }

    template <class... Args>
    void set_result(char const* where, Args&&... args) {
        this->check_pending(where);
        this->value_.emplace(std::forward<Args>(args)...);
        try {
            this->finish(future_base::state::finished);
        } catch (...) {
            this->value_.reset();
            throw;
        }
    }

protected:
    ~future_state() = default;

private:
    void destroy() noexcept override {
        this->future_state::~future_state();
        deallocate(this, sizeof(future_state));
    }
};

template <class T>
class frame_prefix;

/// The state of a task<T>, in front of the frame of its coroutine.
template <class T>
class task_state final : public typed<T, task_base> {
public:
    task_state(loop_core& core, std::source_location where) noexcept : typed<T, task_base>(core, where) {}

    /// The coroutine has ended with this.
    void take(std::coroutine_handle<> root, result<T>& from, ending how) noexcept {
        this->resume_ = root;
        this->body_ended_ = true;
        if (from.has_exception()) {
            set_outcome(std::move(from.exception()), how);
            return;
        }
        try {
            this->value_.emplace(std::move(from.value()));
        } catch (...) {
            set_outcome(std::current_exception(), ending::ordinary);
        }
    }

private:
    void set_outcome(std::exception_ptr exception, ending how) noexcept {
        this->exception_ = std::move(exception);
        this->ending_ = how;
    }

    void destroy() noexcept override {
        void* const block = this;
        this->~task_state();
        deallocate(block, frame_prefix<T>::block_size(block));
    }
};

// What a task has beside its frame. Bytes 0 to 7 point to the virtual functions, 8 are the loop, 16 who waits, 24 the
// exception, 32 message and name, 40 the place of creation, 48 references, 52 done callbacks, 56 to 66 its state, flags and
// what its body ended with, 72 the link in the ready queue, 80 act, 88 the frame to resume, 96 what it waits for, 104 the
// context, 112 and 120 its neighbours among the tasks of the loop, 128 when it began, 136 number, 140 and 144 requests to
// cancel, 148 the value and whether there is one. A future has those up to 66, and its value behind them.
static_assert(sizeof(void*) != 8 || (sizeof(task_state<void>) == 152 && sizeof(future_state<void>) == 72));

} // namespace ordo::detail
