// ordo: tests of run() and runner.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/runner.hpp>

#include <ordo/context_var.hpp>
#include <ordo/detail/leftovers.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;

namespace {

coro<int> answer() {
    co_await ordo::sleep(0s);
    co_return 42;
}

coro<> wait_and_record_the_end(ordo::testing::order_recorder& order, std::string name) {
    try {
        co_await ordo::sleep(1h);
    } catch (ordo::cancelled_error const&) {
        order.record(name);
        throw;
    }
}

/// On virtual time.
ordo::loop_options quick() {
    return {.clock = std::make_shared<ordo::testing::virtual_clock>()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(runner_)

// -- results

BOOST_AUTO_TEST_CASE(run_gives_the_result_of_the_main_coroutine) {
    BOOST_TEST(ordo::run(answer()) == 42);
}

BOOST_AUTO_TEST_CASE(run_takes_a_callable_and_keeps_it) {
    auto const held = std::make_shared<int>(7);
    auto const value = ordo::run([copy = held]() -> coro<int> {
        co_await ordo::sleep(0s);
        co_return *copy;
    });
    BOOST_TEST(value == 7);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(run_moves_a_move_only_result_out) {
    auto const value = ordo::run([]() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); });
    BOOST_TEST(*value == 7);
}

BOOST_AUTO_TEST_CASE(run_throws_what_the_main_coroutine_throws) {
    auto fail = []() -> coro<> {
        throw std::out_of_range("too far");
        co_return;
    };
    BOOST_TEST(error_text<std::out_of_range>([&] { ordo::run(fail); }) == "too far");
}

BOOST_AUTO_TEST_CASE(a_main_coroutine_that_is_cancelled_from_within_throws_a_cancelled_error) {
    auto cancel = []() -> coro<> {
        ordo::current_task()->cancel("why");
        co_await ordo::sleep(0s);
    };
    BOOST_TEST(cancel_message([&] { ordo::run(cancel); }) == "why");
}

BOOST_AUTO_TEST_CASE(a_runner_runs_several_main_coroutines_on_one_loop) {
    ordo::runner runner;
    auto which = []() -> coro<ordo::event_loop*> { co_return &ordo::get_running_loop(); };
    BOOST_TEST(runner.run(which) == &runner.get_loop());
    BOOST_TEST(runner.run(which) == &runner.get_loop());
}

BOOST_AUTO_TEST_CASE(the_runs_of_a_runner_share_one_context) {
    static ordo::context_var<int> variable("variable", -1);
    auto exchange = [](int value) -> coro<int> {
        auto const before = variable.get();
        co_await ordo::sleep(0s);
        variable.set(value);
        co_return before;
    };
    ordo::runner runner;
    BOOST_TEST(runner.run(exchange(1)) == -1);
    BOOST_TEST(runner.run(exchange(2)) == 1);
    BOOST_TEST(runner.run(exchange(3)) == 2);
    BOOST_TEST(variable.get() == -1);
}

BOOST_AUTO_TEST_CASE(the_main_coroutine_sees_the_debug_mode_of_the_loop) {
    auto debugging = []() -> coro<bool> { co_return ordo::get_running_loop().get_debug(); };
    for (bool const on : {true, false}) {
        ordo::runner runner;
        runner.get_loop().set_debug(on);
        BOOST_TEST(runner.run(debugging) == on);
    }
}

BOOST_AUTO_TEST_CASE(the_main_task_is_created_where_run_is_called) {
    std::uint_least32_t line = 0;
    ordo::runner runner;
    runner.run([&]() -> coro<> {
        line = ordo::current_task()->created_at().line();
        co_return;
    });
    BOOST_TEST(line > static_cast<std::uint_least32_t>(__LINE__ - 8));
    BOOST_TEST(line < static_cast<std::uint_least32_t>(__LINE__));
}

// -- leftovers

BOOST_AUTO_TEST_CASE(tasks_that_are_left_over_are_cancelled_in_the_order_of_their_creation) {
    ordo::testing::order_recorder order;
    {
        ordo::runner runner(quick());
        runner.run([&]() -> coro<> {
            static_cast<void>(ordo::create_task(wait_and_record_the_end(order, "a")));
            static_cast<void>(ordo::create_task(wait_and_record_the_end(order, "b")));
            static_cast<void>(ordo::create_task(wait_and_record_the_end(order, "c")));
            co_await ordo::sleep(0s);
        });
        BOOST_TEST(order.text() == "");
    }
    BOOST_TEST(order.difference({"a", "b", "c"}) == "");
}

BOOST_AUTO_TEST_CASE(tasks_that_are_left_over_are_awaited) {
    bool cleaned_up = false;
    {
        ordo::runner runner(quick());
        auto clean_up = [&]() -> coro<> {
            try {
                co_await ordo::sleep(1h);
            } catch (ordo::cancelled_error const&) {}
            co_await ordo::sleep(1s);
            cleaned_up = true;
        };
        runner.run([&]() -> coro<> {
            static_cast<void>(ordo::create_task(clean_up));
            co_await ordo::sleep(0s);
        });
    }
    BOOST_TEST(cleaned_up);
}

BOOST_AUTO_TEST_CASE(errors_of_tasks_that_are_left_over_are_reported) {
    std::vector<std::string> reports;
    {
        ordo::runner runner(quick());
        runner.get_loop().set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
            reports.push_back(what.message + ": " +
                              error_text<std::runtime_error>([&] { std::rethrow_exception(what.exception); }) + " in " +
                              what.task.name());
        });
        auto fail = []() -> coro<> {
            bool cancelled = false;
            try {
                co_await ordo::sleep(1h);
            } catch (ordo::cancelled_error const&) {
                cancelled = true;
            }
            if (cancelled) throw std::runtime_error("boom");
        };
        runner.run([&]() -> coro<> {
            static_cast<void>(ordo::create_task(fail, "leftover"));
            co_await ordo::sleep(0s);
        });
    }
    BOOST_REQUIRE(reports.size() == 1u);
    BOOST_TEST(reports[0] == "a task that was left over at the end of run() failed: boom in leftover");
}

