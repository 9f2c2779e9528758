// ordo: tests of how the pump shares the thread with Asio: strictly after each iteration, or after a bounded slice.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "open_descriptors.hpp"

#include <ordo/testing/virtual_clock.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <unistd.h>
#include <utility>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto unlimited = std::numeric_limits<std::size_t>::max();
constexpr std::size_t far_too_many = 10'000;

void take_a_millisecond() {
    auto const until = std::chrono::steady_clock::now() + 1ms;
    while (std::chrono::steady_clock::now() < until) {
        // A callback that computes something.
    }
}

/// How many callbacks of an endless chain run before a handler of the host that was posted when it began.
class chain {
public:
    explicit chain(ordo::loop_options options) : loop_(host_, std::move(options)) {}

    std::size_t
    length_until_the_host_runs(std::function<void(ordo::event_loop&, std::function<void()> const&)> schedule) {
        bool host_ran = false;
        std::size_t length = 0;
        std::function<void()> const link = [&] {
            if (++length == 1) asio::post(host_, [&] { host_ran = true; });
            if (!host_ran && length < far_too_many) schedule(loop_, link);
        };
        schedule(loop_, link);
        host_.run();
        return length - 1; // the last one only sees that it is over
    }

private:
    asio::io_context host_;
    ordo::event_loop loop_;
};

