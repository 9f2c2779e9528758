// ordo: tests of awaiting futures, of their misuse, and of errors that nobody looks at.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/future.hpp>

#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using ordo::coro;
using ordo::future;
using ordo::get_running_loop;

namespace {

coro<int> return_value(int value) {
    co_return value;
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
};

} // namespace

BOOST_AUTO_TEST_SUITE(future_await)

// -- awaiting

ORDO_TEST_CASE(awaiting_an_lvalue_looks_at_the_value) {
    auto const f = get_running_loop().create_future<std::string>();
    f.set_result("text");
    auto const& first = co_await f;
    auto const& second = co_await f;
    BOOST_TEST(first == "text");
    BOOST_TEST(&first == &second);
    BOOST_TEST(&first == &f.result());
}

ORDO_TEST_CASE(awaiting_an_rvalue_moves_the_value_out) {
    auto f = get_running_loop().create_future<std::unique_ptr<int>>();
    auto const copy = f;
    f.set_result(std::make_unique<int>(7));
    auto const taken = co_await std::move(f);
    BOOST_TEST(*taken == 7);
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { copy.result(); }) ==
               "future::result: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(awaiting_a_moved_out_result_is_an_error) {
    auto f = get_running_loop().create_future<std::string>();
    auto const copy = f;
    f.set_result("text");
    co_await std::move(f);
    std::string text;
    try {
        co_await copy;
    } catch (ordo::invalid_state_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "co_await: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(a_moved_out_result_leaves_the_future_done_and_without_an_error) {
    auto f = get_running_loop().create_future<std::string>();
    ordo::any_future const copy = f;
    f.set_result("text");
    co_await std::move(f);
    BOOST_TEST(copy.done());
    BOOST_TEST(!copy.exception());
    co_await copy; // of unknown type: waits for the end, whatever became of the value
}

ORDO_TEST_CASE(awaiting_never_copies_the_value) {
    counted::reset();
    {
        auto f = get_running_loop().create_future<counted>();
        f.set_result(counted(7));
        auto const& seen = co_await f;
        BOOST_TEST(seen.id == 7);
        auto const taken = co_await std::move(f);
        BOOST_TEST(taken.id == 7);
    }
    BOOST_TEST(counted::copied == 0);
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(awaiting_a_reference_gives_the_object_itself) {
    int original = 1;
    auto f = get_running_loop().create_future<int&>();
    f.set_result(original);
    int& seen = co_await f;
    int& taken = co_await std::move(f);
    BOOST_TEST(&seen == &original);
    BOOST_TEST(&taken == &original);
}

ORDO_TEST_CASE(awaiting_a_failed_future_throws_its_error_every_time) {
    auto const f = get_running_loop().create_future<int>();
    f.set_exception(std::out_of_range("too far"));
    int caught = 0;
    for (int i = 0; i < 2; ++i) {
        try {
            co_await f;
        } catch (std::out_of_range const&) {
            ++caught;
        }
    }
    BOOST_TEST(caught == 2);
}

ORDO_TEST_CASE(awaiting_a_cancelled_future_throws_with_its_message) {
    auto const f = get_running_loop().create_future<int>();
    f.cancel("why");
    std::string message;
    try {
        co_await f;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "why");
}

ORDO_TEST_CASE(an_error_that_arrives_while_a_task_waits_is_thrown_there) {
    auto& loop = get_running_loop();
    auto const f = loop.create_future<int>();
    loop.call_soon([f] { f.set_exception(std::out_of_range("too far")); });
    std::string text;
    try {
        co_await f;
    } catch (std::out_of_range const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "too far");
}

ORDO_TEST_CASE(awaiting_a_temporary_handle_keeps_the_future_alive) {
    auto& loop = get_running_loop();
    auto make = [&] {
        auto const f = loop.create_future<std::string>();
        loop.call_later(std::chrono::seconds(1), [f] { f.set_result("text"); });
        return f;
    };
    auto const value = co_await make();
    BOOST_TEST(value == "text");
}

// -- misuse

BOOST_AUTO_TEST_CASE(asking_a_pending_future_is_an_error) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { f.result(); }) ==
               "future::result: no result yet (pending); co_await the future, or check done() first");
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { f.exception(); }) ==
               "future::exception: not done yet (pending); co_await the future, or check done() first");
}

BOOST_AUTO_TEST_CASE(a_second_outcome_is_an_error) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    f.set_result(1);
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { f.set_result(2); }) ==
               "future::set_result: already done (finished); a future is completed once, check done() first");
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { f.set_exception(std::runtime_error("late")); }) ==
               "future::set_exception: already done (finished); a future is completed once, check done() first");
    BOOST_TEST(f.result() == 1);
}

BOOST_AUTO_TEST_CASE(an_outcome_after_a_cancellation_is_an_error) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    f.cancel();
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { f.set_result(2); }) ==
               "future::set_result: already done (cancelled); a future is completed once, check done() first");
}

