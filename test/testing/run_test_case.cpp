// ordo: tests of run_test_case, and of what it says about a test that leaves something behind.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/run_test_case.hpp>

#include "../captured_log.hpp"
#include "../error_text.hpp"

#include <ordo/async_generator.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>
#include <ordo/server.hpp>
#include <ordo/sleep.hpp>
#include <ordo/stream.hpp>
#include <ordo/task.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <regex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <sys/socket.h>
#include <thread>

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::get_running_loop;
using ordo::testing::run_test_case;

/// What the body is accused of, without the places, which are this file's.
std::string verdict(std::function<coro<>()> const& body) {
    auto const text = error_text<std::exception>([&] { run_test_case(body); });
    return std::regex_replace(text, std::regex(" at [^ ]*/run_test_case.cpp:[0-9]+ \\([^\n]*\\)(\n|$)"), " here$1");
}

coro<> sleep_for_an_hour() {
    co_await ordo::sleep(1h);
}

coro<> pass() {
    co_return;
}

coro<> throw_an_error() {
    co_await ordo::sleep(1ms);
    throw std::runtime_error("the body failed");
}

coro<> leave_a_task() {
    static_cast<void>(ordo::create_task(sleep_for_an_hour(), "forgotten"));
    co_await ordo::sleep(1ms);
}

coro<> let_a_job_go() {
    auto job = [](std::stop_token stop) {
        while (!stop.stop_requested()) std::this_thread::yield();
    };
    auto const running = get_running_loop().run_in_executor(job);
    running.cancel();
    co_return;
}

coro<> leave_a_task_and_throw() {
    static_cast<void>(ordo::create_task(sleep_for_an_hour(), "forgotten"));
    co_await ordo::sleep(1ms);
    throw std::runtime_error("the body failed");
}

/// As frameworks throw, to leave a test whose failure they have noted.
struct end_of_test {};

coro<> leave_a_task_and_end_in_the_way_of_a_framework() {
    static_cast<void>(ordo::create_task(sleep_for_an_hour(), "forgotten"));
    co_await ordo::sleep(1ms);
    throw end_of_test();
}

coro<> leave_a_task_that_yields_for_ever() {
    auto yields = []() -> coro<> {
        for (;;) co_await ordo::sleep(0s);
    };
    static_cast<void>(ordo::create_task(yields, "restless"));
    co_return;
}

void call_again() {
    get_running_loop().call_soon(call_again);
}

coro<> leave_a_callback_that_calls_itself_again() {
    call_again();
    co_return;
}

coro<> cancel_a_task() {
    auto const task = ordo::create_task(sleep_for_an_hour());
    co_await ordo::sleep(1ms);
    task.cancel();
}

coro<> leave_a_timer() {
    get_running_loop().call_later(90s, [] {});
    co_return;
}

coro<> leave_a_callback() {
    get_running_loop().call_soon([] {});
    co_return;
}

coro<> let_a_callback_throw() {
    get_running_loop().call_soon([] { throw std::runtime_error("boom"); });
    co_await ordo::sleep(1ms);
}

coro<> let_a_task_fail() {
    static_cast<void>(ordo::create_task(throw_an_error(), "careless"));
    co_await ordo::sleep(1h);
}

coro<> leave_an_error_in_a_future() {
    auto const future = get_running_loop().create_future();
    future.set_exception(std::runtime_error("nobody looked"));
    co_return;
}

coro<> wait_for_ever() {
    auto const never = get_running_loop().create_future();
    co_await never;
}

ordo::async_generator<int> count() {
    for (int i = 0;; ++i) co_yield i;
}

std::optional<ordo::async_generator<int>> kept_generator;
std::optional<ordo::stream_writer> kept_writer;
std::optional<ordo::server> kept_server;

coro<> leave_a_generator() {
    kept_generator = count();
    co_await kept_generator->next();
}

coro<> drop_a_generator() {
    auto numbers = count();
    co_await numbers.next();
}

int socket_of_a_pair() {
    int both[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, both) == 0);
    ::close(both[1]);
    return both[0];
}

coro<> leave_a_stream() {
    kept_writer = ordo::adopt_connection(socket_of_a_pair()).writer;
    co_return;
}

coro<> drop_a_stream() {
    auto const connection = ordo::adopt_connection(socket_of_a_pair());
    co_return;
}

coro<> ignore(ordo::stream_reader, ordo::stream_writer) {
    co_return;
}

