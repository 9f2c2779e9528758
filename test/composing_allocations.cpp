// ordo: tests that count the heap allocations of what puts tasks together: in steady state there are none.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "allocation_counter.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <utility>

using namespace std::chrono_literals;
using ordo::coro;

namespace {

coro<int> answer() {
    co_return 42;
}
coro<int> later() {
    co_await ordo::sleep(0s);
    co_return 42;
}
coro<> forever() {
    co_await ordo::sleep(1h);
}

} // namespace

BOOST_AUTO_TEST_SUITE(composing_allocations)

BOOST_AUTO_TEST_CASE(a_timeout_that_does_not_expire) {
    auto const count = count_in_task([]() -> coro<> {
        auto const value = co_await ordo::with_timeout(1h, later);
        BOOST_REQUIRE(value == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_timeout_that_expires_costs_only_its_exceptions_and_the_text_of_the_error) {
    auto const count = count_in_task([]() -> coro<> {
        bool expired = false;
        try {
            co_await ordo::with_timeout(0s, forever);
        } catch (ordo::timeout_error const&) {
            expired = true;
        }
        BOOST_REQUIRE(expired);
    });
    BOOST_TEST(count <= 2u * rounds);
}

BOOST_AUTO_TEST_CASE(wait_for_a_coroutine_and_a_task) {
    auto const count = count_in_task([]() -> coro<> {
        auto const value = co_await ordo::wait_for(later(), 1h);
        BOOST_REQUIRE(value == 42);
        auto task = ordo::create_task(later());
        auto const same = co_await ordo::wait_for(std::move(task), 1h);
        BOOST_REQUIRE(same == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_task_group_with_tasks) {
    auto const count = count_in_task([]() -> coro<> {
        auto body = [](ordo::task_group& group) -> coro<> {
            for (int i = 0; i < 10; ++i) group.create_task(later());
            co_return;
        };
        co_await ordo::with_task_group(body);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_task_group_that_is_cancelled) {
    auto const count = count_in_task([]() -> coro<> {
        auto body = [](ordo::task_group& group) -> coro<> {
            group.create_task(forever());
            co_await ordo::sleep(0s);
            group.cancel();
        };
        co_await ordo::with_task_group(body);
    });
    BOOST_TEST(count == 0u); // what is thrown is allocated elsewhere, by the language
}

BOOST_AUTO_TEST_CASE(a_start) {
    auto const count = count_in_task([]() -> coro<> {
        auto server = [](ordo::task_status<int> status) -> coro<> {
            status.started(42);
            co_await ordo::sleep(0s);
        };
        auto body = [&](ordo::task_group& group) -> coro<> {
            auto const value = co_await group.start<int>(server);
            BOOST_REQUIRE(value == 42);
        };
        co_await ordo::with_task_group(body);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_gather_of_a_fixed_number) {
    auto const count = count_in_task([]() -> coro<> {
        auto all = ordo::gather(answer(), later(), ordo::sleep(0s));
        auto const results = co_await std::move(all);
        BOOST_REQUIRE(std::get<1>(results) == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_shield) {
    auto const count = count_in_task([]() -> coro<> {
        auto const value = co_await ordo::shield(later());
        BOOST_REQUIRE(value == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_cleanup_a_stricter_cancellation_and_a_sleep_until_a_moment) {
    auto const count = count_in_task([]() -> coro<> {
        auto cleanup = []() -> coro<> { co_await ordo::sleep(0s); };
        auto body = [&]() -> coro<int> { co_return co_await ordo::with_cleanup(later, cleanup); };
        auto const value = co_await ordo::with_cancellation(ordo::cancellation::level_triggered, body);
        BOOST_REQUIRE(value == 42);
        co_await ordo::sleep_until(ordo::get_running_loop().time() + 10us);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
