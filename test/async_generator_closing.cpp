// ordo: tests of how an async_generator ends: by aclose(), left half-way, with its loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/async_generator.hpp>

#include "captured_log.hpp"
#include "generators.hpp"

#include <ordo/runner.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using ordo::async_generator;
using ordo::coro;
using ordo::sleep;
using ordo::testing::order_recorder;

namespace {

async_generator<int> slow_to_close(order_recorder& to) {
    bool closing = false;
    try {
        co_yield 1;
    } catch (ordo::generator_exit const&) {
        closing = true;
    }
    if (!closing) co_return;
    to.record("closing");
    try {
        co_await sleep(10ms);
    } catch (ordo::cancelled_error const&) {
        to.record("cancelled");
        throw;
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(async_generator_closing, generator_loop)

BOOST_AUTO_TEST_CASE(aclose_lets_the_body_clean_up) {
    auto const main = [](order_recorder& to) -> coro<> {
        auto generator = recording(to, counted(1));
        co_await take_one(generator);
        co_await generator.aclose();
        to.record(counted::alive() == 0 ? "closed" : "still there");
        co_await generator.aclose(); // and once more
        auto end = co_await generator.next();
        to.record(end ? "went on" : "ended");
    };
    loop.run_until_complete(main(order));
    BOOST_TEST(order.difference({"exit", "cleaned up", "closed", "ended"}) == "");
}

ORDO_TEST_CASE(aclose_before_the_first_value_never_runs_the_body) {
    order_recorder order;
    auto generator = recording(order, counted(1));
    co_await generator.aclose();
    BOOST_TEST(order.difference({}) == "");
    auto const end = co_await generator.next();
    BOOST_TEST(!end.has_value());
}

ORDO_TEST_CASE(a_body_that_yields_instead_of_ending_is_told_off) {
    auto stubborn = []() -> async_generator<int> {
        for (;;) {
            try {
                co_yield 1;
            } catch (ordo::generator_exit const&) {}
        }
    };
    auto generator = stubborn();
    co_await take_one(generator);
    auto const text = co_await error_of<ordo::usage_error>(generator.aclose());
    BOOST_TEST(text == "async_generator::aclose: the generator ignored generator_exit and yielded once more; "
                       "return from it, or rethrow");
}

BOOST_AUTO_TEST_CASE(one_left_half_way_is_closed_by_a_task_of_the_loop) {
    // CPython: del of a suspended generator; aclose() begins two iterations later.
    auto const main = [](order_recorder& to) -> coro<> {
        {
            auto generator = recording(to, counted(1));
            co_await take_one(generator);
        }
        to.record("left");
        co_await sleep(0s);
        to.record("one iteration later");
        co_await sleep(0s);
        to.record("two iterations later");
        co_await sleep(2s);
    };
    loop.run_until_complete(main(order));
    BOOST_TEST(order.difference({"left", "one iteration later", "exit", "two iterations later", "cleaned up"}) == "");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(one_left_half_way_outside_of_the_run_is_closed_by_the_next) {
    {
        auto generator = recording(order, counted(1));
        loop.run_until_complete(take_one(generator));
    }
    BOOST_TEST(counted::alive() == 1);
    run_for(2s);
    BOOST_TEST(order.difference({"exit", "cleaned up"}) == "");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(one_left_half_way_when_the_loop_closes_is_destroyed) {
    auto generator = std::make_optional(recording(order, counted(1)));
    loop.run_until_complete(take_one(*generator));
    loop.close();
    generator.reset();
    BOOST_TEST(order.difference({}) == "");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(one_that_is_waited_for_when_the_loop_closes_is_destroyed) {
    auto generator = ticks(2);
    auto consuming = loop.create_task(take_one(generator));
    run_once();
    loop.close();
    BOOST_TEST(!consuming.done());
    BOOST_TEST((reports == std::vector<std::string>{"a task was destroyed while it was pending"}));
}

BOOST_AUTO_TEST_CASE(shutdown_asyncgens_closes_all_and_reports_who_fails) {
    auto const failing = []() -> async_generator<int> {
        try {
            co_yield 1;
        } catch (ordo::generator_exit const&) {
            throw std::runtime_error("cannot end");
        }
    };
    auto well = recording(order, counted(1));
    auto ill = failing();
    loop.run_until_complete(take_one(well));
    loop.run_until_complete(take_one(ill));
    loop.run_until_complete(loop.shutdown_asyncgens());
    BOOST_TEST(order.difference({"exit", "cleaned up"}) == "");
    BOOST_TEST((reports == std::vector<std::string>{"an async_generator could not be closed: cannot end"}));
}

BOOST_AUTO_TEST_CASE(shutdown_asyncgens_closes_them_in_the_order_in_which_they_were_begun) {
    auto const named = [](order_recorder& to, std::string name) -> async_generator<int> {
        try {
            co_yield 1;
            co_yield 2;
        } catch (ordo::generator_exit const&) {
            to.record(name);
        }
    };
    auto third = named(order, "third"), first = named(order, "first"), ended = named(order, "ended"),
         second = named(order, "second");
    for (auto* generator : {&first, &ended, &second, &third}) loop.run_until_complete(take_one(*generator));
    loop.run_until_complete(ended.aclose()); // leaves the middle of the list
    loop.run_until_complete(loop.shutdown_asyncgens());
    BOOST_TEST(order.difference({"ended", "first", "second", "third"}) == "");
}

BOOST_AUTO_TEST_CASE(shutdown_asyncgens_goes_on_two_iterations_after_the_last_has_ended) {
    auto generator = numbers(2);
    auto const main = [&]() -> coro<std::uint64_t> {
        co_await take_one(generator);
        auto const begun = loop.iterations();
        co_await loop.shutdown_asyncgens(); // its task takes one step, in the next iteration
        co_return loop.iterations() - begun;
    };
    auto const iterations = loop.run_until_complete(main());
    BOOST_TEST(iterations == 3U);
}

ORDO_TEST_CASE(cancelling_shutdown_asyncgens_cancels_the_closing) {
    order_recorder order;
    auto generator = slow_to_close(order);
    co_await take_one(generator);
    auto const closing = ordo::create_task(ordo::get_running_loop().shutdown_asyncgens());
    co_await sleep(1ms);
    closing.cancel();
    co_await sleep(1ms);
    BOOST_TEST(closing.cancelled());
    BOOST_TEST(order.difference({"closing", "cancelled"}) == "");
}

BOOST_AUTO_TEST_CASE(one_begun_after_shutdown_asyncgens_is_logged) {
    captured_log const log;
    loop.run_until_complete(loop.shutdown_asyncgens());
    loop.run_until_complete(take_one(numbers(1)));
    BOOST_TEST(log.text() == "warning: async_generator::next: begun after the loop's shutdown_asyncgens(), so nothing "
                             "will close it\n");
}

BOOST_AUTO_TEST_CASE(run_closes_what_is_left) {
    std::optional<async_generator<int>> outlives;
    auto main = [&]() -> coro<> {
        outlives = recording(order, counted(1));
        co_await take_one(*outlives);
    };
    ordo::runner(ordo::loop_options{.clock = clock}).run(main);
    BOOST_TEST(order.difference({"exit", "cleaned up"}) == "");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
