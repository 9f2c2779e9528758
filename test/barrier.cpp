// ordo: tests of barrier.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/barrier.hpp>

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "every_moment.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <string>

using namespace std::chrono_literals;
using ordo::barrier;
using ordo::broken_barrier_error;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;

namespace {

coro<> arrive(barrier& b, ordo::testing::order_recorder& order, std::string name) {
    try {
        auto const place = co_await b.wait();
        order.record(name + std::to_string(place));
    } catch (broken_barrier_error const&) {
        order.record(name + "!");
    }
}

std::string const aborted = "barrier::wait: the barrier was aborted; reset() it before it is used again";
std::string const broken = "barrier::wait: the barrier was aborted or reset while this task waited; see to it that all "
                           "parties begin anew";

/// Two rounds of three, the second of which comes while the first one drains; those that are missing come in the end.
struct barrier_scene : scene {
    barrier b{3};

    explicit barrier_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 3; ++i) start(come(i));
        for (int i = 0; i < 3; ++i) start(come(4));
    }
    coro<> come(int later) {
        co_await yield(later);
        auto const place = co_await b.wait();
        BOOST_TEST(place < 3u);
        pass();
    }
    void check() {
        while (b.n_waiting() > 0) {
            auto const missing = loop.create_task(come(0));
            loop.run_until_complete(yield(3));
        }
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            BOOST_TEST(tasks[i].done());
            check_passed_or_cancelled(i);
        }
        BOOST_TEST(!b.broken());
    }
};

/// Three of four are there when it is reset; then, when that is over, others come.
struct reset_scene : scene {
    barrier b{4};
    std::set<std::string> sent_away{};

    explicit reset_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 3; ++i) start(come());
        static_cast<void>(loop.create_task(reset()));
    }
    coro<> come() {
        try {
            co_await b.wait();
            pass();
        } catch (broken_barrier_error const&) {
            sent_away.insert(ordo::current_task()->name());
        }
    }
    coro<> reset() {
        co_await yield(3);
        co_await b.reset();
    }
    void check() {
        BOOST_TEST(passed.empty());
        for (std::size_t i = 0; i < tasks.size(); ++i) check_got_or_cancelled(i, sent_away.contains(tasks[i].name()));
        BOOST_TEST(b.n_waiting() == 0u);
        for (int i = 0; i < 4; ++i) static_cast<void>(loop.create_task(come()));
        loop.run_until_complete(yield(3));
        BOOST_TEST(passed.size() == 4u);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(barrier_)

ORDO_TEST_CASE(the_last_one_goes_on_at_once_and_the_others_in_the_order_in_which_they_came) {
    barrier b(3);
    BOOST_TEST(b.parties() == 3u);
    ordo::testing::order_recorder order;
    auto const first = create_task(arrive(b, order, "a"));
    auto const second = create_task(arrive(b, order, "b"));
    co_await ordo::sleep(1s);
    BOOST_TEST(b.n_waiting() == 2u);
    BOOST_TEST(order.text() == "");
    auto const iteration = get_running_loop().iterations();
    auto const place = co_await b.wait();
    BOOST_TEST(place == 2u);
    BOOST_TEST(get_running_loop().iterations() == iteration);
    BOOST_TEST(b.n_waiting() == 0u);
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a0 b1");
    BOOST_TEST(first.done());
    BOOST_TEST(second.done());
}

ORDO_TEST_CASE(one_party_need_not_wait) {
    barrier b(1);
    for (int i = 0; i < 3; ++i) {
        auto const place = co_await b.wait();
        BOOST_TEST(place == 0u);
    }
}

ORDO_TEST_CASE(it_can_be_used_again_and_again) {
    barrier b(2);
    ordo::testing::order_recorder order;
    auto come_three_times = [&](std::string name) -> coro<> {
        for (int i = 0; i < 3; ++i) co_await arrive(b, order, name);
    };
    auto const first = create_task(come_three_times("a"));
    auto const second = create_task(come_three_times("b"));
    co_await first;
    co_await second;
    BOOST_TEST(order.text() == "b1 a0 b1 a0 b1 a0");
}

ORDO_TEST_CASE(who_comes_while_it_drains_belongs_to_the_next_round) {
    barrier b(2);
    ordo::testing::order_recorder order;
    auto const a = create_task(arrive(b, order, "a"));
    co_await ordo::sleep(0s);
    auto const c = create_task(arrive(b, order, "c")); // begins before a goes on
    co_await b.wait();
    BOOST_TEST(b.n_waiting() == 0u);
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "a0");
    BOOST_TEST(b.n_waiting() == 1u);
    co_await b.wait();
    co_await c;
    BOOST_TEST(order.text() == "a0 c0");
    BOOST_TEST(a.done());
}

ORDO_TEST_CASE(who_is_cancelled_leaves_and_another_must_come) {
    barrier b(2);
    ordo::testing::order_recorder order;
    auto const a = create_task(arrive(b, order, "a"));
    co_await ordo::sleep(0s);
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(b.n_waiting() == 0u);
    BOOST_TEST(!b.broken());
    auto const c = create_task(arrive(b, order, "c"));
    auto const d = create_task(arrive(b, order, "d"));
    co_await c;
    co_await d;
    BOOST_TEST(order.text() == "d1 c0");
}

BOOST_AUTO_TEST_CASE(a_party_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<barrier_scene>();
}

// -- reset and abort

