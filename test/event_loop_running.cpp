// ordo: tests of running and stopping a loop, and of what is refused.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/coro.hpp>
#include <ordo/future.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>

#include <cstddef>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>

namespace {

using namespace std::chrono_literals;

} // namespace

// Rule 7.
BOOST_FIXTURE_TEST_SUITE(stop, virtual_loop)

BOOST_AUTO_TEST_CASE(lets_the_current_iteration_finish) {
    loop.call_soon([&] { loop.stop(); });
    loop.call_soon(notes("same iteration"));
    loop.run_forever();
    BOOST_TEST(order.difference({"same iteration"}) == "");
}

BOOST_AUTO_TEST_CASE(leaves_what_the_iteration_scheduled_to_the_next_run) {
    loop.call_soon([&] {
        loop.call_soon(notes("next run"));
        loop.call_later(0ms, notes("timer"));
        loop.stop();
    });
    loop.run_forever();
    BOOST_TEST(order.difference({}) == "");
    run_once();
    BOOST_TEST(order.difference({"next run", "timer"}) == "");
}

BOOST_AUTO_TEST_CASE(before_the_run_means_one_iteration_without_waiting) {
    loop.call_soon([&] {
        order.record("first");
        loop.call_soon(notes("second"));
    });
    loop.call_later(5ms, notes("timer"));
    loop.stop();
    loop.run_forever();
    BOOST_TEST(order.difference({"first"}) == "");
    BOOST_TEST(now() == 0);
}

BOOST_AUTO_TEST_CASE(twice_is_once) {
    loop.call_soon([&] {
        loop.stop();
        loop.stop();
        loop.call_soon([&] {
            order.record("second run");
            loop.call_soon([&] {
                order.record("still second run");
                loop.stop();
            });
        });
    });
    loop.run_forever();
    loop.run_forever();
    BOOST_TEST(order.difference({"second run", "still second run"}) == "");
}

