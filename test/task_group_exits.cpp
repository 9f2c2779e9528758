// ordo: tests of task groups that are left by a system_exit or a generator_exit.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "composing.hpp"

#include <ordo/exception_context.hpp>

using ordo::task_group;
using ordo::with_task_group;

namespace {

/// What a run ends with in which a group is left by a system_exit, and what was reported.
std::string exit_of(coro<> main) {
    virtual_loop v;
    std::string reports;
    v.loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
        reports += ", " + what.message + ": " + text_of(what.exception);
    });
    auto const task = v.loop.create_task(std::move(main));
    std::string text;
    for (int i = 0; i < 3 && !task.done(); ++i) {
        try {
            v.loop.run_until_complete(task);
        } catch (ordo::system_exit const& e) {
            text += "exit " + std::to_string(e.code()) + " ";
        }
    }
    return text + (task.done() ? "and the task: " + outcome_of(task) : "and the task is pending") + reports;
}

coro<> leave_after(ordo::duration delay, int code) {
    co_await sleep(delay);
    throw ordo::system_exit(code);
}

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_exits)

ORDO_TEST_CASE(a_generator_exit_of_the_body_alone_comes_out_as_it_is) {
    auto alone = [](task_group& group) -> coro<> {
        group.create_task(value_after(1h, 1));
        co_await sleep(0s);
        throw ordo::generator_exit();
    };
    auto const text = co_await error_of(with_task_group(alone));
    BOOST_TEST(text == "generator_exit");
    auto with_another = [](task_group& group) -> coro<> {
        group.create_task(failure_after(0s, "bad"));
        co_await error_of(sleep(1h));
        throw ordo::generator_exit();
    };
    auto const both = co_await error_of(with_task_group(with_another));
    BOOST_TEST(both == "with_task_group: 2 errors: bad; an exception that is not a std::exception");
}

BOOST_AUTO_TEST_CASE(a_system_exit_of_a_child_goes_before_everything_and_what_it_suppresses_is_reported) {
    auto main = []() -> coro<> {
        auto body = [](task_group& group) -> coro<> {
            auto last_words = []() -> coro<> {
                co_await error_of(sleep(1h));
                throw std::runtime_error("last words");
            };
            group.create_task(leave_after(1s, 3));
            group.create_task(last_words);
            co_await error_of(sleep(1h));
            throw std::runtime_error("body");
        };
        co_await with_task_group(body);
    };
    BOOST_TEST(exit_of(main()) == "exit 3 exit 3 and the task: exit 3"
                                  ", an error in a task group gave way to a system_exit: last words"
                                  ", an error in a task group gave way to a system_exit: body");
}

BOOST_AUTO_TEST_CASE(a_system_exit_of_the_body_waits_for_the_children) {
    auto main = []() -> coro<> {
        auto body = [](task_group& group) -> coro<> {
            group.create_task(unwilling(5s));
            co_await leave_after(1s, 4);
        };
        co_await with_task_group(body);
    };
    BOOST_TEST(exit_of(main()) == "exit 4 and the task: exit 4");
}

BOOST_AUTO_TEST_SUITE_END()
