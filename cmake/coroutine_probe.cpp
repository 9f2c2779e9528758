// ordo: does this compiler get co_await right: are temporaries destroyed exactly once, and does all of the code run?
// SPDX-License-Identifier: BSL-1.0
//
// Prints the shapes that go wrong and exits with 1 if there are any. Each is a coroutine that gives 1. `tracked` keeps the count of the live objects: a
// second destruction takes it below what it was before the coroutine ran, so no sanitizer is needed, and since nothing
// is freed in a destructor the program survives to say so.
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <utility>

namespace {

int alive = 0;

struct tracked {
    tracked() { ++alive; }
    tracked(tracked const&) { ++alive; }
    tracked& operator=(tracked const&) = default;
    ~tracked() { --alive; }
};

struct pair_of_tracked {
    tracked first;
    int second;
};

// A coroutine that starts when awaited and hands its result to the one awaiting it.
class lazy {
public:
    struct promise_type {
        int result = 0;
        std::coroutine_handle<> awaiting = std::noop_coroutine();

        struct resume_awaiting {
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                return self.promise().awaiting;
            }
            void await_resume() const noexcept {}
        };

        lazy get_return_object() { return lazy(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        resume_awaiting final_suspend() const noexcept { return {}; }
        void return_value(int value) { result = value; }
        void unhandled_exception() { std::abort(); }
    };

    explicit lazy(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
    lazy(lazy&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    ~lazy() {
        if (frame_) frame_.destroy();
    }

    void start() const { frame_.resume(); }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
        frame_.promise().awaiting = awaiting;
        return frame_;
    }
    int await_resume() const { return frame_.promise().result; }

private:
    std::coroutine_handle<promise_type> frame_;
};

template <class F>
lazy run_coroutine(F f) {
    co_return f();
}

template <class F>
struct ready {
    F f;
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    int await_resume() { return f(); }
};

template <class F>
ready<F> run_now(F f) {
    return ready<F>{std::move(f)};
}

lazy take(pair_of_tracked argument) {
    co_return argument.second;
}

lazy closure_given_to_a_coroutine() {
    tracked object;
    co_return co_await run_coroutine([object] { return sizeof object != 0 ? 1 : 0; });
}

lazy closure_given_to_an_awaitable() {
    tracked object;
    co_return co_await run_now([object] { return sizeof object != 0 ? 1 : 0; });
}

lazy closure_in_a_std_function() {
    tracked object;
    co_return co_await run_coroutine(std::function<int()>([object] { return sizeof object != 0 ? 1 : 0; }));
}

lazy closure_that_is_a_coroutine() {
    tracked object;
    co_return co_await [object]() -> lazy { co_return sizeof object != 0 ? 1 : 0; }();
}

lazy aggregate_temporary() {
    co_return co_await take(pair_of_tracked{tracked(), 1});
}

lazy conditional_operator() {
    bool const chosen = alive >= 0;
    co_return chosen ? co_await run_coroutine([object = tracked()] { return sizeof object != 0 ? 1 : 0; }) : 0;
}

lazy zero() {
    co_return 0;
}

lazy empty_body() {
    while (co_await zero()) {}
    co_return 1;
}

bool goes_right(char const* shape, lazy (*make)()) {
    int result = 0;
    {
        lazy const coroutine = make();
        coroutine.start();
        result = coroutine.await_resume();
    }
    if (std::exchange(alive, 0) == 0 && result == 1) return true;
    std::printf("%s\n", shape);
    return false;
}

} // namespace

int main() {
    bool right = true;
    right &= goes_right("a temporary closure given to a coroutine", closure_given_to_a_coroutine);
    right &=
        goes_right("a temporary closure given to a function that returns an awaitable", closure_given_to_an_awaitable);
    right &= goes_right("a temporary closure in a temporary std::function", closure_in_a_std_function);
    right &= goes_right("a temporary closure that is itself a coroutine", closure_that_is_a_coroutine);
    right &= goes_right("an aggregate temporary", aggregate_temporary);
    right &= goes_right("a ?: with co_await in it", conditional_operator);
    right &= goes_right("what follows `while (co_await f()) {}` or `if (co_await f()) {}`", empty_body);
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