BOOST_AUTO_TEST_CASE(an_error_that_is_null_is_refused) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    BOOST_TEST(error_text<std::invalid_argument>([&] { f.set_exception(std::exception_ptr()); }) ==
               "future::set_exception: the exception is null; pass a real one");
    BOOST_TEST(!f.done());
}

BOOST_AUTO_TEST_CASE(a_task_cannot_be_completed_from_outside) {
    ordo::event_loop loop;
    auto task = loop.create_task(return_value(1));
    ordo::future<int> const as_future = task; // of a task itself, it would not compile
    BOOST_TEST(error_text<ordo::usage_error>([&] { as_future.set_result(2); }) ==
               "future::set_result: a task completes itself; return or throw from its coroutine");
    BOOST_TEST(error_text<ordo::usage_error>([&] { as_future.set_exception(std::runtime_error("no")); }) ==
               "future::set_exception: a task completes itself; return or throw from its coroutine");
    BOOST_TEST(loop.run_until_complete(std::move(task)) == 1);
}

BOOST_AUTO_TEST_CASE(a_closed_loop_makes_no_futures) {
    ordo::event_loop loop;
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(loop.create_future<int>()); }) ==
               "event_loop::create_future: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_CASE(a_future_can_be_completed_after_its_loop_is_closed_if_nobody_waits) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    loop.close();
    f.set_result(7);
    BOOST_TEST(f.result() == 7);
}

BOOST_AUTO_TEST_CASE(completing_a_future_with_callbacks_is_an_error_after_its_loop_is_closed) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    f.add_done_callback([] {});
    loop.close();
    BOOST_CHECK_THROW(f.set_result(7), ordo::loop_closed_error);
    BOOST_TEST(!f.done());
}

BOOST_AUTO_TEST_CASE(a_future_of_another_loop_cannot_be_run_for) {
    ordo::event_loop loop;
    ordo::event_loop other;
    auto const f = other.create_future<int>();
    BOOST_TEST(error_text<ordo::usage_error>([&] { loop.run_until_complete(f); }) ==
               "event_loop::run_until_complete: this future belongs to another loop");
}

BOOST_AUTO_TEST_CASE(stopping_the_loop_before_the_future_is_done_is_an_error) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    loop.call_soon([&] { loop.stop(); });
    BOOST_TEST(error_text<ordo::usage_error>([&] { loop.run_until_complete(f); }) ==
               "event_loop::run_until_complete: the loop was stopped before the future was done");
}

// -- errors that nobody looks at

BOOST_FIXTURE_TEST_CASE(an_error_that_nobody_looks_at_is_reported_when_the_last_handle_goes, reporting_loop) {
    {
        auto const f = loop.create_future<int>();
        f.set_exception(std::runtime_error("boom"));
        auto const copy = f;
        BOOST_TEST(reports.empty());
    }
    BOOST_REQUIRE(reports.size() == 1u);
    BOOST_TEST(reports[0].message == "the error of a future was never retrieved");
    BOOST_TEST(error_text<std::runtime_error>([&] { std::rethrow_exception(reports[0].exception); }) == "boom");
    BOOST_TEST(static_cast<bool>(reports[0].future));
    BOOST_TEST(!reports[0].task);
    BOOST_TEST(reports[0].where.line() != 0u);
}

BOOST_FIXTURE_TEST_CASE(an_error_that_somebody_looked_at_is_not_reported, reporting_loop) {
    {
        auto const looked_at = loop.create_future<int>();
        looked_at.set_exception(std::runtime_error("boom"));
        static_cast<void>(looked_at.exception());
        auto const thrown = loop.create_future<int>();
        thrown.set_exception(std::runtime_error("boom"));
        BOOST_CHECK_THROW(thrown.result(), std::runtime_error);
    }
    BOOST_TEST(reports.empty());
}

BOOST_FIXTURE_TEST_CASE(results_cancellations_and_pending_futures_are_not_reported, reporting_loop) {
    {
        auto const finished = loop.create_future<int>();
        finished.set_result(1);
        auto const cancelled = loop.create_future<int>();
        cancelled.cancel();
        auto const pending = loop.create_future<int>();
    }
    BOOST_TEST(reports.empty());
}

BOOST_FIXTURE_TEST_CASE(cancelling_a_failed_future_counts_as_looking_at_it, reporting_loop) {
    {
        auto const f = loop.create_future<int>();
        f.set_exception(std::runtime_error("boom"));
        BOOST_TEST(!f.cancel());
    }
    BOOST_TEST(reports.empty());
}

BOOST_FIXTURE_TEST_CASE(a_handler_may_keep_the_future_that_is_reported, reporting_loop) {
    {
        auto const f = loop.create_future<int>();
        f.set_exception(std::runtime_error("boom"));
    }
    BOOST_REQUIRE(reports.size() == 1u);
    auto const kept = reports[0].future;
    reports.clear();
    BOOST_TEST(kept.done());
    BOOST_TEST(static_cast<bool>(kept.exception()));
}

BOOST_AUTO_TEST_SUITE_END()
