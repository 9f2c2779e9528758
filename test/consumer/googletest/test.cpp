// ordo: coroutines on virtual time as tests of GoogleTest. In them, EXPECT_... and not ASSERT_..., which returns.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>
#include <ordo/testing/run_test_case.hpp>

#include <chrono>
#include <gtest/gtest.h>

using namespace std::chrono_literals;

#define CORO_TEST(suite, name)                                                                                         \
    static ordo::coro<> suite##_##name();                                                                              \
    TEST(suite, name) {                                                                                                \
        ordo::testing::run_test_case(suite##_##name);                                                                  \
    }                                                                                                                  \
    static ordo::coro<> suite##_##name()

CORO_TEST(clock, passes_a_day_in_no_time) {
    auto const before = ordo::get_running_loop().time();
    co_await ordo::sleep(24h);
    EXPECT_EQ(ordo::get_running_loop().time() - before, 24h);
}

TEST(a_test_that_forgets_a_task, fails) {
    auto body = []() -> ordo::coro<> {
        static_cast<void>(ordo::create_task(ordo::sleep(1h)));
        co_return;
    };
    EXPECT_THROW(ordo::testing::run_test_case(body), std::runtime_error);
}
