// ordo: every allocation fails in turn: nothing leaks, nobody is told anything but bad_alloc, the loop goes on.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "failing_allocations.hpp"

#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using asio::deferred;
using asio::local::stream_protocol;

BOOST_FIXTURE_TEST_SUITE(allocation_failures, silent_log)

BOOST_AUTO_TEST_CASE(callbacks_and_timers) {
    on_own_loop([](event_loop& loop) {
        auto text = std::make_shared<std::string>(100, 'x');
        loop.call_soon([text] {});
        loop.call_soon([text](std::string const&) {}, std::string(50, 'y'));
        loop.call_later(1h, [text] {}).cancel();
        for (int i = 0; i < 20; ++i) loop.call_later(std::chrono::microseconds(i), [text] {});
        loop.call_soon_threadsafe([text] {});
        loop.call_later(1ms, [&loop, text] { loop.stop(); });
        loop.run_forever();
    });
}

BOOST_AUTO_TEST_CASE(callbacks_of_debug_mode) {
    on_own_loop([](event_loop& loop) {
        loop.set_debug(true);
        loop.slow_callback_duration = 0ns;
        loop.call_soon([] {});
        loop.run_until_complete(add(1, 2));
    });
}

BOOST_AUTO_TEST_CASE(callbacks_that_a_hook_is_told_of) {
    std::size_t told = 0, nameless = 0;
    on_own_loop([&](event_loop& loop) {
        auto const task = loop.create_task(add(1, 2), "a name that is too long for the string's own buffer");
        loop.set_hooks({.on_callback = [&](ordo::callback_info const& who) {
            if (who.kind != ordo::callback_kind::step) return;
            ++told;
            nameless += who.name.empty();
        }});
        loop.run_until_complete(task);
    });
    BOOST_TEST(nameless > 0u);
    BOOST_TEST(told > nameless);
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws) {
    on_own_loop([](event_loop& loop) {
        loop.call_soon([] { throw std::bad_alloc(); });
        loop.run_until_complete(add(1, 2));
    });
}

BOOST_AUTO_TEST_CASE(context_variables) {
    static ordo::context_var<std::string> variable("variable");
    on_own_loop([](event_loop& loop) {
        auto in = ordo::copy_context();
        in.run([&] {
            auto token = variable.set(std::string(100, 'x'));
            loop.call_soon([] { variable.set(std::string(100, 'y')); });
            variable.reset(token);
        });
        loop.run_until_complete(add(1, 2));
    });
}

BOOST_AUTO_TEST_CASE(futures) {
    on_own_loop([](event_loop& loop) {
        auto value = loop.create_future<std::string>();
        auto failure = loop.create_future<int>();
        auto cancelled = loop.create_future();
        auto calls = std::make_shared<int>(0);
        value.add_done_callback([calls] { ++*calls; });
        failure.add_done_callback([calls](auto const& f) { f.exception(), ++*calls; });
        cancelled.add_done_callback([calls] { ++*calls; });
        value.set_result(std::string(100, 'x'));
        failure.set_exception(std::bad_alloc());
        cancelled.cancel("a message that is too long for the string's own buffer");
        loop.run_until_complete(add(1, 2));
        if (*calls != 3) throw std::logic_error("a done callback was lost");
    });
}

BOOST_AUTO_TEST_CASE(tasks) {
    in_task([]() -> coro<> {
        auto first = ordo::create_task(add(1, 2), "a name that is too long for the string's own buffer");
        auto second = ordo::create_task(add(3, 4));
        int const sum = co_await first + co_await second;
        if (sum != 10) throw std::logic_error("a task went wrong");
        auto fail = [text = std::string(100, 'x')]() -> coro<> {
            co_await ordo::sleep(0ms);
            throw std::bad_alloc();
        };
        auto failing = ordo::create_task(fail);
        try {
            co_await failing;
        } catch (std::bad_alloc const&) {}
    });
}

BOOST_AUTO_TEST_CASE(cancelling_tasks) {
    in_task([]() -> coro<> {
        auto sleeper = ordo::create_task(ordo::detail::keep_and_call([]() -> coro<> { co_await ordo::sleep(1h); }));
        auto wait = [sleeper]() -> coro<> { co_await sleeper; };
        auto waiter = ordo::create_task(wait);
        auto never_begun = ordo::create_task(add(1, 2));
        never_begun.cancel("a message that is too long for the string's own buffer");
        co_await ordo::sleep(0ms);
        waiter.cancel("a message that is too long for the string's own buffer");
        bool const both = !waiter.done() && !sleeper.done(); // the frame of neither failed
        if (both && (waiter.cancelling() != 1 || sleeper.cancelling() != 1)) throw std::logic_error("not counted");
        try {
            co_await waiter;
        } catch (ordo::cancelled_error const&) {
            co_return;
        }
        throw std::logic_error("not cancelled");
    });
}

