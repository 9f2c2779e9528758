// ordo: tests of ORDO_TEST_CASE, and of what it says about a test that leaves something behind.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/test_case.hpp>

#include "../error_text.hpp"

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <chrono>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;
using ordo::testing::run_test_case;

ordo::coro<> sleep_for_an_hour() {
    co_await ordo::sleep(1h);
}

ordo::coro<> pass() {
    co_return;
}

ordo::coro<> throw_an_error() {
    co_await ordo::sleep(1ms);
    throw std::runtime_error("the body failed");
}

ordo::coro<> leave_a_task() {
    static_cast<void>(ordo::create_task(sleep_for_an_hour(), "forgotten"));
    co_await ordo::sleep(1ms);
}

ordo::coro<> leave_a_task_and_throw() {
    static_cast<void>(ordo::create_task(sleep_for_an_hour(), "forgotten"));
    co_await ordo::sleep(1ms);
    throw std::runtime_error("the body failed");
}

ordo::coro<> let_a_callback_throw() {
    ordo::get_running_loop().call_soon([] { throw std::runtime_error("boom"); });
    co_await ordo::sleep(1ms);
}

ordo::coro<> let_a_task_fail() {
    static_cast<void>(ordo::create_task(throw_an_error()));
    co_await ordo::sleep(1h);
}

ordo::coro<> wait_for_ever() {
    auto const never = ordo::get_running_loop().create_future();
    co_await never;
}

int times_run = 0;

} // namespace

BOOST_AUTO_TEST_SUITE(test_case)

ORDO_TEST_CASE(is_a_coroutine_of_a_task_in_virtual_time) {
    ++times_run;
    auto& loop = ordo::get_running_loop();
    auto const begin = loop.time();
    co_await ordo::sleep(24h);
    auto const slept = loop.time() - begin;
    BOOST_TEST((slept == 24h));
}

BOOST_AUTO_TEST_CASE(has_run) {
    BOOST_TEST(times_run == 1);
}

BOOST_AUTO_TEST_CASE(passes_if_nothing_is_left) {
    BOOST_CHECK_NO_THROW(run_test_case(pass));
}

BOOST_AUTO_TEST_CASE(fails_with_the_error_of_its_body) {
    BOOST_CHECK_EXCEPTION(run_test_case(throw_an_error), std::runtime_error, says("the body failed"));
}

BOOST_AUTO_TEST_CASE(fails_if_a_task_is_left) {
    BOOST_CHECK_EXCEPTION(run_test_case(leave_a_task), std::runtime_error,
                          says("the test left something behind:\n  left pending: task 'forgotten'"));
}

BOOST_AUTO_TEST_CASE(fails_with_the_error_of_its_body_although_a_task_is_left) {
    BOOST_CHECK_EXCEPTION(run_test_case(leave_a_task_and_throw), std::runtime_error, says("the body failed"));
}

BOOST_AUTO_TEST_CASE(fails_if_a_callback_threw) {
    BOOST_CHECK_EXCEPTION(run_test_case(let_a_callback_throw), std::runtime_error,
                          says("the test left something behind:\n  reported: exception in a callback"));
}

BOOST_AUTO_TEST_CASE(fails_if_the_error_of_a_task_was_not_retrieved) {
    BOOST_CHECK_EXCEPTION(run_test_case(let_a_task_fail), std::runtime_error,
                          says("the test left something behind:\n  reported: the error of a task was never retrieved"));
}

BOOST_AUTO_TEST_CASE(fails_instead_of_hanging) {
    BOOST_CHECK_EXCEPTION(run_test_case(wait_for_ever), std::runtime_error, [](std::runtime_error const& error) {
        return std::string_view(error.what())
            .starts_with("event_loop::run_forever: deadlock: nothing is ready, no timer is scheduled and nothing is "
                         "outstanding, so nothing can ever happen; these tasks are left:\n'Task-1' waits for ");
    });
}

BOOST_AUTO_TEST_SUITE_END()
