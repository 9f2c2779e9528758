// ordo: what the promises of our coroutines share: who awaits the frame, and where it waits itself.
//
// The parent links are the "async stack": from the frame that is suspended up to the root of its task, each with the
// source_location of the co_await it stands in.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/awaitable.hpp>
#include <ordo/detail/thread_state.hpp>

#include <coroutine>
#include <source_location>
#include <utility>
#include <vector>

namespace ordo::detail {

class promise_base;

/// Whether a task of a loop in debug mode runs.
ORDO_DECL bool in_debug_mode() noexcept;
/// Then: tell it that an exception leaves one of its coroutines.
ORDO_DECL void note_failure(promise_base const& frame) noexcept;

class promise_base {
public:
    promise_base() = default;
    promise_base(promise_base const&) = delete;
    promise_base& operator=(promise_base const&) = delete;

    /// Until it awaits something, the frame stands where the coroutine is written.
    std::suspend_always initial_suspend(std::source_location where = std::source_location::current()) noexcept {
        where_ = where;
        return {};
    }

    /// Every co_await of a coroutine of ours comes through here.
    template <class Awaitable>
    decltype(auto) await_transform(Awaitable&& awaitable,
                                   std::source_location where = std::source_location::current()) {
        where_ = where;
        return awaiter_of<Awaitable>::make(std::forward<Awaitable>(awaitable));
    }

    /// Of the co_await that the frame stands in, or stood in last.
    std::source_location const& where() const noexcept { return where_; }

    /// Where this frame stands, and those that await it, the innermost first; without the last one if that only keeps the
    /// callable of a task alive.
    ORDO_DECL std::vector<std::source_location> stack() const;

    /// The frame that awaits this one; null for the root of a task.
    promise_base* parent() const noexcept { return parent_; }
    /// Where the handle of this frame stands, in the frame of the parent.
    std::coroutine_handle<>* owner() const noexcept { return owner_; }
    void set_parent(promise_base& parent, std::coroutine_handle<>& owner) noexcept {
        parent_ = &parent;
        owner_ = &owner;
    }

    /// Promises of ours stand at the same distance from the start of the frame, which each of them asserts.
    std::coroutine_handle<> frame() noexcept { return std::coroutine_handle<promise_base>::from_promise(*this); }
    static promise_base& of(std::coroutine_handle<> frame) noexcept {
        return std::coroutine_handle<promise_base>::from_address(frame.address()).promise();
    }

private:
    promise_base* parent_ = nullptr;
    std::coroutine_handle<>* owner_ = nullptr;
    std::source_location where_;
};

} // namespace ordo::detail
