// ordo: tests of tasks: what they are called, who knows them, and how they end.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task.hpp>

#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;

namespace {

coro<int> return_value(int value) {
    co_return value;
}

coro<> fail(std::string why) {
    throw std::runtime_error(why);
    co_return;
}

coro<> sleep_for_a_second() {
    co_await ordo::sleep(1s);
}

coro<> yield_once() {
    co_await ordo::sleep(0s);
}

/// A loop that keeps what is reported to it.
struct reporting_loop {
    ordo::event_loop loop{{.clock = std::make_shared<ordo::testing::virtual_clock>()}};
    std::vector<ordo::exception_context> reports;

    reporting_loop() {
        loop.set_exception_handler(
            [this](ordo::event_loop&, ordo::exception_context const& what) { reports.push_back(what); });
    }
    ~reporting_loop() { reports.clear(); }

    void run_one_iteration() {
        loop.stop();
        loop.run_forever();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(task_)

// -- results

ORDO_TEST_CASE(a_task_gives_the_result_of_its_coroutine) {
    auto const t = create_task(return_value(7));
    BOOST_TEST(!t.done());
    auto const& value = co_await t;
    BOOST_TEST(value == 7);
    BOOST_TEST(&value == &t.result());
}

ORDO_TEST_CASE(a_move_only_result_is_moved_out) {
    auto make = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    auto t = create_task(make());
    auto const made = co_await std::move(t);
    BOOST_TEST(*made == 7);
}

ORDO_TEST_CASE(a_reference_result_is_the_object_itself) {
    int original = 1;
    auto refer = [](int& to) -> coro<int&> { co_return to; };
    auto const t = create_task(refer(original));
    int& same = co_await t;
    BOOST_TEST(&same == &original);
}

ORDO_TEST_CASE(an_error_is_thrown_to_everyone_who_awaits) {
    auto const t = create_task(fail("boom"));
    int caught = 0;
    for (int i = 0; i < 2; ++i) {
        try {
            co_await t;
        } catch (std::runtime_error const&) {
            ++caught;
        }
    }
    BOOST_TEST(caught == 2);
    BOOST_TEST(!t.cancelled());
}

ORDO_TEST_CASE(a_result_may_be_a_future_that_nobody_awaits) {
    auto const f = get_running_loop().create_future<int>();
    auto give = [](ordo::future<int> it) -> coro<ordo::future<int>> { co_return it; };
    auto const t = create_task(give(f));
    auto const same = co_await t;
    BOOST_TEST((same == f));
    BOOST_TEST(!f.done());
}

ORDO_TEST_CASE(a_task_of_unknown_type_can_be_awaited) {
    auto const t = create_task(return_value(7));
    ordo::any_task const untyped = t;
    co_await untyped;
    BOOST_TEST(t.result() == 7);
}

ORDO_TEST_CASE(arguments_are_destroyed_when_the_task_ends_and_not_with_its_last_handle) {
    counted::reset();
    auto hold = [](counted) -> coro<> { co_return; };
    auto const t = create_task(hold(counted(1)));
    co_await t;
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(done_callbacks_of_a_task_run_one_iteration_after_its_end) {
    ordo::testing::order_recorder order;
    auto const t = create_task(return_value(7));
    t.add_done_callback([&](ordo::future<int> const& done) { order.record("done " + std::to_string(done.result())); });
    co_await ordo::sleep(0s);
    BOOST_TEST(t.done());
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "done 7");
}

// -- names

BOOST_FIXTURE_TEST_CASE(tasks_are_numbered_from_one_in_the_order_of_their_creation, reporting_loop) {
    auto const first = loop.create_task(return_value(1));
    auto const second = loop.create_task(return_value(2));
    BOOST_TEST(first.name() == "Task-1");
    BOOST_TEST(second.name() == "Task-2");
    loop.run_until_complete(second);
}

ORDO_TEST_CASE(a_task_has_the_name_it_was_given) {
    auto const t = create_task(return_value(1), "worker");
    BOOST_TEST(t.name() == "worker");
    t.set_name("renamed");
    BOOST_TEST(t.name() == "renamed");
    co_await t;
    BOOST_TEST(t.name() == "renamed");
}

BOOST_AUTO_TEST_CASE(a_task_belongs_to_the_loop_that_made_it) {
    ordo::event_loop one;
    ordo::event_loop another;
    auto const t = one.create_task(return_value(1));
    auto const u = another.create_task(return_value(2));
    BOOST_TEST(&t.get_loop() == &one);
    BOOST_TEST(&u.get_loop() == &another);
    BOOST_TEST(one.run_until_complete(t) == 1);
    BOOST_TEST(another.run_until_complete(u) == 2);
}

ORDO_TEST_CASE(a_task_knows_where_it_was_created) {
    auto const t = create_task(return_value(1));
    BOOST_TEST(t.created_at().line() == static_cast<unsigned>(__LINE__ - 1));
    BOOST_TEST(std::string_view(t.created_at().file_name()).ends_with("task.cpp"));
    co_await t;
}

// -- who is running

ORDO_TEST_CASE(the_current_task_is_the_one_whose_coroutine_asks) {
    auto who = []() -> coro<std::string> {
        co_await ordo::sleep(0s);
        co_return ordo::current_task()->name();
    };
    auto const t = create_task(who(), "worker");
    auto const& inside_task = co_await t;
    BOOST_TEST(inside_task == "worker");
    auto const inside_coro = co_await who();
    BOOST_TEST(inside_coro == ordo::current_task()->name());
}

ORDO_TEST_CASE(there_is_no_current_task_in_a_callback) {
    bool none = false;
    get_running_loop().call_soon([&] { none = !ordo::current_task(); });
    co_await ordo::sleep(0s);
    BOOST_TEST(none);
}

BOOST_AUTO_TEST_CASE(asking_for_the_current_task_outside_of_a_loop_is_an_error) {
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::current_task()); }) ==
               "current_task: no loop is running on this thread; call it from a callback or a task");
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::all_tasks()); }) ==
               "all_tasks: no loop is running on this thread; call it from a callback or a task");
}

