// ordo: tests of async_generator: what it gives, what goes through it, and how it ends.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/async_generator.hpp>

#include "generators.hpp"

#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::async_generator;
using ordo::coro;
using ordo::sleep;
using ordo::testing::order_recorder;

namespace {

coro<std::vector<int>> all_of(async_generator<int> generator) {
    std::vector<int> values;
    auto keep = [&values](int value) { values.push_back(value); };
    co_await ordo::for_each(std::move(generator), keep);
    co_return values;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(async_generator_, generator_loop)

// -- what it gives

ORDO_TEST_CASE(it_gives_what_it_yields_and_then_nothing) {
    auto generator = numbers(2);
    auto const first = co_await generator.next();
    auto const second = co_await generator.next();
    auto const end = co_await generator.next();
    auto const beyond = co_await generator.next();
    BOOST_TEST((first == 0));
    BOOST_TEST((second == 1));
    BOOST_TEST(!end.has_value());
    BOOST_TEST(!beyond.has_value());
}

BOOST_AUTO_TEST_CASE(it_does_not_run_until_it_is_asked) {
    { auto const never = recording(order, counted(1)); }
    BOOST_TEST(order.difference({}) == "");
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(it_may_wait_between_two_values) {
    auto const values = loop.run_until_complete(all_of(ticks(3)));
    BOOST_TEST((values == std::vector{0, 1, 2}));
    BOOST_TEST(now() == 3000);
}

BOOST_AUTO_TEST_CASE(asking_for_a_value_that_is_there_does_not_yield_to_other_tasks) {
    auto consumer = [this]() -> coro<> {
        auto generator = numbers(3);
        for (int i = 0; i < 3; ++i) {
            auto value = co_await generator.next();
            order.record("value " + std::to_string(*value));
        }
    };
    auto consuming = loop.create_task(consumer);
    loop.call_soon(notes("other"));
    loop.run_until_complete(consuming);
    BOOST_TEST(order.difference({"value 0", "value 1", "value 2", "other"}) == "");
}

ORDO_TEST_CASE(a_value_is_moved_and_need_not_be_copyable) {
    auto make = []() -> async_generator<std::unique_ptr<int>> {
        auto one = std::make_unique<int>(1);
        co_yield std::move(one);
        co_yield std::make_unique<int>(2);
    };
    auto generator = make();
    auto first = co_await generator.next();
    auto second = co_await generator.next();
    BOOST_TEST(**first == 1);
    BOOST_TEST(**second == 2);
    co_await generator.aclose();
}

ORDO_TEST_CASE(a_reference_stays_one) {
    int value = 1;
    auto make = [](int& of) -> async_generator<int&> { co_yield of; };
    auto generator = make(value);
    auto first = co_await generator.next();
    first->get() = 2;
    BOOST_TEST(value == 2);
    auto const end = co_await generator.next();
    BOOST_TEST(!end.has_value());
}

ORDO_TEST_CASE(a_generator_may_iterate_another) {
    auto twice = [](async_generator<int> inner) -> async_generator<int> {
        for (;;) {
            auto value = co_await inner.next();
            if (!value) break;
            co_yield *value;
            co_yield *value;
        }
    };
    auto const values = co_await all_of(twice(numbers(2)));
    BOOST_TEST((values == std::vector{0, 0, 1, 1}));
}

ORDO_TEST_CASE(several_tasks_may_ask_in_turn) {
    auto generator = numbers(2);
    auto ask = [&generator]() -> coro<int> {
        auto value = co_await generator.next();
        co_return *value;
    };
    auto a = ordo::create_task(ask);
    auto b = ordo::create_task(ask);
    int const first = co_await a;
    int const second = co_await b;
    BOOST_TEST(first == 0);
    BOOST_TEST(second == 1);
    co_await generator.aclose();
}

BOOST_AUTO_TEST_CASE(a_million_values_do_not_grow_the_stack) {
#if ORDO_SANITIZED
    constexpr int n = 100'000;
#else
    constexpr int n = 1'000'000;
#endif
    auto const sum = [](int count) -> coro<long> {
        long total = 0;
        auto generator = numbers(count);
        for (;;) {
            auto value = co_await generator.next();
            if (!value) co_return total;
            total += *value;
        }
    };
    BOOST_TEST(loop.run_until_complete(sum(n)) == long(n) * (n - 1) / 2);
}

// -- for_each

ORDO_TEST_CASE(for_each_takes_functions_and_coroutines) {
    int sum = 0;
    auto add = [&sum](int value) { sum += value; };
    auto add_later = [&sum](int value) -> coro<> {
        co_await sleep(1s);
        sum += value;
    };
    co_await ordo::for_each(numbers(3), add);
    co_await ordo::for_each(numbers(3), add_later);
    BOOST_TEST(sum == 6);
}

BOOST_AUTO_TEST_CASE(for_each_ends_when_the_function_says_so_and_closes_the_generator) {
    auto two = [this](int value) {
        order.record(std::to_string(value));
        return value < 1;
    };
    auto two_later = [](int value) -> coro<bool> {
        co_await sleep(1s);
        co_return value < 1;
    };
    loop.run_until_complete(ordo::for_each(recording(order, counted(1)), two));
    BOOST_TEST(order.difference({"0", "1", "exit", "cleaned up"}) == "");
    loop.run_until_complete(ordo::for_each(recording(order, counted(1)), two_later));
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(for_each_closes_the_generator_before_it_passes_an_error_on) {
    auto failing = [](int) { throw std::runtime_error("enough"); };
    auto text =
        loop.run_until_complete(error_of<std::runtime_error>(ordo::for_each(recording(order, counted(1)), failing)));
    BOOST_TEST(text == "enough");
    BOOST_TEST(order.difference({"exit", "cleaned up"}) == "");
}

// -- errors and cancellation

ORDO_TEST_CASE(an_error_of_the_body_leaves_through_next_and_ends_it) {
    auto make = []() -> async_generator<int> {
        co_yield 1;
        throw std::runtime_error("broken");
    };
    auto generator = make();
    co_await take_one(generator);
    auto const text = co_await error_of<std::runtime_error>(take_one(generator));
    BOOST_TEST(text == "broken");
    auto const end = co_await generator.next();
    BOOST_TEST(!end.has_value());
}

BOOST_AUTO_TEST_CASE(a_cancellation_reaches_the_body_where_it_waits) {
    auto const body = [](order_recorder& to) -> async_generator<int> {
        try {
            co_await sleep(1h);
        } catch (ordo::cancelled_error const& e) {
            to.record(e.message());
            throw;
        }
        co_yield 1;
    };
    auto generator = body(order);
    auto consuming = loop.create_task(take_one(generator));
    loop.call_later(1s, [&] { consuming.cancel("stop"); });
    BOOST_CHECK_THROW(loop.run_until_complete(consuming), ordo::cancelled_error);
    BOOST_TEST(order.difference({"stop"}) == "");
    BOOST_TEST(now() == 1000);
}

BOOST_AUTO_TEST_CASE(athrow_throws_where_the_body_stands) {
    auto const main = [](order_recorder& to) -> coro<> {
        auto generator = recording(to, counted(1));
        co_await take_one(generator);
        auto end = co_await generator.athrow(std::make_exception_ptr(std::runtime_error("from outside")));
        to.record(end ? "went on" : "ended");
    };
    loop.run_until_complete(main(order));
    BOOST_TEST(order.difference({"from outside", "cleaned up", "ended"}) == "");
}

ORDO_TEST_CASE(athrow_on_one_that_has_not_begun_or_has_ended_throws_at_once) {
    auto throwing = [](async_generator<int> const& into) -> coro<> {
        auto value = co_await into.athrow(std::make_exception_ptr(std::runtime_error("from outside")));
        static_cast<void>(value);
    };
    auto not_begun = numbers(1);
    auto ended = numbers(0);
    co_await take_one(ended);
    for (auto* generator : {&not_begun, &ended}) {
        auto const text = co_await error_of<std::runtime_error>(throwing(*generator));
        BOOST_TEST(text == "from outside");
        auto const end = co_await generator->next();
        BOOST_TEST(!end.has_value());
    }
}

ORDO_TEST_CASE(only_one_task_at_a_time_may_ask) {
    auto generator = ticks(1);
    auto first = ordo::create_task(take_one(generator));
    co_await sleep(0s);
    auto const asked = co_await error_of<ordo::usage_error>(take_one(generator));
    BOOST_TEST(asked == "async_generator::next: it is running already, for another task; one at a time may ask");
    auto const closed = co_await error_of<ordo::usage_error>(generator.aclose());
    BOOST_TEST(closed == "async_generator::next: it is running already, for another task; one at a time may ask");
    co_await first;
    co_await generator.aclose();
}

ORDO_TEST_CASE(one_that_was_moved_from_says_so) {
    auto generator = numbers(1);
    auto const taken = std::move(generator);
    auto const text = error_text<ordo::usage_error>([&] { static_cast<void>(generator.next()); });
    BOOST_TEST(text == "async_generator::next: it was moved from");
    BOOST_TEST(!generator);
    BOOST_TEST(static_cast<bool>(taken));
    co_return;
}

BOOST_AUTO_TEST_CASE(one_that_was_begun_on_another_loop_says_so) {
    auto generator = numbers(2);
    loop.run_until_complete(take_one(generator));
    ordo::event_loop other;
    auto const text = other.run_until_complete(error_of<ordo::usage_error>(take_one(generator)));
    BOOST_TEST(text == "async_generator::next: it was begun on another loop");
}

// -- asend

namespace {

/// Yields what it is sent, and 0 for nothing.
async_generator<int, int> echo() {
    int sent = -1;
    for (;;) sent = co_yield sent;
}

coro<> send_one(async_generator<int, int> const& to) {
    co_await to.asend(1);
}

} // namespace

ORDO_TEST_CASE(what_is_sent_is_the_value_of_the_co_yield) {
    auto const generator = echo();
    auto const first = co_await generator.next();
    auto const second = co_await generator.asend(7);
    auto const third = co_await generator.next();
    auto const fourth = co_await generator.asend(8);
    BOOST_TEST((std::vector<int>{*first, *second, *third, *fourth} == std::vector<int>{-1, 7, 0, 8}));
    co_await generator.aclose();
}

ORDO_TEST_CASE(a_move_only_value_may_be_sent) {
    auto const lengths = []() -> async_generator<std::size_t, std::unique_ptr<std::string>> {
        std::size_t length = 0;
        for (;;) {
            auto const text = co_yield length;
            length = text->size();
        }
    };
    auto const generator = lengths();
    co_await generator.next();
    auto text = std::make_unique<std::string>("four");
    auto const length = co_await generator.asend(std::move(text));
    BOOST_TEST(*length == 4U);
    co_await generator.aclose();
}

ORDO_TEST_CASE(nothing_is_sent_before_the_first_value) {
    auto const generator = echo();
    auto const text = co_await error_of<ordo::usage_error>(send_one(generator));
    BOOST_TEST(text == "async_generator::asend: it stands at no co_yield yet; ask for the first value with next()");
    auto const first = co_await generator.next();
    BOOST_TEST(*first == -1);
    co_await generator.aclose();
}

ORDO_TEST_CASE(nothing_is_sent_to_one_that_has_ended) {
    auto const generator = echo();
    co_await generator.aclose();
    auto const end = co_await generator.asend(1);
    BOOST_TEST(!end.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
