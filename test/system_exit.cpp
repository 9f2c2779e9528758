// ordo: tests of system_exit, which ends the run of a loop in the middle of an iteration.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/exception_context.hpp>
#include <ordo/loop_hooks.hpp>
#include <ordo/runner.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>

#include "virtual_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <vector>

namespace {

/// The code of the system_exit that f() throws.
template <class F>
int exit_code(F&& f) {
    try {
        f();
    } catch (ordo::system_exit const& e) {
        return e.code();
    }
    return -1;
}

ordo::coro<> leave(int code) {
    co_await ordo::sleep(std::chrono::seconds(0));
    throw ordo::system_exit(code);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(system_exit, virtual_loop)

BOOST_AUTO_TEST_CASE(in_a_callback_leaves_the_rest_of_the_iteration_for_the_next_run) {
    // CPython: exit_exception_in_a_callback_leaves_the_rest_of_the_iteration_queued.
    loop.call_soon([&] {
        order.record("first");
        loop.call_soon([&] { order.record("later"); });
        throw ordo::system_exit(3);
    });
    loop.call_soon([&] { order.record("second"); });
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 3);
    BOOST_TEST(order.text() == "first");
    loop.call_soon([&] { loop.stop(); });
    loop.run_forever();
    BOOST_TEST(order.difference({"first", "second", "later"}) == "");
}

BOOST_AUTO_TEST_CASE(in_a_task_is_its_error_and_ends_the_run) {
    auto const task = loop.create_task(leave(4));
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 4);
    BOOST_TEST(task.done());
    BOOST_TEST(exit_code([&] { task.result(); }) == 4);
}

BOOST_AUTO_TEST_CASE(in_a_task_ends_the_run_if_it_is_of_a_derived_type_too) {
    struct own_exit : ordo::system_exit {
        using system_exit::system_exit;
    };
    auto leave_in_its_own_way = []() -> ordo::coro<> {
        throw own_exit(10);
        co_return;
    };
    auto const task = loop.create_task(leave_in_its_own_way());
    loop.call_soon([this] { loop.stop(); });
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 10);
    BOOST_TEST(task.done());
}

BOOST_AUTO_TEST_CASE(in_a_task_that_nobody_holds_ends_the_run) {
    loop.set_exception_handler([this](ordo::event_loop&, ordo::exception_context const&) { order.record("reported"); });
    loop.create_task(leave(11));
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 11);
    BOOST_TEST(order.text() == "reported"); // its error was never retrieved
    loop.create_task(leave(13));
    loop.set_debug(true);
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 13);
}

BOOST_AUTO_TEST_CASE(in_a_task_ends_the_run_whatever_a_hook_does_meanwhile) {
    auto leave_at_once = []() -> ordo::coro<> {
        throw ordo::system_exit(15);
        co_return;
    };
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    int caught = -1;
    loop.set_hooks({.on_task_done = [&](ordo::any_task const& task) {
        ordo::task_options const eagerly{.eager_start = true};
        if (task.name() == "main") caught = exit_code([&] { loop.create_task(leave_at_once(), eagerly); });
    }});
    auto const task = loop.create_task(leave(14), "main");
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 14);
    BOOST_TEST(caught == 15);
}

BOOST_AUTO_TEST_CASE(in_a_task_that_begins_at_once_is_thrown_to_whoever_creates_it) {
    // CPython: Task.__init__ with eager_start raises what the first step raises, if it is a SystemExit.
    auto leave_at_once = []() -> ordo::coro<> {
        throw ordo::system_exit(12);
        co_return;
    };
    ordo::task_options const eagerly{.eager_start = true};
    int caught = -1;
    auto creator = [&]() -> ordo::coro<> {
        caught = exit_code([&] { loop.create_task(leave_at_once(), eagerly); });
        co_await ordo::sleep(std::chrono::seconds(0));
        order.record("goes on");
    };
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    loop.run_until_complete(creator());
    BOOST_TEST(caught == 12);
    BOOST_TEST(order.text() == "goes on");

    loop.call_soon([&] { loop.create_task(leave_at_once(), eagerly); });
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 12);
}

BOOST_AUTO_TEST_CASE(of_the_main_task_comes_out_of_run_until_complete_once_and_the_loop_runs_on) {
    int reports = 0;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { ++reports; });
    BOOST_TEST(exit_code([&] { loop.run_until_complete(leave(5)); }) == 5);
    BOOST_TEST(loop.run_until_complete([]() -> ordo::coro<int> { co_return 1; }()) == 1);
    BOOST_TEST(reports == 0);
}

BOOST_AUTO_TEST_CASE(ends_run_which_cancels_what_is_left) {
    bool cancelled = false;
    auto main = [&]() -> ordo::coro<> {
        auto other = [&]() -> ordo::coro<> {
            try {
                co_await ordo::sleep(std::chrono::hours(1));
            } catch (ordo::cancelled_error const&) {
                cancelled = true;
                throw;
            }
        };
        ordo::create_task(other);
        co_await leave(6);
    };
    BOOST_TEST(exit_code([&] { ordo::run(main); }) == 6);
    BOOST_TEST(cancelled);
}

BOOST_AUTO_TEST_CASE(ends_the_run_in_debug_mode_too) {
    loop.set_debug(true);
    loop.call_soon([] { throw ordo::system_exit(7); });
    BOOST_TEST(exit_code([&] { loop.run_forever(); }) == 7);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(system_exit_on_a_borrowed_executor)

BOOST_AUTO_TEST_CASE(is_reported_as_any_other_error_because_there_is_no_run_to_end) {
    boost::asio::io_context host;
    ordo::event_loop loop(host.get_executor());
    std::vector<std::exception_ptr> reports;
    loop.set_exception_handler(
        [&](ordo::event_loop&, ordo::exception_context const& what) { reports.push_back(what.exception); });
    loop.call_soon([] { throw ordo::system_exit(8); });
    auto const task = loop.create_task(leave(9));
    host.run();
    BOOST_TEST_REQUIRE(reports.size() == 1U);
    BOOST_TEST(exit_code([&] { std::rethrow_exception(reports[0]); }) == 8);
    BOOST_TEST(exit_code([&] { task.result(); }) == 9);
}

BOOST_AUTO_TEST_SUITE_END()
