// ordo: tests of letting each allocation of a test body fail.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/inject_failures.hpp>

#include "../captured_log.hpp"
#include "../error_text.hpp"

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/task_group.hpp>
#include <ordo/testing/memory_stream.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

ORDO_TESTING_REPLACE_NEW;

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::testing::fail_each_allocation;
using ordo::testing::failing_heap;
using ordo::testing::inject_failures;

coro<> work() {
    auto sum = [](int a, int b) -> coro<int> {
        co_await ordo::sleep(1h);
        co_return a + b;
    };
    auto const task = ordo::create_task(sum(1, 2));
    auto const three = co_await task;
    BOOST_TEST(three == 3);
}

coro<> turn_bad_alloc_into_something_else() {
    try {
        auto const block = std::make_unique<int>();
    } catch (std::bad_alloc const&) {
        throw std::runtime_error("no room");
    }
    co_return;
}

/// Whoever is in trouble lets the other one go.
coro<> talk_over_a_slow_pair() {
    ordo::testing::memory_stream_options slow{.max_write = 3, .capacity = 8, .delay = 1s};
    slow.stream.high_water = 1;
    auto [client, server] = ordo::testing::memory_stream_pair(slow);
    auto write = [](ordo::stream_writer to) -> coro<> {
        co_await to.write("hello, world\n");
        to.close();
    };
    auto body = [&](ordo::task_group& group) -> coro<> {
        static_cast<void>(group.create_task(write(client.writer)));
        auto const line = co_await server.reader.read_line();
        BOOST_TEST(line == "hello, world\n");
    };
    co_await ordo::with_task_group(body);
}

coro<> leave_bytes_on_their_way() {
    ordo::testing::memory_stream_options const slow{.delay = 1s};
    auto [client, server] = ordo::testing::memory_stream_pair(slow);
    co_await client.writer.write("one");
    co_await ordo::sleep(1ms);
    co_await client.writer.write("two");
    server.writer.close();
}

std::vector<std::unique_ptr<int>> kept;

} // namespace

BOOST_AUTO_TEST_SUITE(inject_failures_)

BOOST_AUTO_TEST_CASE(lets_each_allocation_fail_in_turn) {
    auto const failures = inject_failures(work);
    BOOST_TEST(failures >= 4u); // the frames of main and of the lambda, and who waits
}

BOOST_AUTO_TEST_CASE(finds_another_error) {
    auto const text = error_text<std::runtime_error>([] { inject_failures(turn_bad_alloc_into_something_else); });
    BOOST_TEST(text.find("\n  the body ended with std::runtime_error: no room") != text.npos);
}

BOOST_AUTO_TEST_CASE(finds_nothing_in_a_pair_of_streams) {
    BOOST_TEST(inject_failures(talk_over_a_slow_pair) > 0u);
    BOOST_TEST(inject_failures(leave_bytes_on_their_way) > 0u);
}

BOOST_AUTO_TEST_CASE(finds_nothing_in_an_order_recorder) {
    auto const scenario = [] {
        ordo::testing::order_recorder order;
        int kept = 0;
        try {
            failing_heap::may_fail const armed;
            for (; kept < 3; ++kept) order.record("something that is too long for the string itself");
        } catch (std::bad_alloc const&) {}
        order.record("last");
        auto const lines = order.lines();
        bool const all = std::ranges::count(lines, '\n') == kept + 1;
        return std::string(all ? "" : "not all: " + lines);
    };
    BOOST_TEST(fail_each_allocation(scenario) > 0u);
}

BOOST_AUTO_TEST_CASE(counts_what_is_aligned_and_what_does_not_throw) {
    struct alignas(64) wide {
        char bytes[64];
    };
    auto const scenario = [] {
        failing_heap::may_fail const armed;
        auto const block = std::make_unique<wide>();
        std::unique_ptr<int> const other(new (std::nothrow) int);
        return std::string(reinterpret_cast<std::uintptr_t>(block.get()) % 64 == 0 ? "" : "not aligned");
    };
    BOOST_TEST(fail_each_allocation(scenario) == 2u);
}

BOOST_AUTO_TEST_CASE(finds_memory_that_is_left_behind) {
    kept.reserve(9);
    auto const text = error_text<std::runtime_error>([] {
        fail_each_allocation([] {
            failing_heap::may_fail const armed;
            kept.push_back(std::make_unique<int>());
            return std::string();
        });
    });
    BOOST_TEST(text == "with allocation 1 failing: 1 block leaked");
    kept.clear();
}

BOOST_AUTO_TEST_CASE(does_not_mind_memory_that_is_given_back) {
    kept.reserve(9);
    for (int i = 0; i < 9; ++i) kept.push_back(std::make_unique<int>());
    auto const scenario = [] {
        kept.pop_back();
        failing_heap::may_fail const armed;
        auto const block = std::make_unique<int>();
        return std::string();
    };
    BOOST_TEST(fail_each_allocation(scenario) == 1u);
    kept.clear();
}

BOOST_AUTO_TEST_CASE(says_what_it_is_about_to_let_fail) {
    std::vector<std::string> said;
    auto const body = []() -> coro<> { co_return; };
    captured_log const log;
    inject_failures(body, {.on_run = [&](std::string const& what) { said.push_back(what); }});
    BOOST_TEST(said.size() > 2u);
    BOOST_TEST(said[0] == "without a failure");
    BOOST_TEST(said[1] == "with allocation 0 failing");
    BOOST_TEST(log.text().find("inject_failures: a run with allocation 0 failing") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(runs_once_before_without_a_failure) {
    int runs = 0;
    auto const failures = fail_each_allocation([&] {
        ++runs;
        return std::string();
    });
    BOOST_TEST(failures == 0u);
    BOOST_TEST(runs == 2);
}

BOOST_AUTO_TEST_SUITE_END()
