// ordo: tests of cancelling a test body at each of its suspension points.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/inject_cancellation.hpp>

#include "../captured_log.hpp"
#include "../error_text.hpp"

#include <ordo/event.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::testing::inject_cancellation;

std::string verdict(std::function<coro<>()> const& body, ordo::testing::cancellation_options options = {}) {
    auto const text = error_text<std::runtime_error>([&] { inject_cancellation(body, options); });
    return std::regex_replace(text, std::regex(" at [^ ]*/inject_cancellation.cpp:[0-9]+ \\([^\n]*\\)(\n|$)"),
                              " here$1");
}

coro<> sleep_thrice(std::vector<int>& reached) {
    for (int i = 0; i < 3; ++i) {
        reached.push_back(i);
        co_await ordo::sleep(1h);
    }
    reached.push_back(3);
}

coro<> forget_a_task_if_cancelled() {
    auto work = []() -> coro<> { co_await ordo::sleep(1h); };
    auto const worker = create_task(work, "worker");
    co_await ordo::sleep(1s);
    co_await worker;
}

coro<> fail_if_cancelled() {
    try {
        co_await ordo::sleep(1s);
    } catch (ordo::cancelled_error const&) {
        throw std::runtime_error("I do not like that");
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(inject_cancellation_)

BOOST_AUTO_TEST_CASE(cancels_at_each_suspension_point_once) {
    std::vector<int> reached;
    auto const runs = inject_cancellation([&] { return sleep_thrice(reached); }, {.iterations = 0});
    BOOST_TEST(runs == 3u);
    BOOST_TEST(reached == (std::vector<int>{0, 0, 1, 0, 1, 2, 0, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lets_the_body_take_it_and_go_on) {
    int taken = 0;
    auto body = [&]() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const& e) {
            BOOST_TEST(e.message() == "injected");
            ++taken;
        }
    };
    inject_cancellation(body, {.iterations = 0});
    BOOST_TEST(taken == 1);
}

BOOST_AUTO_TEST_CASE(cancels_one_that_is_woken_but_has_not_run) {
    auto body = []() -> coro<> {
        ordo::event came;
        auto comes = [&]() -> coro<> {
            came.set();
            co_return;
        };
        auto const other = create_task(comes);
        try {
            co_await came.wait();
        } catch (ordo::cancelled_error const&) {}
        co_await other;
    };
    BOOST_TEST(inject_cancellation(body, {.iterations = 0}) == 1u);
    BOOST_TEST(inject_cancellation(body, {.iterations = 1}) == 2u);
    BOOST_TEST(inject_cancellation(body, {.iterations = 9}) == 2u);
}

BOOST_AUTO_TEST_CASE(can_cancel_the_tasks_of_the_body_too) {
    std::vector<std::string> cancelled;
    auto body = [&]() -> coro<> {
        auto work = [&]() -> coro<> { co_await ordo::sleep(1h); };
        auto const a = create_task(work, "a");
        auto const b = create_task(work, "b");
        co_await ordo::sleep(2h);
        for (auto const& each : {a, b})
            if (each.cancelled()) cancelled.push_back(each.name());
    };
    auto const tolerant = [&]() -> coro<> {
        bool was_cancelled = false;
        try {
            co_await body();
        } catch (ordo::cancelled_error const&) {
            cancelled.push_back("main");
            was_cancelled = true;
        }
        if (was_cancelled) co_await ordo::sleep(2h);
    };
    inject_cancellation(tolerant, {.any_task = true, .iterations = 0});
    BOOST_TEST(cancelled == (std::vector<std::string>{"main", "a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(knows_the_main_task_not_by_its_name) {
    auto body = []() -> coro<> {
        auto work = []() -> coro<> { co_await ordo::sleep(1s); };
        auto const other = create_task(work, "main");
        try {
            co_await ordo::sleep(2s);
        } catch (ordo::cancelled_error const&) {}
        co_await other;
    };
    BOOST_TEST(inject_cancellation(body, {.iterations = 0}) == 1u);
}

BOOST_AUTO_TEST_CASE(says_what_it_is_about_to_try) {
    std::vector<std::string> said;
    auto body = []() -> coro<> { co_await ordo::sleep(1s); };
    captured_log const log;
    inject_cancellation(body, {.iterations = 0, .on_run = [&](std::string const& what) { said.push_back(what); }});
    BOOST_TEST(said == (std::vector<std::string>{"after step 1 and 0 iterations", "after step 2 and 0 iterations"}),
               boost::test_tools::per_element());
    BOOST_TEST(log.text().find("inject_cancellation: a run with a cancellation after step 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(finds_what_a_cancelled_body_leaves_behind) {
    BOOST_TEST(verdict(forget_a_task_if_cancelled) == "with task 'main' cancelled after step 1 and 0 iterations:\n"
                                                      "  left pending: task 'worker', created here");
}

BOOST_AUTO_TEST_CASE(finds_another_error) {
    BOOST_TEST(verdict(fail_if_cancelled) == "with task 'main' cancelled after step 1 and 0 iterations:\n"
                                             "  the body ended with std::runtime_error: I do not like that");
}

BOOST_AUTO_TEST_CASE(finds_a_body_that_fails_by_itself) {
    auto const fails_at_once = []() -> coro<> {
        throw std::runtime_error("it does not work");
        co_return;
    };
    BOOST_TEST(verdict(fails_at_once) == "without a cancellation:\n"
                                         "  the body ended with std::runtime_error: it does not work");
}

BOOST_AUTO_TEST_SUITE_END()