BOOST_FIXTURE_TEST_CASE(all_tasks_are_those_that_are_not_done_in_the_order_of_creation, reporting_loop) {
    auto const a = loop.create_task(sleep_for_a_second(), "a");
    auto const b = loop.create_task(return_value(1), "b");
    auto const c = loop.create_task(sleep_for_a_second(), "c");
    auto const names = [&] {
        std::string text;
        for (auto const& task : ordo::all_tasks(loop)) text += task.name();
        return text;
    };
    BOOST_TEST(names() == "abc");
    run_one_iteration();
    BOOST_TEST(names() == "ac");
    loop.run_until_complete(c);
    BOOST_TEST(names() == "");
}

ORDO_TEST_CASE(all_tasks_of_the_running_loop_include_the_one_that_asks) {
    auto const tasks = ordo::all_tasks();
    BOOST_REQUIRE(tasks.size() == 1u);
    BOOST_TEST((tasks[0] == *ordo::current_task()));
    co_return;
}

// -- misuse

ORDO_TEST_CASE(a_task_that_awaits_itself_gets_an_error_one_iteration_later) {
    auto const& loop = get_running_loop();
    auto const itself = *ordo::current_task();
    auto const before = loop.iterations();
    std::string text;
    try {
        co_await itself;
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "co_await: a task cannot await itself, it would wait for ever");
    BOOST_TEST(loop.iterations() - before == 1u);
}

ORDO_TEST_CASE(awaiting_a_future_of_another_loop_is_an_error) {
    ordo::event_loop other;
    auto const foreign = other.create_future<int>();
    std::string text;
    try {
        co_await foreign;
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "co_await: this future belongs to another loop");
}

ORDO_TEST_CASE(a_done_future_of_another_loop_can_be_awaited) {
    ordo::event_loop other;
    auto const foreign = other.create_future<int>();
    foreign.set_result(7);
    auto const value = co_await foreign;
    BOOST_TEST(value == 7);
}

