// ordo: the untyped half of a future: its state, who waits for it, and cancelling it.
//
// Who waits is a list of nodes that are moved to the ready queue, as they are, when the future is done: done callbacks
// and the steps of waiting tasks in one order, in constant time, without an allocation.
//
// All of it belongs to the loop's thread; the count is not atomic.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/loop_core.hpp>
#include <ordo/exceptions.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ordo::detail {

class gathering;
class task_base;

/// What a task waits for, for who debugs.
struct wait_description {
    std::string what{};                   ///< such as "sleep"
    std::optional<time_point> deadline{}; ///< on the loop's clock
    std::uint32_t holder = 0;             ///< number of the task that has what this one wants; 0 if there is none
};

/// What a task can wait for.
class awaited {
public:
    virtual void describe(wait_description& into) const = 0;

    /// The wait has ended, so the task is ready.
    virtual bool over() const noexcept = 0;

    /// The task that it is, if it is one.
    virtual task_base* as_task() noexcept { return nullptr; }

    /// The one that a cancellation is passed on by, if that is what it does.
    virtual gathering* as_gathering() noexcept { return nullptr; }

    /// @returns   True if the wait will end by it: the task is or will be queued, and must not be woken otherwise.
    virtual bool cancel(std::string_view message) = 0;

    /// The turn of a task that waits in retry() has come. @returns true if the wait goes on.
    virtual bool goes_on() { return false; }

protected:
    ~awaited() = default;
};

/// What a body ended with.
enum class ending : std::uint8_t {
    ordinary,  ///< a value, or an error
    cancelled, ///< a cancelled_error
    exit,      ///< a system_exit
};

class ORDO_DECL future_base : public awaited {
public:
    enum class state : std::uint8_t { pending, finished, cancelled };

    future_base(future_base const&) = delete;
    future_base& operator=(future_base const&) = delete;

    bool done() const noexcept { return state_ != state::pending; }
    bool cancelled() const noexcept { return state_ == state::cancelled; }
    /// Whether it finished with a value, which may have been moved out since.
    bool succeeded() const noexcept { return state_ == state::finished && !exception_; }
    /// Whether it is cancelled, or finished with a cancelled_error as a gather() does.
    bool ended_by_cancelled_error() const noexcept;
    bool is_task() const noexcept { return is_task_; }
    bool ended_by_exit() const noexcept { return ending_ == ending::exit; }
    loop_core& core() const noexcept { return *core_; }
    std::source_location const& created_at() const noexcept { return created_; }

    void describe(wait_description& into) const override;
    bool over() const noexcept override { return done(); }
    bool cancel(std::string_view message) override;
    /// Be cancelled as another future was.
    void cancel_as(future_base const& other);

    /// @throws invalid_state_error   if it is done.
    /// @throws std::invalid_argument if the pointer is null.
    void set_exception(std::exception_ptr exception, char const* where);

    /// Null if it finished with a value. Looking at it counts as retrieving it.
    /// @throws invalid_state_error   if it is pending.
    /// @throws cancelled_error       if it is cancelled.
    std::exception_ptr exception();

    /// Throws unless there is a value to be had.
    void check_result(char const* where) {
        if (succeeded() && !moved_out_) [[likely]]
            return;
        std::rethrow_exception(why_no_result(where)); // here, because each frame that is unwound costs some 200 ns
    }

    /// Throws unless it finished with a value, which may have been moved out since.
    void check_success(char const* where) {
        if (!succeeded()) std::rethrow_exception(why_no_result(where));
    }

    /// The value is about to be moved out.
    void mark_moved_out() noexcept { moved_out_ = true; }

    /// The cancelled_error of a cancelled future. The one that ended a task is handed out once, with its message; later
    /// looks get one without.
    std::exception_ptr take_cancelled_error();
    /// Given to cancel(), if it was a plain future that was cancelled.
    std::string cancel_message() const { return texts_ ? texts_->message : std::string(); }

    /// Put a node behind those that wait.
    void add_waiter(ready_node* node) noexcept { waiters_.push(node); }
    bool remove_waiter(ready_node* node) noexcept { return waiters_.remove(node); }
    /// The futures and tasks that wait for it; callbacks that it was given are none.
    std::vector<future_base*> awaiters() const;
    /// The first one that waits of which `is_it` is true, or null.
    template <class Predicate>
    ready_node* find_waiter(Predicate is_it) const {
        return waiters_.find(is_it);
    }

    void callback_added() noexcept { ++(done() ? references_ : callbacks_); }
    void callback_dropped() noexcept {
        if (done()) release();
        else --callbacks_;
    }

    void add_reference() noexcept { ++references_; }
    void release() noexcept {
        if (--references_ == 0) last_reference_is_gone();
    }

protected:
    future_base(loop_core& core, bool is_task, std::source_location where) noexcept
        : core_(&core), created_(where), is_task_(is_task) {
        core.add_object();
    }
    ~future_base() {
        if (!waiters_.empty()) [[unlikely]]
            dispose_waiters();
        core_->release_object();
    }

