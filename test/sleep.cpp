// ordo: tests of sleep.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/sleep.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;

namespace {

coro<> sleep_and_record(ordo::duration length, ordo::testing::order_recorder& order, std::string name) {
    co_await ordo::sleep(length);
    order.record(name);
}

} // namespace

BOOST_AUTO_TEST_SUITE(sleep_)

ORDO_TEST_CASE(a_sleeper_goes_on_at_its_deadline) {
    auto const& loop = get_running_loop();
    auto const before = loop.time();
    co_await ordo::sleep(1500ms);
    BOOST_TEST((loop.time() - before == 1500ms));
}

ORDO_TEST_CASE(a_sleep_can_be_given_in_floating_units) {
    auto const& loop = get_running_loop();
    auto const before = loop.time();
    co_await ordo::sleep(std::chrono::duration<double>(0.25));
    BOOST_TEST((loop.time() - before == 250ms));
}

ORDO_TEST_CASE(a_sleep_of_nothing_yields_to_what_is_ready) {
    ordo::testing::order_recorder order;
    get_running_loop().call_soon(order.recording("callback"));
    co_await ordo::sleep(0s);
    order.record("sleeper");
    BOOST_TEST(order.text() == "callback sleeper");
}

ORDO_TEST_CASE(a_sleep_of_less_than_nothing_takes_no_time) {
    auto const& loop = get_running_loop();
    auto const before = loop.time();
    co_await ordo::sleep(-1h);
    BOOST_TEST((loop.time() == before));
}

ORDO_TEST_CASE(a_sleep_gives_its_value) {
    auto const number = co_await ordo::sleep(1s, 42);
    BOOST_TEST(number == 42);
    auto const at_once = co_await ordo::sleep(0s, 43);
    BOOST_TEST(at_once == 43);
}

ORDO_TEST_CASE(a_sleep_gives_a_move_only_value) {
    auto value = std::make_unique<int>(7);
    auto const same = co_await ordo::sleep(1s, std::move(value));
    BOOST_TEST(*same == 7);
}

ORDO_TEST_CASE(sleepers_wake_in_the_order_of_their_deadlines) {
    ordo::testing::order_recorder order;
    auto const a = create_task(sleep_and_record(3s, order, "a"));
    auto const b = create_task(sleep_and_record(1s, order, "b"));
    auto const c = create_task(sleep_and_record(2s, order, "c"));
    co_await a;
    BOOST_TEST(order.difference({"b", "c", "a"}) == "");
}