/// Threads that were left behind are listed; the list is there from the first on.
void leave_a_thread_behind() {
    event_loop loop;
    std::atomic<bool> stop = false;
    auto job = [&stop] {
        while (!stop) std::this_thread::yield();
    };
    auto const running = loop.run_in_executor(job);
    loop.run_until_complete(loop.shutdown_default_executor(0s));
    stop = true;
    loop.run_until_done(running);
    for (std::ptrdiff_t before = -1; std::exchange(before, failing_heap::live()) != failing_heap::live();)
        std::this_thread::sleep_for(100ms); // its end
}

BOOST_AUTO_TEST_CASE(jobs) {
    leave_a_thread_behind();
    in_task([]() -> coro<> {
        auto job = [text = std::string(100, 'x')](std::string const& more) { return text + more; };
        auto one = ordo::get_running_loop().run_in_executor(job, std::string(100, 'y'));
        auto const text = co_await std::move(one);
        if (text.size() != 200) throw std::logic_error("a job went wrong");
        auto two = ordo::to_thread(job, std::string());
        two.cancel("a message that is too long for the string's own buffer");
        co_await ordo::get_running_loop().shutdown_default_executor();
    });
}

BOOST_AUTO_TEST_CASE(operations) {
    in_task([]() -> coro<> {
        auto const context = ordo::get_running_loop().get_executor();
        stream_protocol::socket a(context);
        stream_protocol::socket b(context);
        asio::local::connect_pair(a, b);
        std::array<char, 4> buffer{};
        auto reading = ordo::create_task([&]() -> coro<std::size_t> {
            auto const n = co_await asio::async_read(b, asio::buffer(buffer), deferred);
            co_return n;
        });
        co_await ordo::sleep(0ms);
        std::exception_ptr failure;
        try {
            co_await asio::async_write(a, asio::buffer("abcd", 4), deferred);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) reading.cancel(); // it would wait for ever
        try {
            co_await reading;
        } catch (ordo::cancelled_error const&) {}
        if (failure) std::rethrow_exception(failure);
    });
}

BOOST_AUTO_TEST_CASE(cancelling_operations) {
    in_task([]() -> coro<> {
        asio::steady_timer timer(ordo::get_running_loop().get_executor(), 1h);
        auto waiting = ordo::create_task([&]() -> coro<> { co_await timer.async_wait(deferred); });
        std::exception_ptr failure;
        for (bool again = true; std::exchange(again, false);) {
            co_await ordo::sleep(0ms);
            try {
                waiting.cancel("a message that is too long for the string's own buffer");
            } catch (...) {
                failure = std::current_exception();
                again = true;
            }
        }
        try {
            co_await waiting;
        } catch (ordo::cancelled_error const&) {}
        if (failure) std::rethrow_exception(failure);
    });
}

BOOST_AUTO_TEST_CASE(signals) {
    fail_each([](trial& t) {
        event_loop loop;
        t.watch(loop);
        // Asio's list of signal services is global, and it refers to a service whose constructor has thrown.
        loop.add_signal_handler(SIGUSR2, [] {});
        t.attempt([&loop] {
            loop.add_signal_handler(SIGUSR1, [&loop] { loop.stop(); });
            loop.call_later(20ms, [&loop] { loop.stop(); }); // the signal may be lost, with a report
            std::raise(SIGUSR1);
            loop.run_forever();
        });
        loop.remove_signal_handler(SIGUSR1);
        expect_works(t, loop);
    });
}

BOOST_AUTO_TEST_CASE(run) {
    leave_a_thread_behind();
    fail_each([](trial& t) {
        t.attempt([] {
            auto main = []() -> coro<int> {
                ordo::create_task([]() -> coro<> { co_await ordo::sleep(1h); });
                auto job = [] { return 2; };
                auto two = ordo::to_thread(job);
                int const result = co_await std::move(two);
                co_return result;
            };
            if (ordo::run(main) != 2) throw std::logic_error("it went wrong");
        });
    });
}

BOOST_AUTO_TEST_CASE(a_borrowed_loop) {
    fail_each([](trial& t) {
        asio::io_context host;
        std::optional<event_loop> loop;
        t.attempt([&] {
            loop.emplace(host);
            t.watch(*loop);
            loop->call_soon([] {});
            loop->create_task(add(1, 2));
            loop->call_later(1ms, [] {});
            host.run();
        });
        if (!loop) return;
        int calls = 0;
        loop->call_soon([&] { ++calls; });
        loop->call_later(0ms, [&] { ++calls; });
        host.restart();
        host.run();
        if (calls != 2) t.wrong += "the loop does not work afterwards; ";
    });
}

BOOST_AUTO_TEST_SUITE_END()
