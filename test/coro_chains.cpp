// ordo: tests of long and deep chains of awaits, which must not grow the stack in any build.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/coro.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/future.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>

using ordo::coro;

namespace {

constexpr int many = 1'000'000;
constexpr int deep = 100'000;

struct failure : std::runtime_error {
    failure() : runtime_error("on purpose") {}
};

coro<int> one() {
    co_return 1;
}

coro<int> failing_one() {
    throw failure();
    co_return 1;
}

coro<int> nested(int levels) {
    if (levels == 0) co_return 0;
    co_return co_await nested(levels - 1) + 1;
}

coro<int> nested_around(int levels, ordo::future<int> innermost) {
    if (levels == 0) co_return co_await innermost;
    co_return co_await nested_around(levels - 1, innermost) + 1;
}

coro<int> nested_tasks(int levels) {
    if (levels == 0) co_return 0;
    auto next = ordo::create_task(nested_tasks(levels - 1));
    co_return co_await std::move(next) + 1;
}

coro<int> nested_tasks_around(int levels, ordo::future<int> innermost) {
    if (levels == 0) co_return co_await innermost;
    auto next = ordo::create_task(nested_tasks_around(levels - 1, innermost));
    co_return co_await std::move(next) + 1;
}

} // namespace

BOOST_AUTO_TEST_SUITE(coro_chains)

ORDO_TEST_CASE(a_million_awaits_in_sequence) {
    int sum = 0;
    for (int i = 0; i < many; ++i) sum += co_await one();
    BOOST_TEST(sum == many);
}

ORDO_TEST_CASE(a_million_awaits_of_done_futures) {
    auto const done = ordo::get_running_loop().create_future<int>();
    done.set_result(1);
    int sum = 0;
    for (int i = 0; i < many; ++i) sum += co_await done;
    BOOST_TEST(sum == many);
}

ORDO_TEST_CASE(a_million_yields) {
    auto const& loop = ordo::get_running_loop();
    auto const before = loop.iterations();
    for (int i = 0; i < many; ++i) co_await ordo::sleep(std::chrono::seconds(0));
    BOOST_TEST(loop.iterations() - before == static_cast<std::uint64_t>(many));
}

ORDO_TEST_CASE(a_million_tasks_in_sequence) {
    int sum = 0;
    for (int i = 0; i < many; ++i) sum += co_await ordo::create_task(one());
    BOOST_TEST(sum == many);
}

ORDO_TEST_CASE(a_hundred_thousand_awaits_that_fail) { // a million would take minutes under sanitizers
    int failures = 0;
    for (int i = 0; i < deep; ++i) {
        try {
            co_await failing_one();
        } catch (failure const&) {
            ++failures;
        }
    }
    BOOST_TEST(failures == deep);
}

ORDO_TEST_CASE(a_hundred_thousand_nested_awaits) {
    auto const depth = co_await nested(deep);
    BOOST_TEST(depth == deep);
}

ORDO_TEST_CASE(a_hundred_thousand_nested_awaits_around_a_wait) {
    auto& loop = ordo::get_running_loop();
    auto const innermost = loop.create_future<int>();
    loop.call_soon([innermost] { innermost.set_result(1); });
    auto const depth = co_await nested_around(deep, innermost);
    BOOST_TEST(depth == deep + 1);
}

ORDO_TEST_CASE(an_error_goes_up_a_hundred_thousand_levels) {
    auto& loop = ordo::get_running_loop();
    auto const innermost = loop.create_future<int>();
    loop.call_soon([innermost] { innermost.set_exception(failure()); });
    bool failed = false;
    try {
        co_await nested_around(deep, innermost);
    } catch (failure const&) {
        failed = true;
    }
    BOOST_TEST(failed);
}

ORDO_TEST_CASE(a_cancellation_goes_up_a_hundred_thousand_levels) {
    auto const innermost = ordo::get_running_loop().create_future<int>();
    auto const nest = ordo::create_task(nested_around(deep, innermost));
    co_await ordo::sleep(std::chrono::seconds(1));
    nest.cancel();
    bool cancelled = false;
    try {
        co_await nest;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

ORDO_TEST_CASE(a_hundred_thousand_nested_tasks) {
    auto const depth = co_await nested_tasks(deep);
    BOOST_TEST(depth == deep);
}

ORDO_TEST_CASE(an_error_goes_up_a_hundred_thousand_tasks) {
    auto const innermost = ordo::get_running_loop().create_future<int>();
    auto const nest = ordo::create_task(nested_tasks_around(deep, innermost));
    co_await ordo::sleep(std::chrono::seconds(1));
    innermost.set_exception(failure());
    bool failed = false;
    try {
        co_await nest;
    } catch (failure const&) {
        failed = true;
    }
    BOOST_TEST(failed);
}

ORDO_TEST_CASE(a_cancellation_goes_down_and_up_a_hundred_thousand_tasks) {
    auto const innermost = ordo::get_running_loop().create_future<int>();
    auto const nest = ordo::create_task(nested_tasks_around(deep, innermost));
    co_await ordo::sleep(std::chrono::seconds(1));
    nest.cancel();
    BOOST_TEST(innermost.cancelled());
    bool cancelled = false;
    try {
        co_await nest;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_nested_frames_are_destroyed_with_their_loop) {
    ordo::event_loop loop;
    int reported = 0;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { ++reported; });
    auto const innermost = loop.create_future<int>();
    auto const nest = loop.create_task(nested_around(deep, innermost));
    loop.stop();
    loop.run_forever();
    loop.close();
    BOOST_TEST(reported == 1);
    BOOST_TEST(!nest.done());
}

BOOST_AUTO_TEST_SUITE_END()
