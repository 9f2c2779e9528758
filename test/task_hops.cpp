// ordo: tests of how many iterations each await takes, as ORDERING says.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task.hpp>

#include <ordo/event_loop.hpp>
#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;

namespace {

std::uint64_t now() {
    return get_running_loop().iterations();
}

coro<std::uint64_t> iteration_of_the_first_step() {
    co_return now();
}

coro<std::uint64_t> iteration_after(ordo::future<> f) {
    co_await f;
    co_return now();
}

/// Calls the function in submit(), on the loop's thread.
struct inline_executor final : ordo::executor {
    void submit(job work) override { work(); }
    void shutdown(bool) override {}
};

} // namespace

BOOST_AUTO_TEST_SUITE(task_hops)

ORDO_TEST_CASE(from_create_task_to_the_first_step_is_one_hop) {
    auto const before = now();
    auto const t = create_task(iteration_of_the_first_step());
    auto const first_step = co_await t;
    BOOST_TEST(first_step - before == 1u);
}

ORDO_TEST_CASE(a_first_step_keeps_its_place_among_callbacks) {
    ordo::testing::order_recorder order;
    auto& loop = get_running_loop();
    auto record = [&]() -> coro<> {
        order.record("task");
        co_return;
    };
    loop.call_soon(order.recording("a"));
    auto const t = create_task(record());
    loop.call_soon(order.recording("b"));
    co_await ordo::sleep(0s);
    BOOST_TEST(order.difference({"a", "task", "b"}) == "");
    BOOST_TEST(t.done());
}

ORDO_TEST_CASE(awaiting_a_finished_future_or_task_is_no_hop) {
    auto const f = get_running_loop().create_future();
    f.set_result();
    auto const t = create_task(iteration_of_the_first_step());
    co_await t;
    auto const before = now();
    co_await f;
    co_await t;
    BOOST_TEST(now() == before);
}

ORDO_TEST_CASE(from_set_result_to_the_waiting_task_is_one_hop) {
    auto const f = get_running_loop().create_future();
    auto const t = create_task(iteration_after(f));
    co_await ordo::sleep(0s);
    auto const before = now();
    f.set_result();
    auto const woken = co_await t;
    BOOST_TEST(woken - before == 1u);
}

ORDO_TEST_CASE(from_the_end_of_a_task_to_its_awaiter_is_one_hop) {
    auto const t = create_task(iteration_of_the_first_step());
    auto const ended = co_await t;
    BOOST_TEST(now() - ended == 1u);
}

ORDO_TEST_CASE(a_sleep_of_nothing_or_less_is_one_hop) {
    auto const before = now();
    co_await ordo::sleep(0s);
    BOOST_TEST(now() - before == 1u);
    co_await ordo::sleep(-5s);
    BOOST_TEST(now() - before == 2u);
}

ORDO_TEST_CASE(from_the_deadline_of_a_sleep_to_the_sleeper_is_one_hop_more_than_a_timer) {
    auto& loop = get_running_loop();
    std::uint64_t fired = 0;
    loop.call_later(1s, [&] { fired = now(); });
    co_await ordo::sleep(1s);
    BOOST_TEST(fired != 0u);
    BOOST_TEST(now() - fired == 1u);
}

ORDO_TEST_CASE(from_the_end_of_a_job_to_its_awaiter_are_two_hops) {
    inline_executor at_once;
    auto const before = now();
    auto done = get_running_loop().run_in_executor(at_once, [] {});
    BOOST_TEST(!done.done());
    co_await std::move(done);
    BOOST_TEST(now() - before == 2u);
}

BOOST_AUTO_TEST_CASE(run_until_complete_takes_one_iteration_for_a_future_that_is_done) {
    ordo::event_loop loop;
    auto const f = loop.create_future();
    f.set_result();
    loop.run_until_complete(f);
    BOOST_TEST(loop.iterations() == 1u);
}

BOOST_AUTO_TEST_CASE(run_until_complete_runs_other_callbacks_in_the_iteration_after_the_task_has_ended) {
    ordo::event_loop loop;
    ordo::testing::order_recorder order;
    auto end = [&]() -> coro<> {
        loop.call_soon(order.recording("a"));
        loop.call_soon([&] { loop.call_soon(order.recording("b")); });
        co_return;
    };
    loop.run_until_complete(end());
    BOOST_TEST(order.text() == "a");
    BOOST_TEST(loop.iterations() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
