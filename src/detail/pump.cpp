// ordo: the pump: how it is posted, waits, is run and closed; its slices are in pump_slice.cpp.
// SPDX-License-Identifier: BSL-1.0
#include "pump.hpp"

#include "coarse_clock.hpp"
#include "host_watch.hpp"
#include "pump_handlers.hpp"
#include "reports.hpp"

#include <ordo/detail/scope_exit.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <string>

namespace ordo::detail {
namespace asio = boost::asio;

namespace {

/// A question whether the caller runs on the executor, if it is one that answers. (One that is not known here is never
/// at home, so handlers take the way through the inbox.)
template <class... Known>
std::function<bool()> ask_whether_at_home(asio::any_io_executor const& executor) {
    std::function<bool()> question;
    auto const try_one = [&]<class Executor>(std::type_identity<Executor>) {
        if (auto const* known = executor.target<Executor>())
            question = [known = *known] { return known.running_in_this_thread(); };
    };
    (try_one(std::type_identity<Known>()), ...);
    return question;
}

constinit std::mutex pumps_mutex; ///< guards the list of all

} // namespace

constinit pump* all_pumps = nullptr;

pump::pump(event_loop& owner, loop_options options)
    : loop_core(owner), options_(std::move(options)), owns_context_(true),
      own_(std::in_place, BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), host_(&*own_), executor_(own_->get_executor()) {
    can_exit = true;
    set_up();
}

pump::pump(event_loop& owner, asio::any_io_executor host, loop_options options)
    : loop_core(owner), options_(std::move(options)), owns_context_(false),
      host_(&asio::query(host, asio::execution::context)),
      at_home_(ask_whether_at_home<asio::io_context::executor_type, asio::strand<asio::io_context::executor_type>,
                                   asio::strand<asio::thread_pool::executor_type>, asio::strand<asio::any_io_executor>>(
          host)),
      executor_(host) {
    if (auto* plain = host.target<asio::io_context::executor_type>()) executor_ = *plain;
    host_watch::of(*host_).add(*this);
    inbox_.fall_asleep();
    set_up();
}

/// The last step of making it: from now on others see it.
void pump::set_up() {
    clock_ = options_.clock;
    eager_start = options_.eager_start;
    std::lock_guard lock(pumps_mutex);
    next_pump_ = std::exchange(all_pumps, this);
    if (next_pump_) next_pump_->previous_pump_ = this;
}

/// Of a context of its own run() and poll() say it.
bool pump::host_says_at_home() const noexcept {
    if (owns_context_) return false;
    std::lock_guard lock(waking_);
    return !refused_ && at_home_ && at_home_();
}

pump::~pump() {
    std::lock_guard lock(pumps_mutex);
    (previous_pump_ ? previous_pump_->next_pump_ : all_pumps) = next_pump_;
    if (next_pump_) next_pump_->previous_pump_ = previous_pump_;
}

asio::any_io_executor pump::executor() const {
    return std::visit([](auto const& executor) { return asio::any_io_executor(executor); }, executor_);
}

// -- posting

void pump::wake() {
    post(false);
}

/// @param by_a_detour   Let the reactor be polled first.
void pump::post(bool by_a_detour) {
    std::lock_guard lock(waking_);
    if (refused_) return;                                     // the executor may be gone
    if (!posted_) posted_ = std::chrono::steady_clock::now(); // else it has made its detour
    std::visit([&](auto const& executor) { asio::post(executor, pump_handler{core_share(*this), this, by_a_detour}); },
               executor_);
}

/// For the pump's own handlers. @returns false if there is no memory for it: then the slice begins, or goes on.
bool pump::try_post(bool by_a_detour) noexcept {
    try {
        post(by_a_detour);
        return true;
    } catch (...) {
        return false;
    }
}

// -- time

void pump::schedule(schedulable_node* timer, time_point deadline, std::optional<bool> is_due) {
    if (!inbox_.quiet()) {
        check_open("event_loop::call_at");
        wake_if_asleep();
    }
    if (!timer_ && !closing) [[unlikely]]
        timer_.emplace(executor());
    scheduled_.push(timer, deadline);
    if (!is_due && !clock_) is_due = deadline < coarse_clock::now() + coarse_clock::longest_lag && deadline <= now();
    due_ |= is_due.value_or(false);
}

void pump::unschedule(schedulable_node* timer) noexcept {
    scheduled_.remove(timer);
    if (!running_) disarm_if_idle();
}

// -- waiting

/// Nothing is ready. Ask the clock, and fall asleep if it says so.
/// @returns   True if there may be something to do at once.
bool pump::something_may_come() noexcept {
    if (first_idle_watch_ && delivered_at_ != iterations_) [[unlikely]] {
        delivered_at_ = iterations_;
        if (try_post(true)) return false; // Asio delivers first
    }
    auto deadline = scheduled_.empty() ? std::nullopt : std::optional(scheduled_.first_deadline());
    if (clock_ || first_idle_watch_) {
        auto const wait = time_to_wait(deadline);
        if (!wait) {
            if (owns_context_ && inbox_.quiet()) deadlocked_ = stopping_ = true;
            else if (inbox_.fall_asleep()) return false;
            return true;
        }
        if (*wait <= duration::zero()) return true;
        deadline = deadline_after(std::chrono::steady_clock::now(), *wait);
    }
    if (!inbox_.fall_asleep()) return true;
    if (!deadline || *deadline == time_point::max()) disarm_if_idle();
    else if (!arm(*deadline)) return inbox_.wake_up(); // try again, unless somebody has woken the loop meanwhile
    return false;
}

/// As clock::time_to_wait(), of those who watch for idleness and the clock.
std::optional<duration> pump::time_to_wait(std::optional<time_point> deadline) noexcept {
    auto const by_watches = idle_watch::ask(first_idle_watch_);
    if (!clock_) {
        auto const by_timers = deadline ? *deadline - std::chrono::steady_clock::now() : duration::max();
        return std::min(by_timers, by_watches.value_or(duration::max()));
    }
    if (by_watches) return by_watches;
    return clock_->time_to_wait(deadline, outstanding_ + held_.load(std::memory_order_acquire));
}

/// @returns   False if there is no memory for it.
bool pump::arm(time_point deadline) noexcept {
    if (timer_dropped_.exchange(false, std::memory_order_acquire)) armed_.reset();
    if (armed_ && *armed_ <= deadline) return true; // it wakes too early, once, which is cheaper than setting it again
    armed_.reset();
    ++arming_;
    try {
        if (!timer_) timer_.emplace(executor()); // a clock may want to wait where nothing is scheduled
        timer_->expires_at(deadline);
        timer_->async_wait(timer_handler(*this));
    } catch (...) {
        return false;
    }
    armed_ = deadline;
    return true;
}

/// A wait for nothing must not keep the host's run() alive.
void pump::disarm_if_idle() noexcept {
    if (!armed_ || owns_context_ || outstanding_ > 0 || !scheduled_.empty()) return;
    armed_.reset();
    ++arming_;
    timer_->cancel();
}

void pump::on_timer() {
    armed_.reset();
    if (inbox_.wake_up() && !try_post(false)) slice();
}

/// Any thread. A slice arms it anew.
void pump::timer_was_dropped() noexcept {
    timer_dropped_.store(true, std::memory_order_release);
    if (inbox_.wake_up()) wake_surely();
}

// -- work

void pump::work_started() {
    if (outstanding_ == 0 && !owns_context_)
        work_ = asio::prefer(executor(), asio::execution::outstanding_work.tracked);
    ++outstanding_;
}

void pump::work_finished() noexcept {
    if (--outstanding_ > 0) return;
    work_.reset();
    if (clock_ && inbox_.wake_up()) wake_surely(); // its answer depends on what is outstanding
    if (!running_) disarm_if_idle();
}

void pump::hold_work() noexcept {
    if (held_.fetch_add(1, std::memory_order_acq_rel) == 0) look_after_held_work();
}

void pump::release_work() noexcept {
    if (held_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    look_after_held_work();
    if (clock_ && inbox_.wake_up()) wake_surely(); // its answer depends on what is outstanding
}

void pump::look_after_held_work() noexcept {
    if (owns_context_) return; // run() returns when it is told to
    std::lock_guard lock(waking_);
    if (held_.load(std::memory_order_acquire) == 0 || refused_) held_work_.reset();
    else if (!held_work_) held_work_ = asio::prefer(executor(), asio::execution::outstanding_work.tracked);
}

// -- running and closing

void pump::run() {
    auto const* const outer = std::exchange(this_thread.home, this);
    scope_exit const unmark([&] {
        running_ = false;
        this_thread.home = outer;
        thread_.store({}, std::memory_order_relaxed);
    });
    running_ = true;
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    auto const work = asio::make_work_guard(*own_);
    own_->restart();
    if (std::exchange(parked_, false) || inbox_.wake_up()) post(false);
    own_->run();
    if (exit_) std::rethrow_exception(std::exchange(exit_, nullptr));
    if (std::exchange(deadlocked_, false))
        throw usage_error(std::string("event_loop::run_forever: deadlock: nothing is ready, ") +
                          (scheduled_.empty() ? "no timer is scheduled" : "the clock stands still") +
                          " and nothing is outstanding, so nothing can ever happen" + describe_tasks(*this));
}

void pump::poll() {
    auto const* const outer = std::exchange(this_thread.home, this); // so that handlers are called here, and not queued
    scope_exit const unmark([&] { this_thread.home = outer; });
    own_->restart();
    own_->poll();
}

void pump::stop() {
    stopping_ = true;
    if (running_) wake_if_asleep(); // a foreign handler stops a loop that sleeps
}

void pump::park() noexcept {
    stopping_ = false;
    parked_ = true;
    own_->stop();
}

void pump::dispose_of(node_list& nodes) noexcept {
    while (auto* node = nodes.pop()) node->act(node, node_action::dispose);
}

void pump::drop_callbacks() noexcept {
    inbox_.wake_up(); // nobody needs to post the pump any more
    do {
        inbox_.drain(ready_);
        auto left = std::move(ready_);
        dispose_of(left);
        while (!scheduled_.empty()) {
            auto* node = scheduled_.pop();
            node->act(node, node_action::dispose);
        }
    } while (!ready_.empty());
}

void pump::refuse() noexcept {
    inbox_.close(ready_);
    dispose_of(ready_);
    {
        std::lock_guard lock(waking_);
        refused_ = true;
        held_work_.reset();
    }
    timer_.reset();
    work_.reset();
}

void pump::disown() noexcept {
    owner_ = nullptr;
    if (!owns_context_ && !host_gone_) host_watch::of(*host_).remove(*this);
    forget_host();
    own_.reset();
}

/// A strand must not outlive the service that it belongs to.
void pump::forget_host() noexcept {
    std::lock_guard lock(waking_);
    executor_ = asio::any_io_executor();
    at_home_ = nullptr;
}

void pump::host_is_gone() noexcept {
    host_gone_ = true;
    owner_->close();
    forget_host();
}

} // namespace ordo::detail
