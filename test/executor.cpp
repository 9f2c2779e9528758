// ordo: tests of calling functions on other threads.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/executor.hpp>

#include <ordo/context_var.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::get_running_loop;

namespace {

/// Keeps the jobs until the test runs or drops them.
struct manual_executor final : ordo::executor {
    std::vector<job> jobs;

    void submit(job work) override { jobs.push_back(std::move(work)); }
    void shutdown(bool) override {}
    void run_all() {
        for (auto& work : jobs) work();
        jobs.clear();
    }
};

int add(int a, int b) {
    return a + b;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(executor_, no_descriptors_left)

// -- results

ORDO_TEST_CASE(a_job_runs_on_another_thread_and_gives_its_result) {
    auto where = [] { return std::this_thread::get_id(); };
    auto const thread = co_await get_running_loop().run_in_executor(where);
    BOOST_TEST((thread != std::this_thread::get_id()));
}

ORDO_TEST_CASE(the_arguments_are_passed_on) {
    auto const sum = co_await get_running_loop().run_in_executor(add, 40, 2);
    BOOST_TEST(sum == 42);
}

ORDO_TEST_CASE(an_argument_in_ref_is_not_copied) {
    int number = 1;
    auto increment = [](int& n) { ++n; };
    co_await get_running_loop().run_in_executor(increment, std::ref(number));
    BOOST_TEST(number == 2);
}

ORDO_TEST_CASE(move_only_arguments_and_results_are_moved) {
    auto pass = [](std::unique_ptr<int> in) {
        ++*in;
        return in;
    };
    auto in = std::make_unique<int>(6);
    auto f = get_running_loop().run_in_executor(pass, std::move(in));
    auto const out = co_await std::move(f);
    BOOST_TEST(*out == 7);
}

ORDO_TEST_CASE(a_job_may_return_a_reference) {
    int number = 1;
    auto refer = [&]() -> int& { return number; };
    auto f = get_running_loop().run_in_executor(refer);
    int& same = co_await std::move(f);
    BOOST_TEST(&same == &number);
}

ORDO_TEST_CASE(what_a_job_throws_is_thrown_to_the_awaiter) {
    auto fail = [] { throw std::out_of_range("too far"); };
    auto f = get_running_loop().run_in_executor(fail);
    std::string text;
    try {
        co_await std::move(f);
    } catch (std::out_of_range const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "too far");
}

ORDO_TEST_CASE(a_job_is_destroyed_with_what_it_holds_when_it_is_done) {
    auto const held = std::make_shared<int>(7);
    auto read = [copy = held] { return *copy; };
    auto f = get_running_loop().run_in_executor(read);
    auto const value = co_await std::move(f);
    BOOST_TEST(value == 7);
    BOOST_TEST(held.use_count() == 2); // here and in `read`
}

ORDO_TEST_CASE(many_jobs_all_come_back) {
    ordo::thread_pool_executor four(4);
    std::vector<ordo::future<int>> futures;
    for (int i = 0; i < 1000; ++i) futures.push_back(get_running_loop().run_in_executor(four, add, i, 0));
    int sum = 0;
    for (auto& f : futures) sum += co_await std::move(f);
    BOOST_TEST(sum == 499'500);
}

ORDO_TEST_CASE(jobs_of_a_single_thread_run_in_the_order_of_submission) {
    ordo::thread_pool_executor single(1);
    std::vector<int> order;
    ordo::future<void> last;
    for (int i = 0; i < 100; ++i) {
        auto note = [&order, i] { order.push_back(i); };
        last = get_running_loop().run_in_executor(single, note);
    }
    co_await std::move(last);
    BOOST_TEST(order.size() == 100u);
    BOOST_TEST(std::ranges::is_sorted(order));
}

ORDO_TEST_CASE(a_job_that_blocks_a_thread_leaves_those_behind_it_to_the_others) {
    ordo::thread_pool_executor pool(2);
    std::promise<void> open;
    auto wait = [&open] { open.get_future().wait(); };
    auto nothing = [] {};
    auto& loop = get_running_loop();
    auto const blocked = loop.run_in_executor(pool, wait);
    for (int i = 0; i < 10; ++i) co_await loop.run_in_executor(pool, nothing);
    BOOST_TEST(!blocked.done());
    open.set_value();
    co_await blocked;
}

ORDO_TEST_CASE(dropping_the_future_lets_the_job_run) {
    ordo::thread_pool_executor single(1);
    std::atomic<bool> ran = false;
    auto run = [&] { ran = true; };
    static_cast<void>(get_running_loop().run_in_executor(single, run));
    auto nothing = [] {};
    co_await get_running_loop().run_in_executor(single, nothing);
    BOOST_TEST(ran);
}

// -- contexts

ordo::context_var<int> variable("variable", 0);

ORDO_TEST_CASE(to_thread_runs_in_a_copy_of_the_callers_context) {
    variable.set(7);
    auto read_and_set = [] {
        auto const seen = variable.get();
        variable.set(8);
        return seen;
    };
    auto f = ordo::to_thread(read_and_set);
    auto const seen = co_await std::move(f);
    BOOST_TEST(seen == 7);
    BOOST_TEST(variable.get() == 7);
}

ORDO_TEST_CASE(run_in_executor_does_not_pass_the_context_on) {
    variable.set(7);
    auto read = [] { return variable.get(); };
    auto f = get_running_loop().run_in_executor(read);
    auto const seen = co_await std::move(f);
    BOOST_TEST(seen == 0);
}

ORDO_TEST_CASE(to_thread_passes_arguments_on) {
    auto f = ordo::to_thread(add, 40, 2);
    auto const sum = co_await std::move(f);
    BOOST_TEST(sum == 42);
}

ORDO_TEST_CASE(to_thread_throws_what_the_function_throws) {
    auto fail = [] { throw std::out_of_range("too far"); };
    auto f = ordo::to_thread(fail);
    std::string text;
    try {
        co_await std::move(f);
    } catch (std::out_of_range const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "too far");
}

ORDO_TEST_CASE(to_thread_calls_each_of_ten_functions_once) {
    std::array<std::atomic<int>, 10> calls{};
    std::vector<ordo::future<void>> futures;
    auto const here = std::this_thread::get_id();
    for (auto& count : calls) {
        auto call = [&count, here] { count += std::this_thread::get_id() != here; };
        futures.push_back(ordo::to_thread(call));
    }
    for (auto const& f : futures) co_await f;
    BOOST_TEST(std::ranges::all_of(calls, [](auto const& count) { return count == 1; }));
}

BOOST_AUTO_TEST_CASE(to_thread_needs_a_running_loop) {
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(ordo::to_thread([] {})); }) ==
               "get_running_loop: no loop is running on this thread; call it from a callback or a task");
}

