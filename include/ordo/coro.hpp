// ordo: coro<T>, a coroutine that runs when it is awaited.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/promise_base.hpp>
#include <ordo/detail/task_base.hpp>

#include <coroutine>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace ordo {
namespace detail {

template <class T>
class coro_promise;

/// What is allocated in front of every frame of a coro<T>: room for the task it may become. No task is a null where a
/// task has the pointer to its virtual functions.
template <class T>
class frame_prefix {
public:
    static constexpr std::size_t size = (sizeof(task_state<T>) + 15) / 16 * 16; // frames are aligned as by malloc()

    /// @throws std::bad_alloc
    static void* allocate_frame(std::size_t frame_size) {
        auto* const block = static_cast<std::byte*>(allocate(size + frame_size));
        std::memset(block, 0, sizeof(void*));
        return block + size;
    }
    /// A task keeps the block, and finds its size where the frame was.
    static void free_frame(void* frame, std::size_t frame_size) noexcept {
        void* const block = static_cast<std::byte*>(frame) - size;
        void* first;
        std::memcpy(&first, block, sizeof first);
        if (first) ::new (frame) std::size_t(size + frame_size);
        else deallocate(block, size + frame_size);
    }
    static std::size_t block_size(void* block) noexcept {
        return *std::launder(reinterpret_cast<std::size_t*>(static_cast<std::byte*>(block) + size));
    }

    /// From here on the block belongs to the task, whose state goes after the frame.
    static task_state<T>* make_task(void* frame, loop_core& core, std::source_location where) noexcept {
        return ::new (static_cast<std::byte*>(frame) - size) task_state<T>(core, where);
    }
    static task_state<T>& task_of(void* frame) noexcept {
        return *std::launder(reinterpret_cast<task_state<T>*>(static_cast<std::byte*>(frame) - size));
    }
};

template <class T>
class coro_promise_base : public promise_base {
public:
    static void* operator new(std::size_t frame_size) { return frame_prefix<T>::allocate_frame(frame_size); }
    static void operator delete(void* frame, std::size_t frame_size) noexcept {
        frame_prefix<T>::free_frame(frame, frame_size);
    }

    coro<T> get_return_object() noexcept;

    /// Resumes who awaits the coroutine; the root of a task hands its result over, and the step goes on from there.
    auto final_suspend() const noexcept {
        struct final_awaiter {
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<coro_promise<T>> frame) const noexcept {
                auto& promise = frame.promise();
                if (auto* parent = promise.parent()) [[likely]]
                    return transfer_to(parent->frame());
                frame_prefix<T>::task_of(frame.address()).take(frame, promise.result_, promise.ending_);
                return std::noop_coroutine();
            }
            void await_resume() const noexcept {}
        };
        return final_awaiter{};
    }

    void unhandled_exception() noexcept {
        if (in_debug_mode()) [[unlikely]]
            note_failure(*this);
        if (!parent()) ending_ = ending_by_exception();
        result_.set_exception(std::current_exception());
    }

    T take() { return result_.take(); }

    template <class U>
    std::suspend_never yield_value(U&&) const noexcept {
        static_assert(never<U>, "ordo: a coro gives one result, with co_return; co_yield is for an async_generator");
        return {};
    }

protected:
    [[no_unique_address]] result<T> result_; // whose padding the next one uses
    ending ending_ = ending::ordinary;       ///< of the root of a task
};

template <class T>
class coro_promise final : public coro_promise_base<T> {
public:
    template <class U = T>
        requires std::convertible_to<U&&, T>
    void return_value(U&& value) {
        static_assert(!binds_temporary<U&&, T>,
                      "ordo: this coro gives a reference, and what it returns is a temporary, "
                      "gone before anybody looks; co_return an lvalue, or give the value");
        if constexpr (std::is_reference_v<T>) {
            T reference = static_cast<U&&>(value);
            this->result_.emplace(std::addressof(reference));
        } else {
            this->result_.emplace(std::forward<U>(value));
        }
    }
};

template <>
class coro_promise<void> final : public coro_promise_base<void> {
public:
    void return_void() noexcept { result_.emplace(); }
};

struct coro_access;

/// Destroy a frame that has not begun; debug mode reports it.
ORDO_DECL void drop_unawaited(std::coroutine_handle<> frame) noexcept;

} // namespace detail

