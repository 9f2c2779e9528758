// ordo: tests of virtual time.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/virtual_clock.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/testing/stepping.hpp>

#include "../error_text.hpp"
#include "../virtual_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
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

BOOST_AUTO_TEST_CASE(starts_where_it_is_told_to) {
    ordo::testing::virtual_clock clock({.start = ordo::time_point(1h)});
    BOOST_TEST((clock.now() == ordo::time_point(1h)));
}

BOOST_AUTO_TEST_CASE(does_not_run_over) {
    ordo::testing::virtual_clock clock({.start = ordo::time_point(1h)});
    clock.advance(ordo::duration::max());
    BOOST_TEST((clock.now() == ordo::time_point::max()));
}

BOOST_AUTO_TEST_CASE(knows_that_nobody_is_left_to_move_it_by_hand) {
    ordo::testing::virtual_clock clock({.jumps = false});
    BOOST_TEST(!clock.time_to_wait(ordo::time_point(1h), 0).has_value());
    BOOST_TEST((clock.now() == ordo::time_point()));
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

namespace {

struct still_loop {
    std::shared_ptr<ordo::testing::virtual_clock> clock =
        std::make_shared<ordo::testing::virtual_clock>(ordo::testing::virtual_clock_options{.jumps = false});
    ordo::testing::order_recorder order;
    boost::asio::io_context host;
    std::optional<ordo::event_loop> loop{std::in_place, ordo::loop_options{.clock = clock}};

    void be_a_guest() { loop.emplace(host, ordo::loop_options{.clock = clock}); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(time_by_hand, still_loop)

BOOST_AUTO_TEST_CASE(stands_still_until_it_is_moved) {
    loop->call_later(1h, order.recording("timer"));
    ordo::testing::run_until_idle(*loop);
    BOOST_TEST(order.text() == "");
    clock->advance(59min);
    ordo::testing::run_until_idle(*loop);
    BOOST_TEST(order.text() == "");
    clock->advance(1min);
    ordo::testing::run_until_idle(*loop);
    BOOST_TEST(order.text() == "timer");
}

BOOST_AUTO_TEST_CASE(can_be_moved_by_a_callback) {
    loop->call_later(1h, [&] { loop->stop(); });
    loop->call_soon([&] { clock->advance(1h); });
    loop->run_forever();
    BOOST_TEST((loop->time() == ordo::time_point(1h)));
}

BOOST_AUTO_TEST_CASE(wakes_a_loop_that_sleeps) {
    be_a_guest();
    loop->call_later(1h, order.recording("timer"));
    host.run(); // the loop falls asleep, and keeps no work
    host.restart();
    boost::asio::post(host, [&] {
        order.record("advance");
        clock->advance(1h);
    });
    host.run();
    BOOST_TEST(order.text() == "advance timer");
}

BOOST_AUTO_TEST_CASE(forgets_a_loop_that_is_closed) {
    be_a_guest();
    loop->call_later(1h, order.recording("timer"));
    host.run();
    loop.reset();
    clock->advance(1h);
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(waits_for_other_threads) {
    loop->attach();
    std::thread other([&] {
        loop->call_soon_threadsafe([&] {
            loop->detach();
            clock->advance(1h);
        });
    });
    loop->call_later(1h, [&] { loop->stop(); });
    loop->run_forever();
    other.join();
    BOOST_TEST((loop->time() == ordo::time_point(1h)));
}

BOOST_AUTO_TEST_CASE(of_which_nobody_can_move_the_hands_is_an_error) {
    loop->call_later(1h, order.recording("timer"));
    BOOST_CHECK_EXCEPTION(
        loop->run_forever(), ordo::usage_error,
        says("event_loop::run_forever: deadlock: nothing is ready, the clock stands still and nothing "
             "is outstanding, so nothing can ever happen"));
}

BOOST_AUTO_TEST_SUITE_END()
