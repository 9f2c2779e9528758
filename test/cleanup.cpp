// ordo: tests of with_cleanup.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/cleanup.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <ordo/exception_context.hpp>

#include <memory>

using ordo::with_cleanup;

namespace {

/// A cleanup that takes a second, and says so.
struct slow_cleanup {
    int& ended;

    coro<> operator()() const {
        co_await sleep(1s);
        ++ended;
    }
};

coro<> forever() {
    co_await sleep(1h);
}

} // namespace

BOOST_AUTO_TEST_SUITE(cleanup)

ORDO_TEST_CASE(it_runs_after_the_body_and_the_result_of_the_body_is_given) {
    int ended = 0;
    slow_cleanup const cleanup{ended};
    auto value = []() -> coro<int> { co_return 1; };
    auto const one = co_await with_cleanup(value, cleanup);
    BOOST_TEST(one == 1);
    BOOST_TEST(ended == 1);
    auto nothing = []() -> coro<> { co_return; };
    co_await with_cleanup(nothing, cleanup);
    auto pointer = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(2); };
    auto const two = co_await with_cleanup(pointer, cleanup);
    BOOST_TEST(*two == 2);
    int referred = 3;
    auto reference = [&]() -> coro<int&> { co_return referred; };
    auto& same = co_await with_cleanup(reference, cleanup);
    BOOST_TEST(&same == &referred);
    auto constant = []() -> coro<int const> { co_return 4; };
    auto const four = co_await with_cleanup(constant, cleanup);
    BOOST_TEST(four == 4);
    BOOST_TEST(ended == 5);
}

ORDO_TEST_CASE(the_result_of_the_cleanup_is_ignored) {
    auto body = []() -> coro<int> { co_return 1; };
    auto cleanup = []() -> coro<int> { co_return 2; };
    auto const one = co_await with_cleanup(body, cleanup);
    BOOST_TEST(one == 1);
}

ORDO_TEST_CASE(it_runs_when_the_body_fails) {
    int ended = 0;
    slow_cleanup const cleanup{ended};
    auto body = []() -> coro<int> { co_return co_await failure_after(1s, "bad"); };
    auto const text = co_await error_of(with_cleanup(body, cleanup));
    BOOST_TEST(text == "bad");
    BOOST_TEST(ended == 1);
}

ORDO_TEST_CASE(it_runs_and_may_wait_when_the_body_is_cancelled) {
    int ended = 0;
    slow_cleanup const cleanup{ended};
    auto body = [&]() -> coro<> { co_await with_cleanup(forever, cleanup); };
    auto const task = create_task(body);
    co_await sleep(0s);
    task.cancel("stop");
    auto const text = co_await error_of(task);
    BOOST_TEST(text == "cancelled: stop");
    BOOST_TEST(ended == 1);
    BOOST_TEST(task.cancelled());
}

ORDO_TEST_CASE(another_cancellation_interrupts_it) {
    int ended = 0;
    slow_cleanup const cleanup{ended};
    auto body = [&]() -> coro<> { co_await with_cleanup(forever, cleanup); };
    auto const task = create_task(body);
    co_await sleep(0s);
    task.cancel("first");
    co_await sleep(0s);
    task.cancel("second");
    auto const text = co_await error_of(task);
    BOOST_TEST(text == "cancelled: second");
    BOOST_TEST(ended == 0);
}

ORDO_TEST_CASE(what_it_throws_takes_the_place_of_what_the_body_threw) {
    auto value = []() -> coro<int> { co_return 1; };
    auto failing = []() -> coro<int> { co_return co_await failure_after(0s, "body"); };
    auto cleanup = []() -> coro<> { co_await failure_after(0s, "cleanup"); };
    auto text = co_await error_of(with_cleanup(value, cleanup));
    BOOST_TEST(text == "cleanup");
    text = co_await error_of(with_cleanup(failing, cleanup));
    BOOST_TEST(text == "cleanup");
}

ORDO_TEST_CASE(nested_ones_run_from_the_inside_out) {
    ordo::testing::order_recorder order;
    auto inner_cleanup = [&]() -> coro<> {
        co_await sleep(1s);
        order.record("inner");
    };
    auto outer_cleanup = [&]() -> coro<> {
        co_await sleep(1s);
        order.record("outer");
    };
    auto inner = [&]() -> coro<> { co_await with_cleanup(forever, inner_cleanup); };
    auto outer = [&]() -> coro<> { co_await with_cleanup(inner, outer_cleanup); };
    auto const task = create_task(outer);
    co_await sleep(0s);
    task.cancel();
    co_await error_of(task);
    BOOST_TEST(order.difference({"inner", "outer"}) == "");
}

ORDO_TEST_CASE(both_callables_are_kept_until_the_end) {
    counting const from_zero;
    auto make = []() -> coro<int> {
        auto body = [held = counted(1)]() -> coro<int> {
            co_await sleep(1s);
            co_return held.id;
        };
        auto cleanup = [held = counted(2)]() -> coro<> {
            co_await sleep(1s);
            if (held.id != 2) throw std::logic_error("the cleanup is gone");
        };
        return with_cleanup(body, cleanup);
    };
    auto const one = co_await make();
    BOOST_TEST(one == 1);
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(the_task_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto body = [&]() -> coro<int> {
            v.order.record("body");
            co_return co_await value_after_hops(1, 1);
        };
        auto cleanup = [&]() -> coro<> {
            v.order.record("begun");
            co_await value_after_hops(1, 1);
            v.order.record("ended");
        };
        auto const one = co_await with_cleanup(body, cleanup);
        co_return one;
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, body begun ended",
                                     "2: cancelled, body begun",
                                     "3: value, body begun ended, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_CASE(it_does_not_run_if_the_task_is_destroyed_with_its_loop) {
    for (int iterations = 0; iterations < 4; ++iterations) {
        counted::reset();
        bool ended = false;
        {
            virtual_loop v;
            v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            auto body = [held = counted(1)]() -> coro<> {
                counted const local(2);
                co_await value_after_hops(1, 1);
            };
            auto cleanup = [&ended, held = counted(1)]() -> coro<> {
                counted const local(2);
                co_await value_after_hops(3, 1);
                ended = true;
            };
            auto main = [&]() -> coro<> { co_await with_cleanup(body, cleanup); };
            static_cast<void>(v.loop.create_task(main));
            for (int i = 0; i < iterations; ++i) v.run_once();
            v.loop.close();
        }
        BOOST_TEST(!ended);
        BOOST_TEST(counted::constructed > 0);
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
