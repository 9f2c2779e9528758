// ordo: tests of taking turns.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/sequencer.hpp>

#include "../error_text.hpp"

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/testing/wait_all_tasks_blocked.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::testing::order_recorder;
using ordo::testing::sequencer;
using ordo::testing::wait_all_tasks_blocked;

coro<> take(sequencer& seq, std::size_t position, order_recorder& order) {
    auto const turn = co_await seq(position);
    order.record(std::to_string(position));
    co_await ordo::sleep(1h);
    order.record(std::to_string(position) + " ends");
}

} // namespace

BOOST_AUTO_TEST_SUITE(sequencer_)

ORDO_TEST_CASE(lets_one_turn_begin_when_the_one_before_has_ended) {
    sequencer seq;
    order_recorder order;
    auto const two = create_task(take(seq, 2, order));
    auto const nought = create_task(take(seq, 0, order));
    auto const one = create_task(take(seq, 1, order));
    co_await two;
    BOOST_TEST(order.difference({"0", "0 ends", "1", "1 ends", "2", "2 ends"}) == "");
}

ORDO_TEST_CASE(ends_a_turn_at_once_that_nobody_keeps) {
    sequencer seq;
    co_await seq(0);
    co_await seq(1);
    auto const turn = co_await seq(2);
    order_recorder order;
    auto const next = create_task(take(seq, 3, order));
    co_await wait_all_tasks_blocked();
    BOOST_TEST(order.text() == "");
    next.cancel();
    co_await wait_all_tasks_blocked();
    BOOST_TEST(next.cancelled());
}

ORDO_TEST_CASE(refuses_a_position_that_is_taken) {
    sequencer seq;
    co_await seq(0);
    auto again = seq(0);
    std::string text;
    try {
        co_await std::move(again);
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "sequencer: position 0 is taken; give each task its own");
}

ORDO_TEST_CASE(breaks_when_one_who_waits_is_cancelled) {
    sequencer seq;
    order_recorder order;
    auto const one = create_task(take(seq, 1, order));
    auto const two = create_task(take(seq, 2, order));
    co_await wait_all_tasks_blocked();
    one.cancel();
    co_await wait_all_tasks_blocked();
    BOOST_TEST(one.cancelled());
    auto const text = error_text<ordo::usage_error>([&] { two.result(); });
    BOOST_TEST(text ==
               "sequencer: position 2 never begins, because the task of position 1 was cancelled while it waited");
}

BOOST_AUTO_TEST_SUITE_END()
