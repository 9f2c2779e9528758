// ordo: tests of with_task_group: results, children, misuse. Errors and cancellation have files of their own.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "composing.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <ordo/context_var.hpp>

#include <memory>
#include <optional>

using ordo::task_group;
using ordo::with_task_group;

namespace {

constexpr ordo::task_options eager{.eager_start = true};

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_)

ORDO_TEST_CASE(it_ends_when_the_body_and_every_task_have_ended) {
    auto const before = get_running_loop().time();
    std::vector<ordo::task<int>> tasks;
    auto body = [&](task_group& group) -> coro<> {
        tasks.push_back(group.create_task(value_after(1s, 1), "one"));
        tasks.push_back(group.create_task(value_after(3s, 2)));
        co_await sleep(2s);
    };
    co_await with_task_group(body);
    BOOST_TEST((get_running_loop().time() - before == 3s));
    BOOST_TEST(tasks[0].result() == 1);
    BOOST_TEST(tasks[1].result() == 2);
    BOOST_TEST(tasks[0].name() == "one");
}

ORDO_TEST_CASE(it_gives_the_result_of_the_body) {
    auto value = [](task_group& group) -> coro<int> {
        group.create_task(value_after(1s, 1));
        co_return 1;
    };
    auto const one = co_await with_task_group(value);
    BOOST_TEST(one == 1);
    auto pointer = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(2); };
    auto const two = co_await with_task_group(pointer);
    BOOST_TEST(*two == 2);
    int referred = 3;
    auto reference = [&](task_group&) -> coro<int&> { co_return referred; };
    auto& same = co_await with_task_group(reference);
    BOOST_TEST(&same == &referred);
    auto constant = [](task_group&) -> coro<int const> { co_return 4; };
    auto const four = co_await with_task_group(constant);
    BOOST_TEST(four == 4);
    auto nothing = []() -> coro<> { co_return; };
    co_await with_task_group(nothing);
}

ORDO_TEST_CASE(without_running_tasks_it_does_not_wait) {
    auto const before = get_running_loop().iterations();
    auto body = [](task_group&) -> coro<int> { co_return 1; };
    co_await with_task_group(body);
    BOOST_TEST(get_running_loop().iterations() == before);
}

ORDO_TEST_CASE(it_goes_on_two_iterations_after_the_last_task) {
    std::uint64_t ended = 0;
    auto child = [&]() -> coro<> {
        co_await sleep(1s);
        ended = get_running_loop().iterations();
    };
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(child);
        co_return;
    };
    co_await with_task_group(body);
    BOOST_TEST(get_running_loop().iterations() - ended == 2u);
}

ORDO_TEST_CASE(the_body_runs_in_the_calling_task) {
    auto const self = *ordo::current_task();
    auto body = [&]() -> coro<bool> { co_return *ordo::current_task() == self; };
    auto const same = co_await with_task_group(body);
    BOOST_TEST(same);
}

ORDO_TEST_CASE(tasks_may_create_tasks_while_the_group_waits_for_its_end) {
    int ended = 0;
    auto body = [&](task_group& group) -> coro<> {
        auto grandchild = [&]() -> coro<> {
            co_await sleep(5s);
            ++ended;
        };
        auto child = [&group, grandchild]() -> coro<> {
            co_await sleep(1s);
            group.create_task(grandchild);
        };
        group.create_task(child);
        co_return;
    };
    co_await with_task_group(body);
    BOOST_TEST(ended == 1);
}

ORDO_TEST_CASE(groups_may_be_nested) {
    ordo::testing::order_recorder order;
    auto note = [&](ordo::duration delay, char const* what) -> coro<> {
        co_await sleep(delay);
        order.record(what);
    };
    auto inner = [&](task_group& group) -> coro<> {
        group.create_task(note(1s, "inner"));
        co_return;
    };
    auto outer = [&](task_group& group) -> coro<> {
        group.create_task(note(3s, "outer"));
        co_await with_task_group(inner);
        order.record("between");
    };
    co_await with_task_group(outer);
    BOOST_TEST(order.difference({"inner", "between", "outer"}) == "");
}

ORDO_TEST_CASE(a_group_of_the_callers_can_be_given_to_others) {
    auto group = std::make_shared<task_group>();
    int ended = 0;
    auto others = [](std::shared_ptr<task_group> g, int& count) -> coro<> {
        co_await sleep(1s);
        auto child = [&count]() -> coro<> {
            co_await sleep(1s);
            ++count;
        };
        g->create_task(child);
    };
    auto const other = create_task(others(group, ended));
    auto body = []() -> coro<int> { co_return co_await sleep(2s, 3); };
    auto const three = co_await with_task_group(*group, body);
    BOOST_TEST(three == 3);
    BOOST_TEST(ended == 1);
}