void soon(ordo::event_loop& loop, std::function<void()> const& f) {
    loop.call_soon(std::cref(f));
}
void soon_threadsafe(ordo::event_loop& loop, std::function<void()> const& f) {
    loop.call_soon_threadsafe(std::cref(f));
}
void later(ordo::event_loop& loop, std::function<void()> const& f) {
    loop.call_later(0ms, std::cref(f));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(strict_pumping, no_descriptors_left)

BOOST_AUTO_TEST_CASE(lets_the_host_run_after_each_iteration) {
    BOOST_TEST(chain({.strict = true}).length_until_the_host_runs(soon) <= 2u);
}

BOOST_AUTO_TEST_CASE(polls_the_reactor_after_each_iteration) {
    asio::io_context host;
    ordo::event_loop loop(host, {.strict = true});
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    asio::posix::stream_descriptor from(host, ends[0]), to(host, ends[1]);
    bool readable = false;
    std::size_t length = 0;
    from.async_wait(asio::posix::stream_descriptor::wait_read, [&](boost::system::error_code) { readable = true; });
    std::function<void()> const link = [&] {
        if (++length == 1) asio::write(to, asio::buffer("x", 1));
        if (!readable && length < far_too_many) loop.call_soon(std::cref(link));
    };
    loop.call_soon(std::cref(link));
    host.run();
    BOOST_TEST(length <= 4u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(bounded_pumping, no_descriptors_left)

BOOST_AUTO_TEST_CASE(goes_back_to_the_host_after_max_iterations) {
    auto const length =
        chain({.max_iterations = 10, .max_callbacks = unlimited, .max_time = 1h}).length_until_the_host_runs(soon);
    BOOST_TEST(length == 10u);
}

BOOST_AUTO_TEST_CASE(goes_back_to_the_host_at_the_end_of_the_iteration_with_max_callbacks) {
    asio::io_context host;
    ordo::event_loop loop(host, {.max_iterations = unlimited, .max_callbacks = 100, .max_time = 1h});
    bool host_ran = false;
    std::size_t callbacks = 0, iterations = 0;
    asio::post(host, [&] { asio::post(host, [&] { host_ran = true; }); });
    std::function<void()> const link = [&] {
        ++callbacks;
        if (callbacks % 30 != 0) return;
        ++iterations;
        if (host_ran || iterations == 1000) return;
        for (int i = 0; i < 30; ++i) loop.call_soon(std::cref(link));
    };
    for (int i = 0; i < 30; ++i) loop.call_soon(std::cref(link));
    host.run();
    BOOST_TEST(callbacks == 150u); // four iterations of 30 in the slice, and one that sees that the host ran
}

BOOST_AUTO_TEST_CASE(goes_back_to_the_host_after_max_time) {
    auto const length = chain({.max_iterations = unlimited, .max_callbacks = unlimited, .max_time = 0s})
                            .length_until_the_host_runs(soon);
    BOOST_TEST(length <= 2 * ordo::detail::callbacks_per_clock_look);
}

BOOST_AUTO_TEST_CASE(keeps_to_max_time_when_the_callbacks_are_slow) {
    auto const slow = [](ordo::event_loop& loop, std::function<void()> const& f) {
        take_a_millisecond();
        soon(loop, f);
    };
    auto const length = chain({.max_iterations = unlimited, .max_callbacks = unlimited, .max_time = 5ms})
                            .length_until_the_host_runs(slow);
    BOOST_TEST(length <= 16u);
}

BOOST_AUTO_TEST_CASE(keeps_to_max_time_when_the_timers_are_slow) {
    auto const slow = [](ordo::event_loop& loop, std::function<void()> const& f) {
        take_a_millisecond();
        later(loop, f);
    };
    auto const length = chain({.max_iterations = unlimited, .max_callbacks = unlimited, .max_time = 5ms})
                            .length_until_the_host_runs(slow);
    BOOST_TEST(length <= 16u);
}

BOOST_AUTO_TEST_CASE(by_default_does_not_starve_the_host_with_callbacks) {
    BOOST_TEST(chain({}).length_until_the_host_runs(soon) <= ordo::detail::slice_callbacks);
}

BOOST_AUTO_TEST_CASE(by_default_does_not_starve_the_host_with_callbacks_through_the_inbox) {
    BOOST_TEST(chain({}).length_until_the_host_runs(soon_threadsafe) <= ordo::detail::slice_callbacks);
}

BOOST_AUTO_TEST_CASE(by_default_does_not_starve_the_host_with_timers_that_are_due) {
    BOOST_TEST(chain({}).length_until_the_host_runs(later) <= ordo::detail::slice_callbacks);
}

BOOST_AUTO_TEST_CASE(by_default_does_not_starve_the_host_with_timers_in_virtual_time) {
    auto const clock = std::make_shared<ordo::testing::virtual_clock>();
    auto const tick = [](ordo::event_loop& loop, std::function<void()> const& f) {
        loop.call_later(1ms, std::cref(f));
    };
    BOOST_TEST(chain({.clock = clock}).length_until_the_host_runs(tick) <= ordo::detail::slice_callbacks);
}

BOOST_AUTO_TEST_CASE(is_not_starved_by_a_handler_of_the_host_that_posts_itself_for_ever) {
    for (bool const strict : {false, true}) {
        asio::io_context host;
        ordo::event_loop loop(host, {.strict = strict});
        std::size_t handlers = 0, callbacks = 0;
        std::function<void()> const handler = [&] {
            if (++handlers < far_too_many && callbacks < 100) asio::post(host, std::cref(handler));
        };
        std::function<void()> const link = [&] {
            if (++callbacks == 50) loop.call_later(0ms, std::cref(link));
            else if (callbacks < 100) loop.call_soon(std::cref(link));
        };
        asio::post(host, std::cref(handler));
        loop.call_soon(std::cref(link));
        host.run();
        BOOST_TEST(callbacks == 100u);
        BOOST_TEST(handlers < far_too_many);
    }
}

BOOST_AUTO_TEST_CASE(does_not_starve_the_timers_with_callbacks) {
    ordo::event_loop loop;
    bool due = false;
    std::function<void()> const link = [&] {
        if (!due) loop.call_soon(std::cref(link));
    };
    loop.call_soon(std::cref(link));
    loop.call_later(5ms, [&] {
        due = true;
        loop.stop();
    });
    loop.run_forever();
    BOOST_TEST(due);
}

BOOST_AUTO_TEST_SUITE_END()