ORDO_TEST_CASE(sleepers_with_one_deadline_wake_in_the_order_in_which_they_fell_asleep) {
    ordo::testing::order_recorder order;
    auto const a = create_task(sleep_and_record(1s, order, "a"));
    auto const b = create_task(sleep_and_record(1s, order, "b"));
    auto const c = create_task(sleep_and_record(1s, order, "c"));
    co_await c;
    BOOST_TEST(order.difference({"a", "b", "c"}) == "");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(a_cancelled_sleep_leaves_no_timer) {
    auto const& loop = get_running_loop();
    ordo::testing::order_recorder order;
    auto const before = loop.time();
    auto const sleeper = create_task(sleep_and_record(50s, order, "never"));
    co_await ordo::sleep(1s);
    sleeper.cancel();
    auto const iterations = loop.iterations();
    co_await ordo::sleep(100s);
    BOOST_TEST(sleeper.cancelled());
    BOOST_TEST(order.text() == "");
    BOOST_TEST((loop.time() - before == 101s));
    BOOST_TEST(loop.iterations() - iterations == 3u); // the cancelled task; the timer; its sleeper
}

ORDO_TEST_CASE(a_sleep_can_be_cancelled_by_a_timer_of_the_same_deadline_that_comes_first) {
    auto& loop = get_running_loop();
    ordo::testing::order_recorder order;
    ordo::task<> sleeper;
    loop.call_later(1s, [&] { sleeper.cancel("why"); });
    sleeper = create_task(sleep_and_record(1s, order, "never"));
    std::string message;
    try {
        co_await sleeper;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "why");
    BOOST_TEST(order.text() == "");
}

ORDO_TEST_CASE(the_longest_sleep_never_ends_but_can_be_cancelled) {
    ordo::testing::order_recorder order;
    auto const sleeper = create_task(sleep_and_record(ordo::duration::max(), order, "never"));
    co_await ordo::sleep(24h * 365);
    BOOST_TEST(!sleeper.done());
    sleeper.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(sleeper.cancelled());
}

// -- sleep_until

ORDO_TEST_CASE(a_sleeper_goes_on_at_the_moment_that_it_waits_for) {
    auto const& loop = get_running_loop();
    auto const moment = loop.time() + 1500ms;
    co_await ordo::sleep_until(moment);
    BOOST_TEST((loop.time() == moment));
}

ORDO_TEST_CASE(until_now_or_before_is_the_next_iteration) {
    auto const& loop = get_running_loop();
    auto const now = loop.time();
    auto const before = loop.iterations();
    co_await ordo::sleep_until(now);
    co_await ordo::sleep_until(now - 1h);
    co_await ordo::sleep_until(ordo::time_point::min());
    BOOST_TEST((loop.time() == now));
    BOOST_TEST(loop.iterations() - before == 3u);
}

ORDO_TEST_CASE(sleeping_until_a_moment_and_for_a_while_keep_one_order) {
    ordo::testing::order_recorder order;
    auto const moment = get_running_loop().time() + 1s;
    auto until = [&](char const* name) -> coro<> {
        co_await ordo::sleep_until(moment);
        order.record(name);
    };
    auto const a = create_task(until("a"));
    auto const b = create_task(sleep_and_record(1s, order, "b"));
    auto const c = create_task(until("c"));
    co_await c;
    BOOST_TEST(order.difference({"a", "b", "c"}) == "");
}

ORDO_TEST_CASE(a_sleep_until_the_end_of_time_can_be_cancelled) {
    auto forever = []() -> coro<> { co_await ordo::sleep_until(ordo::time_point::max()); };
    auto const sleeper = create_task(forever);
    co_await ordo::sleep(24h * 365);
    BOOST_TEST(!sleeper.done());
    sleeper.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(sleeper.cancelled());
}

ORDO_TEST_CASE(a_sleep_until_a_moment_is_cancelled_in_the_iteration_of_that_moment) {
    auto& loop = get_running_loop();
    auto const moment = loop.time() + 1s;
    auto until = [moment]() -> coro<> { co_await ordo::sleep_until(moment); };
    auto const behind = create_task(until);
    co_await ordo::sleep(0s);
    loop.call_at(moment, [behind] { behind.cancel("why"); }); // the deadline has come before
    std::string message = "(none)";
    try {
        co_await behind;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "why");
}

// -- real time

BOOST_AUTO_TEST_CASE(a_cancelled_sleep_is_destroyed_with_its_message_when_its_loop_goes_first) {
    auto const held = std::make_shared<int>(1);
    auto const sleep_and_hold = [](std::shared_ptr<int>) -> coro<> { co_await ordo::sleep(1h); };
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](auto&, auto&) {}); // that the task dies with its loop is no news
        auto const sleeper = loop.create_task(sleep_and_hold(held));
        loop.run_until_complete([]() -> coro<> { co_await ordo::sleep(0s); }());
        sleeper.cancel("a message that is too long to stand in the string itself");
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(on_the_steady_clock_a_sleeper_never_wakes_too_early) {
    ordo::event_loop loop;
    auto nap = []() -> coro<> {
        for (int i = 0; i < 20; ++i) co_await ordo::sleep(500us);
    };
    auto const before = std::chrono::steady_clock::now();
    loop.run_until_complete(nap());
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 10ms));
}

BOOST_AUTO_TEST_CASE(sleeps_too_short_to_wait_for_do_not_make_the_loop_spin) {
    ordo::event_loop loop;
    auto sleeper = []() -> coro<> {
        for (auto const length : {1e-2, 1e-4, 1e-6, 1e-8, 1e-10})
            co_await ordo::sleep(std::chrono::duration<double>(length));
    };
    loop.run_until_complete(sleeper());
    BOOST_TEST(loop.iterations() <= 2u + 5u * 3u); // the first step and the end; timer, wake-up and one to spare
}

BOOST_AUTO_TEST_SUITE_END()
