// ordo: the pump, which runs the iterations of a loop on an Asio executor.
//
// Asio handlers never run user code: they append to the ready queue. While there is anything to do, one pump handler is
// posted to the executor. It runs iterations up to a bound, then lets Asio poll the reactor and run the host's handlers,
// by posting itself again. When nothing is ready it arms one steady_timer for the first deadline and falls asleep; the
// next push() posts it again. States, and who leaves them:
//
//   asleep    the inbox says so           push() or the steady_timer → posted
//   posted    one handler is in Asio      the executor → running
//   running   in slice()                  → posted, asleep or parked
//   parked    an owned loop between runs  run() → posted
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "idle_watch.hpp"
#include "scheduled_queue.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/metrics.hpp>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace ordo::detail {

class pump;

/// All loops of the process, the newest first, for debuggers; src/gdb/ordo.py reads it.
extern constinit pump* all_pumps;

class pump final : public loop_core {
public:
    /// With an io_context of its own.
    pump(event_loop& owner, loop_options options);
    /// On the host's executor.
    pump(event_loop& owner, boost::asio::any_io_executor host, loop_options options);

    void schedule(schedulable_node* timer, time_point deadline, std::optional<bool> is_due) override;
    void unschedule(schedulable_node* timer) noexcept override;
    time_point deadline_of(schedulable_node const& timer) const noexcept override {
        return scheduled_.deadline_of(timer);
    }
    void work_started() override;
    void work_finished() noexcept override;
    void hold_work() noexcept override;
    void release_work() noexcept override;

    boost::asio::execution_context& host() const noexcept override { return *host_; }

    bool owns_context() const noexcept { return owns_context_; }
    bool running() const noexcept { return running_; }
    /// Without a clock that was given to it.
    bool on_real_time() const noexcept { return !clock_; }
    std::uint64_t iterations() const noexcept { return iterations_; }
    void set_debug(bool on) noexcept {
        debug_ = on;
        update_watched();
    }
    /// All but what only executors know.
    loop_metrics metrics() const;
    queued_callbacks queued() const;
    boost::asio::any_io_executor executor() const;

    /// Run the own context until stop().
    void run();
    void stop();

    /// Between runs: let Asio run the handlers that are ready on the own context.
    void poll();

    /// Closing, in two steps. Drop all callbacks and timers; what is pushed meanwhile is accepted, and dropped by the
    /// next call.
    void drop_callbacks() noexcept;
    /// Refuse everything from now on.
    void refuse() noexcept;
    /// After that: the event_loop goes away, and with it the own context and the handlers that are left in it.
    void disown() noexcept;

    /// The host's context is going away: close the loop while it still can be.
    void host_is_gone() noexcept;

private:
    friend class idle_watch;
    friend struct loop_probe;
    struct pump_handler;
    class timer_handler;
    class progress;
    template <class T>
    struct slot_allocator;

    ~pump() override;

    void set_up();
    bool host_says_at_home() const noexcept override;
    void wake() override;
    void post(bool by_a_detour);
    bool try_post(bool by_a_detour) noexcept;

    void slice() noexcept;
    std::uint64_t run_iterations(progress& so_far) noexcept;
    bool anything_left() const noexcept;
    std::size_t run_batch(progress& so_far) noexcept;
    std::size_t run_watched_batch(progress& so_far) noexcept;
    static bool introduce(ready_node* node, callback_info& who) noexcept;
    ready_node* run_watched(ready_node* node, ready_node* rest, callback_info& who, progress& so_far) noexcept;
    ready_node* after_exception(ready_node* node, ready_node* rest) noexcept;
    void collect_due_timers();
    void note_deadline(ready_node* timer, time_point deadline) noexcept;
    bool something_may_come() noexcept;
    std::optional<duration> time_to_wait(std::optional<time_point> deadline) noexcept;
    bool arm(time_point deadline) noexcept;
    void disarm_if_idle() noexcept;
    void on_timer();
    void timer_was_dropped() noexcept;
    void park() noexcept;
    void forget_host() noexcept;
    void look_after_held_work() noexcept;
    static void dispose_of(node_list& nodes) noexcept;

    pump* previous_pump_ = nullptr;
    pump* next_pump_ = nullptr; ///< in all_pumps
    loop_options const options_;
    bool const owns_context_;
    std::optional<boost::asio::io_context> own_;
    boost::asio::execution_context* host_;
    std::function<bool()> at_home_; ///< of a borrowed executor that can tell; guarded by waking_
    std::variant<boost::asio::io_context::executor_type, boost::asio::any_io_executor> executor_;
    /// Empty once closed, and until something is scheduled: a context without timers, sockets and signals has no
    /// reactor, and waking it from another thread costs half of what it does in epoll.
    std::optional<boost::asio::steady_timer> timer_;
    std::optional<boost::asio::any_io_executor> work_; ///< tracked, while outstanding_ > 0

    scheduled_queue scheduled_;
    std::optional<time_point> armed_; ///< what timer_ waits for, unless its handler was dropped
    std::atomic<bool> timer_dropped_{false};
    bool due_ = false;         ///< a timer was due when it was scheduled, whatever the coarse clock says of it
    std::uint64_t arming_ = 0; ///< tells the handler of the present wait from earlier ones
    std::size_t outstanding_ = 0;
    std::uint64_t iterations_ = 0;
    std::uint64_t callbacks_ = 0; ///< that have run in the slices that are over
    duration busy_{};             ///< in these
    duration longest_callback_{};
    latency_histogram timer_lag_;
    latency_histogram ready_lag_;
    std::optional<time_point> posted_; ///< since when the next slice is on its way; in real time
    /// Of the timers that are due in this iteration, if it is watched.
    std::vector<std::pair<ready_node*, time_point>> due_deadlines_;
    bool running_ = false;
    bool stopping_ = false;
    std::exception_ptr exit_; ///< the system_exit that ended the run
    bool parked_ = true;      ///< of an owned loop: no handler is posted, and nobody is asked to post one
    bool deadlocked_ = false;
    idle_watch* first_idle_watch_ = nullptr; ///< the newest
    std::optional<std::uint64_t>
        delivered_at_; ///< the iteration after which Asio has delivered for idle_watch, and nothing came
    bool host_gone_ = false;
    std::atomic<std::size_t> held_{0};                      ///< calls of hold_work() less those of release_work()
    std::optional<boost::asio::any_io_executor> held_work_; ///< tracked, while held_ > 0; guarded by waking_

    mutable std::mutex waking_; ///< held while any thread uses the executor, which must not go away meanwhile
    bool refused_ = false;      ///< nobody is to be woken any more; guarded by waking_

    alignas(std::max_align_t) std::byte handler_memory_[128]; ///< for the one posted handler
    bool handler_memory_taken_ = false;
};

} // namespace ordo::detail
