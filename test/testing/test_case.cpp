// ordo: tests of ORDO_TEST_CASE.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/test_case.hpp>

#include <ordo/sleep.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>

namespace {

using namespace std::chrono_literals;

int times_run = 0;

} // namespace

BOOST_AUTO_TEST_SUITE(test_case)

ORDO_TEST_CASE(is_a_coroutine_of_a_task_in_virtual_time) {
    ++times_run;
    auto& loop = ordo::get_running_loop();
    auto const begin = loop.time();
    co_await ordo::sleep(24h);
    auto const slept = loop.time() - begin;
    BOOST_TEST((slept == 24h));
}

BOOST_AUTO_TEST_CASE(runs_its_body) {
    times_run = 0;
    is_a_coroutine_of_a_task_in_virtual_time().test_method();
    BOOST_TEST(times_run == 1);
}

BOOST_AUTO_TEST_SUITE_END()
