// ordo: guard, which releases a lock or a permit where its scope ends; and how these are acquired.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/waiter_queue.hpp>

#include <coroutine>
#include <utility>

namespace ordo {
namespace detail {

/// A guard, in the list of those of one object. It is in one as long as it holds something.
class guard_link {
public:
    explicit operator bool() const noexcept { return at_; }

protected:
    guard_link() = default;
    ~guard_link() = default;

    void link(guard_link*& first) noexcept {
        next_ = first;
        at_ = &first;
        put_in();
    }
    void take_place_of(guard_link& other) noexcept {
        if (!(at_ = std::exchange(other.at_, nullptr))) return;
        next_ = other.next_;
        put_in();
    }
    void unlink() noexcept {
        *at_ = next_;
        if (next_) next_->at_ = at_;
        at_ = nullptr;
    }

private:
    friend class guard_list;
    void put_in() noexcept {
        *at_ = this;
        if (next_) next_->at_ = &next_;
    }

    guard_link* next_ = nullptr;
    guard_link** at_ = nullptr; ///< what points to it; null: it is in no list
};

/// Of the guards of an object, which must not use that once it is destroyed.
class guard_list {
public:
    guard_list() = default;
    guard_list(guard_list const&) = delete;
    guard_list& operator=(guard_list const&) = delete;
    ~guard_list() {
        while (first) first->unlink();
    }

    guard_link* first = nullptr;
};

/// A destructor is where release() threw.
ORDO_DECL void report_failed_release() noexcept;
[[noreturn]] ORDO_DECL void throw_empty_guard();

} // namespace detail

/// Holds a lock, or a permit of a semaphore, and releases it in its destructor.
///
/// @code
/// ordo::lock door;
/// auto go_through = [&]() -> ordo::coro<> {
///     auto const held = co_await door.scoped();
///     co_await ordo::sleep(1s);
/// };
/// auto const t = loop.create_task(go_through);
/// @endcode
///
/// Move-only. If it cannot be released in the destructor, because somebody else did it before, an error is logged. A guard
/// of something that is destroyed holds nothing any more.
///
/// @tparam Lockable     lock or semaphore.
/// @par Thread safety   As what it holds.
/// @par Source          Python's `async with`.
template <class Lockable>
class [[nodiscard("ordo: a guard that nobody keeps releases at once; give it a name")]] guard : detail::guard_link {
public:
    guard() = default;
    /// Take over what the caller has acquired.
    explicit guard(Lockable& acquired) noexcept : held_(&acquired) { link(acquired.guards_.first); }
    guard(guard&& other) noexcept : held_(other.held_) { take_place_of(other); }
    guard& operator=(guard&& other) noexcept {
        guard const released(std::move(*this));
        held_ = other.held_;
        take_place_of(other);
        return *this;
    }
    ~guard() {
        try {
            if (*this) give_back();
        } catch (...) {
            detail::report_failed_release();
        }
    }

    /// Release it now.
    ///
    /// @throws usage_error   if the guard holds nothing, or release() of what it holds throws it.
    void release() {
        if (!*this) detail::throw_empty_guard();
        give_back();
    }

    /// Whether it holds something: false after release(), and after it was moved from.
    using detail::guard_link::operator bool;

private:
    void give_back() {
        unlink();
        held_->release();
    }

    Lockable* held_ = nullptr; ///< valid while it is linked
};

namespace detail {

/// Acquires a Lockable, which says how: take_at_once(), and after a wait taken(), passed_on() or given_up().
template <class Lockable>
class acquire_awaiter : public waiter {
public:
    explicit acquire_awaiter(Lockable& object) noexcept : waiter(object.waiters_), object_(object) {}
    ~acquire_awaiter() {
        if (linked() && woken()) object_.given_up(); // destroyed with its loop
    }

    bool await_ready() const noexcept { return object_.take_at_once(); }
    void await_suspend(std::coroutine_handle<> frame) { wait(frame); }
    void await_resume() {
        if (!has_waited()) return;
        if (!finish()) return object_.taken();
        object_.passed_on(woken());
        throw_cancelled();
    }

protected:
    Lockable& object_;
};

template <class Lockable>
struct scoped_awaiter final : acquire_awaiter<Lockable> {
    using acquire_awaiter<Lockable>::acquire_awaiter;
    guard<Lockable> await_resume() {
        acquire_awaiter<Lockable>::await_resume();
        return guard<Lockable>(this->object_);
    }
};

template <class Lockable>
struct acquire_request {
    Lockable& object;
};
template <class Lockable>
struct scoped_request {
    Lockable& object;
};

template <class Lockable>
struct awaiter_of<acquire_request<Lockable>> {
    static constexpr bool awaitable = true;
    static auto make(acquire_request<Lockable> request) noexcept { return acquire_awaiter<Lockable>(request.object); }
};
template <class Lockable>
struct awaiter_of<scoped_request<Lockable>> {
    static constexpr bool awaitable = true;
    static auto make(scoped_request<Lockable> request) noexcept { return scoped_awaiter<Lockable>(request.object); }
};

} // namespace detail
} // namespace ordo
