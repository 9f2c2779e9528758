// ordo: tests of kill_on_cancel.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "subprocess_case.hpp"

#include <ordo/cancellation.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/wait_for.hpp>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>

using namespace std::chrono_literals;

namespace {

subprocess_options const killed{.std_in = stdio::pipe, .std_out = stdio::pipe, .kill_on_cancel = true};

subprocess_options asked(ordo::duration grace) {
    subprocess_options options{.std_in = stdio::pipe, .std_out = stdio::pipe};
    options.kill_on_cancel = true;
    options.cancel_signal = SIGTERM;
    options.grace_period = grace;
    return options;
}

/// Starts a script, and waits until it says that it is ready.
coro<ordo::process> ready(std::string script, subprocess_options options) {
    auto const child = co_await create_subprocess_shell(script + "; echo ready; while :; do sleep 0.01; done", options);
    auto const line = co_await child.std_out().read_line();
    BOOST_TEST(line == "ready\n");
    co_return child;
}

coro<bool> is_cancelled(ordo::any_task task) {
    try {
        co_await task;
    } catch (ordo::cancelled_error const&) {
        co_return true;
    }
    co_return false;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(kill_on_cancel, nothing_left)

OUTSIDE_TEST_CASE(a_cancelled_wait_ends_once_the_child_is_killed_and_reaped) {
    auto const child = co_await create_subprocess_exec("cat", {}, killed);
    auto const waiting = create_task(child.wait());
    co_await ordo::sleep(0s);
    waiting.cancel();
    auto const cancelled = co_await is_cancelled(waiting);
    BOOST_TEST(cancelled);
    BOOST_TEST(child.returncode().value() == -SIGKILL);
}

OUTSIDE_TEST_CASE(a_cancelled_communicate_ends_once_the_child_is_killed_and_reaped) {
    for (int moment = 1; moment < 12; ++moment) {
        auto const child = co_await create_subprocess_shell("cat; exec sleep 1000", killed);
        auto const talking = create_task(child.communicate(std::string(300'000, 'x')));
        for (int i = 0; i < moment; ++i) co_await ordo::sleep(0s);
        talking.cancel();
        auto const cancelled = co_await is_cancelled(talking);
        BOOST_TEST(cancelled);
        BOOST_TEST(child.returncode().value() == -SIGKILL);
    }
}

OUTSIDE_TEST_CASE(a_timeout_kills) {
    auto const child = co_await create_subprocess_exec("sleep", words("1000"), killed);
    auto const text = co_await failure_of<ordo::timeout_error>(ordo::wait_for(child.wait(), 10ms));
    BOOST_TEST(text != "(nothing was thrown)");
    BOOST_TEST(child.returncode().value() == -SIGKILL);
}

OUTSIDE_TEST_CASE(a_child_that_handles_the_signal_ends_in_its_own_way) {
    auto const child = co_await ready("trap 'exit 9' TERM", asked(30s));
    auto const waiting = create_task(child.wait());
    co_await ordo::sleep(0s);
    waiting.cancel();
    auto const cancelled = co_await is_cancelled(waiting);
    BOOST_TEST(cancelled);
    BOOST_TEST(child.returncode().value() == 9);
}

OUTSIDE_TEST_CASE(a_child_that_ignores_the_signal_is_killed_after_the_grace_period) {
    auto const child = co_await ready("trap '' TERM", asked(50ms));
    auto const waiting = create_task(child.wait());
    co_await ordo::sleep(0s);
    auto const before = std::chrono::steady_clock::now();
    waiting.cancel();
    auto const cancelled = co_await is_cancelled(waiting);
    BOOST_TEST(cancelled);
    BOOST_TEST(child.returncode().value() == -SIGKILL);
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 50ms));
}

OUTSIDE_TEST_CASE(a_second_cancellation_ends_the_grace_period) {
    auto const child = co_await ready("trap '' TERM", asked(1h));
    auto const waiting = create_task(child.wait());
    co_await ordo::sleep(0s);
    waiting.cancel();
    co_await ordo::sleep(1ms);
    BOOST_TEST(!waiting.done());
    waiting.cancel();
    auto const cancelled = co_await is_cancelled(waiting);
    BOOST_TEST(cancelled);
    BOOST_TEST(child.returncode().value() == -SIGKILL);
}

OUTSIDE_TEST_CASE(a_task_that_is_cancelled_at_every_suspension_still_reaps) {
    auto const child = co_await ready("trap '' TERM", asked(1h));
    auto const wait = [](ordo::process of) -> coro<> {
        auto const body = [&]() -> coro<> { static_cast<void>(co_await of.wait()); };
        co_await ordo::with_cancellation(ordo::cancellation::level_triggered, body);
    };
    auto const waiting = create_task(wait(child));
    co_await ordo::sleep(0s);
    waiting.cancel();
    auto const cancelled = co_await is_cancelled(waiting);
    BOOST_TEST(cancelled);
    BOOST_TEST(child.returncode().value() == -SIGKILL);
}

OUTSIDE_TEST_CASE(a_cancellation_after_the_end_changes_nothing) {
    auto const child = co_await create_subprocess_exec("true", {}, killed);
    co_await child.communicate();
    auto const waiting = create_task(child.wait());
    waiting.cancel();
    auto const cancelled = co_await is_cancelled(waiting);
    BOOST_TEST(cancelled);
    BOOST_TEST(child.returncode().value() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
