// ordo: coroutines on virtual time as test cases of Catch2.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>
#include <ordo/testing/run_test_case.hpp>

#include <chrono>

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

using namespace std::chrono_literals;

#define CORO_TEST_CASE(function, ...)                                                                                  \
    static ordo::coro<> function();                                                                                    \
    TEST_CASE(__VA_ARGS__) {                                                                                           \
        ordo::testing::run_test_case(function);                                                                        \
    }                                                                                                                  \
    static ordo::coro<> function()

CORO_TEST_CASE(a_day, "a day passes in no time", "[clock]") {
    auto const before = ordo::get_running_loop().time();
    co_await ordo::sleep(24h);
    bool const a_day_later = ordo::get_running_loop().time() - before == 24h;
    REQUIRE(a_day_later);
}

TEST_CASE("a test that forgets a task fails") {
    auto body = []() -> ordo::coro<> {
        static_cast<void>(ordo::create_task(ordo::sleep(1h)));
        co_return;
    };
    REQUIRE_THROWS_AS(ordo::testing::run_test_case(body), std::runtime_error);
}
