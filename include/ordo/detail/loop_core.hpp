// ordo: the part of a loop that callbacks, futures and tasks touch: the queues, the clock and the life of it all.
//
// It outlives the event_loop as long as something refers to it: futures and tasks, which belong to the loop's thread
// and are counted without atomics (`objects`), and handlers inside Asio or jobs on other threads (`shares`).
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/detail/callback.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <thread>
#include <vector>

namespace ordo::detail {

class arrival_watch;
class callback_observer;
class generator_base;
class loop_core;
class task_base;
class task_observer;

/// Something that comes home later, from another thread or from Asio. A loop that is closed before abandons it.
///
/// It belongs to the loop's thread.
class outstanding {
public:
    /// The loop goes away: unlink, and use nothing of it any more.
    virtual void abandon() noexcept = 0;

    outstanding* next_outstanding() const noexcept { return next_; }

protected:
    ~outstanding() = default;
    void link(loop_core& core) noexcept;
    void unlink(loop_core& core) noexcept;

private:
    outstanding* previous_ = nullptr;
    outstanding* next_ = nullptr;
};

/// Is told of every callback of a loop that runs. It must not throw.
class callback_observer {
public:
    virtual void begins(callback_info const& who) noexcept = 0;
    virtual void ended(callback_info const& who, duration took) noexcept = 0;

protected:
    ~callback_observer() = default;
};

class ORDO_DECL loop_core {
public:
    loop_core(loop_core const&) = delete;
    loop_core& operator=(loop_core const&) = delete;

    /// Queue a node for the next iteration.
    /// @param where   The call that is made, for the text of the error.
    /// @throws loop_closed_error
    void push(ready_node* node, char const* where = "event_loop") {
        if (!inbox_.quiet()) [[unlikely]]
            attend(where);
        ready_.push(node);
    }
    /// The same for a new callback, which is released if that fails.
    /// @throws wrong_thread_error   too, in debug mode.
    void push_new(callback_node* node) {
        if (debug_ || !inbox_.quiet()) [[unlikely]]
            attend_new(node);
        ready_.push(node);
    }

    /// Queue several, in order.
    /// @throws loop_closed_error   with the list unchanged.
    void push_all(node_ring& nodes) {
        if (!inbox_.quiet()) [[unlikely]]
            attend("event_loop");
        ready_.splice(nodes);
    }

    /// Any thread. @returns false, and leaves the node to the caller, if the loop is closed.
    bool push_threadsafe(ready_node* node) noexcept;

    /// Put a timer into the scheduled queue.
    /// @param is_due   Whether the deadline has come already, if that is known; it saves a look at the clock.
    /// @throws loop_closed_error, std::bad_alloc, boost::system::system_error   with nothing changed.
    virtual void schedule(schedulable_node* timer, time_point deadline, std::optional<bool> is_due = {}) = 0;

    /// Take a timer out again.
    virtual void unschedule(schedulable_node* timer) noexcept = 0;

    /// Of a timer that is scheduled.
    virtual time_point deadline_of(schedulable_node const& timer) const noexcept = 0;

    time_point now() const noexcept { return clock_ ? clock_->now() : std::chrono::steady_clock::now(); }

    bool closed() const noexcept { return inbox_.closed(); }
    /// @throws loop_closed_error
    void check_open(char const* where) const {
        if (!inbox_.quiet() && closed()) [[unlikely]]
            throw_closed(where);
    }

    bool debug() const noexcept { return debug_; }
    /// @param place   Of the call, or of the making of the object that is used, if that is known.
    /// @throws wrong_thread_error   in debug mode, if the loop runs on another thread.
    void check_thread(char const* where, std::source_location const& place = {}) const {
        if (debug_) [[unlikely]]
            check_thread_slowly(where, place);
    }

    /// An Asio operation or a job was started that may still produce work; it keeps the host's run() alive.
    virtual void work_started() = 0;
    virtual void work_finished() noexcept = 0;

    /// Any thread: as long as it is held, the host's run() is kept alive.
    virtual void hold_work() noexcept = 0;
    virtual void release_work() noexcept = 0;

    /// Any thread: whether the caller is a handler on the loop's executor, so that it may use what belongs to the loop.
    bool at_home() const noexcept {
        return this_thread.home == this || this_thread.loop == this || host_says_at_home();
    }
    /// The context that the loop runs on.
    virtual boost::asio::execution_context& host() const noexcept = 0;

    /// The loop this is the core of; null once that is destroyed.
    event_loop* owner() const noexcept { return owner_; }

