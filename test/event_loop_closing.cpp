// ordo: tests of closing a loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/coro.hpp>
#include <ordo/future.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>

#include <memory>
#include <string>

namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(closing, virtual_loop)

BOOST_AUTO_TEST_CASE(drops_callbacks_and_timers_and_what_they_hold) {
    auto const held = std::make_shared<int>(1);
    loop.call_soon([held] {});
    loop.call_later(1ms, [held] {});
    std::thread([&] { loop.call_soon_threadsafe([held] {}); }).join();
    loop.close();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(is_what_the_destructor_does) {
    auto const held = std::make_shared<int>(1);
    {
        ordo::event_loop other;
        other.call_soon([held] {});
        other.call_later(1ms, [held] {});
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(twice_is_once) {
    loop.close();
    loop.close();
    BOOST_TEST(loop.is_closed());
}

BOOST_AUTO_TEST_CASE(is_seen_by_is_closed) {
    BOOST_TEST(!loop.is_closed());
    loop.close();
    BOOST_TEST(loop.is_closed());
}

BOOST_AUTO_TEST_CASE(of_a_running_loop_is_an_error) {
    loop.call_soon([&] {
        BOOST_CHECK_EXCEPTION(loop.close(), ordo::usage_error,
                              says("event_loop::close: the loop is running; stop() it first"));
    });
    run_once();
    BOOST_TEST(!loop.is_closed());
}

BOOST_AUTO_TEST_CASE(drops_what_destructors_schedule_meanwhile) {
    struct scheduler {
        ordo::event_loop* on;
        std::shared_ptr<int> held;
        ~scheduler() {
            on->call_soon([kept = held] {});
            on->call_later(1ms, [kept = held] {});
        }
    };
    auto const held = std::make_shared<int>(1);
    loop.call_soon([last = std::make_shared<scheduler>(&loop, held)] {});
    loop.close();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(of_a_sleeping_loop_leaves_no_wait_behind) {
    // The wait of the reactor for the far timer is under way when the run ends.
    auto real = std::make_unique<ordo::event_loop>();
    auto const held = std::make_shared<int>(1);
    real->call_later(1h, [held] {});
    {
        boost::asio::steady_timer foreign(real->host_executor(), 2ms);
        foreign.async_wait([&](boost::system::error_code) { real->call_soon([&] { real->stop(); }); });
        real->run_forever();
    }
    real.reset();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(refuses_all_scheduling_from_then_on) {
    loop.close();
    auto const closed = [](std::string where) { return says(where + ": the loop is closed; schedule on an open one"); };
    auto const main = []() -> ordo::coro<> { co_return; };
    using ordo::loop_closed_error;
    BOOST_CHECK_EXCEPTION(loop.call_soon([] {}), loop_closed_error, closed("event_loop::call_soon"));
    BOOST_CHECK_EXCEPTION(loop.call_soon_threadsafe([] {}), loop_closed_error,
                          closed("event_loop::call_soon_threadsafe"));
    BOOST_CHECK_EXCEPTION(loop.call_later(1ms, [] {}), loop_closed_error, closed("event_loop::call_at"));
    BOOST_CHECK_EXCEPTION(loop.call_at(loop.time(), [] {}), loop_closed_error, closed("event_loop::call_at"));
    BOOST_CHECK_EXCEPTION(static_cast<void>(loop.create_task(main())), loop_closed_error,
                          closed("event_loop::create_task"));
    BOOST_CHECK_EXCEPTION(loop.add_signal_handler(15, [] {}), loop_closed_error,
                          closed("event_loop::add_signal_handler"));
    BOOST_CHECK_EXCEPTION(loop.run_forever(), loop_closed_error, closed("event_loop::run_forever"));
    BOOST_CHECK_EXCEPTION(loop.run_until_complete(main()), loop_closed_error, closed("event_loop::run_until_complete"));
}

BOOST_AUTO_TEST_CASE(destroys_what_is_refused) {
    loop.close();
    auto const held = std::make_shared<int>(1);
    BOOST_CHECK_THROW(loop.call_soon([held] {}), ordo::loop_closed_error);
    BOOST_CHECK_THROW(loop.call_soon_threadsafe([held] {}), ordo::loop_closed_error);
    BOOST_CHECK_THROW(loop.call_later(1ms, [held] {}), ordo::loop_closed_error);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
