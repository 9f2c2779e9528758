// ordo: tests of debug mode: calls on the wrong thread, slow callbacks, and coros that nobody awaits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/async_generator.hpp>
#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>

#include <cstdlib>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

struct debug_loop : virtual_loop {
    debug_loop() { loop.set_debug(true); }

    /// Call f on another thread while the loop runs.
    template <class F>
    void elsewhere(F f) {
        loop.call_soon([f] { std::thread(f).join(); });
        run_once();
    }
};

struct environment {
    explicit environment(char const* value) { ::setenv("ORDO_DEBUG", value, 1); }
    ~environment() { ::unsetenv("ORDO_DEBUG"); }
};

auto wrong_thread(std::string where) {
    return says(where + ": called on a thread that is not the loop's; use call_soon_threadsafe()");
}

/// The same, with the place of the call: the line of the check, or the one above or below, as compilers have it.
auto wrong_thread_from(int line, std::string const& where) {
    return [=](ordo::wrong_thread_error const& error) {
        auto const text = [&](int at) {
            return where + ": called on a thread that is not the loop's; use call_soon_threadsafe() (from " + __FILE__ +
                   ":" + std::to_string(at) + ")";
        };
        BOOST_TEST_INFO(error.what());
        return error.what() == text(line - 1) || error.what() == text(line) || error.what() == text(line + 1);
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(debug_mode)

BOOST_AUTO_TEST_CASE(is_off_by_default) {
    ::unsetenv("ORDO_DEBUG");
    BOOST_TEST(!ordo::event_loop().get_debug());
}

BOOST_AUTO_TEST_CASE(is_on_if_the_environment_says_so) {
    environment const with("1");
    BOOST_TEST(ordo::event_loop().get_debug());
    boost::asio::io_context host;
    BOOST_TEST(ordo::event_loop(host).get_debug());
}

BOOST_AUTO_TEST_CASE(is_off_if_the_environment_says_0_or_nothing) {
    {
        environment const with("0");
        BOOST_TEST(!ordo::event_loop().get_debug());
    }
    environment const with("");
    BOOST_TEST(!ordo::event_loop().get_debug());
}

BOOST_AUTO_TEST_CASE(can_be_switched) {
    ordo::event_loop loop;
    loop.set_debug(true);
    BOOST_TEST(loop.get_debug());
    loop.set_debug(false);
    BOOST_TEST(!loop.get_debug());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(on_the_wrong_thread, debug_loop)

BOOST_AUTO_TEST_CASE(call_soon_throws) {
    elsewhere([this] {
        BOOST_CHECK_EXCEPTION(loop.call_soon([] {}), ordo::wrong_thread_error,
                              wrong_thread_from(__LINE__, "event_loop::call_soon"));
    });
}

BOOST_AUTO_TEST_CASE(call_later_and_call_at_throw) {
    elsewhere([this] {
        BOOST_CHECK_EXCEPTION(loop.call_later(1ms, [] {}), ordo::wrong_thread_error,
                              wrong_thread_from(__LINE__, "event_loop::call_at"));
        BOOST_CHECK_EXCEPTION(loop.call_at(ordo::time_point(), [] {}), ordo::wrong_thread_error,
                              wrong_thread_from(__LINE__, "event_loop::call_at"));
    });
}

BOOST_AUTO_TEST_CASE(create_task_throws) {
    auto const main = []() -> ordo::coro<> { co_return; };
    elsewhere([this, main] {
        BOOST_CHECK_EXCEPTION(static_cast<void>(loop.create_task(main())), ordo::wrong_thread_error,
                              wrong_thread_from(__LINE__, "event_loop::create_task"));
    });
}

BOOST_AUTO_TEST_CASE(stop_throws) {
    elsewhere(
        [this] { BOOST_CHECK_EXCEPTION(loop.stop(), ordo::wrong_thread_error, wrong_thread("event_loop::stop")); });
}

BOOST_AUTO_TEST_CASE(signal_handlers_throw) {
    elsewhere([this] {
        BOOST_CHECK_EXCEPTION(loop.add_signal_handler(10, [] {}), ordo::wrong_thread_error,
                              wrong_thread("event_loop::add_signal_handler"));
        BOOST_CHECK_EXCEPTION(loop.remove_signal_handler(10), ordo::wrong_thread_error,
                              wrong_thread("event_loop::remove_signal_handler"));
    });
}

BOOST_AUTO_TEST_CASE(call_soon_threadsafe_is_right) {
    elsewhere([this] { loop.call_soon_threadsafe(notes("ran")); });
    run_once();
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(everything_is_right_before_the_run) {
    std::thread([this] { loop.call_soon(notes("ran")); }).join();
    run_once();
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(everything_is_right_between_the_slices_of_a_borrowed_loop) {
    boost::asio::io_context host;
    ordo::event_loop borrowed(host);
    borrowed.set_debug(true);
    borrowed.call_soon([] {});
    host.run();
    std::thread([&] { borrowed.call_soon(notes("ran")); }).join();
    host.restart();
    host.run();
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(slow_callbacks, debug_loop)

BOOST_AUTO_TEST_CASE(are_those_of_100_ms_by_default) {
    BOOST_TEST((loop.slow_callback_duration == 100ms));
}

BOOST_AUTO_TEST_CASE(are_logged) {
    captured_log log;
    loop.slow_callback_duration = 0s; // every callback is slow
    loop.call_soon([] {});
    run_once();
    BOOST_TEST(log.text().starts_with("warning: a callback "));
    BOOST_TEST(log.text().ends_with(" s; give blocking work to run_in_executor()\n"));
}

BOOST_AUTO_TEST_CASE(are_logged_with_the_place_they_were_scheduled) {
    captured_log log;
    loop.slow_callback_duration = 0s;
    auto const line = std::source_location::current().line() + 1;
    loop.call_soon([] {});
    run_once();
    BOOST_TEST(log.text().find("debug_mode.cpp:" + std::to_string(line)) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(that_are_steps_are_logged_with_the_name_of_their_task) {
    captured_log log;
    loop.slow_callback_duration = 0s;
    auto const main = []() -> ordo::coro<> { co_return; };
    auto const line = std::source_location::current().line() - 1;
    auto const task = loop.create_task(main(), "digest");
    run_once();
    BOOST_TEST(log.text().starts_with("warning: a step of task 'digest' from "));
    BOOST_TEST(log.text().find("debug_mode.cpp:" + std::to_string(line)) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(are_not_logged_if_they_are_fast) {
    captured_log log;
    loop.slow_callback_duration = 1h;
    loop.call_soon([] {});
    run_once();
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_CASE(are_not_logged_outside_debug_mode) {
    captured_log log;
    loop.set_debug(false);
    loop.slow_callback_duration = 0s;
    loop.call_soon([] {});
    run_once();
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_CASE(run_in_the_same_order_as_ever) {
    loop.call_soon([&] {
        loop.call_later(0ms, notes("timer"));
        loop.call_soon(notes("soon"));
    });
    run_for(1ms);
    BOOST_TEST(order.difference({"soon", "timer"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(coros_never_awaited, debug_loop)

namespace {

ordo::coro<> forgotten() {
    co_return;
}
int const line_of_forgotten = __LINE__ - 3;

} // namespace

BOOST_AUTO_TEST_CASE(are_logged_with_the_coroutine_and_its_place) {
    captured_log const log;
    loop.call_soon([] { auto const never = forgotten(); });
    run_once();
    auto const text = log.text();
    BOOST_TEST_INFO(text);
    auto const is_place = [&](int line) { // clang says where the body begins, GCC where it ends
        return text.starts_with(std::string("warning: a coro was never awaited, of ") + __FILE__ + ":" +
                                std::to_string(line) + " (");
    };
    BOOST_TEST((is_place(line_of_forgotten) || is_place(line_of_forgotten + 2)));
    BOOST_TEST(text.find("forgotten") != text.npos);
    BOOST_TEST(text.find("); co_await it, or give it to create_task()\n") != text.npos);
}

BOOST_AUTO_TEST_CASE(are_logged_without_a_running_loop_if_the_environment_says_so) {
    captured_log const log;
    { auto const never = forgotten(); }
    BOOST_TEST(log.text() == "");
    environment const with("1");
    { auto const never = forgotten(); }
    BOOST_TEST(log.text().find("a coro was never awaited") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(are_none_that_were_awaited_or_run_or_moved_from) {
    captured_log const log;
    auto main = []() -> ordo::coro<> {
        auto first = forgotten();
        auto second = std::move(first);
        co_await std::move(second);
        co_await ordo::create_task(forgotten());
    };
    loop.run_until_complete(main());
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_CASE(are_not_logged_outside_debug_mode) {
    captured_log const log;
    loop.set_debug(false);
    loop.call_soon([] { auto const never = forgotten(); });
    run_once();
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(errors_that_nobody_sees, debug_loop)

namespace {

ordo::coro<> fail() {
    co_await ordo::sleep(0s);
    throw std::runtime_error("no disk");
}
ordo::coro<> call_fail() {
    co_await fail();
}
ordo::async_generator<int> generate() {
    co_yield 1;
    co_await fail();
}
ordo::coro<> consume() {
    auto all = generate();
    while (co_await all.next()) {}
}
ordo::coro<> sleep_for_ever() {
    co_await ordo::sleep(1h);
}

/// What stands in the text in front of each place, which compilers name differently.
std::string with_functions_only(std::string const& text) {
    return std::regex_replace(text, std::regex(R"(\S+:\d+ \(.*?(\w+)\(([^;,]*Frame\*)?\)( const)?\))"), "$1");
}

} // namespace

BOOST_AUTO_TEST_CASE(are_logged_with_the_chain_of_coroutines_that_threw_them) {
    captured_log const log;
    loop.create_task(call_fail(), "t");
    run_for(1s);
    auto const text = with_functions_only(log.text());
    BOOST_TEST(text.starts_with(
        "error: the error of a task was never retrieved 't': std::runtime_error: no disk; created at "));
    BOOST_TEST(text.ends_with("; at fail, awaited at call_fail\n"));
}

BOOST_AUTO_TEST_CASE(go_through_generators) {
    captured_log const log;
    loop.create_task(consume(), "t");
    run_for(1s);
    BOOST_TEST(with_functions_only(log.text()).ends_with("; at fail, awaited at generate, awaited at consume\n"));
}

BOOST_AUTO_TEST_CASE(have_the_chain_of_the_last_exception_if_an_earlier_one_was_caught) {
    captured_log const log;
    auto const body = []() -> ordo::coro<> {
        try {
            co_await call_fail();
        } catch (std::runtime_error const&) {}
        co_await fail();
    };
    loop.create_task(body, "t");
    run_for(1s);
    auto const text = with_functions_only(log.text());
    BOOST_TEST(text.find("; at fail, awaited at ") != std::string::npos);
    BOOST_TEST(text.find("call_fail") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(have_no_chain_outside_of_debug_mode) {
    captured_log const log;
    loop.set_debug(false);
    loop.create_task(call_fail(), "t");
    run_for(1s);
    BOOST_TEST(log.text().find("awaited at") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(name_where_a_task_waited_that_was_pending_when_the_loop_was_closed) {
    captured_log const log;
    loop.create_task(sleep_for_ever(), "t");
    run_once();
    loop.close();
    auto const text = with_functions_only(log.text());
    BOOST_TEST(text.starts_with("error: a task was destroyed while it was pending 't'; created at "));
    BOOST_TEST(text.ends_with("; at sleep_for_ever\n"));
}

BOOST_AUTO_TEST_CASE(are_forgotten_with_a_task_that_its_own_error_holds) {
    auto const keeping = []() -> ordo::coro<> {
        struct holding : std::runtime_error {
            explicit holding(ordo::any_task held) : std::runtime_error("held"), task(std::move(held)) {}
            ordo::any_task task;
        };
        try {
            co_await [](ordo::any_task self) -> ordo::coro<> {
                co_await ordo::sleep(0s);
                throw holding(std::move(self));
            }(*ordo::current_task());
        } catch (holding const&) {}
    };
    loop.create_task(keeping, "t"); // the leak sanitizer looks
    run_for(1s);
    BOOST_TEST(all_tasks(loop).empty());
}

BOOST_AUTO_TEST_SUITE_END()