coro<> leave_a_server() {
    kept_server = co_await ordo::start_server(ignore, "127.0.0.1", 0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_test_case_)

BOOST_AUTO_TEST_CASE(passes_if_nothing_is_left) {
    BOOST_CHECK_NO_THROW(run_test_case(pass));
}

BOOST_AUTO_TEST_CASE(lets_what_is_ready_run_out) {
    BOOST_CHECK_NO_THROW(run_test_case(cancel_a_task));
    BOOST_CHECK_NO_THROW(run_test_case(leave_a_callback));
    BOOST_CHECK_NO_THROW(run_test_case(drop_a_generator));
    BOOST_CHECK_NO_THROW(run_test_case(drop_a_stream));
}

BOOST_AUTO_TEST_CASE(passes_if_a_job_is_about_to_stop) {
    BOOST_CHECK_NO_THROW(run_test_case(let_a_job_go));
}

BOOST_AUTO_TEST_CASE(fails_with_the_error_of_its_body) {
    BOOST_CHECK_EXCEPTION(run_test_case(throw_an_error), std::runtime_error, says("the body failed"));
}

BOOST_AUTO_TEST_CASE(fails_with_the_error_of_its_body_and_what_is_left) {
    BOOST_TEST(verdict(leave_a_task_and_throw) == "std::runtime_error: the body failed\n"
                                                  "the test left something behind:\n"
                                                  "  left pending: task 'forgotten', created here");
}

BOOST_AUTO_TEST_CASE(fails_with_what_is_no_error_as_it_is_and_logs_what_is_left) {
    captured_log const log;
    BOOST_CHECK_THROW(run_test_case(leave_a_task_and_end_in_the_way_of_a_framework), end_of_test);
    BOOST_TEST(
        log.text().find("error: the test left something behind:\n  left pending: task 'forgotten', created at ") !=
        std::string::npos);
}

BOOST_AUTO_TEST_CASE(fails_if_a_task_is_left) {
    BOOST_TEST(verdict(leave_a_task) ==
               "the test left something behind:\n  left pending: task 'forgotten', created here");
}

BOOST_AUTO_TEST_CASE(fails_if_a_task_is_left_that_never_comes_to_rest) {
    BOOST_TEST(verdict(leave_a_task_that_yields_for_ever) ==
               "the test left something behind:\n  left pending: task 'restless', created here");
}

BOOST_AUTO_TEST_CASE(fails_if_a_callback_never_comes_to_rest) {
    BOOST_TEST(verdict(leave_a_callback_that_calls_itself_again) ==
               "the test left something behind:\n  left pending: a callback, scheduled here");
}

BOOST_AUTO_TEST_CASE(says_where_it_comes_from) {
    auto const text = error_text<std::runtime_error>([] { run_test_case(leave_a_task); });
    BOOST_TEST(text.find("run_test_case.cpp:") != text.npos);
    BOOST_TEST(text.find("leave_a_task") != text.npos);
}

BOOST_AUTO_TEST_CASE(fails_if_a_timer_is_left) {
    BOOST_TEST(verdict(leave_a_timer) ==
               "the test left something behind:\n  left pending: a timer due in 90 s, scheduled here");
}

BOOST_AUTO_TEST_CASE(fails_if_a_generator_is_left_open) {
    BOOST_TEST(verdict(leave_a_generator) ==
               "the test left something behind:\n  left open: an async_generator, begun here");
    kept_generator.reset();
}

BOOST_AUTO_TEST_CASE(fails_if_a_stream_is_left_open) {
    BOOST_TEST(verdict(leave_a_stream) == "the test left something behind:\n  left open: a stream to an unnamed peer");
    kept_writer.reset();
}

BOOST_AUTO_TEST_CASE(fails_if_a_server_is_left_open) {
    BOOST_TEST(verdict(leave_a_server).ends_with("\n  left open: a server, started here"));
    kept_server.reset();
}

BOOST_AUTO_TEST_CASE(fails_if_a_callback_threw) {
    BOOST_TEST(verdict(let_a_callback_throw) ==
               "the test left something behind:\n"
               "  reported: exception in a callback: std::runtime_error: boom; created here");
}

BOOST_AUTO_TEST_CASE(fails_if_the_error_of_a_task_was_not_retrieved) {
    BOOST_TEST(verdict(let_a_task_fail) ==
               "the test left something behind:\n  reported: the error of a task was never retrieved: task 'careless': "
               "std::runtime_error: the body failed; created here");
}

BOOST_AUTO_TEST_CASE(fails_if_the_error_of_a_future_was_not_retrieved) {
    BOOST_TEST(verdict(leave_an_error_in_a_future) ==
               "the test left something behind:\n  reported: the error of a future was never retrieved: "
               "std::runtime_error: nobody looked; created here");
}

BOOST_AUTO_TEST_CASE(fails_instead_of_hanging) {
    BOOST_TEST(
        error_text<ordo::usage_error>([] { run_test_case(wait_for_ever); })
            .starts_with("event_loop::run_forever: deadlock: nothing is ready, no timer is scheduled and nothing is "
                         "outstanding, so nothing can ever happen; these tasks are left:\n'main' waits for "));
}

BOOST_AUTO_TEST_CASE(takes_options_of_the_loop) {
    bool began_at_once = false;
    auto body = [&]() -> coro<> {
        auto begin = [&]() -> coro<> {
            began_at_once = true;
            co_return;
        };
        auto const task = ordo::create_task(begin);
        BOOST_TEST(began_at_once);
        co_return;
    };
    run_test_case(body, {.eager_start = true});
    BOOST_TEST(began_at_once);
}

BOOST_AUTO_TEST_SUITE_END()