/// A coroutine that begins when it is awaited, within the same task and step, and is awaited once.
///
/// @code
/// ordo::coro<int> answer() { co_return 42; }
/// ordo::coro<> print() { std::cout << co_await answer(); }
/// @endcode
///
/// Parameters are best taken by value: a reference must outlive the coroutine. A capturing lambda that is a coroutine
/// must outlive it too; give the lambda itself to create_task() or run(), which keep it.
///
/// @par Ownership       Owns the frame; dropping a coro that was never awaited destroys it without running it.
/// @par Cancellation    Cancelling the task throws cancelled_error where the innermost coroutine waits.
/// @par Thread safety   Awaited on the loop's thread; may be made and moved on any.
/// @par Source          asyncio's coroutine objects.
template <class T>
class [[nodiscard("ordo: a coro does nothing until it is awaited or given to create_task()")]] coro {
public:
    using value_type = T;
    using promise_type = detail::coro_promise<T>;

    coro(coro&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    coro& operator=(coro&& other) noexcept {
        coro(std::move(other)).swap(*this);
        return *this;
    }
    ~coro() {
        if (frame_) detail::drop_unawaited(frame_);
    }

    /// Whether it holds a coroutine: false after it was moved from.
    explicit operator bool() const noexcept { return static_cast<bool>(frame_); }

private:
    friend class detail::coro_promise_base<T>;
    friend struct detail::coro_access;
    explicit coro(std::coroutine_handle<> frame) noexcept : frame_(frame) {}
    void swap(coro& other) noexcept { std::swap(frame_, other.frame_); }

    std::coroutine_handle<> frame_; ///< of a promise_type
};

namespace detail {

struct coro_access {
    template <class T>
    static coro<T> none() noexcept {
        return coro<T>(nullptr);
    }
    template <class T>
    static std::coroutine_handle<coro_promise<T>> frame(coro<T> const& of) noexcept {
        return std::coroutine_handle<coro_promise<T>>::from_address(of.frame_.address());
    }
    /// Where it keeps the handle: whoever takes that out owns the frame.
    template <class T>
    static std::coroutine_handle<>& slot(coro<T>& of) noexcept {
        return of.frame_;
    }
};

template <class T>
coro<T> coro_promise_base<T>::get_return_object() noexcept {
    auto& promise = static_cast<coro_promise<T>&>(*this);
    static_assert(alignof(coro_promise<T>) <= 2 * sizeof(void*),
                  "ordo: results with extended alignment are not supported; return a pointer");
    return coro<T>(std::coroutine_handle<coro_promise<T>>::from_promise(promise));
}

/// Takes the coroutine over, so that a second await of the same object finds it gone.
template <class T>
class coro_awaiter {
public:
    explicit coro_awaiter(coro<T>&& child) : frame_(std::exchange(coro_access::slot(child), nullptr)) {
        if (!frame_) throw usage_error("co_await: this coro was awaited or moved from before; a coro is awaited once");
    }
    coro_awaiter(coro_awaiter const&) = delete;
    coro_awaiter& operator=(coro_awaiter const&) = delete;
    ~coro_awaiter() {
        if (frame_) frame_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    template <std::derived_from<promise_base> Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> parent) noexcept {
        promise().set_parent(parent.promise(), frame_);
        return transfer_to(frame_);
    }
    T await_resume() const { return promise().take(); }

private:
    coro_promise<T>& promise() const noexcept {
        return std::coroutine_handle<coro_promise<T>>::from_address(frame_.address()).promise();
    }

    std::coroutine_handle<> frame_;
};

template <class T>
struct awaiter_of<coro<T>> {
    static constexpr bool awaitable = true;
    static coro_awaiter<T> make(coro<T>&& coroutine) { return coro_awaiter<T>(std::move(coroutine)); }
};

template <class T>
struct awaiter_of<coro<T>&> {
    static constexpr bool awaitable = false;
    static coro_awaiter<T> make(coro<T>&) {
        static_assert(never<T>, "ordo: a coro is awaited once, as an rvalue: co_await std::move(c); to await a result "
                                "more than once, make it a task with create_task()");
    }
};

} // namespace detail
} // namespace ordo

/// A coroutine begins after the call that made it, when what its rvalue references were bound to is gone or moved from.
template <class T, class... Args>
struct std::coroutine_traits<ordo::coro<T>, Args...> {
    static_assert(!(std::is_rvalue_reference_v<Args> || ...),
                  "ordo: a coro begins only when it is awaited, and an rvalue reference among its parameters may then "
                  "refer to what is gone; take the parameter by value");
    using promise_type = ordo::detail::coro_promise<T>;
};