ORDO_TEST_CASE(callables_and_bodies_are_kept_until_their_end) {
    counting const from_zero;
    auto make = []() -> coro<int> {
        auto body = [held = counted(1)](task_group& group) -> coro<int> {
            auto child = [held = counted(2)]() -> coro<int> {
                co_await sleep(2s);
                co_return held.id;
            };
            auto const task = group.create_task(child);
            co_await sleep(1s);
            co_return held.id;
        };
        return with_task_group(body);
    };
    auto const one = co_await make();
    BOOST_TEST(one == 1);
    BOOST_TEST(counted::alive() == 0);
}

// -- options of the tasks

ORDO_TEST_CASE(tasks_take_a_context_and_may_begin_at_once) {
    static ordo::context_var<int> variable("variable", 0);
    auto in = ordo::copy_context();
    in.run([] { variable.set(7); });
    auto look = []() -> coro<int> { co_return variable.get(); };
    auto body = [&](task_group& group) -> coro<> {
        auto const seven = group.create_task(look, {.context = in});
        auto const at_once = group.create_task(look(), eager);
        BOOST_TEST(at_once.done());
        BOOST_TEST(at_once.result() == 0);
        auto const value = co_await seven;
        BOOST_TEST(value == 7);
    };
    co_await with_task_group(body);
}

ORDO_TEST_CASE(a_task_that_has_ended_eagerly_is_waited_for_as_any_other) {
    // CPython: test_taskgroup_already_entered and the eager ones of test_taskgroups: the callback is always scheduled.
    auto child = []() -> coro<> { co_return; };
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(child, eager);
        co_return;
    };
    auto const before = get_running_loop().iterations();
    co_await with_task_group(body);
    BOOST_TEST(get_running_loop().iterations() - before == 2u);
}

ORDO_TEST_CASE(an_eager_task_may_create_another) {
    std::string order;
    auto body = [&](task_group& group) -> coro<> {
        auto inner = [&]() -> coro<> {
            order += "b";
            co_await sleep(1s);
            order += "d";
        };
        auto outer = [&, inner]() -> coro<> {
            order += "a";
            group.create_task(inner, eager);
            order += "c";
            co_return;
        };
        group.create_task(outer, eager);
        co_await sleep(2s);
        order += "e";
    };
    co_await with_task_group(body);
    BOOST_TEST(order == "abcde");
}

// -- misuse

ORDO_TEST_CASE(tasks_are_created_while_the_group_is_in_use_and_not_otherwise) {
    task_group group;
    auto create = [&] { group.create_task(value_after(0s, 1)); };
    BOOST_TEST(error_text<ordo::usage_error>(create) ==
               "task_group::create_task: the group is not in use yet; give it to with_task_group()");
    auto body = []() -> coro<> { co_return; };
    co_await with_task_group(group, body);
    BOOST_TEST(error_text<ordo::usage_error>(create) ==
               "task_group::create_task: the group has ended; make a new one for each body");
}

ORDO_TEST_CASE(a_group_that_is_being_cancelled_takes_no_more_tasks) {
    std::string text;
    auto body = [&](task_group& group) -> coro<> {
        group.cancel();
        text = error_text<ordo::usage_error>([&] { group.create_task(value_after(0s, 1)); });
        co_return;
    };
    co_await with_task_group(body);
    BOOST_TEST(text == "task_group::create_task: the group is being cancelled; it takes no more tasks");
}

ORDO_TEST_CASE(a_group_whose_last_task_has_ended_takes_no_more_although_nobody_was_told_yet) {
    std::string text;
    task_group group;
    auto child = create_task(value_after(0s, 1));
    auto body = [&]() -> coro<> {
        auto last = group.create_task(value_after(1s, 1));
        last.add_done_callback(
            [&] { text = error_text<ordo::usage_error>([&] { group.create_task(value_after(0s, 1)); }); });
        co_return;
    };
    co_await with_task_group(group, body);
    BOOST_TEST(text == "task_group::create_task: the group has ended; make a new one for each body");
    co_await child;
}

ORDO_TEST_CASE(a_group_is_good_for_one_body) {
    task_group group;
    auto body = [&]() -> coro<> {
        auto nothing = []() -> coro<> { co_return; };
        auto const text = co_await error_of(with_task_group(group, nothing));
        BOOST_TEST(text == "with_task_group: this group was used before; make a new one for each body");
    };
    co_await with_task_group(group, body);
    auto const text = co_await error_of(with_task_group(group, body));
    BOOST_TEST(text == "with_task_group: this group was used before; make a new one for each body");
}

BOOST_AUTO_TEST_SUITE_END()
