// ordo: tests of the order of callbacks, rule by rule of the ordering contract.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "virtual_loop.hpp"

#include <ordo/coro.hpp>
#include <ordo/future.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

} // namespace

// Rule 1: select, I/O, timers, then exactly what is queued.
BOOST_FIXTURE_TEST_SUITE(an_iteration, virtual_loop)

BOOST_AUTO_TEST_CASE(runs_all_that_was_queued_when_it_began) {
    loop.call_soon(notes("a"));
    loop.call_soon(notes("b"));
    run_once();
    BOOST_TEST(order.difference({"a", "b"}) == "");
}

BOOST_AUTO_TEST_CASE(leaves_what_its_callbacks_schedule_to_the_next_one) {
    loop.call_soon([&] {
        order.record("outer");
        loop.call_soon(notes("inner"));
    });
    loop.call_soon(notes("other"));
    run_once();
    BOOST_TEST(order.difference({"outer", "other"}) == "");
    run_once();
    BOOST_TEST(order.difference({"outer", "other", "inner"}) == "");
}

BOOST_AUTO_TEST_CASE(is_counted) {
    auto const before = loop.iterations();
    run_once();
    run_once();
    BOOST_TEST(loop.iterations() == before + 2);
}

BOOST_AUTO_TEST_CASE(does_not_wait_if_anything_is_ready) {
    loop.call_later(5ms, notes("timer"));
    loop.call_soon([&] { loop.call_soon([&] { order.record("at " + std::to_string(now())); }); });
    run_for(10ms);
    BOOST_TEST(order.difference({"at 0", "timer"}) == "");
}

BOOST_AUTO_TEST_CASE(waits_for_the_next_deadline_if_nothing_is_ready) {
    loop.call_later(30ms, [&] { order.record(std::to_string(now())); });
    loop.call_later(10ms, [&] { order.record(std::to_string(now())); });
    run_for(50ms);
    BOOST_TEST(order.difference({"10", "30"}) == "");
}