BOOST_AUTO_TEST_CASE(create_task_without_a_loop_is_an_error) {
    counted::reset();
    auto hold = [](counted) -> coro<> { co_return; };
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(create_task(hold(counted(1)))); }) ==
               "get_running_loop: no loop is running on this thread; call it from a callback or a task");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(create_task_on_a_closed_loop_is_an_error) {
    counted::reset();
    auto hold = [](counted) -> coro<> { co_return; };
    ordo::event_loop loop;
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(loop.create_task(hold(counted(1)))); }) ==
               "event_loop::create_task: the loop is closed; schedule on an open one");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(create_task_of_a_moved_from_coro_is_an_error) {
    ordo::event_loop loop;
    auto source = return_value(1);
    auto const target = std::move(source);
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(loop.create_task(std::move(source))); }) ==
               "event_loop::create_task: this coro was awaited or moved from before");
}

// -- tasks that nobody holds

ORDO_TEST_CASE(a_task_whose_handle_is_dropped_runs_on) {
    bool ran = false;
    auto work = [&]() -> coro<> {
        co_await ordo::sleep(1s);
        ran = true;
    };
    static_cast<void>(create_task(work()));
    co_await ordo::sleep(2s);
    BOOST_TEST(ran);
}

BOOST_FIXTURE_TEST_CASE(the_error_of_a_dropped_task_is_reported, reporting_loop) {
    static_cast<void>(loop.create_task(fail("boom"), "worker"));
    run_one_iteration();
    BOOST_REQUIRE(reports.size() == 1u);
    BOOST_TEST(reports[0].message == "the error of a task was never retrieved");
    BOOST_TEST(reports[0].task.name() == "worker");
    BOOST_TEST(error_text<std::runtime_error>([&] { std::rethrow_exception(reports[0].exception); }) == "boom");
}

BOOST_FIXTURE_TEST_CASE(the_error_of_an_awaited_task_is_not_reported, reporting_loop) {
    {
        auto const t = loop.create_task(fail("boom"));
        BOOST_CHECK_THROW(loop.run_until_complete(t), std::runtime_error);
    }
    BOOST_TEST(reports.empty());
}

BOOST_FIXTURE_TEST_CASE(cancelling_a_failed_task_counts_as_looking_at_its_error, reporting_loop) {
    {
        auto const t = loop.create_task(fail("boom"));
        run_one_iteration();
        BOOST_TEST(t.done());
        BOOST_TEST(!t.cancel());
    }
    BOOST_TEST(reports.empty());
}

BOOST_FIXTURE_TEST_CASE(a_dropped_task_that_ends_cancelled_is_not_reported, reporting_loop) {
    loop.create_task(sleep_for_a_second()).cancel();
    run_one_iteration();
    BOOST_TEST(reports.empty());
    BOOST_TEST(ordo::all_tasks(loop).empty());
}

// -- tasks of callables

ORDO_TEST_CASE(a_capturing_lambda_is_kept_until_its_coroutine_ends) {
    auto const held = std::make_shared<int>(7);
    ordo::task<int> t;
    {
        auto work = [copy = held]() -> coro<int> {
            co_await ordo::sleep(1s);
            co_return *copy;
        };
        t = create_task(work);
    }
    BOOST_TEST(held.use_count() == 2);
    auto const value = co_await t;
    BOOST_TEST(value == 7);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_callable_may_be_an_lvalue_or_a_function) {
    ordo::event_loop loop;
    auto const make = []() -> coro<int> { co_return 7; };
    BOOST_TEST(loop.run_until_complete(loop.create_task(make)) == 7);
    auto const named = loop.create_task(&yield_once, "by name");
    loop.run_until_complete(named);
    BOOST_TEST(named.name() == "by name");
}

// -- ensure_future

ORDO_TEST_CASE(ensure_future_makes_a_task_of_a_coro_and_leaves_futures_alone) {
    auto const t = ordo::ensure_future(return_value(7));
    auto const same = ordo::ensure_future(t);
    BOOST_TEST((same == t));
    BOOST_TEST((std::is_same_v<decltype(same), ordo::task<int> const>));
    auto const value = co_await same;
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(ensure_future_leaves_a_plain_future_alone) {
    auto const f = get_running_loop().create_future<int>();
    auto const same = ordo::ensure_future(f);
    BOOST_TEST((same == f));
    BOOST_TEST((std::is_same_v<decltype(same), ordo::future<int> const>));
    f.set_result(7);
    auto const value = co_await same;
    BOOST_TEST(value == 7);
}

BOOST_AUTO_TEST_SUITE_END()
