// ordo: tests of the contexts that tasks run in.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/context_var.hpp>

#include <ordo/coro.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;

namespace {

ordo::context_var<int> variable("variable", 0);

} // namespace

BOOST_AUTO_TEST_SUITE(task_context)

ORDO_TEST_CASE(a_task_runs_in_a_copy_of_the_context_of_its_creation) {
    auto read = []() -> coro<int> {
        auto const seen = variable.get();
        variable.set(100);
        co_return seen;
    };
    variable.set(1);
    auto const t = create_task(read());
    variable.set(2);
    auto const seen = co_await t;
    BOOST_TEST(seen == 1);
    BOOST_TEST(variable.get() == 2);
}

ORDO_TEST_CASE(a_task_keeps_its_context_over_its_suspensions) {
    auto set_and_read = [](int value) -> coro<int> {
        variable.set(value);
        co_await ordo::sleep(1s);
        co_return variable.get();
    };
    auto const a = create_task(set_and_read(1));
    auto const b = create_task(set_and_read(2));
    auto const first = co_await a;
    auto const second = co_await b;
    BOOST_TEST(first == 1);
    BOOST_TEST(second == 2);
}

ORDO_TEST_CASE(a_task_runs_in_the_context_it_is_given) {
    ordo::context given;
    auto set = []() -> coro<> {
        variable.set(7);
        co_return;
    };
    ordo::task_options const options{.name = "setter", .context = given};
    co_await create_task(set(), options);
    auto const in_given = given.run([] { return variable.get(); });
    BOOST_TEST(in_given == 7);
    BOOST_TEST(variable.get() == 0);
}

ORDO_TEST_CASE(an_awaited_coro_shares_the_context_of_its_awaiter) {
    auto set = []() -> coro<> {
        variable.set(7);
        co_return;
    };
    co_await set();
    BOOST_TEST(variable.get() == 7);
}

BOOST_AUTO_TEST_SUITE_END()
