// ordo: awaiting what cannot be awaited, or where it cannot, does not compile.
// SPDX-License-Identifier: BSL-1.0
#include <boost/asio.hpp>
#include <ordo/ordo.hpp>

#include <coroutine>
#include <exception>
#include <future>

namespace asio = boost::asio;
using ordo::coro;

coro<> a_number_is_awaited() {
#ifdef A_NUMBER_IS_AWAITED // this cannot be awaited here; awaitable are coro<T>
    co_await 1;
#endif
    co_return;
}

coro<> a_foreign_future_is_awaited(std::future<int> f) {
#ifdef A_FOREIGN_FUTURE_IS_AWAITED // this cannot be awaited here; awaitable are coro<T>
    co_await f;
#endif
    static_cast<void>(f);
    co_return;
}

coro<> a_foreign_awaiter_is_awaited() {
#ifdef A_FOREIGN_AWAITER_IS_AWAITED // this cannot be awaited here; awaitable are coro<T>
    co_await std::suspend_always();
#else
    co_await ordo::sleep(std::chrono::seconds(0));
#endif
}

coro<> an_operation_is_awaited(asio::steady_timer& timer) {
#ifdef AN_OPERATION_STARTED_WITH_USE_FUTURE_IS_AWAITED // Asio operations started with boost::asio::deferred
    co_await timer.async_wait(asio::use_future);
#elif defined AN_OPERATION_STARTED_WITH_A_CALLBACK_IS_AWAITED // void
    co_await timer.async_wait([](boost::system::error_code) {});
#elif defined AN_UNSTARTED_OPERATION_IS_AWAITED               // Asio operations started with boost::asio::deferred
    co_await timer;
#else
    co_await timer.async_wait(asio::deferred);
#endif
}

/// A coroutine that knows nothing of ordo.
struct detached {
    struct promise_type {
        detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

coro<int> answer() {
    co_return 42;
}

detached a_foreign_coroutine_awaits(ordo::future<int> f) {
#ifdef A_FOREIGN_COROUTINE_AWAITS_A_CORO // only a coroutine that returns ordo::coro can await this
    co_await answer();
#elif defined A_FOREIGN_COROUTINE_AWAITS_A_FUTURE // only a coroutine that returns ordo::coro can await this
    co_await f;
#elif defined A_FOREIGN_COROUTINE_AWAITS_A_TASK   // only a coroutine that returns ordo::coro can await this
    co_await ordo::create_task(answer());
#elif defined A_FOREIGN_COROUTINE_SLEEPS          // only a coroutine that returns ordo::coro can await this
    co_await ordo::sleep(std::chrono::seconds(1));
#endif
    static_cast<void>(f);
    co_return;
}

asio::awaitable<void> a_coroutine_of_asio_awaits() {
#ifdef A_COROUTINE_OF_ASIO_AWAITS // await_transform
    co_await answer();
#endif
    co_return;
}

void a_sleep_is_not_awaited() {
#ifdef A_SLEEP_IS_NOT_AWAITED // sleep() does nothing until it is awaited
    ordo::sleep(std::chrono::seconds(1));
#elif defined A_SLEEP_WITH_A_VALUE_IS_NOT_AWAITED // sleep() does nothing until it is awaited
    ordo::sleep(std::chrono::seconds(1), 42);
#endif
}

coro<> a_delay_without_a_unit() {
#ifdef A_SLEEP_WITHOUT_A_UNIT // std::chrono::duration<
    co_await ordo::sleep(1);
#else
    co_await ordo::sleep(std::chrono::seconds(1));
#endif
}