BOOST_AUTO_TEST_CASE(gives_each_deadline_an_iteration_of_its_own) {
    std::vector<std::uint64_t> seen;
    for (auto delay : {1ms, 2ms, 3ms}) loop.call_later(delay, [&] { seen.push_back(loop.iterations()); });
    run_for(5ms);
    BOOST_TEST(seen == (std::vector<std::uint64_t>{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(takes_all_overdue_timers_before_what_they_schedule) {
    for (auto delay : {10ms, 20ms, 30ms})
        loop.call_later(delay, [&, delay] {
            order.record(std::to_string(delay.count()));
            loop.call_soon(notes("follow"));
        });
    loop.call_soon([&] { clock->advance(50ms); });
    run_for(100ms);
    BOOST_TEST(order.difference({"10", "20", "30", "follow", "follow", "follow"}) == "");
}

BOOST_AUTO_TEST_CASE(looks_for_due_timers_only_when_it_begins) {
    // CPython: timer_scheduled_by_a_timer_waits_for_the_next_iteration.
    loop.call_later(10ms, [&] {
        clock->advance(20ms);
        loop.call_later(0ms, notes("nested"));
        loop.call_soon(notes("soon"));
    });
    loop.call_later(15ms, notes("second"));
    run_for(60ms);
    BOOST_TEST(order.difference({"soon", "second", "nested"}) == "");
}

BOOST_AUTO_TEST_CASE(sees_a_new_timer_that_is_earlier_than_all_others) {
    loop.call_later(20ms, notes("late"));
    loop.call_later(10ms, [&] { loop.call_later(5ms, notes("new")); });
    run_for(50ms);
    BOOST_TEST(order.difference({"new", "late"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

// Rule 2: carried over < I/O < timers.
BOOST_FIXTURE_TEST_SUITE(within_an_iteration, virtual_loop)

BOOST_AUTO_TEST_CASE(timers_run_behind_what_was_carried_over) {
    loop.call_soon([&] {
        loop.call_later(0ms, notes("timer"));
        loop.call_soon(notes("carried over"));
    });
    run_for(1ms);
    BOOST_TEST(order.difference({"carried over", "timer"}) == "");
}

BOOST_AUTO_TEST_CASE(a_deadline_in_the_past_is_no_exception) {
    // CPython: call_at_in_the_past_runs_next_iteration.
    loop.call_soon([&] {
        clock->advance(100ms);
        loop.call_at(ordo::time_point(50ms), notes("late"));
        loop.call_at(ordo::time_point(10ms), notes("very late"));
        loop.call_soon(notes("ready"));
    });
    run_for(200ms);
    BOOST_TEST(order.difference({"ready", "very late", "late"}) == "");
}

BOOST_AUTO_TEST_CASE(a_negative_delay_is_before_zero_and_behind_what_is_ready) {
    // CPython: call_later_zero_runs_after_call_soon_of_the_same_iteration.
    loop.call_soon([&] {
        loop.call_later(0ms, notes("zero"));
        loop.call_soon(notes("soon"));
        loop.call_later(-5ms, notes("negative"));
    });
    run_for(1ms);
    BOOST_TEST(order.difference({"soon", "negative", "zero"}) == "");
}

BOOST_AUTO_TEST_CASE(io_runs_behind_what_was_carried_over_and_before_timers) {
    ordo::event_loop strict({.strict = true, .clock = clock});
    strict.call_soon([&] {
        boost::asio::post(strict.host_executor(), [&] { strict.call_soon(notes("I/O")); });
        strict.call_later(0ms, notes("timer"));
        strict.call_soon(notes("carried over"));
        strict.call_later(1ms, [&] { strict.stop(); });
    });
    strict.run_forever();
    BOOST_TEST(order.difference({"carried over", "I/O", "timer"}) == "");
}

BOOST_AUTO_TEST_CASE(io_runs_in_the_order_in_which_asio_delivers_it) {
    ordo::event_loop strict({.strict = true, .clock = clock});
    for (auto const* name : {"first", "second", "third"})
        boost::asio::post(strict.host_executor(), [&, name] { strict.call_soon(notes(name)); });
    strict.call_later(1ms, [&] { strict.stop(); });
    strict.run_forever();
    BOOST_TEST(order.difference({"first", "second", "third"}) == "");
}

BOOST_AUTO_TEST_CASE(a_handle_cancelled_by_an_earlier_one_does_not_run) {
    // CPython: call_soon_cancelled_handle_does_not_run.
    ordo::handle victim, later;
    loop.call_soon([&] {
        victim.cancel();
        later.cancel();
    });
    victim = loop.call_soon(notes("never"));
    later = loop.call_later(5ms, notes("never"));
    run_for(10ms);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(a_due_timer_cancelled_by_another_does_not_run) {
    // CPython: timer_cancelled_by_a_timer_of_the_same_iteration.
    ordo::timer_handle second;
    loop.call_later(10ms, [&] { second.cancel(); });
    second = loop.call_later(20ms, notes("never"));
    loop.call_later(25ms, notes("third"));
    loop.call_soon([&] { clock->advance(30ms); });
    run_for(50ms);
    BOOST_TEST(order.difference({"third"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

// Rule 3: FIFO, and causal across threads.
BOOST_FIXTURE_TEST_SUITE(call_soon, virtual_loop)

BOOST_AUTO_TEST_CASE(is_fifo) {
    std::vector<std::string> expected;
    for (int i = 0; i < 1000; ++i) {
        loop.call_soon(notes(std::to_string(i)));
        expected.push_back(std::to_string(i));
    }
    run_once();
    BOOST_TEST(order.difference(expected) == "");
}

BOOST_AUTO_TEST_CASE(shares_its_queue_with_call_soon_threadsafe) {
    // CPython: call_soon_threadsafe_shares_the_fifo_with_call_soon.
    loop.call_soon([&] {
        loop.call_soon(notes("a"));
        loop.call_soon_threadsafe(notes("b"));
        loop.call_soon(notes("c"));
    });
    run_for(1ms);
    BOOST_TEST(order.difference({"a", "b", "c"}) == "");
}

BOOST_AUTO_TEST_CASE(is_causal_across_threads) {
    // CPython: call_soon_threadsafe_from_another_thread.
    loop.call_soon([&] {
        loop.call_soon(notes("a"));
        std::thread([&] {
            loop.call_soon_threadsafe(notes("b"));
            loop.call_soon_threadsafe(notes("c"));
        }).join();
        loop.call_soon(notes("d"));
    });
    run_for(1ms);
    BOOST_TEST(order.difference({"a", "b", "c", "d"}) == "");
}

BOOST_AUTO_TEST_CASE(is_causal_before_the_run) {
    loop.call_soon(notes("a"));
    std::thread([&] { loop.call_soon_threadsafe(notes("b")); }).join();
    std::thread([&] { loop.call_soon_threadsafe(notes("c")); }).join();
    loop.call_soon(notes("d"));
    run_once();
    BOOST_TEST(order.difference({"a", "b", "c", "d"}) == "");
}

BOOST_AUTO_TEST_CASE(threadsafe_from_a_callback_waits_for_the_next_iteration) {
    loop.call_soon([&] { loop.call_soon_threadsafe(notes("inner")); });
    loop.call_soon(notes("other"));
    run_once();
    BOOST_TEST(order.difference({"other"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

// Rule 4: by deadline, then by the order of scheduling.
BOOST_FIXTURE_TEST_SUITE(timers, virtual_loop)

BOOST_AUTO_TEST_CASE(run_in_the_order_of_their_deadlines) {
    for (int delay : {30, 10, 40, 20}) loop.call_later(std::chrono::milliseconds(delay), notes(std::to_string(delay)));
    run_for(50ms);
    BOOST_TEST(order.difference({"10", "20", "30", "40"}) == "");
}

BOOST_AUTO_TEST_CASE(with_equal_deadlines_run_in_the_order_of_scheduling) {
    std::vector<std::string> expected;
    for (int i = 0; i < 1000; ++i) {
        if (i % 2 == 0) loop.call_later(5ms, notes(std::to_string(i)));
        else loop.call_at(loop.time() + 5ms, notes(std::to_string(i)));
        expected.push_back(std::to_string(i));
    }
    run_for(10ms);
    BOOST_TEST(order.difference(expected) == "");
}

BOOST_AUTO_TEST_CASE(with_equal_deadlines_keep_their_order_when_some_are_cancelled) {
    std::vector<std::string> expected;
    std::vector<ordo::timer_handle> victims;
    for (int i = 0; i < 100; ++i) {
        auto h = loop.call_later(5ms, notes(std::to_string(i)));
        if (i % 3 == 0) victims.push_back(h);
        else expected.push_back(std::to_string(i));
    }
    for (auto& victim : victims) victim.cancel();
    run_for(10ms);
    BOOST_TEST(order.difference(expected) == "");
}

BOOST_AUTO_TEST_CASE(never_run_before_their_deadline_on_the_real_clock) {
    ordo::event_loop real;
    int early = 0, left = 200;
    for (int i = 0; i < 200; ++i) {
        auto const when = real.time() + i * 50us;
        real.call_at(when, [&, when] {
            early += std::chrono::steady_clock::now() < when;
            if (--left == 0) real.stop();
        });
    }
    real.run_forever();
    BOOST_TEST(early == 0);
}

BOOST_AUTO_TEST_SUITE_END()

// Rules 5 and 6; the files of future, task and sleep say the rest.
BOOST_FIXTURE_TEST_SUITE(hops, virtual_loop)

BOOST_AUTO_TEST_CASE(completing_a_future_calls_nothing_inline) {
    auto const future = loop.create_future();
    future.add_done_callback(notes("done"));
    future.set_result();
    BOOST_TEST(order.difference({}) == "");
    run_once();
    BOOST_TEST(order.difference({"done"}) == "");
}

BOOST_AUTO_TEST_CASE(waiting_tasks_and_done_callbacks_run_in_the_order_in_which_they_came) {
    auto const future = loop.create_future();
    auto const wait = [&](char const* name) -> ordo::coro<> {
        co_await future;
        order.record(name);
    };
    auto const first = loop.create_task(wait("first task"));
    run_once();
    future.add_done_callback(notes("callback"));
    auto const second = loop.create_task(wait("second task"));
    run_once();
    future.set_result();
    run_once();
    BOOST_TEST(order.difference({"first task", "callback", "second task"}) == "");
}

BOOST_AUTO_TEST_CASE(a_task_takes_its_first_step_in_its_turn) {
    loop.call_soon(notes("before"));
    auto const note = [&]() -> ordo::coro<> {
        order.record("task");
        co_return;
    };
    auto const task = loop.create_task(note());
    loop.call_soon(notes("after"));
    run_once();
    BOOST_TEST(order.difference({"before", "task", "after"}) == "");
}

BOOST_AUTO_TEST_CASE(awaiting_a_done_future_or_a_coroutine_stays_within_the_step) {
    auto const future = loop.create_future();
    future.set_result();
    auto const inner = [&]() -> ordo::coro<> {
        co_await future;
        order.record("inner");
    };
    auto const outer = [&]() -> ordo::coro<> {
        co_await inner();
        order.record("outer");
    };
    auto const task = loop.create_task(outer());
    loop.call_soon(notes("other"));
    run_once();
    BOOST_TEST(order.difference({"inner", "outer", "other"}) == "");
}

BOOST_AUTO_TEST_CASE(sleep_zero_yields_for_exactly_one_iteration) {
    std::vector<std::uint64_t> seen;
    auto const yield = [&]() -> ordo::coro<> {
        seen.push_back(loop.iterations());
        co_await ordo::sleep(0s);
        seen.push_back(loop.iterations());
    };
    loop.run_until_complete(yield());
    BOOST_TEST(seen == (std::vector<std::uint64_t>{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
