// ordo: tests of what happens to an exception that leaves a callback.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/exception_context.hpp>

#include "captured_log.hpp"
#include "virtual_loop.hpp"

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/future.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;

std::string what_of(std::exception_ptr const& error) {
    try {
        std::rethrow_exception(error);
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "not a std::exception";
    }
}

struct reporting_loop : virtual_loop {
    std::vector<ordo::exception_context> reports;
    reporting_loop() {
        loop.set_exception_handler(
            [this](ordo::event_loop&, ordo::exception_context const& what) { reports.push_back(what); });
    }
    ~reporting_loop() { reports.clear(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(exception_handler, reporting_loop)

BOOST_AUTO_TEST_CASE(is_told_of_an_exception_and_the_other_callbacks_go_on) {
    // CPython: callback_exception_reaches_the_handler_and_others_go_on.
    loop.call_soon(notes("before"));
    loop.call_soon([] { throw std::runtime_error("boom"); });
    loop.call_soon(notes("after"));
    run_once();
    BOOST_TEST(order.difference({"before", "after"}) == "");
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST(reports[0].message == "exception in a callback");
    BOOST_TEST(what_of(reports[0].exception) == "boom");
}

BOOST_AUTO_TEST_CASE(is_told_at_once) {
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { order.record("handler"); });
    loop.call_soon([] { throw std::runtime_error("boom"); });
    loop.call_soon(notes("after"));
    run_once();
    BOOST_TEST(order.difference({"handler", "after"}) == "");
}

BOOST_AUTO_TEST_CASE(is_told_which_callback_and_where_it_was_scheduled) {
    auto const line = std::source_location::current().line() + 1;
    auto const h = loop.call_soon([] { throw std::runtime_error("boom"); });
    run_once();
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST((reports[0].handle == h));
    BOOST_TEST(reports[0].where.line() == line);
    BOOST_TEST(!reports[0].task);
}

BOOST_AUTO_TEST_CASE(is_told_of_timers_and_of_callbacks_from_threads) {
    loop.call_later(1ms, [] { throw std::runtime_error("timer"); });
    loop.call_soon_threadsafe([] { throw std::runtime_error("thread"); });
    run_for(2ms);
    BOOST_REQUIRE(reports.size() == 2);
    BOOST_TEST(what_of(reports[0].exception) == "thread");
    BOOST_TEST(what_of(reports[1].exception) == "timer");
}

BOOST_AUTO_TEST_CASE(is_told_of_a_cancelled_error) {
    // CPython: cancelled_error_from_a_callback_reaches_the_handler.
    loop.call_soon([] { throw ordo::cancelled_error("late"); });
    run_once();
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_CHECK_THROW(std::rethrow_exception(reports[0].exception), ordo::cancelled_error);
}

BOOST_AUTO_TEST_CASE(is_told_of_what_is_no_exception_class) {
    loop.call_soon([] { throw 42; });
    run_once();
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_CHECK_THROW(std::rethrow_exception(reports[0].exception), int);
}

BOOST_AUTO_TEST_CASE(is_told_in_debug_mode_too) {
    loop.set_debug(true);
    loop.call_soon([] { throw std::runtime_error("boom"); });
    run_once();
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST(what_of(reports[0].exception) == "boom");
}

BOOST_AUTO_TEST_CASE(is_given_the_loop) {
    ordo::event_loop* seen = nullptr;
    loop.set_exception_handler([&](ordo::event_loop& of, ordo::exception_context const&) { seen = &of; });
    loop.call_soon([] { throw 1; });
    run_once();
    BOOST_TEST(seen == &loop);
}

BOOST_AUTO_TEST_CASE(is_told_of_the_error_of_a_task_that_nobody_retrieved) {
    auto const failing = []() -> ordo::coro<> {
        throw std::runtime_error("boom");
        co_return;
    };
    static_cast<void>(loop.create_task(failing(), "fetch"));
    run_once();
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST(reports[0].message == "the error of a task was never retrieved");
    BOOST_TEST(reports[0].task.name() == "fetch");
    BOOST_TEST((reports[0].task == reports[0].future));
}

BOOST_AUTO_TEST_CASE(is_told_of_the_error_of_a_future_that_nobody_retrieved) {
    loop.create_future().set_exception(std::runtime_error("boom"));
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST(reports[0].message == "the error of a future was never retrieved");
    BOOST_TEST(what_of(reports[0].exception) == "boom");
    BOOST_TEST(!reports[0].task);
}

BOOST_AUTO_TEST_CASE(is_told_of_a_task_that_is_pending_when_the_loop_is_closed) {
    auto const waiting = []() -> ordo::coro<> { co_await ordo::sleep(1h); };
    static_cast<void>(loop.create_task(waiting(), "waiting"));
    run_once();
    loop.close();
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST(reports[0].message == "a task was destroyed while it was pending");
    BOOST_TEST(reports[0].task.name() == "waiting");
}

BOOST_AUTO_TEST_CASE(may_replace_itself) {
    loop.set_exception_handler([this](ordo::event_loop& of, ordo::exception_context const&) {
        of.set_exception_handler([this](ordo::event_loop&, ordo::exception_context const&) { order.record("second"); });
        order.record("first");
    });
    for (int i = 0; i < 2; ++i) loop.call_soon([] { throw 1; });
    run_once();
    BOOST_TEST(order.difference({"first", "second"}) == "");
}

BOOST_AUTO_TEST_CASE(may_stop_the_loop) {
    loop.set_exception_handler([](ordo::event_loop& of, ordo::exception_context const&) { of.stop(); });
    loop.call_soon([] { throw 1; });
    loop.call_later(5ms, [] {});
    loop.run_forever();
    BOOST_TEST(now() == 0);
}

BOOST_AUTO_TEST_CASE(can_be_asked_for_and_taken_away) {
    BOOST_TEST(!!loop.get_exception_handler());
    loop.set_exception_handler({});
    BOOST_TEST(!loop.get_exception_handler());
}

BOOST_AUTO_TEST_CASE(taken_away_leaves_the_default_one) {
    captured_log log;
    loop.set_exception_handler({});
    loop.call_soon([] { throw 1; });
    loop.call_exception_handler({.message = "odd"});
    BOOST_TEST(log.text() == "error: odd\n");
    BOOST_TEST(reports.empty());
    run_once();
    BOOST_TEST(log.text().starts_with("error: odd\nerror: exception in a callback: an exception that is not a"));
}

BOOST_AUTO_TEST_CASE(can_be_called_by_anybody) {
    loop.call_exception_handler({.message = "odd"});
    BOOST_REQUIRE(reports.size() == 1);
    BOOST_TEST(reports[0].message == "odd");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(default_exception_handler, virtual_loop)

BOOST_AUTO_TEST_CASE(logs_the_message) {
    captured_log log;
    loop.call_exception_handler({.message = "odd"});
    BOOST_TEST(log.text() == "error: odd\n");
}

BOOST_AUTO_TEST_CASE(logs_the_type_and_text_of_the_exception) {
    captured_log log;
    loop.call_exception_handler(
        {.message = "odd", .exception = std::make_exception_ptr(ordo::timeout_error("took too long"))});
    BOOST_TEST(log.text() == "error: odd: ordo::timeout_error: took too long\n");
}

BOOST_AUTO_TEST_CASE(logs_a_cancelled_error_with_its_message) {
    captured_log log;
    loop.call_exception_handler(
        {.message = "odd", .exception = std::make_exception_ptr(ordo::cancelled_error("shutting down"))});
    BOOST_TEST(log.text() == "error: odd: ordo::cancelled_error: shutting down\n");
}

BOOST_AUTO_TEST_CASE(logs_what_is_no_exception_class_as_such) {
    captured_log log;
    loop.call_exception_handler({.message = "odd", .exception = std::make_exception_ptr(42)});
    BOOST_TEST(log.text() == "error: odd: an exception that is not a std::exception\n");
}

BOOST_AUTO_TEST_CASE(logs_where_the_callback_was_scheduled) {
    captured_log log;
    auto const where = std::source_location::current();
    loop.call_soon([] { throw std::runtime_error("boom"); });
    run_once();
    BOOST_TEST(log.text() == "error: exception in a callback: std::runtime_error: boom; created at " +
                                 std::string(where.file_name()) + ":" + std::to_string(where.line() + 1) + " (" +
                                 where.function_name() + ")\n");
}

BOOST_AUTO_TEST_CASE(logs_the_name_of_the_task) {
    captured_log log;
    auto const waiting = []() -> ordo::coro<> { co_await ordo::sleep(1h); };
    auto const where = std::source_location::current();
    static_cast<void>(loop.create_task(waiting(), "waiting"));
    run_once();
    loop.close();
    BOOST_TEST(log.text() == "error: a task was destroyed while it was pending 'waiting'; created at " +
                                 std::string(where.file_name()) + ":" + std::to_string(where.line() + 1) + " (" +
                                 where.function_name() + ")\n");
}

BOOST_AUTO_TEST_CASE(steps_in_when_a_handler_throws) {
    captured_log log;
    loop.set_exception_handler(
        [](ordo::event_loop&, ordo::exception_context const&) { throw std::runtime_error("handler failed"); });
    loop.call_exception_handler({.message = "odd"});
    BOOST_TEST(log.text() == "error: the exception handler itself threw: handler failed\nerror: odd\n");
}

BOOST_AUTO_TEST_CASE(steps_in_when_a_handler_throws_what_is_no_exception_class) {
    captured_log log;
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) { throw 1; });
    loop.call_exception_handler({.message = "odd"});
    BOOST_TEST(log.text() ==
               "error: the exception handler itself threw something that is not a std::exception\nerror: odd\n");
}

BOOST_AUTO_TEST_CASE(can_be_called_by_a_handler) {
    captured_log log;
    loop.set_exception_handler(
        [](ordo::event_loop& of, ordo::exception_context const& what) { of.default_exception_handler(what); });
    loop.call_exception_handler({.message = "odd"});
    BOOST_TEST(log.text() == "error: odd\n");
}

BOOST_AUTO_TEST_CASE(logs_an_error_that_outlived_the_loop) {
    std::optional<ordo::event_loop> short_lived(std::in_place);
    auto failed = short_lived->create_future();
    failed.set_exception(std::runtime_error("boom"));
    short_lived.reset();
    captured_log log;
    failed = {};
    BOOST_TEST(log.text() == "error: the error of a future was never retrieved\n");
}

BOOST_AUTO_TEST_SUITE_END()
