// ordo: tests of task_group::cancel(), and of groups that are cancelled at every moment.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "composing.hpp"

using ordo::task_group;
using ordo::with_task_group;

namespace {

constexpr ordo::task_options eager{.eager_start = true};

int requests() {
    return ordo::current_task()->cancelling();
}

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_cancel)

// CPython 3.15: test_taskgroups.test_taskgroup_cancel_*.

ORDO_TEST_CASE(it_ends_the_tasks_and_the_body_without_an_error) {
    ordo::task<int> child;
    bool reached = false;
    auto body = [&](task_group& group) -> coro<> {
        child = group.create_task(value_after(1h, 1));
        co_await sleep(1s);
        group.cancel();
        co_await sleep(1h);
        reached = true;
    };
    co_await with_task_group(body);
    BOOST_TEST(child.cancelled());
    BOOST_TEST(!reached);
    BOOST_TEST(requests() == 0);
    co_await sleep(0s);
}

ORDO_TEST_CASE(from_a_child_or_a_callback_it_does_the_same) {
    for (bool const from_child : {true, false}) {
        auto const before = get_running_loop().time();
        auto body = [&](task_group& group) -> coro<> {
            auto child = [&group]() -> coro<> {
                co_await sleep(1s);
                group.cancel();
                co_await sleep(1h);
            };
            if (from_child) group.create_task(child);
            else get_running_loop().call_later(1s, [&group] { group.cancel(); });
            co_await sleep(1h);
        };
        co_await with_task_group(body);
        BOOST_TEST((get_running_loop().time() - before == 1s));
        BOOST_TEST(requests() == 0);
    }
}

ORDO_TEST_CASE(before_the_body_it_cancels_where_that_first_waits) {
    task_group group;
    group.cancel();
    group.cancel();
    bool begun = false;
    bool reached = false;
    auto body = [&]() -> coro<> {
        begun = true;
        co_await sleep(1h);
        reached = true;
    };
    co_await with_task_group(group, body);
    BOOST_TEST(begun);
    BOOST_TEST(!reached);
    BOOST_TEST(requests() == 0);
}

ORDO_TEST_CASE(a_body_that_does_not_wait_is_not_interrupted) {
    task_group early;
    early.cancel();
    auto value = []() -> coro<int> { co_return 3; };
    auto const three = co_await with_task_group(early, value);
    BOOST_TEST(three == 3);
    auto cancelling = [](task_group& group) -> coro<int> {
        group.create_task(value_after(1h, 1));
        group.cancel();
        co_return 4;
    };
    auto const four = co_await with_task_group(cancelling);
    BOOST_TEST(four == 4);
    BOOST_TEST(requests() == 0);
    co_await sleep(0s);
}

ORDO_TEST_CASE(while_the_group_waits_for_its_end_it_cancels_the_tasks) {
    task_group group;
    get_running_loop().call_later(1s, [&] { group.cancel(); });
    auto body = [&]() -> coro<int> {
        group.create_task(value_after(1h, 1));
        co_return 5;
    };
    auto const five = co_await with_task_group(group, body);
    BOOST_TEST(five == 5);
    BOOST_TEST(requests() == 0);
}

ORDO_TEST_CASE(after_the_end_and_again_it_does_nothing) {
    task_group group;
    auto body = [&]() -> coro<> {
        group.create_task(unwilling(5s));
        co_await sleep(1s);
        group.cancel();
        group.cancel();
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {
            group.cancel();
            BOOST_TEST(requests() == 1);
            throw;
        }
    };
    co_await with_task_group(group, body);
    group.cancel();
    BOOST_TEST(requests() == 0);
    co_await sleep(0s);
}

ORDO_TEST_CASE(a_result_that_is_missing_because_of_it_is_an_error) {
    auto body = [](task_group& group) -> coro<int> {
        group.cancel();
        co_await sleep(1h);
        co_return 1;
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text ==
               "with_task_group: the group was cancelled before its body gave a result; give a body that may be "
               "cancelled no result");
}

ORDO_TEST_CASE(errors_that_come_up_because_of_it_come_out) {
    auto last_words = []() -> coro<> {
        co_await error_of(sleep(1h));
        throw std::runtime_error("last words");
    };
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(last_words);
        co_await sleep(1s);
        group.cancel();
        co_await sleep(1h);
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: last words");
    BOOST_TEST(requests() == 0);
}

ORDO_TEST_CASE(by_an_eager_task_it_reaches_that_task_too) {
    ordo::any_task child;
    bool reached = false;
    auto body = [&](task_group& group) -> coro<> {
        auto cancelling = [&]() -> coro<> {
            group.cancel();
            co_await sleep(1h);
            reached = true;
        };
        child = group.create_task(cancelling, eager);
        co_await sleep(1h);
        reached = true;
    };
    co_await with_task_group(body);
    BOOST_TEST(child.cancelled());
    BOOST_TEST(!reached);
    BOOST_TEST(requests() == 0);
}

ORDO_TEST_CASE(an_eager_task_that_fails_at_once_cancels_the_group) {
    auto body = [](task_group& group) -> coro<> {
        auto failing = []() -> coro<> {
            throw std::runtime_error("at once");
            co_return;
        };
        group.create_task(failing, eager);
        group.create_task(value_after(1h, 1)); // its end is not seen before the next iteration
        co_await sleep(1h);
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: at once");
}

ORDO_TEST_CASE(an_inner_group_that_is_cancelled_leaves_the_outer_one_alone) {
    auto inner = [](task_group& group) -> coro<> {
        group.create_task(value_after(1h, 1));
        group.cancel();
        co_await sleep(1h);
    };
    ordo::task<int> outer_child;
    auto outer = [&](task_group& group) -> coro<int> {
        outer_child = group.create_task(value_after(2s, 1));
        co_await with_task_group(inner);
        co_await sleep(1s);
        co_return 7;
    };
    auto const seven = co_await with_task_group(outer);
    BOOST_TEST(seven == 7);
    BOOST_TEST(outer_child.result() == 1);
}

// -- at every moment

BOOST_AUTO_TEST_CASE(the_task_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto body = [&](task_group& group) -> coro<int> {
            for (int const hops : {1, 3}) {
                auto const child = group.create_task(value_after_hops(hops, hops));
                child.add_done_callback([&v, child] { v.order.record(outcome_of(child)); });
            }
            auto const one = co_await value_after_hops(2, 1);
            v.order.record("body");
            co_return one;
        };
        auto const one = co_await with_task_group(body);
        v.order.record("end");
        co_return one;
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, cancelled cancelled",
                                     "2: cancelled, value cancelled", // the first child ends in that iteration
                                     "3: cancelled, body value cancelled",
                                     "4: cancelled, body value value", // and the second in this one
                                     "5: cancelled, body value value",
                                     "6: cancelled, body value value",
                                     "7: value, body value value end, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_SUITE_END()