    void add_object() noexcept { ++objects_; }
    void release_object() noexcept {
        if (--objects_ == 0) release_share();
    }
    void add_share() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
    void release_share() noexcept {
        if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    /// All executors that Asio's objects and the users' hold together have one share.
    void add_executor() noexcept {
        if (executors_.fetch_add(1, std::memory_order_relaxed) == 0) add_share();
    }
    void release_executor() noexcept {
        if (executors_.fetch_sub(1, std::memory_order_acq_rel) == 1) release_share();
    }
    /// Handlers inside Asio, and what else may come home from other threads.
    std::size_t shares_elsewhere() const noexcept {
        return shares_.load(std::memory_order_acquire) - 1 - (executors_.load(std::memory_order_acquire) > 0);
    }

    /// Tasks that are not done, in order of creation; linked by task_base.
    task_base* first_task = nullptr;
    task_base* last_task = nullptr;
    std::uint64_t tasks_created = 0;
    std::size_t tasks_alive = 0; ///< how many these are

    /// When the present slice of the pump began; zero between slices, and on a clock that is not the steady one.
    time_point slice_began{};

    /// What has not come home yet; linked by itself, the newest first.
    outstanding* first_outstanding = nullptr;

    /// Results that came home when the loop was closed. Any thread.
    std::atomic<std::uint64_t> dropped_results{0};

    /// Generators that are still there, in the order in which they were first asked; linked by generator_base.
    generator_base* first_generator = nullptr;
    generator_base* last_generator = nullptr;
    bool generators_are_shut_down = false;

    task_observer* observer = nullptr; ///< told of every task, if it is not null

    /// Told of what comes from outside, if there is one. It is fixed while other threads use the loop, and kept for jobs
    /// that come home when that is closed.
    arrival_watch* arrivals() const noexcept { return arrivals_.get(); }
    void set_arrivals(std::shared_ptr<arrival_watch> watch) noexcept {
        arrivals_ = std::move(watch);
        update_watched();
    }

    /// From now on it is told of every callback.
    void add_callback_observer(callback_observer& added) {
        callback_observers_.push_back(&added);
        update_watched();
    }
    void remove_callback_observer(callback_observer& removed) noexcept {
        std::erase(callback_observers_, &removed);
        update_watched();
    }

    bool can_exit = false; ///< a system_exit ends the run of the loop

    bool eager_start = false; ///< of tasks whose options do not say it
    bool closing = false;     ///< nothing that is begun now will be finished

protected:
    explicit loop_core(event_loop& owner) : owner_(&owner) {}
    virtual ~loop_core() = default;

    /// Post the pump; called once for each time that the loop had fallen asleep. Any thread.
    /// @throws std::bad_alloc   on some executors that are not ours.
    virtual void wake() = 0;

    /// Loop's thread: wake the loop if it sleeps.
    /// @returns   False if it was awake.
    /// @throws std::bad_alloc   and it sleeps on.
    bool wake_if_asleep();
    void wake_surely() noexcept;

    virtual bool host_says_at_home() const noexcept = 0;
    [[noreturn]] static void throw_closed(char const* where);
    void check_thread_slowly(char const* where, std::source_location const& place) const;

    inbox inbox_;
    node_list ready_;
    event_loop* owner_;
    std::shared_ptr<ordo::clock> clock_; ///< null: the steady clock
    std::atomic<std::thread::id> thread_{};
    std::size_t objects_ = 1;
    std::atomic<std::size_t> shares_{1}; ///< all objects together hold one
    std::atomic<std::size_t> executors_{0};
    void update_watched() noexcept { watched_ = debug_ || arrivals_ || !callback_observers_.empty(); }

    std::shared_ptr<arrival_watch> arrivals_;
    std::vector<callback_observer*> callback_observers_;
    bool debug_ = false;
    bool watched_ = false; ///< callbacks are introduced and timed one by one: debug_, or somebody is told of them

private:
    void attend(char const* where);
    void attend_new(callback_node* node);
};

inline void outstanding::link(loop_core& core) noexcept {
    next_ = core.first_outstanding;
    if (next_) next_->previous_ = this;
    core.first_outstanding = this;
}

inline void outstanding::unlink(loop_core& core) noexcept {
    (previous_ ? previous_->next_ : core.first_outstanding) = next_;
    if (next_) next_->previous_ = previous_;
    previous_ = next_ = nullptr;
}

/// A share of a core that any thread may hold.
class core_share {
public:
    core_share() = default;
    explicit core_share(loop_core& core) noexcept : core_(&core) { core.add_share(); }
    core_share(core_share const& other) noexcept : core_(other.core_) {
        if (core_) core_->add_share();
    }
    core_share(core_share&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    core_share& operator=(core_share other) noexcept {
        std::swap(core_, other.core_);
        return *this;
    }
    ~core_share() {
        if (core_) core_->release_share();
    }

    loop_core* operator->() const noexcept { return core_; }
    loop_core& operator*() const noexcept { return *core_; }
    explicit operator bool() const noexcept { return core_; }

private:
    loop_core* core_ = nullptr;
};

/// Whether ORDO_DEBUG is set, and not to 0.
bool debug_by_environment();

[[noreturn]] ORDO_DECL void throw_not_running(char const* where);

/// The core of the loop whose callbacks this thread runs.
/// @throws usage_error   if there is none.
inline loop_core& running_core(char const* where) {
    if (auto* core = this_thread.loop) [[likely]]
        return *core;
    throw_not_running(where);
}

} // namespace ordo::detail