BOOST_AUTO_TEST_CASE(leftovers_that_end_cancelled_are_not_reported) {
    int reports = 0;
    ordo::testing::order_recorder order;
    {
        ordo::runner runner(quick());
        runner.get_loop().set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { ++reports; });
        runner.run([&]() -> coro<> {
            static_cast<void>(ordo::create_task(wait_and_record_the_end(order, "a")));
            co_return; // before its first step
        });
    }
    BOOST_TEST(reports == 0);
}

BOOST_AUTO_TEST_CASE(leftovers_are_cancelled_also_when_the_main_coroutine_failed) {
    ordo::testing::order_recorder order;
    auto fail = [&]() -> coro<> {
        static_cast<void>(ordo::create_task(wait_and_record_the_end(order, "cancelled")));
        co_await ordo::sleep(0s);
        throw std::out_of_range("too far");
    };
    BOOST_CHECK_THROW(ordo::run(fail), std::out_of_range);
    BOOST_TEST(order.text() == "cancelled");
}

// -- the end

BOOST_AUTO_TEST_CASE(the_default_executor_is_shut_down_and_its_jobs_are_waited_for) {
    std::atomic<bool> ended = false;
    ordo::run([&]() -> coro<> {
        auto slow = [&] {
            std::this_thread::sleep_for(20ms);
            ended = true;
        };
        static_cast<void>(ordo::get_running_loop().run_in_executor(slow));
        co_return;
    });
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(the_loop_is_gone_after_run) {
    ordo::future<> f;
    ordo::run([&]() -> coro<> {
        f = ordo::get_running_loop().create_future();
        co_return;
    });
    BOOST_TEST(error_text<ordo::usage_error>([&] { f.get_loop(); }) == "future::get_loop: the loop is destroyed");
}

BOOST_AUTO_TEST_CASE(closing_a_runner_closes_its_loop_and_may_be_repeated) {
    ordo::runner runner;
    BOOST_TEST(runner.run(answer()) == 42);
    runner.close();
    runner.close();
    BOOST_TEST(runner.get_loop().is_closed());
}

BOOST_AUTO_TEST_CASE(a_runner_that_is_stopped_as_it_closes_closes_its_loop_all_the_same) {
    ordo::runner runner(quick());
    auto const stops = []() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {
            ordo::get_running_loop().stop();
        }
        co_await ordo::sleep(1h);
    };
    auto const main = [&]() -> coro<> {
        ordo::create_task(stops);
        co_await ordo::sleep(0s);
    };
    runner.run(main);
    BOOST_TEST(error_text<ordo::usage_error>([&] { runner.close(); }) ==
               "event_loop::run_until_complete: the loop was stopped before the future was done");
    BOOST_TEST(runner.get_loop().is_closed());
}

BOOST_AUTO_TEST_CASE(closing_a_runner_in_its_own_run_is_an_error) {
    ordo::runner runner;
    std::string error;
    auto main = [&]() -> coro<> {
        error = error_text<ordo::usage_error>([&] { runner.close(); });
        co_return;
    };
    runner.run(main);
    BOOST_TEST(error == "event_loop::close: the loop is running; stop() it first");
}

BOOST_AUTO_TEST_CASE(a_runner_that_was_closed_runs_nothing) {
    ordo::runner runner;
    runner.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { runner.run(answer()); }) ==
               "run: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_CASE(run_inside_of_a_loop_is_an_error) {
    std::string text;
    ordo::run([&]() -> coro<> {
        text = error_text<ordo::usage_error>([] { ordo::run(answer()); });
        co_return;
    });
    BOOST_TEST(text.ends_with("another loop is running on this thread; await its tasks instead"), text);
}

BOOST_AUTO_TEST_CASE(run_inside_of_its_own_run_is_an_error) {
    ordo::runner runner;
    std::string text;
    runner.run([&]() -> coro<> {
        text = error_text<ordo::usage_error>([&] { runner.run(answer()); });
        co_return;
    });
    BOOST_TEST(text == "run: this loop is running already");
    BOOST_TEST(runner.run(answer()) == 42);
}

BOOST_FIXTURE_TEST_CASE(a_refused_run_destroys_its_main_coroutine, counting) {
    auto hold = [](counted) -> coro<> { co_return; };
    ordo::run([&]() -> coro<> {
        BOOST_CHECK_THROW(ordo::run(hold(counted(1))), ordo::usage_error);
        co_return;
    });
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_names_tasks_that_do_not_heed_their_cancellation) {
    captured_log const log;
    auto const stubborn = []() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {}
        co_await ordo::sleep(ordo::detail::hang_patience + 100ms);
    };
    auto const main = [&]() -> coro<> {
        ordo::create_task(stubborn, "stubborn");
        co_await ordo::sleep(0s);
    };
    ordo::run(main);
    BOOST_TEST(log.text().starts_with("warning: the loop is to end, and after 5 s it still waits for what was told to "
                                      "end:\n'stubborn' waits for sleep, "));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_is_silent_about_them_on_virtual_time) {
    captured_log const log;
    auto const stubborn = []() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {}
        co_await ordo::sleep(1h);
    };
    auto const main = [&]() -> coro<> {
        ordo::create_task(stubborn);
        co_await ordo::sleep(0s);
    };
    ordo::runner(quick()).run(main);
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_SUITE_END()
