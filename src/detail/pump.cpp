// ordo: the pump's body.
// SPDX-License-Identifier: BSL-1.0
#include "pump.hpp"

#include "coarse_clock.hpp"
#include "host_watch.hpp"
#include "pump_handlers.hpp"
#include "reports.hpp"

#include <ordo/detail/scope_exit.hpp>
#include <ordo/exceptions.hpp>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <limits>

namespace ordo::detail {
namespace asio = boost::asio;

namespace {

/// The loop whose own context this thread runs.
constinit thread_local pump const* running_home = nullptr;

} // namespace

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

} // namespace

pump::pump(event_loop& owner, loop_options options)
    : loop_core(owner), options_(std::move(options)), owns_context_(true),
      own_(std::in_place, BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), host_(&*own_), executor_(own_->get_executor()),
      timer_(std::in_place, *own_) {
    can_exit = true;
    clock_ = options_.clock;
    eager_start = options_.eager_start;
}

pump::pump(event_loop& owner, asio::any_io_executor host, loop_options options)
    : loop_core(owner), options_(std::move(options)), owns_context_(false),
      host_(&asio::query(host, asio::execution::context)),
      at_home_(ask_whether_at_home<asio::io_context::executor_type, asio::strand<asio::io_context::executor_type>,
                                   asio::strand<asio::thread_pool::executor_type>, asio::strand<asio::any_io_executor>>(
          host)),
      executor_(host), timer_(std::in_place, host) {
    clock_ = options_.clock;
    eager_start = options_.eager_start;
    if (auto* plain = host.target<asio::io_context::executor_type>()) executor_ = *plain;
    host_watch::of(*host_).add(*this);
    inbox_.fall_asleep();
}

bool pump::at_home() const noexcept {
    if (owns_context_) return running_home == this;
    if (this_thread.loop == this) return true;
    std::lock_guard lock(waking_);
    return !refused_ && at_home_ && at_home_();
}

pump::~pump() = default;

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
    if (refused_) return; // the executor may be gone
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

// -- one slice

void pump::slice() noexcept {
    if (closed()) return;
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    auto const outer = std::exchange(this_thread.loop, this);
    auto const outer_context = std::exchange(this_thread.context, nullptr);
    running_ = true;
    run_iterations();
    this_thread.context = outer_context;
    this_thread.loop = outer;
    if (owns_context_) return;
    running_ = false;
    thread_.store({}, std::memory_order_relaxed);
}

/// When a slice gives way to Asio.
struct pump::slice_bounds {
    std::uint64_t last_iteration = 0;
    std::size_t callbacks = 0;           ///< that were run
    std::size_t next_look = 1;           ///< callbacks after which the bounds are looked at
    std::optional<time_point> started{}; ///< when the first iteration was over
};

void pump::run_iterations() noexcept {
    slice_bounds bounds{.last_iteration = iterations_ + (options_.strict ? 1 : options_.max_iterations)};
    if (bounds.last_iteration < iterations_) bounds.last_iteration = std::numeric_limits<std::uint64_t>::max();
    for (;;) {
        if (!inbox_.quiet()) [[unlikely]]
            inbox_.drain(ready_);
        if (!scheduled_.empty()) collect_due_timers();
        if (ready_.empty() && !stopping_) [[unlikely]] {
            if (something_may_come()) continue;
            if (!stopping_) return;
        }
        ++iterations_;
        bounds.callbacks += debug_ ? run_batch_in_debug_mode() : run_batch();
        if (stopping_) [[unlikely]]
            return park();
        if ((bounds.callbacks >= bounds.next_look || iterations_ >= bounds.last_iteration) && is_over(bounds)) return;
    }
}

/// Whether the slice has come to one of its bounds; then the pump is posted for the next one.
bool pump::is_over(slice_bounds& bounds) noexcept {
    if (!anything_left()) return false;
    bool over = iterations_ >= bounds.last_iteration || bounds.callbacks >= options_.max_callbacks;
    if (!over) {
        // Early looks find slow callbacks soon; fast ones need few.
        auto const next = bounds.callbacks + std::min(bounds.callbacks, callbacks_per_clock_look);
        bounds.next_look = std::min(next, options_.max_callbacks);
        auto const now = std::chrono::steady_clock::now();
        if (!bounds.started) bounds.started = now;
        over = now - *bounds.started >= options_.max_time;
    }
    return over && try_post(true);
}

bool pump::anything_left() const noexcept {
    return !ready_.empty() || !inbox_.quiet() || !scheduled_.empty();
}

