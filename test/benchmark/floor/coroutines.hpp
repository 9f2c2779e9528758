// ordo: the floor of the benchmark: coroutines, tasks and futures.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "queue.hpp"

#include <coroutine>
#include <cstdint>
#include <exception>
#include <utility>

namespace ordo_benchmark::floor {

/// A coroutine that waits, in the ready queue or for something that will put it there.
struct waiter : node {
    std::coroutine_handle<> frame;

    void suspend(std::coroutine_handle<> which) noexcept {
        frame = which;
        run = [](node* self) { static_cast<waiter*>(self)->frame.resume(); };
    }
};

struct recycled {
    static void* operator new(std::size_t size) { return memory.allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { memory.deallocate(frame, size); }
};

/// Begins at once, belongs to nobody.
struct root {
    struct promise_type : recycled {
        root get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() { std::terminate(); }
    };
};

/// A coroutine, which begins when it is awaited, in place, or when a task has scheduled it.
template <class T>
class coro {
public:
    struct promise_type : recycled {
        waiter own{};                     ///< of a task: in the ready queue
        std::coroutine_handle<> awaiting; ///< who awaits the coroutine, in place; null: it is a task
        waiter* joining = nullptr;        ///< who awaits the task
        int references = 1;
        bool done = false;
        T value;
        std::exception_ptr error;

        coro get_return_object() noexcept { return coro(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        auto final_suspend() noexcept { return ending(); }
        void return_value(T result) noexcept { value = result; }
        void unhandled_exception() noexcept { error = std::current_exception(); }

        T result() {
            if (error) std::rethrow_exception(error);
            return value;
        }
    };

    coro(coro&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    ~coro() {
        if (frame_ && --frame_.promise().references == 0) frame_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        frame_.promise().awaiting = caller;
        return frame_;
    }
    T await_resume() { return frame_.promise().result(); }

private:
    template <class U>
    friend class task;

    struct ending {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> frame) noexcept {
            auto& promise = frame.promise();
            if (promise.awaiting) return promise.awaiting;
            promise.done = true;
            if (promise.joining) ready.push(promise.joining);
            if (--promise.references == 0) frame.destroy();
            return std::noop_coroutine();
        }
        void await_resume() noexcept {}
    };

    explicit coro(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

/// A coroutine that was scheduled: the frame is shared with the ready queue.
template <class T>
class task {
    using promise_type = typename coro<T>::promise_type;

public:
    explicit task(coro<T>&& scheduled) noexcept : coro_(std::move(scheduled)) {
        auto& promise = coro_.frame_.promise();
        ++promise.references;
        promise.own.suspend(coro_.frame_);
        ready.push(&promise.own);
    }

    struct awaiter : waiter {
        explicit awaiter(promise_type& awaited) noexcept : promise(awaited) {}
        bool await_ready() const noexcept { return promise.done; }
        void await_suspend(std::coroutine_handle<> caller) noexcept {
            suspend(caller);
            promise.joining = this;
        }
        T await_resume() { return promise.result(); }

        promise_type& promise;
    };
    awaiter operator co_await() const noexcept { return awaiter(coro_.frame_.promise()); }

private:
    coro<T> coro_;
};

/// Lets the others run: the coroutine goes on in the next iteration.
struct yield : waiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) noexcept {
        suspend(caller);
        ready.push(this);
    }
    void await_resume() const noexcept {}
};

/// A shared one, as create_future() gives it; with no result but that it is done.
class future {
    struct state {
        int references = 1;
        bool done = false;
        waiter* waiting = nullptr;
    };

public:
    future() : state_(::new(memory.allocate(sizeof(state))) state) {}
    future(future const& other) noexcept : state_(other.state_) { ++state_->references; }
    future(future&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    future& operator=(future other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~future() {
        if (state_ && --state_->references == 0) memory.deallocate(state_, sizeof(state));
    }

    void set() noexcept {
        state_->done = true;
        if (state_->waiting) ready.push(std::exchange(state_->waiting, nullptr));
    }

    struct awaiter : waiter {
        explicit awaiter(state& awaited) noexcept : of(awaited) {}
        bool await_ready() const noexcept { return of.done; }
        void await_suspend(std::coroutine_handle<> caller) noexcept {
            suspend(caller);
            of.waiting = this;
        }
        void await_resume() const noexcept {}

        state& of;
    };
    awaiter operator co_await() const noexcept { return awaiter(*state_); }

private:
    state* state_;
};

} // namespace ordo_benchmark::floor
