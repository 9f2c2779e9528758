// ordo: tests of which loop gather, wait, shield and as_completed belong to, and of none, and of nothing to wait for.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/as_completed.hpp>
#include <ordo/gather.hpp>
#include <ordo/shield.hpp>
#include <ordo/wait.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using ordo::coro;

namespace {

char const* const no_loop = "get_running_loop: no loop is running on this thread; call it from a callback or a task";

coro<int> give(counted c) {
    co_return c.id;
}

std::vector<coro<int>> one_coroutine() {
    std::vector<coro<int>> coroutines;
    coroutines.push_back(give(counted(1)));
    return coroutines;
}

} // namespace

BOOST_AUTO_TEST_SUITE(composing_loops)

// -- without a loop

BOOST_FIXTURE_TEST_CASE(coroutines_need_a_running_loop, counting) {
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::gather(give(counted(1)))); }) == no_loop);
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::gather(one_coroutine())); }) == no_loop);
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::shield(give(counted(1)))); }) == no_loop);
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::as_completed(one_coroutine())); }) ==
               no_loop);
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(gathering_nothing_needs_a_running_loop_too) {
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::gather()); }) == no_loop);
    BOOST_TEST(error_text<ordo::usage_error>(
                   [] { static_cast<void>(ordo::gather(std::vector<ordo::future<int>>())); }) == no_loop);
}

// -- of a loop

BOOST_AUTO_TEST_CASE(what_is_gathered_belongs_to_the_loop_of_its_futures) {
    ordo::event_loop loop;
    auto const a = loop.create_future<int>();
    auto const b = loop.create_future<int>();
    auto gathered = ordo::gather(a, b);
    BOOST_TEST(&gathered.get_loop() == &loop);
    BOOST_TEST(!gathered.done());
    a.set_result(1);
    b.set_result(2);
    BOOST_TEST((loop.run_until_complete(std::move(gathered)) == std::tuple(1, 2)));
}

ORDO_TEST_CASE(what_is_gathered_of_coroutines_belongs_to_the_running_loop) {
    auto gathered = ordo::gather(give(counted(1)), give(counted(2)));
    BOOST_TEST(&gathered.get_loop() == &ordo::get_running_loop());
    auto const results = co_await std::move(gathered);
    BOOST_TEST((results == std::tuple(1, 2)));
}

BOOST_AUTO_TEST_CASE(futures_of_two_loops_cannot_be_gathered) {
    ordo::event_loop one;
    ordo::event_loop another;
    auto const a = one.create_future<int>();
    auto const b = another.create_future<int>();
    char const* const different = "gather: the futures belong to different loops; wait in the loop of each";
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(ordo::gather(a, b)); }) == different);
    std::vector const both{a, b};
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(ordo::gather(both)); }) == different);
}

ORDO_TEST_CASE(futures_of_another_loop_cannot_be_waited_for) {
    ordo::event_loop another;
    std::vector const of{another.create_future<int>()};
    std::string text;
    try {
        co_await ordo::wait(of);
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "wait: the futures belong to another loop; wait in the loop they belong to");
}

// -- of nothing

ORDO_TEST_CASE(waiting_for_nothing_is_an_error) {
    std::vector<ordo::any_future> const nothing;
    std::string text;
    try {
        co_await ordo::wait(nothing);
    } catch (ordo::value_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "wait: there is nothing to wait for; give it at least one future");
}

BOOST_AUTO_TEST_SUITE_END()