/// @returns   How many callbacks it ran.
std::size_t pump::run_batch() noexcept {
    std::size_t count = 0;
    for (auto* next = ready_.take(); next; ++count) {
        auto* const node = std::exchange(next, next->next);
        try {
            node->act(node, node_action::run);
        } catch (...) {
            next = after_exception(node, next);
        }
    }
    return count;
}

/// An exception has left a node.
/// @returns   What is to run after it: the rest of its batch, unless it ends the run.
ready_node* pump::after_exception(ready_node* node, ready_node* rest) noexcept {
    try {
        throw;
    } catch (system_exit const&) {
        if (can_exit) {
            exit = std::current_exception();
            stopping_ = true;
            ready_.prepend(rest);
            node->act(node, node_action::dispose);
            return nullptr;
        }
        report_callback(*this, static_cast<callback_node*>(node));
    } catch (...) {
        report_callback(*this, static_cast<callback_node*>(node));
    }
    return rest;
}

std::size_t pump::run_batch_in_debug_mode() noexcept {
    std::size_t count = 0;
    for (auto* next = ready_.take(); next; ++count) {
        auto* const node = std::exchange(next, next->next);
        introduction who;
        this_thread.introduction = &who;
        node->act(node, node_action::introduce);
        this_thread.introduction = nullptr;
        auto const started = std::chrono::steady_clock::now();
        try {
            node->act(node, node_action::run);
        } catch (...) {
            next = after_exception(node, next);
        }
        auto const took = std::chrono::steady_clock::now() - started;
        if (took >= owner_->slow_callback_duration) report_slow_callback(who, took);
    }
    return count;
}

// -- time

void pump::collect_due_timers() {
    auto const first = scheduled_.first_deadline();
    // Far from the deadline the coarse clock settles it; asking the exact one in each iteration would cost 30 ns.
    if (!clock_ && !std::exchange(due_, false) && first > coarse_clock::now() + coarse_clock::lag()) return;
    auto const present = now();
    while (!scheduled_.empty() && scheduled_.first_deadline() <= present) ready_.push(scheduled_.pop()->node);
}

void pump::schedule(timer_place* timer, time_point deadline, std::optional<bool> is_due) {
    if (!inbox_.quiet()) {
        check_open("event_loop::call_at");
        wake_if_asleep();
    }
    timer->deadline = deadline;
    scheduled_.push(timer);
    if (!is_due && !clock_) is_due = deadline < coarse_clock::now() + coarse_clock::longest_lag && deadline <= now();
    due_ |= is_due.value_or(false);
}

void pump::unschedule(timer_place* timer) noexcept {
    scheduled_.remove(timer);
    if (!running_) disarm_if_idle();
}

// -- waiting

/// Nothing is ready. Ask the clock, and fall asleep if it says so.
/// @returns   True if there may be something to do at once.
bool pump::something_may_come() noexcept {
    auto deadline = scheduled_.empty() ? std::nullopt : std::optional(scheduled_.first_deadline());
    if (clock_) {
        auto const wait = clock_->time_to_wait(deadline, outstanding_);
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

/// @returns   False if there is no memory for it.
bool pump::arm(time_point deadline) noexcept {
    if (armed_ && *armed_ <= deadline) return true; // it wakes too early, once, which is cheaper than setting it again
    armed_.reset();
    ++arming_;
    try {
        timer_->expires_at(deadline);
        timer_->async_wait(timer_handler{core_share(*this), this, arming_});
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

// -- running and closing

void pump::run() {
    auto const* const outer = std::exchange(running_home, this);
    scope_exit const unmark([&] {
        running_ = false;
        running_home = outer;
        thread_.store({}, std::memory_order_relaxed);
    });
    running_ = true;
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    auto const work = asio::make_work_guard(*own_);
    own_->restart();
    if (std::exchange(parked_, false) || inbox_.wake_up()) post(false);
    own_->run();
    if (exit) std::rethrow_exception(std::exchange(exit, nullptr));
    if (std::exchange(deadlocked_, false))
        throw usage_error("event_loop::run_forever: deadlock: nothing is ready, no timer is scheduled and nothing is "
                          "outstanding, so nothing can ever happen");
}

void pump::poll() {
    auto const* const outer = std::exchange(running_home, this); // so that handlers are called here, and not queued
    scope_exit const unmark([&] { running_home = outer; });
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
            auto* node = scheduled_.pop()->node;
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
