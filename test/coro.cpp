// ordo: tests of coroutines: when they run, what lives how long, and what they give.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/coro.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using ordo::coro;

namespace {

coro<> note(bool& ran) {
    ran = true;
    co_return;
}

coro<int> hold(counted argument) {
    co_await ordo::sleep(std::chrono::seconds(1));
    co_return argument.id;
}

coro<int> answer() {
    co_return 42;
}

coro<int> fail(std::string why) {
    throw std::runtime_error(why);
    co_return 0;
}

coro<int> pass_on(int levels) {
    if (levels == 0) co_return co_await fail("at the bottom");
    co_return co_await pass_on(levels - 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(coro_)

// -- when it runs

BOOST_AUTO_TEST_CASE(a_coro_does_not_run_until_it_is_awaited) {
    bool ran = false;
    {
        auto const never = note(ran);
        BOOST_TEST(static_cast<bool>(never));
    }
    BOOST_TEST(!ran);
}

ORDO_TEST_CASE(awaiting_a_coro_runs_it_at_once) {
    bool ran = false;
    auto noting = note(ran);
    co_await std::move(noting);
    BOOST_TEST(ran);
}

ORDO_TEST_CASE(awaiting_a_coro_takes_no_iteration_in_or_out) {
    auto const& loop = ordo::get_running_loop();
    auto const before = loop.iterations();
    auto const value = co_await answer();
    BOOST_TEST(value == 42);
    BOOST_TEST(loop.iterations() == before);
}

ORDO_TEST_CASE(a_resumption_goes_up_through_all_levels_in_one_step) {
    auto& loop = ordo::get_running_loop();
    auto const done = loop.create_future<int>();
    auto inner = [&]() -> coro<int> { co_return co_await done; };
    auto middle = [&]() -> coro<int> { co_return co_await inner() + 1; };
    auto outer = [&]() -> coro<int> { co_return co_await middle() + 1; };
    loop.call_soon([&] { done.set_result(40); });
    auto const before = loop.iterations();
    auto const value = co_await outer();
    BOOST_TEST(value == 42);
    BOOST_TEST(loop.iterations() - before == 2u); // one to the callback, one from it to the task
}

// -- lifetimes

BOOST_FIXTURE_TEST_CASE(a_coro_that_is_never_awaited_destroys_its_arguments, counting) {
    {
        auto const never = hold(counted(1));
        BOOST_TEST(counted::alive() == 1);
    }
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(arguments_live_until_the_coroutine_has_ended) {
    counted::reset();
    auto holding = hold(counted(7));
    BOOST_TEST(counted::alive() == 1);
    auto const id = co_await std::move(holding);
    BOOST_TEST(id == 7);
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(counted::copied == 0);
}

ORDO_TEST_CASE(arguments_are_destroyed_when_an_error_ends_the_coroutine) {
    counted::reset();
    auto failing = [](counted) -> coro<> {
        co_await ordo::sleep(std::chrono::seconds(1));
        throw std::runtime_error("on purpose");
    };
    bool failed = false;
    try {
        co_await failing(counted(1));
    } catch (std::runtime_error const&) {
        failed = true;
    }
    BOOST_TEST(failed);
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(locals_are_destroyed_before_the_awaiter_goes_on) {
    counted::reset();
    auto with_local = []() -> coro<> {
        counted local(1);
        co_await ordo::sleep(std::chrono::seconds(1));
        local.id = 2;
    };
    co_await with_local();
    BOOST_TEST(counted::alive() == 0);
}

BOOST_FIXTURE_TEST_CASE(assigning_to_a_coro_destroys_the_one_it_held, counting) {
    auto first = hold(counted(1));
    auto second = hold(counted(2));
    BOOST_TEST(counted::alive() == 2);
    first = std::move(second);
    BOOST_TEST(counted::alive() == 1);
    BOOST_TEST(static_cast<bool>(first));
    BOOST_TEST(!second);
}

BOOST_AUTO_TEST_CASE(a_coro_is_moved_and_never_copied) {
    BOOST_TEST(!std::is_copy_constructible_v<coro<int>>);
    BOOST_TEST(!std::is_copy_assignable_v<coro<int>>);
    BOOST_TEST(std::is_nothrow_move_constructible_v<coro<int>>);
    BOOST_TEST(std::is_nothrow_move_assignable_v<coro<int>>);
}

// -- results

ORDO_TEST_CASE(a_move_only_result_is_moved_out) {
    auto make = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    auto const made = co_await make();
    BOOST_TEST(*made == 7);
}

ORDO_TEST_CASE(a_result_is_never_copied) {
    counted::reset();
    {
        auto make = []() -> coro<counted> { co_return counted(7); };
        auto const made = co_await make();
        BOOST_TEST(made.id == 7);
    }
    BOOST_TEST(counted::copied == 0);
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(a_reference_result_is_the_object_itself) {
    int original = 1;
    auto refer = [](int& to) -> coro<int&> { co_return to; };
    int& same = co_await refer(original);
    BOOST_TEST(&same == &original);
}

ORDO_TEST_CASE(a_reference_to_const_can_be_a_result) {
    std::string const original = "text";
    auto refer = [](std::string const& to) -> coro<std::string const&> { co_return to; };
    auto const& same = co_await refer(original);
    BOOST_TEST(&same == &original);
}

ORDO_TEST_CASE(a_result_converts_from_what_is_returned) {
    auto make = []() -> coro<std::string> { co_return "text"; };
    auto const made = co_await make();
    BOOST_TEST(made == "text");
}

// -- errors

ORDO_TEST_CASE(an_error_goes_up_through_every_level) {
    std::string text;
    try {
        co_await pass_on(5);
    } catch (std::runtime_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "at the bottom");
}

ORDO_TEST_CASE(an_error_can_be_caught_half_way_up) {
    auto guarded = []() -> coro<int> {
        try {
            co_return co_await pass_on(3);
        } catch (std::runtime_error const&) {
            co_return -1;
        }
    };
    auto const value = co_await guarded();
    BOOST_TEST(value == -1);
}

ORDO_TEST_CASE(what_is_thrown_need_not_be_an_exception_class) {
    auto failing = []() -> coro<> {
        throw 7;
        co_return;
    };
    int caught = 0;
    try {
        co_await failing();
    } catch (int number) {
        caught = number;
    }
    BOOST_TEST(caught == 7);
}

ORDO_TEST_CASE(awaiting_a_coro_a_second_time_is_an_error) {
    auto once = answer();
    co_await std::move(once);
    std::string text;
    try {
        co_await std::move(once);
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "co_await: this coro was awaited or moved from before; a coro is awaited once");
}

ORDO_TEST_CASE(awaiting_a_moved_from_coro_is_an_error) {
    auto source = answer();
    auto target = std::move(source);
    std::string text;
    try {
        co_await std::move(source);
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "co_await: this coro was awaited or moved from before; a coro is awaited once");
    auto const value = co_await std::move(target);
    BOOST_TEST(value == 42);
}

BOOST_AUTO_TEST_SUITE_END()