ORDO_TEST_CASE(a_reset_sends_away_who_waits) {
    barrier b(2);
    ordo::testing::order_recorder order;
    auto const a = create_task(arrive(b, order, "a"));
    co_await ordo::sleep(0s);
    co_await b.reset();
    BOOST_TEST(b.n_waiting() == 0u);
    BOOST_TEST(!b.broken());
    auto const c = create_task(arrive(b, order, "c"));
    auto const d = create_task(arrive(b, order, "d"));
    co_await d;
    BOOST_TEST(order.text() == "a! d1 c0");
    BOOST_TEST(a.done());
    BOOST_TEST(c.done());
}

ORDO_TEST_CASE(a_reset_of_an_empty_one_changes_nothing) {
    barrier b(2);
    co_await b.reset();
    ordo::testing::order_recorder order;
    auto const a = create_task(arrive(b, order, "a"));
    co_await arrive(b, order, "b");
    co_await a;
    BOOST_TEST(order.text() == "a1 b0");
}

BOOST_AUTO_TEST_CASE(a_party_can_be_cancelled_at_every_moment_of_a_reset) {
    cancel_at_every_moment<reset_scene>();
}

ORDO_TEST_CASE(one_that_is_aborted_is_broken_until_it_is_reset) {
    barrier b(2);
    ordo::testing::order_recorder order;
    auto const a = create_task(arrive(b, order, "a"));
    co_await ordo::sleep(0s);
    co_await b.abort();
    BOOST_TEST(b.broken());
    BOOST_TEST(b.n_waiting() == 0u);
    co_await a;
    co_await arrive(b, order, "b");
    BOOST_TEST(order.text() == "a! b!");
    BOOST_TEST(b.broken());
    co_await b.reset();
    BOOST_TEST(!b.broken());
    auto const c = create_task(arrive(b, order, "c"));
    co_await arrive(b, order, "d");
    BOOST_TEST(order.text() == "a! b! c1 d0");
    BOOST_TEST(c.done());
}

BOOST_AUTO_TEST_CASE(the_errors_say_what_to_do) {
    virtual_loop v;
    barrier b(2);
    auto wait = [&]() -> coro<> { co_await b.wait(); };
    auto const waiting = v.loop.create_task(wait);
    v.run_once();
    v.loop.run_until_complete(b.abort());
    BOOST_TEST(error_text<broken_barrier_error>([&] { v.loop.run_until_complete(waiting); }) == broken);
    BOOST_TEST(error_text<broken_barrier_error>([&] { v.loop.run_until_complete(wait()); }) == aborted);
}

// -- misuse

BOOST_AUTO_TEST_CASE(there_must_be_a_party) {
    BOOST_TEST(error_text<ordo::value_error>([] { barrier const b(0); }) ==
               "barrier: 0 parties; there must be at least 1");
}

BOOST_AUTO_TEST_CASE(it_serves_one_loop_at_a_time) {
    virtual_loop first;
    virtual_loop second;
    barrier b(2);
    auto const a = first.loop.create_task(arrive(b, first.order, "a"));
    first.run_once();
    auto const expected = "barrier::wait: tasks of another loop wait for it; use it in one loop at a time";
    auto in_second = [&](coro<> c) {
        return error_text<ordo::usage_error>([&] { second.loop.run_until_complete(std::move(c)); });
    };
    BOOST_TEST(in_second(arrive(b, second.order, "b")) == expected);
    BOOST_TEST(in_second(b.reset()) == expected);
    BOOST_TEST(in_second(b.abort()) == expected);
    first.loop.run_until_complete(arrive(b, first.order, "c"));
    first.loop.run_until_complete(a);
    BOOST_TEST(first.order.text() == "c1 a0");
}

BOOST_AUTO_TEST_CASE(who_was_inside_when_its_loop_was_closed_is_not_waited_for) {
    barrier filling(3);
    barrier draining(2);
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto const a = v.loop.create_task(arrive(filling, v.order, "never"));
        auto const b = v.loop.create_task(arrive(draining, v.order, "never"));
        v.run_once();
        auto const c = v.loop.create_task(arrive(draining, v.order, "c"));
        v.run_once();
        BOOST_TEST(v.order.text() == "c1");
    }
    virtual_loop next;
    for (auto* b : {&filling, &draining}) {
        for (std::size_t i = 0; i < b->parties(); ++i)
            static_cast<void>(next.loop.create_task(arrive(*b, next.order, "x")));
    }
    for (int i = 0; i < 5; ++i) next.run_once();
    BOOST_TEST(next.order.text() == "x2 x1 x0 x1 x0");
}

BOOST_AUTO_TEST_CASE(who_waits_for_one_that_is_destroyed_does_no_harm) {
    captured_log const log;
    virtual_loop v;
    std::optional<barrier> b(std::in_place, 3);
    auto wait = [&]() -> coro<> { co_await b->wait(); };
    auto const cancelled = v.loop.create_task(wait);
    auto const waiting = v.loop.create_task(wait);
    v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    v.run_once();
    b.reset();
    BOOST_TEST(log.text() == "error: barrier::wait: destroyed while 2 tasks wait; keep it alive until nobody does\n");
    cancelled.cancel();
    BOOST_TEST(error_text<ordo::usage_error>([&] { v.loop.run_until_complete(cancelled); }) ==
               "barrier::wait: it was destroyed while this task waited; keep it alive until nobody does");
    BOOST_TEST(!waiting.done());
}

BOOST_AUTO_TEST_SUITE_END()
