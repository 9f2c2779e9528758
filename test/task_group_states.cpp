// ordo: tests of what a task group takes, keeps and refuses.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;

namespace {

coro<> do_nothing() {
    co_return;
}

coro<> throw_after(ordo::duration delay, std::exception_ptr what) {
    co_await ordo::sleep(delay);
    std::rethrow_exception(what);
}

coro<> throw_when_cancelled(std::exception_ptr what) {
    bool cancelled = false;
    try {
        co_await ordo::sleep(1h);
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    if (cancelled) std::rethrow_exception(what);
}

/// The errors that leave a group in which a task fails with one, and the body, cancelled by that, with the other.
coro<std::vector<std::exception_ptr>> errors_of(std::exception_ptr of_task, std::exception_ptr of_body) {
    auto body = [&](ordo::task_group& group) -> coro<> {
        static_cast<void>(group.create_task(throw_after(1s, of_task)));
        co_await throw_when_cancelled(of_body);
    };
    std::vector<std::exception_ptr> errors;
    try {
        co_await ordo::with_task_group(body);
    } catch (ordo::exception_group const& group) {
        errors = group.exceptions();
    }
    co_return errors;
}

coro<std::string> refusal(ordo::task_group& group) {
    std::string text = "(nothing was thrown)";
    try {
        co_await ordo::with_task_group(group, do_nothing);
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    co_return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_states)

// -- tasks

ORDO_TEST_CASE(a_task_has_the_name_it_was_given) {
    std::string name;
    auto body = [&](ordo::task_group& group) -> coro<> {
        auto const t = group.create_task(do_nothing(), "yolo");
        name = t.name();
        co_return;
    };
    co_await ordo::with_task_group(body);
    BOOST_TEST(name == "yolo");
}

ORDO_TEST_CASE(a_group_lets_go_of_a_task_when_it_ends) {
    counted::reset();
    auto make = [](ordo::duration delay) -> coro<counted> {
        co_await ordo::sleep(delay);
        co_return counted(1);
    };
    std::vector<int> alive; // results that somebody keeps
    auto body = [&](ordo::task_group& group) -> coro<> {
        for (int i = 0; i < 10; ++i) {
            co_await ordo::sleep(100ms);
            static_cast<void>(group.create_task(make(250ms)));
            alive.push_back(counted::alive());
        }
        co_await ordo::sleep(1s);
        alive.push_back(counted::alive());
    };
    co_await ordo::with_task_group(body);
    BOOST_TEST(alive == std::vector<int>(11, 0), boost::test_tools::per_element());
    BOOST_TEST(counted::constructed >= 10);
}

// -- errors

ORDO_TEST_CASE(what_is_no_exception_class_is_collected_as_well) {
    auto const number = std::make_exception_ptr(42);
    auto const error = std::make_exception_ptr(std::out_of_range("too far"));
    auto const of_body = co_await errors_of(error, number);
    BOOST_TEST((of_body == std::vector<std::exception_ptr>{error, number}));
    auto const of_task = co_await errors_of(number, error);
    BOOST_TEST((of_task == std::vector<std::exception_ptr>{number, error}));
}

// -- misuse

ORDO_TEST_CASE(it_takes_no_task_before_its_body_begins) {
    ordo::task_group group;
    auto const create = [&] { static_cast<void>(group.create_task(do_nothing())); };
    BOOST_TEST(error_text<ordo::usage_error>(create) ==
               "task_group::create_task: the group is not in use yet; give it to with_task_group()");
    co_return;
}

ORDO_TEST_CASE(it_takes_no_task_after_its_end) {
    ordo::task_group group;
    co_await ordo::with_task_group(group, do_nothing);
    auto const create = [&] { static_cast<void>(group.create_task(do_nothing())); };
    BOOST_TEST(error_text<ordo::usage_error>(create) ==
               "task_group::create_task: the group has ended; make a new one for each body");
}

ORDO_TEST_CASE(it_is_good_for_one_body) {
    char const* const used = "with_task_group: this group was used before; make a new one for each body";
    ordo::task_group group;
    std::string within;
    auto body = [&]() -> coro<> { within = co_await refusal(group); };
    co_await ordo::with_task_group(group, body);
    BOOST_TEST(within == used);
    auto const afterwards = co_await refusal(group);
    BOOST_TEST(afterwards == used);
}

BOOST_AUTO_TEST_SUITE_END()
