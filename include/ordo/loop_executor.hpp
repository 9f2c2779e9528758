// ordo: loop_executor, on which ordinary Asio handlers run in the ready queue of a loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/callback.hpp>
#include <ordo/detail/loop_core.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <type_traits>
#include <utility>

namespace ordo {

/// An Asio executor of a loop: what is submitted to it runs in the ready queue, as by call_soon(), one at a time and in the
/// order of submission, whether by post, dispatch or defer.
///
/// Handlers of sockets and timers that are made with it run there, too, between the callbacks and the steps of tasks.
/// What they throw goes to the loop's exception handler. Once the loop is closed, what is submitted is dropped.
///
/// @code
/// boost::asio::steady_timer timer(loop.get_executor(), 1s);
/// timer.async_wait([](boost::system::error_code) { std::cout << "in the ready queue\n"; });
/// @endcode
///
/// @par Work            Outstanding work of it keeps the run() of a host alive.
/// @par Lifetime        A copy may outlive the loop, but not the context that the loop ran on.
/// @par Thread safety   Any thread.
class loop_executor {
    using blocking = boost::asio::execution::blocking_t;
    using work = boost::asio::execution::outstanding_work_t;

public:
    loop_executor(loop_executor const& other) noexcept : loop_executor(*other.core_, other.tracked_) {}
    loop_executor(loop_executor&& other) noexcept
        : core_(std::exchange(other.core_, nullptr)), tracked_(std::exchange(other.tracked_, false)) {}
    loop_executor& operator=(loop_executor other) noexcept {
        std::swap(core_, other.core_);
        std::swap(tracked_, other.tracked_);
        return *this;
    }
    ~loop_executor() {
        if (!core_) return;
        if (tracked_) core_->release_work();
        core_->release_executor();
    }

    // Asio's properties.
    boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return core_->host(); }
    static constexpr blocking::never_t query(blocking::never_t) noexcept { return {}; }
    static constexpr blocking query(blocking) noexcept { return blocking::never; }
    work query(work) const noexcept { return tracked_ ? work(work::tracked) : work(work::untracked); }
    loop_executor require(work::tracked_t) const noexcept { return {*core_, true}; }
    loop_executor require(work::untracked_t) const noexcept { return {*core_, false}; }

    template <class F>
    void execute(F&& function) const;

    /// @throws usage_error   if it is destroyed.
    event_loop& loop() const {
        if (auto* const owner = core_->owner()) return *owner;
        throw usage_error("loop_executor::loop: the loop is destroyed");
    }

    /// Whether the caller is a callback or task of the loop.
    bool running_in_this_thread() const noexcept { return detail::this_thread.loop == core_; }

    friend bool operator==(loop_executor const& a, loop_executor const& b) noexcept {
        return a.core_ == b.core_ && a.tracked_ == b.tracked_;
    }

private:
    friend class event_loop;
    loop_executor(detail::loop_core& core, bool tracked) noexcept : core_(&core), tracked_(tracked) {
        core.add_executor();
        if (tracked) core.hold_work();
    }

    detail::loop_core* core_;
    bool tracked_;
};

template <class F>
void loop_executor::execute(F&& function) const {
    auto* node = detail::callback<std::decay_t<F>>::make(std::forward<F>(function));
    if (running_in_this_thread()) node->context = detail::copy_current_context().detach();
    if (!core_->push_threadsafe(node)) node->release();
}

inline loop_executor event_loop::get_executor() const noexcept {
    return {*core_, false};
}

} // namespace ordo