BOOST_AUTO_TEST_CASE(by_a_timer_ends_the_run_at_its_deadline) {
    loop.call_later(5ms, [&] { loop.stop(); });
    loop.call_later(6ms, notes("never"));
    loop.run_forever();
    BOOST_TEST(now() == 5);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(by_another_thread_through_the_loop_wakes_it) {
    ordo::event_loop real;
    real.call_later(1h, notes("never"));
    std::thread stopper([&] { real.call_soon_threadsafe([&] { real.stop(); }); });
    real.run_forever();
    stopper.join();
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(by_a_foreign_handler_on_the_loops_context_ends_a_loop_that_sleeps) {
    ordo::event_loop real;
    boost::asio::steady_timer foreign(real.host_executor(), 1ms);
    foreign.async_wait([&](boost::system::error_code) { real.stop(); });
    bool overslept = false;
    real.call_later(2s, [&] {
        overslept = true;
        real.stop();
    });
    real.run_forever();
    BOOST_TEST(!overslept);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(descriptors)

std::ptrdiff_t count_open() {
    std::filesystem::directory_iterator const all("/dev/fd");
    return std::distance(begin(all), end(all));
}

BOOST_AUTO_TEST_CASE(are_not_opened_by_a_loop_that_has_no_timers_and_does_no_io) {
    auto const before = count_open();
    ordo::event_loop loop;
    std::thread stopper([&] { loop.call_soon_threadsafe([&] { loop.stop(); }); });
    loop.run_forever();
    stopper.join();
    BOOST_TEST(count_open() == before);
}

// The sanitizers themselves open pipes to look at memory.
BOOST_AUTO_TEST_CASE(that_cannot_be_opened_for_a_timer_throw_and_change_nothing,
                     *boost::unit_test::enable_if<!ORDO_SANITIZED>()) {
    ordo::event_loop loop;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    auto none = limit;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    BOOST_CHECK_THROW(loop.call_later(0s, [] { BOOST_ERROR("it was not scheduled"); }), boost::system::system_error);
    setrlimit(RLIMIT_NOFILE, &limit);
    loop.call_later(1ms, [&] { loop.stop(); });
    loop.run_forever();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(run_forever, virtual_loop)

BOOST_AUTO_TEST_CASE(may_be_called_again) {
    for (int i = 0; i < 3; ++i) run_for(5ms);
    BOOST_TEST(now() == 15);
}

BOOST_AUTO_TEST_CASE(marks_the_loop_as_running) {
    bool inside = false;
    loop.call_soon([&] { inside = loop.is_running(); });
    run_once();
    BOOST_TEST(inside);
    BOOST_TEST(!loop.is_running());
}

BOOST_AUTO_TEST_CASE(makes_it_the_running_loop_of_its_callbacks) {
    ordo::event_loop* seen = nullptr;
    loop.call_soon([&] { seen = &ordo::get_running_loop(); });
    run_once();
    BOOST_TEST(seen == &loop);
}

BOOST_AUTO_TEST_CASE(outside_there_is_no_running_loop) {
    BOOST_CHECK_EXCEPTION(
        ordo::get_running_loop(), ordo::usage_error,
        says("get_running_loop: no loop is running on this thread; call it from a callback or a task"));
}

BOOST_AUTO_TEST_CASE(inside_itself_is_an_error) {
    loop.call_soon([&] {
        BOOST_CHECK_EXCEPTION(loop.run_forever(), ordo::usage_error,
                              says("event_loop::run_forever: this loop is running already"));
    });
    run_once();
}

BOOST_AUTO_TEST_CASE(of_another_loop_in_a_callback_is_an_error) {
    ordo::event_loop other;
    loop.call_soon([&] {
        BOOST_CHECK_EXCEPTION(
            other.run_forever(), ordo::usage_error,
            says("event_loop::run_forever: another loop is running on this thread; await its tasks instead"));
    });
    run_once();
}

BOOST_AUTO_TEST_CASE(of_another_loop_on_another_thread_is_fine) {
    ordo::event_loop other;
    bool ran = false;
    loop.call_soon([&] {
        std::thread([&] {
            other.call_soon([&] {
                ran = true;
                other.stop();
            });
            other.run_forever();
        }).join();
    });
    run_once();
    BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(of_a_borrowed_loop_is_an_error) {
    boost::asio::io_context host;
    ordo::event_loop borrowed(host);
    BOOST_CHECK_EXCEPTION(borrowed.run_forever(), ordo::usage_error,
                          says("event_loop::run_forever: this loop is on a context of its host; run that instead"));
    BOOST_CHECK_EXCEPTION(borrowed.stop(), ordo::usage_error,
                          says("event_loop::stop: this loop is on a context of its host; stop that instead"));
}

BOOST_AUTO_TEST_CASE(in_virtual_time_ends_with_an_error_when_nothing_can_ever_happen) {
    BOOST_CHECK_EXCEPTION(
        loop.run_forever(), ordo::usage_error,
        says("event_loop::run_forever: deadlock: nothing is ready, no timer is scheduled and nothing is "
             "outstanding, so nothing can ever happen"));
}

BOOST_AUTO_TEST_CASE(can_go_on_after_a_deadlock) {
    BOOST_CHECK_THROW(loop.run_forever(), ordo::usage_error);
    loop.call_soon(notes("later"));
    run_for(1ms);
    BOOST_TEST(order.difference({"later"}) == "");
}

BOOST_AUTO_TEST_CASE(lets_the_error_of_a_foreign_handler_out) {
    boost::asio::post(loop.host_executor(), [] { throw std::runtime_error("foreign"); });
    loop.call_later(1ms, [] {});
    BOOST_CHECK_EXCEPTION(loop.run_forever(), std::runtime_error, says("foreign"));
    BOOST_TEST(!loop.is_running());
}

BOOST_AUTO_TEST_CASE(can_go_on_after_the_error_of_a_foreign_handler_that_came_while_it_slept) {
    ordo::event_loop real;
    boost::asio::steady_timer foreign(real.host_executor(), 1ms);
    foreign.async_wait([](boost::system::error_code) { throw std::runtime_error("foreign"); });
    BOOST_CHECK_THROW(real.run_forever(), std::runtime_error);
    // Only the reactor can end this run: the loop must sleep again, and not spin. The thread ends a test that fails.
    boost::asio::steady_timer again(real.host_executor(), 1ms);
    again.async_wait([&](boost::system::error_code) { real.call_soon([&] { real.stop(); }); });
    std::promise<void> ended;
    bool in_time = false;
    std::thread watch([&] {
        in_time = ended.get_future().wait_for(5s) == std::future_status::ready;
        if (!in_time) real.call_soon_threadsafe([&] { real.stop(); });
    });
    real.run_forever();
    ended.set_value();
    watch.join();
    BOOST_TEST(in_time);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(run_until_complete, virtual_loop)

BOOST_AUTO_TEST_CASE(gives_the_result) {
    auto const main = []() -> ordo::coro<int> { co_return 7; };
    BOOST_TEST(loop.run_until_complete(main()) == 7);
}

BOOST_AUTO_TEST_CASE(throws_the_error) {
    auto const main = []() -> ordo::coro<> {
        throw std::runtime_error("main failed");
        co_return;
    };
    BOOST_CHECK_EXCEPTION(loop.run_until_complete(main()), std::runtime_error, says("main failed"));
}

BOOST_AUTO_TEST_CASE(of_a_done_future_runs_one_iteration) {
    auto const future = loop.create_future<int>();
    future.set_result(3);
    loop.call_soon([&] {
        order.record("first");
        loop.call_soon(notes("second"));
    });
    BOOST_TEST(loop.run_until_complete(future) == 3);
    BOOST_TEST(order.difference({"first"}) == "");
}

BOOST_AUTO_TEST_CASE(stops_one_iteration_after_the_task_has_ended) {
    auto const main = [&]() -> ordo::coro<> {
        loop.call_soon([&] {
            order.record("with the done callback");
            loop.call_soon(notes("too late"));
        });
        co_return;
    };
    loop.run_until_complete(main());
    BOOST_TEST(order.difference({"with the done callback"}) == "");
}

BOOST_AUTO_TEST_CASE(that_is_stopped_before_is_an_error) {
    auto const main = loop.create_task([]() -> ordo::coro<> { co_await ordo::sleep(1h); });
    loop.call_soon([&] { loop.stop(); });
    BOOST_CHECK_EXCEPTION(loop.run_until_complete(main), ordo::usage_error,
                          says("event_loop::run_until_complete: the loop was stopped before the future was done"));
    loop.run_until_complete(main);
    BOOST_TEST(main.done());
}

BOOST_AUTO_TEST_CASE(that_is_stopped_as_the_future_ends_leaves_its_own_stop_to_the_next_run) {
    auto const main = loop.create_future<int>();
    loop.call_soon([&] {
        main.set_result(3);
        loop.stop();
    });
    BOOST_TEST(loop.run_until_complete(main) == 3);
    loop.call_soon([&] {
        order.record("first");
        loop.call_soon(notes("second"));
    });
    loop.run_forever();
    BOOST_TEST(order.difference({"first"}) == "");
}

BOOST_AUTO_TEST_CASE(of_another_loops_future_is_an_error) {
    ordo::event_loop other;
    auto const future = other.create_future();
    BOOST_CHECK_EXCEPTION(loop.run_until_complete(future), ordo::usage_error,
                          says("event_loop::run_until_complete: this future belongs to another loop"));
}

BOOST_AUTO_TEST_CASE(inside_itself_is_an_error) {
    auto const main = []() -> ordo::coro<> { co_return; };
    loop.call_soon([&] {
        BOOST_CHECK_EXCEPTION(loop.run_until_complete(main()), ordo::usage_error,
                              says("event_loop::run_until_complete: this loop is running already"));
    });
    run_once();
}

BOOST_AUTO_TEST_CASE(on_a_borrowed_loop_is_an_error) {
    boost::asio::io_context host;
    ordo::event_loop borrowed(host);
    auto const main = []() -> ordo::coro<> { co_return; };
    BOOST_CHECK_EXCEPTION(
        borrowed.run_until_complete(main()), ordo::usage_error,
        says("event_loop::run_until_complete: this loop is on a context of its host; run that instead"));
}

BOOST_AUTO_TEST_SUITE_END()
