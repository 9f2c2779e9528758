// ordo: tests of tasks that begin at once.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/context_var.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::sleep;

namespace {

constexpr ordo::task_options eager{.eager_start = true};

coro<int> at_once(int value) {
    co_return value;
}

coro<int> later(int value) {
    co_await sleep(1s);
    co_return value;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(eager_tasks, virtual_loop)

// CPython: test_eager_task_factory.EagerTaskFactoryLoopTests.

ORDO_TEST_CASE(one_that_never_waits_is_done_when_create_task_returns) {
    auto const task = ordo::create_task(at_once(42), eager);
    BOOST_TEST(task.done());
    BOOST_TEST(task.result() == 42);
    auto const all = ordo::all_tasks();
    BOOST_TEST(all.size() == 1u); // this one
    co_return;
}

ORDO_TEST_CASE(one_that_waits_goes_on_as_any_other) {
    auto const task = ordo::create_task(later(42), {.name = "t", .eager_start = true});
    BOOST_TEST(!task.done());
    BOOST_TEST(task.name() == "t");
    int const result = co_await task;
    BOOST_TEST(result == 42);
}

ORDO_TEST_CASE(one_that_fails_at_once_holds_the_error) {
    auto failing = []() -> coro<> {
        throw std::runtime_error("broken");
        co_return;
    };
    auto const task = ordo::create_task(failing, eager);
    BOOST_TEST(error_text<std::runtime_error>([&] { task.result(); }) == "broken");
    co_return;
}

ORDO_TEST_CASE(one_may_cancel_itself) {
    // CPython: test_cancelled_cancels, "cancel before the first suspension".
    auto cancelling = []() -> coro<> {
        ordo::current_task()->cancel("enough");
        co_await sleep(1h);
    };
    auto const task = ordo::create_task(cancelling, eager);
    BOOST_TEST(!task.done());
    std::string message;
    try {
        co_await task;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "enough");
}

ORDO_TEST_CASE(the_creating_task_is_current_again_afterwards) {
    auto const self = *ordo::current_task();
    bool other = false;
    auto look = [&]() -> coro<> {
        other = *ordo::current_task() != self;
        co_return;
    };
    ordo::create_task(look, eager);
    BOOST_TEST(other);
    BOOST_TEST((*ordo::current_task() == self));
    co_return;
}

ORDO_TEST_CASE(one_is_among_all_tasks_while_it_takes_its_first_step) {
    std::size_t tasks = 0;
    auto count = [&]() -> coro<> {
        tasks = ordo::all_tasks().size();
        co_return;
    };
    ordo::create_task(count, eager);
    BOOST_TEST(tasks == 2u);
    co_return;
}

BOOST_AUTO_TEST_CASE(the_first_step_runs_within_the_creators) {
    auto child = [this]() -> coro<> {
        order.record("child begins");
        co_await sleep(0s);
        order.record("child goes on");
    };
    auto parent = [&]() -> coro<> {
        loop.call_soon(notes("callback"));
        auto const task = loop.create_task(child, eager);
        order.record("created");
        co_await task;
    };
    loop.run_until_complete(loop.create_task(parent));
    BOOST_TEST(order.difference({"child begins", "created", "callback", "child goes on"}) == "");
}

BOOST_AUTO_TEST_CASE(without_a_running_loop_it_begins_with_it) {
    auto const task = loop.create_task(at_once(42), eager);
    BOOST_TEST(!task.done());
    BOOST_TEST(loop.run_until_complete(task) == 42);
}

BOOST_AUTO_TEST_CASE(on_another_loop_than_the_running_one_it_begins_with_that) {
    ordo::event_loop other;
    loop.call_soon([&] {
        auto const task = other.create_task(at_once(42), eager);
        BOOST_TEST(!task.done());
        loop.stop();
    });
    loop.run_forever();
}

BOOST_AUTO_TEST_CASE(the_options_of_the_loop_hold_for_tasks_that_do_not_say) {
    ordo::event_loop eager_loop(ordo::loop_options{.eager_start = true});
    eager_loop.call_soon([&] {
        BOOST_TEST(eager_loop.create_task(at_once(1)).done());
        BOOST_TEST(!eager_loop.create_task(at_once(1), {.eager_start = false}).done());
        eager_loop.stop();
    });
    eager_loop.run_forever();
}

ORDO_TEST_CASE(it_has_a_context_of_its_own) {
    static ordo::context_var<int> variable("variable", 0);
    auto set = []() -> coro<> {
        variable.set(variable.get() + 1);
        co_return;
    };
    variable.set(1);
    ordo::create_task(set, eager);
    BOOST_TEST(variable.get() == 1);
    auto in = ordo::copy_context();
    ordo::create_task(set, {.context = in, .eager_start = true});
    BOOST_TEST(in.run([] { return variable.get(); }) == 2);
    co_return;
}

BOOST_AUTO_TEST_CASE(in_the_context_that_is_being_run_in_it_fails_with_an_error_that_says_so) {
    auto in = ordo::copy_context();
    ordo::task<int> task;
    loop.call_soon(in, [&] { task = loop.create_task(at_once(1), {.context = in, .eager_start = true}); });
    run_once();
    BOOST_TEST(error_text<ordo::usage_error>([&] { task.result(); }) ==
               "context::run: this context is already being run in; run a copy, from copy_context()");
}

BOOST_AUTO_TEST_CASE(a_task_whose_context_is_being_run_in_fails_with_an_error_that_says_so) {
    auto in = ordo::copy_context();
    auto const task = loop.create_task(later(1), {.context = in});
    in.run([&] {
        BOOST_TEST(error_text<ordo::usage_error>([&] { loop.run_until_complete(task); }) ==
                   "context::run: this context is already being run in; run a copy, from copy_context()");
    });
}

BOOST_AUTO_TEST_SUITE_END()
