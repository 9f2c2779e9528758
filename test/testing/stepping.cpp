// ordo: tests of running a loop by hand.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/stepping.hpp>

#include "../error_text.hpp"
#include "../virtual_loop.hpp"

#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/wait_all_tasks_blocked.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>

namespace {

using namespace std::chrono_literals;
using ordo::testing::run_until_idle;
using ordo::testing::step;

ordo::coro<> yield_twice() {
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
}

ordo::coro<> yield_for_ever() {
    for (;;) co_await ordo::sleep(0s);
}

ordo::coro<> wait_until_blocked_and_go_on() {
    co_await ordo::testing::wait_all_tasks_blocked();
    co_await yield_twice();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stepping, virtual_loop)

BOOST_AUTO_TEST_CASE(runs_one_iteration_and_counts_what_was_ready) {
    loop.call_soon([&] { loop.call_soon(notes("third")); });
    loop.call_soon(notes("second"));
    BOOST_TEST(step(loop) == 2u);
    BOOST_TEST(order.text() == "second");
    BOOST_TEST(step(loop) == 1u);
    BOOST_TEST(order.text() == "second third");
    BOOST_TEST(step(loop) == 0u);
    BOOST_TEST(loop.iterations() == 3u);
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_what_is_ready) {
    for (auto const* each : {"a", "b", "c"}) loop.call_soon(notes(each));
    loop.call_soon_threadsafe(notes("d"));
    clock->advance(1s);
    loop.call_at(ordo::time_point(), notes("e"));
    step(loop);
    BOOST_TEST(order.text() == "a b c d e");
}

BOOST_AUTO_TEST_CASE(takes_a_task_from_one_wait_to_the_next) {
    auto const task = loop.create_task(yield_twice());
    for (int i = 0; i < 2; ++i) step(loop);
    BOOST_TEST(!task.done());
    step(loop);
    BOOST_TEST(task.done());
}

BOOST_AUTO_TEST_CASE(neither_waits_nor_lets_time_pass) {
    loop.call_later(1h, notes("timer"));
    BOOST_TEST(step(loop) == 0u);
    run_until_idle(loop);
    BOOST_TEST((loop.time() == ordo::time_point()));
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(takes_what_asio_has_to_deliver) {
    boost::asio::post(loop.host_executor(), [&] { loop.call_soon(notes("posted")); });
    BOOST_TEST(step(loop) == 1u);
    BOOST_TEST(order.text() == "posted");
}

BOOST_AUTO_TEST_CASE(runs_until_nothing_is_ready) {
    auto const task = loop.create_task(yield_twice());
    boost::asio::post(loop.host_executor(), [&] { loop.call_soon(notes("posted")); });
    clock->advance(1s);
    loop.call_at(ordo::time_point(1s), notes("timer"));
    run_until_idle(loop);
    BOOST_TEST(task.done());
    BOOST_TEST(order.text() == "posted timer");
}

BOOST_AUTO_TEST_CASE(takes_a_task_along_that_has_begun_to_wait_until_all_are_blocked) {
    auto const task = loop.create_task(wait_until_blocked_and_go_on());
    step(loop);
    run_until_idle(loop);
    BOOST_TEST(task.done());
}

BOOST_AUTO_TEST_CASE(gives_up_after_a_number_of_iterations) {
    auto const task = loop.create_task(yield_for_ever());
    bool const is_idle = run_until_idle(loop, {.max_iterations = 5});
    BOOST_TEST(!is_idle);
    BOOST_TEST(loop.iterations() == 5u);
}

BOOST_AUTO_TEST_CASE(says_whether_it_has_come_to_an_end) {
    auto const task = loop.create_task(yield_twice());
    bool is_idle = run_until_idle(loop, {.max_iterations = 2});
    BOOST_TEST(!is_idle);
    is_idle = run_until_idle(loop, {.max_iterations = 9});
    BOOST_TEST(is_idle);
    BOOST_TEST(task.done());
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_a_job) {
    loop.attach();
    run_until_idle(loop);
    loop.detach();
    BOOST_TEST(loop.iterations() == 1u);
}

BOOST_AUTO_TEST_CASE(waits_for_a_job_if_it_is_told_to) {
    auto const job = loop.run_in_executor([] { return 42; });
    loop.call_later(1h, notes("timer"));
    run_until_idle(loop, {.waits_for_outstanding = true});
    BOOST_TEST(job.result() == 42);
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(works_in_real_time_too) {
    ordo::event_loop real;
    real.call_later(1h, notes("timer"));
    real.call_soon(notes("callback"));
    run_until_idle(real);
    BOOST_TEST(order.text() == "callback");
}

BOOST_AUTO_TEST_CASE(is_for_loops_with_a_context_of_their_own) {
    boost::asio::io_context host;
    ordo::event_loop guest(host);
    BOOST_CHECK_EXCEPTION(step(guest), ordo::usage_error,
                          says("testing::step: this loop is on a context of its host; run that instead"));
    BOOST_CHECK_EXCEPTION(run_until_idle(guest), ordo::usage_error,
                          says("testing::run_until_idle: this loop is on a context of its host; run that instead"));
}

BOOST_AUTO_TEST_CASE(is_not_for_callbacks) {
    std::string text;
    loop.call_soon([&] { text = error_text<ordo::usage_error>([&] { run_until_idle(loop); }); });
    run_once();
    BOOST_TEST(text == "testing::run_until_idle: this loop is running already");
}

BOOST_AUTO_TEST_SUITE_END()
