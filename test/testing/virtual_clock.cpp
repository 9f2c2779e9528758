// ordo: tests of virtual time.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/virtual_clock.hpp>

#include "../virtual_loop.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <thread>

namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_AUTO_TEST_SUITE(virtual_clock)

BOOST_AUTO_TEST_CASE(starts_at_0) {
    BOOST_TEST((ordo::testing::virtual_clock().now() == ordo::time_point()));
}

BOOST_AUTO_TEST_CASE(moves_on_by_hand) {
    ordo::testing::virtual_clock clock;
    clock.advance(5ms);
    clock.advance(2ms);
    BOOST_TEST((clock.now() == ordo::time_point(7ms)));
}

BOOST_AUTO_TEST_CASE(never_goes_back) {
    ordo::testing::virtual_clock clock;
    clock.advance(5ms);
    clock.advance(-5ms);
    clock.time_to_wait(ordo::time_point(1ms), 0);
    BOOST_TEST((clock.now() == ordo::time_point(5ms)));
}

BOOST_AUTO_TEST_CASE(jumps_to_the_deadline_instead_of_waiting) {
    ordo::testing::virtual_clock clock;
    auto const wait = clock.time_to_wait(ordo::time_point(1h), 0);
    BOOST_REQUIRE(wait.has_value());
    BOOST_TEST((*wait == 0s));
    BOOST_TEST((clock.now() == ordo::time_point(1h)));
}

BOOST_AUTO_TEST_CASE(stands_still_while_something_is_outstanding) {
    ordo::testing::virtual_clock clock;
    auto const wait = clock.time_to_wait(ordo::time_point(1h), 1);
    BOOST_REQUIRE(wait.has_value());
    BOOST_TEST((*wait == ordo::duration::max()));
    BOOST_TEST((clock.now() == ordo::time_point()));
}

BOOST_AUTO_TEST_CASE(knows_that_nothing_can_ever_happen) {
    ordo::testing::virtual_clock clock;
    BOOST_TEST(!clock.time_to_wait(std::nullopt, 0).has_value());
    BOOST_TEST(!clock.time_to_wait(ordo::time_point::max(), 0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(a_loop_in_virtual_time, virtual_loop)

BOOST_AUTO_TEST_CASE(takes_its_time_from_the_clock) {
    clock->advance(5ms);
    BOOST_TEST((loop.time() == ordo::time_point(5ms)));
}

BOOST_AUTO_TEST_CASE(passes_a_day_in_no_time) {
    auto const begin = std::chrono::steady_clock::now();
    run_for(24h);
    BOOST_TEST((loop.time() == ordo::time_point(24h)));
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 1h));
}

BOOST_AUTO_TEST_CASE(does_not_jump_over_work_on_another_thread) {
    loop.attach();
    loop.call_later(1h, notes("timer"));
    std::thread other([&] {
        loop.call_soon_threadsafe([&] {
            order.record("thread");
            loop.detach();
        });
    });
    run_for(2h);
    other.join();
    BOOST_TEST(order.difference({"thread", "timer"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