// -- cancelling

ORDO_TEST_CASE(a_job_that_has_not_begun_is_dropped_by_its_cancellation) {
    manual_executor later;
    bool ran = false;
    auto run = [&] { ran = true; };
    auto const f = get_running_loop().run_in_executor(later, run);
    BOOST_TEST(f.cancel());
    BOOST_TEST(f.cancelled());
    co_await ordo::sleep(0s);
    later.run_all();
    BOOST_TEST(!ran);
    co_await ordo::sleep(0s);
}

ORDO_TEST_CASE(the_cancellation_reaches_the_job_one_iteration_later) {
    manual_executor later;
    bool ran = false;
    auto run = [&] { ran = true; };
    auto const f = get_running_loop().run_in_executor(later, run);
    f.cancel();
    later.run_all();
    BOOST_TEST(ran);
    co_await ordo::sleep(0s);
}

ORDO_TEST_CASE(the_cancellation_reaches_the_job_before_who_awaits_it_goes_on) {
    manual_executor later;
    bool ran = false;
    bool cancelled = false;
    auto run = [&] { ran = true; };
    auto const f = get_running_loop().run_in_executor(later, run);
    get_running_loop().call_soon([&] { f.cancel(); });
    try {
        co_await f;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    later.run_all();
    BOOST_TEST(cancelled);
    BOOST_TEST(!ran);
    co_await ordo::sleep(0s);
}

ORDO_TEST_CASE(a_job_that_was_cancelled_in_time_is_nothing_that_the_loop_waits_for) {
    manual_executor never;
    counted::reset();
    auto hold = std::optional([held = std::make_shared<counted>(1)] {});
    auto const f = get_running_loop().run_in_executor(never, *hold);
    hold.reset();
    f.cancel();
    co_await ordo::sleep(1h); // virtual time passes only while nothing is outstanding
    BOOST_TEST(counted::alive() == 1);
    never.jobs.clear();
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(a_job_that_was_cancelled_in_time_goes_when_the_executor_has_let_go_of_it_first) {
    manual_executor later;
    counted::reset();
    auto hold = std::optional([held = std::make_shared<counted>(1)] {});
    auto const f = get_running_loop().run_in_executor(later, *hold);
    hold.reset();
    f.cancel();
    auto run_all = [&] { later.run_all(); };
    get_running_loop().call_soon(run_all); // after the job was cancelled, before it has come home
    co_await ordo::sleep(0s);
    BOOST_TEST(counted::alive() == 1);
    co_await ordo::sleep(0s);
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(a_job_that_has_begun_runs_on_and_its_result_is_dropped) {
    ordo::thread_pool_executor single(1);
    std::promise<void> begun;
    std::promise<void> may_end;
    std::atomic<bool> ended = false;
    auto run = [&] {
        begun.set_value();
        may_end.get_future().wait();
        ended = true;
        return counted(1);
    };
    counted::reset();
    auto const f = get_running_loop().run_in_executor(single, run);
    begun.get_future().wait();
    f.cancel();
    may_end.set_value();
    auto nothing = [] {};
    co_await get_running_loop().run_in_executor(single, nothing);
    BOOST_TEST(ended);
    BOOST_TEST(f.cancelled());
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(cancelling_a_task_that_waits_for_a_job_cancels_the_job) {
    manual_executor later;
    bool ran = false;
    auto wait = [&]() -> coro<> {
        auto run = [&] { ran = true; };
        auto f = get_running_loop().run_in_executor(later, run);
        co_await std::move(f);
    };
    auto const t = ordo::create_task(wait());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
    later.run_all();
    BOOST_TEST(!ran);
    co_await ordo::sleep(0s);
}

ORDO_TEST_CASE(a_job_that_its_executor_drops_is_cancelled) {
    manual_executor later;
    auto nothing = [] {};
    auto const f = get_running_loop().run_in_executor(later, nothing);
    later.jobs.clear();
    std::string message;
    try {
        co_await f;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "the executor dropped the job");
}

// -- where jobs run

ORDO_TEST_CASE(the_default_executor_can_be_replaced) {
    auto const later = std::make_shared<manual_executor>();
    get_running_loop().set_default_executor(later);
    auto const f = get_running_loop().run_in_executor(add, 40, 2);
    BOOST_REQUIRE(later->jobs.size() == 1u);
    later->run_all();
    auto const sum = co_await f;
    BOOST_TEST(sum == 42);
}

ORDO_TEST_CASE(an_asio_executor_serves_as_the_threads) {
    boost::asio::thread_pool pool(2);
    ordo::thread_pool_executor on_pool(boost::asio::any_io_executor(pool.get_executor()));
    auto in_pool = [&pool] { return pool.get_executor().running_in_this_thread(); };
    auto f = get_running_loop().run_in_executor(on_pool, in_pool);
    auto const inside = co_await std::move(f);
    BOOST_TEST(inside);
}

BOOST_AUTO_TEST_CASE(a_job_keeps_the_run_of_the_host_going) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    bool arrived = false;
    auto slow = [] { std::this_thread::sleep_for(20ms); };
    auto const f = loop.run_in_executor(slow);
    f.add_done_callback([&] { arrived = true; });
    host.run();
    BOOST_TEST(arrived);
}

BOOST_AUTO_TEST_SUITE_END()