    /// Destroy the object and give its memory back.
    virtual void destroy() noexcept = 0;

    /// For set_result(): @throws invalid_state_error if it is done.
    void check_pending(char const* where) const {
        if (done()) [[unlikely]]
            throw_done(where);
    }
    /// It is done now: whoever waits is queued.
    void finish(state how) {
        if (!waiters_.empty()) core_->push_all(waiters_);
        state_ = how;
        references_ += std::exchange(callbacks_, 0);
    }

    void store_exception(std::exception_ptr exception) noexcept {
        exception_ = std::move(exception);
        unretrieved_ = true;
    }

    /// What few have.
    struct texts {
        std::string message;             ///< of the cancellation, done or requested
        std::optional<std::string> name; ///< of a task, unless it is "Task-" and the number
        /// Of a task, in debug mode: where its coroutines stood, the innermost first, ...
        std::vector<std::source_location> stack{};
        std::exception_ptr thrown{}; ///< ... when this was thrown, while it runs; null: when it was abandoned
    };
    struct texts_deleter {
        ORDO_DECL void operator()(texts* owned) const noexcept; // not inline, so that the destructors of futures are
    };
    texts& make_texts() {
        if (!texts_) texts_.reset(new texts);
        return *texts_;
    }
    void set_message(std::string message) {
        if (!message.empty()) make_texts().message = std::move(message);
        else if (texts_) texts_->message.clear();
    }
    cancelled_error make_cancelled_error() const {
        return texts_ ? cancelled_error(texts_->message) : cancelled_error();
    }

    std::exception_ptr why_no_result(char const* where);
    [[noreturn]] void throw_done(char const* where) const;

    loop_core* core_;
    node_ring waiters_;
    std::exception_ptr exception_;                ///< of a failure, or the cancelled_error that ended a task
    std::unique_ptr<texts, texts_deleter> texts_; ///< null: there are none
    std::source_location created_;
    std::uint32_t references_ = 1;
    std::uint32_t callbacks_ = 0; ///< done callbacks among those that wait
    state state_ = state::pending;
    bool is_task_;
    bool unretrieved_ = false; ///< nobody has looked at the exception
    bool moved_out_ = false;   ///< the value was

    // of task_base, in what would be padding here
    bool must_cancel_ = false;         ///< the next step delivers a cancellation
    bool level_ = false;               ///< cancellation is level-triggered
    bool keeps_values_ = false;        ///< a value that is there goes before a cancellation
    std::uint8_t before_step_ = 0;     ///< what is to be looked at before the next step: some of task_base's flags
    bool begun_ = false;               ///< its body has begun
    bool body_ended_ = false;          ///< nothing of its body will run any more
    ending ending_ = ending::ordinary; ///< of its body

private:
    void dispose_waiters() noexcept;
    void last_reference_is_gone() noexcept;
};

/// For the setters of a future, where it is a task.
[[noreturn]] ORDO_DECL void throw_completes_itself(char const* where);

/// An intrusive pointer to a future.
template <class Future = future_base>
class future_pointer {
public:
    future_pointer() = default;
    explicit future_pointer(Future* owned) noexcept : future_(owned) {}
    template <class Derived>
        requires std::convertible_to<Derived*, Future*>
    future_pointer(future_pointer<Derived> other) noexcept : future_(other.detach()) {}
    future_pointer(future_pointer const& other) noexcept : future_(other.future_) {
        if (future_) future_->add_reference();
    }
    future_pointer(future_pointer&& other) noexcept : future_(std::exchange(other.future_, nullptr)) {}
    future_pointer& operator=(future_pointer other) noexcept {
        std::swap(future_, other.future_);
        return *this;
    }
    ~future_pointer() {
        if (future_) future_->release();
    }

    Future* get() const noexcept { return future_; }
    Future* detach() noexcept { return std::exchange(future_, nullptr); }
    Future& operator*() const noexcept { return *future_; }
    Future* operator->() const noexcept { return future_; }
    explicit operator bool() const noexcept { return future_; }
    friend bool operator==(future_pointer const&, future_pointer const&) = default;

private:
    Future* future_ = nullptr;
};

/// What a done callback holds of its future: nothing while that is pending, which owns the callback then; a share once
/// it is done. The future counts those that it owns, to give out the shares in one go.
class ORDO_DECL done_callback_share {
public:
    explicit done_callback_share(future_base& future) noexcept : future_(&future) { future.callback_added(); }
    done_callback_share(done_callback_share&& other) noexcept : future_(std::exchange(other.future_, nullptr)) {}
    done_callback_share& operator=(done_callback_share&&) = delete;
    ~done_callback_share() {
        if (future_) future_->callback_dropped();
    }
    future_base& operator*() const noexcept { return *future_; }

private:
    future_base* future_;
};

/// A share in a future that the caller has none of yet.
template <class Future>
future_pointer<Future> share(Future& future) noexcept {
    future.add_reference();
    return future_pointer<Future>(&future);
}

} // namespace ordo::detail
