// ordo: tests of the messages of cancellations: rule 15 of the ordering contract.
// SPDX-License-Identifier: BSL-1.0
#include "cancelling.hpp"
#include "error_text.hpp"

#include <string>
#include <utility>

namespace {

/// The message that it is cancelled with, in a sleep of this length.
coro<std::string> message_in_sleep(ordo::duration length) {
    try {
        co_await ordo::sleep(length);
    } catch (cancelled_error const& e) {
        co_return e.message();
    }
    co_return "(not cancelled)";
}

coro<std::string> message_of(ordo::any_future awaited) {
    try {
        co_await awaited;
    } catch (cancelled_error const& e) {
        co_return e.message();
    }
    co_return "(not cancelled)";
}

coro<> sleep_for(ordo::duration length) {
    co_await ordo::sleep(length);
}

} // namespace

BOOST_AUTO_TEST_SUITE(cancellation_messages)

ORDO_TEST_CASE(a_waiting_task_gets_the_message) {
    auto const t = create_task(message_in_sleep(10s));
    co_await ordo::sleep(0s);
    t.cancel("why");
    auto const& message = co_await t;
    BOOST_TEST(message == "why");
}

ORDO_TEST_CASE(a_request_without_a_message_gives_an_empty_one) {
    auto const t = create_task(message_in_sleep(10s));
    co_await ordo::sleep(0s);
    t.cancel();
    auto const& message = co_await t;
    BOOST_TEST(message == "");
}

ORDO_TEST_CASE(of_two_requests_to_a_waiting_task_the_first_message_is_delivered) {
    auto const t = create_task(message_in_sleep(10s));
    co_await ordo::sleep(0s);
    t.cancel("one");
    t.cancel("two");
    auto const& message = co_await t;
    BOOST_TEST(message == "one");
}

ORDO_TEST_CASE(of_two_requests_to_a_task_that_waits_for_a_future_the_first_message_is_delivered) {
    auto const f = get_running_loop().create_future<int>();
    auto const t = create_task(message_of(f));
    co_await ordo::sleep(0s);
    t.cancel("one");
    t.cancel("two");
    auto const& message = co_await t;
    BOOST_TEST(message == "one");
}

ORDO_TEST_CASE(of_two_requests_to_a_scheduled_task_the_last_message_is_delivered) {
    auto const t = create_task(message_in_sleep(0s));
    co_await ordo::sleep(0s);
    t.cancel("one");
    t.cancel("two");
    auto const& message = co_await t;
    BOOST_TEST(message == "two");
}

ORDO_TEST_CASE(two_requests_before_delivery_are_one_error) {
    auto body = []() -> coro<std::string> {
        auto const first = co_await message_in_sleep(10s);
        co_return co_await message_in_sleep(10s);
    };
    auto const t = create_task(body());
    co_await ordo::sleep(0s);
    t.cancel("one");
    t.cancel("two");
    auto const& message = co_await t;
    BOOST_TEST(message == "(not cancelled)");
}

ORDO_TEST_CASE(two_requests_with_a_step_between_are_two_errors) {
    auto body = []() -> coro<std::string> {
        auto const first = co_await message_in_sleep(10s);
        auto const second = co_await message_in_sleep(10s);
        co_return first + " " + second;
    };
    auto const t = create_task(body());
    co_await ordo::sleep(0s);
    t.cancel("one");
    co_await ordo::sleep(0s);
    t.cancel("two");
    auto const& messages = co_await t;
    BOOST_TEST(messages == "one two");
}

ORDO_TEST_CASE(a_message_goes_through_a_chain_of_tasks) {
    auto const f = get_running_loop().create_future<int>();
    auto await_future = [](ordo::any_future awaited) -> coro<> { co_await awaited; };
    auto const inner = create_task(await_future(f));
    auto const outer = create_task(message_of(inner));
    co_await ordo::sleep(0s);
    outer.cancel("why");
    auto const& message = co_await outer;
    BOOST_TEST(message == "why");
    BOOST_TEST(cancel_message([&] { f.result(); }) == "why");
}

ORDO_TEST_CASE(the_error_that_ended_a_task_goes_to_the_first_awaiter_only) {
    auto const t = create_task(sleep_for(10s));
    auto const a = create_task(message_of(t));
    auto const b = create_task(message_of(t));
    co_await ordo::sleep(0s);
    t.cancel("why");
    auto const first = co_await a;
    auto const second = co_await b;
    BOOST_TEST(first == "why");
    BOOST_TEST(second == "");
    BOOST_TEST(cancel_message([&] { t.result(); }) == "");
}

ORDO_TEST_CASE(exception_of_a_cancelled_task_throws_as_result_does) {
    auto const t = create_task(sleep_for(10s));
    co_await ordo::sleep(0s);
    t.cancel("why");
    co_await ordo::sleep(0s);
    BOOST_TEST(cancel_message([&] { t.exception(); }) == "why");
    BOOST_TEST(cancel_message([&] { t.exception(); }) == "");
}

ORDO_TEST_CASE(a_task_cancelled_before_its_first_step_hands_its_message_out_once) {
    auto const t = create_task(sleep_for(10s));
    t.cancel("why");
    auto const first = co_await message_of(t);
    auto const second = co_await message_of(t);
    BOOST_TEST(first == "why");
    BOOST_TEST(second == "");
}

ORDO_TEST_CASE(a_task_that_cancels_itself_and_returns_keeps_its_message) {
    auto body = []() -> coro<> {
        ordo::current_task()->cancel("why");
        co_return;
    };
    auto const t = create_task(body());
    auto const first = co_await message_of(t);
    auto const second = co_await message_of(t);
    BOOST_TEST(first == "why");
    BOOST_TEST(second == "why"); // as in asyncio: there is no error of a body to hand out
}

ORDO_TEST_CASE(a_request_that_hides_a_result_brings_its_own_message) {
    auto const f = get_running_loop().create_future<int>();
    auto const t = create_task(message_of(f));
    co_await ordo::sleep(0s);
    f.set_result(7);
    t.cancel("late");
    auto const& message = co_await t;
    BOOST_TEST(message == "late");
}

ORDO_TEST_CASE(a_message_from_a_task_that_cancels_itself_is_in_the_future_it_waits_for) {
    auto const f = get_running_loop().create_future<int>();
    ordo::current_task()->cancel("why");
    auto const message = co_await message_of(f);
    BOOST_TEST(message == "why");
    BOOST_TEST(cancel_message([&] { f.result(); }) == "why");
}

ORDO_TEST_CASE(a_later_request_without_a_message_replaces_one_with) {
    auto const t = create_task(message_in_sleep(0s));
    co_await ordo::sleep(0s);
    t.cancel("one");
    t.cancel();
    auto const& message = co_await t;
    BOOST_TEST(message == "");
}

BOOST_AUTO_TEST_SUITE_END()
