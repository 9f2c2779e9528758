// ordo: tests of SIGINT while a runner runs.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/runner.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>

#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace std::chrono_literals;
using ordo::coro;

namespace {

/// Gives a test the default action of SIGINT, whatever the test was started with.
struct default_action {
    default_action() { ::sigaction(SIGINT, &set, &before); }
    ~default_action() { ::sigaction(SIGINT, &before, nullptr); }
    default_action(default_action const&) = delete;
    default_action& operator=(default_action const&) = delete;

    struct sigaction set{};
    struct sigaction before{};
};

/// How a process ends that runs this: its status.
int status_of_child(std::function<void()> const& body) {
    auto const child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        ::alarm(20); // instead of hanging
        try {
            body();
        } catch (ordo::keyboard_interrupt const&) {
            ::_exit(3);
        } catch (...) {
            ::_exit(4);
        }
        ::_exit(0);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

coro<> wait_for_ever() {
    co_await ordo::sleep(24h);
}

coro<> interrupt_and_wait() {
    std::raise(SIGINT);
    co_await wait_for_ever();
}

coro<> cancel_and_interrupt(ordo::any_task main) {
    co_await ordo::sleep(0s);
    main.cancel("by a task");
    std::raise(SIGINT);
}

coro<> be_cancelled_and_interrupted() {
    ordo::create_task(cancel_and_interrupt(*ordo::current_task()));
    co_await wait_for_ever();
}

bool has_default_action() {
    struct sigaction present{};
    ::sigaction(SIGINT, nullptr, &present);
    return present.sa_handler == SIG_DFL;
}

int handled = 0;

} // namespace

BOOST_FIXTURE_TEST_SUITE(runner_interrupt, default_action)

BOOST_AUTO_TEST_CASE(an_interrupt_cancels_the_main_task_and_comes_out_as_keyboard_interrupt) {
    BOOST_TEST(error_text<ordo::keyboard_interrupt>([] { ordo::run(interrupt_and_wait()); }) ==
               "run: interrupted by SIGINT");
}

BOOST_AUTO_TEST_CASE(an_interrupt_from_another_thread_wakes_the_loop) {
    auto wait = []() -> coro<> {
        std::thread other([] { ::kill(::getpid(), SIGINT); });
        other.detach();
        co_await wait_for_ever();
    };
    BOOST_CHECK_THROW(ordo::run(wait), ordo::keyboard_interrupt);
}

BOOST_AUTO_TEST_CASE(an_interrupt_reaches_a_main_coroutine_that_only_yields) {
    int steps = 0;
    auto yield = [&]() -> coro<> {
        for (;;) {
            if (++steps == 3) std::raise(SIGINT);
            co_await ordo::sleep(0s);
        }
    };
    BOOST_CHECK_THROW(ordo::run(yield), ordo::keyboard_interrupt);
    BOOST_TEST(steps >= 3);
}

BOOST_AUTO_TEST_CASE(an_interrupt_cancels_the_future_that_the_main_coroutine_awaits) {
    ordo::runner runner;
    auto const f = runner.get_loop().create_future();
    auto wait = [&]() -> coro<> {
        std::raise(SIGINT);
        co_await f;
    };
    BOOST_CHECK_THROW(runner.run(wait), ordo::keyboard_interrupt);
    BOOST_TEST(f.cancelled());
}

BOOST_AUTO_TEST_CASE(an_interrupt_of_a_main_task_that_others_cancel_too_is_a_cancellation) {
    BOOST_TEST(cancel_message([] { ordo::run(be_cancelled_and_interrupted); }) == "by a task");
}

BOOST_AUTO_TEST_CASE(an_interrupt_that_comes_when_others_have_ended_the_main_task_is_a_cancellation) {
    ordo::runner runner({.strict = true}); // polls between the cancellation and the task's last step
    BOOST_TEST(cancel_message([&] { runner.run(be_cancelled_and_interrupted); }) == "by a task");
}

BOOST_AUTO_TEST_CASE(run_works_on_another_thread_too) {
    int result = 0;
    std::thread([&] {
        auto answer = []() -> coro<int> {
            co_await ordo::sleep(1ms);
            co_return 42;
        };
        result = ordo::run(answer);
    }).join();
    BOOST_TEST(result == 42);
}

BOOST_AUTO_TEST_CASE(a_main_coroutine_may_clean_up) {
    bool cleaned_up = false;
    auto clean_up = [&]() -> coro<> {
        bool cancelled = false;
        try {
            co_await interrupt_and_wait();
        } catch (ordo::cancelled_error const&) {
            cancelled = true;
        }
        co_await ordo::sleep(1ms);
        cleaned_up = true;
        if (cancelled) throw ordo::cancelled_error();
    };
    BOOST_CHECK_THROW(ordo::run(clean_up), ordo::keyboard_interrupt);
    BOOST_TEST(cleaned_up);
}

BOOST_AUTO_TEST_CASE(a_main_coroutine_may_decline_and_return) {
    auto decline = []() -> coro<int> {
        try {
            co_await interrupt_and_wait();
        } catch (ordo::cancelled_error const&) {}
        co_return 42;
    };
    BOOST_TEST(ordo::run(decline) == 42);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_main_coroutine_wins_over_the_interrupt) {
    auto fail = []() -> coro<> {
        bool cancelled = false;
        try {
            co_await interrupt_and_wait();
        } catch (ordo::cancelled_error const&) {
            cancelled = true;
        }
        if (cancelled) throw std::out_of_range("too far");
    };
    BOOST_CHECK_THROW(ordo::run(fail), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_cancellation_without_an_interrupt_is_not_a_keyboard_interrupt) {
    auto cancel = []() -> coro<> {
        ordo::current_task()->cancel();
        co_await wait_for_ever();
    };
    BOOST_CHECK_THROW(ordo::run(cancel), ordo::cancelled_error);
}

BOOST_AUTO_TEST_CASE(leftovers_are_cancelled_after_an_interrupt) {
    bool cancelled = false;
    auto leave = [&]() -> coro<> {
        auto leftover = [&]() -> coro<> {
            try {
                co_await wait_for_ever();
            } catch (ordo::cancelled_error const&) {
                cancelled = true;
            }
        };
        static_cast<void>(ordo::create_task(leftover));
        co_await ordo::sleep(0s);
        co_await interrupt_and_wait();
    };
    BOOST_CHECK_THROW(ordo::run(leave), ordo::keyboard_interrupt);
    BOOST_TEST(cancelled);
}

BOOST_AUTO_TEST_CASE(the_default_action_is_back_after_a_run) {
    bool replaced = false;
    ordo::run([&]() -> coro<> {
        replaced = !has_default_action();
        co_return;
    });
    BOOST_TEST(replaced);
    BOOST_TEST(has_default_action());
}

BOOST_AUTO_TEST_CASE(the_default_action_is_back_after_an_interrupt) {
    BOOST_CHECK_THROW(ordo::run(interrupt_and_wait()), ordo::keyboard_interrupt);
    BOOST_TEST(has_default_action());
}

BOOST_AUTO_TEST_CASE(a_runner_can_be_interrupted_in_every_run) {
    ordo::runner runner;
    BOOST_CHECK_THROW(runner.run(interrupt_and_wait()), ordo::keyboard_interrupt);
    BOOST_CHECK_THROW(runner.run(interrupt_and_wait()), ordo::keyboard_interrupt);
}

BOOST_AUTO_TEST_CASE(a_handler_of_the_program_is_left_in_place) {
    handled = 0;
    std::signal(SIGINT, [](int) { ++handled; });
    auto interrupt = []() -> coro<int> {
        std::raise(SIGINT);
        co_await ordo::sleep(1ms);
        co_return 42;
    };
    BOOST_TEST(ordo::run(interrupt) == 42);
    BOOST_TEST(handled == 1);
}

BOOST_AUTO_TEST_CASE(a_process_whose_main_coroutine_is_interrupted_ends_as_it_likes) {
    auto const status = status_of_child([] { ordo::run(interrupt_and_wait()); });
    BOOST_TEST(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 3);
}

BOOST_AUTO_TEST_CASE(a_second_interrupt_ends_the_process_by_the_signal) {
    auto const status = status_of_child([] {
        ordo::run([]() -> coro<> {
            try {
                co_await interrupt_and_wait();
            } catch (ordo::cancelled_error const&) {}
            co_await interrupt_and_wait();
        });
    });
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGINT);
}

BOOST_AUTO_TEST_CASE(a_second_interrupt_ends_a_process_whose_loop_is_stuck) {
    auto const status = status_of_child([] {
        ordo::run([]() -> coro<> {
            std::raise(SIGINT);
            std::raise(SIGINT);
            co_return;
        });
    });
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGINT);
}

BOOST_AUTO_TEST_CASE(a_signal_handler_of_the_loop_takes_precedence) {
    bool called = false;
    auto wait = [&]() -> coro<int> {
        auto const f = ordo::get_running_loop().create_future();
        ordo::get_running_loop().add_signal_handler(SIGINT, [&] {
            called = true;
            f.set_result();
        });
        std::raise(SIGINT);
        co_await f;
        co_return 42;
    };
    BOOST_TEST(ordo::run(wait) == 42);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_SUITE_END()
