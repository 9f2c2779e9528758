// ordo: tests of executors that end: shutting them down, and jobs that outlive their loop.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/executor.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::get_running_loop;

namespace {

/// A job that waits until the test lets it end.
class gate {
public:
    void pass() {
        reached_.set_value();
        open_.get_future().wait();
    }
    void wait_until_reached() { reached_.get_future().wait(); }
    void open() { open_.set_value(); }

private:
    std::promise<void> reached_;
    std::promise<void> open_;
};

struct manual_executor final : ordo::executor {
    std::vector<job> jobs;

    void submit(job work) override { jobs.push_back(std::move(work)); }
    void shutdown(bool) override {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(executor_shutdown, no_descriptors_left)

// -- a thread_pool_executor

BOOST_AUTO_TEST_CASE(a_pool_without_threads_is_refused) {
    BOOST_TEST(error_text<ordo::usage_error>([] { ordo::thread_pool_executor none(0); }) ==
               "thread_pool_executor: 0 threads run nothing; give at least 1");
}

BOOST_AUTO_TEST_CASE(a_pool_that_was_shut_down_refuses_jobs) {
    ordo::event_loop loop;
    ordo::thread_pool_executor pool(1);
    pool.shutdown(true);
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(loop.run_in_executor(pool, [] {})); }) ==
               "thread_pool_executor::submit: it was shut down; submit to one that is not");
}

BOOST_AUTO_TEST_CASE(a_refused_job_leaves_nothing_behind) {
    auto const held = std::make_shared<int>(1);
    ordo::event_loop loop;
    ordo::thread_pool_executor pool(1);
    pool.shutdown(false);
    auto const job = [held] {};
    BOOST_CHECK_THROW(static_cast<void>(loop.run_in_executor(pool, job)), ordo::usage_error);
    loop.stop();
    loop.run_forever();
    BOOST_TEST(held.use_count() == 2); // here and in `job`
}

BOOST_AUTO_TEST_CASE(shutting_a_pool_down_waits_for_the_jobs_that_it_accepted) {
    ordo::event_loop loop;
    ordo::thread_pool_executor pool(2);
    std::atomic<int> ran = 0;
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(loop.run_in_executor(pool, [&] {
            std::this_thread::sleep_for(1ms);
            ++ran;
        }));
    }
    pool.shutdown(true);
    BOOST_TEST(ran == 10);
}

BOOST_AUTO_TEST_CASE(destroying_a_pool_waits_for_the_jobs_that_it_accepted) {
    ordo::event_loop loop;
    std::atomic<int> ran = 0;
    {
        ordo::thread_pool_executor pool(2);
        for (int i = 0; i < 10; ++i) static_cast<void>(loop.run_in_executor(pool, [&] { ++ran; }));
    }
    BOOST_TEST(ran == 10);
}

BOOST_AUTO_TEST_CASE(jobs_left_in_a_foreign_context_are_dropped_with_it) {
    ordo::event_loop loop;
    std::optional<boost::asio::io_context> context(std::in_place);
    ordo::thread_pool_executor pool(boost::asio::any_io_executor(context->get_executor()));
    auto const f = loop.run_in_executor(pool, [] {});
    context.reset(); // never run
    pool.shutdown(true);
    BOOST_TEST(cancel_message([&] { loop.run_until_complete(f); }) == "the executor dropped the job");
}

// -- the default executor

ORDO_TEST_CASE(shutting_the_default_executor_down_waits_for_its_jobs) {
    std::atomic<bool> ended = false;
    auto slow = [&] {
        std::this_thread::sleep_for(20ms);
        ended = true;
    };
    auto const f = get_running_loop().run_in_executor(slow);
    co_await get_running_loop().shutdown_default_executor();
    BOOST_TEST(ended);
    co_await f;
}

ORDO_TEST_CASE(the_loop_goes_on_while_the_default_executor_is_shut_down) {
    gate closed;
    auto slow = [&] { closed.pass(); };
    auto const f = get_running_loop().run_in_executor(slow);
    get_running_loop().call_soon([&] { closed.open(); });
    co_await get_running_loop().shutdown_default_executor();
    co_await f;
    BOOST_TEST(f.done());
}

ORDO_TEST_CASE(the_default_executor_refuses_jobs_once_it_was_shut_down) {
    co_await get_running_loop().shutdown_default_executor();
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(get_running_loop().run_in_executor([] {})); }) ==
               "event_loop::run_in_executor: the default executor was shut down; use one of your own");
}

ORDO_TEST_CASE(shutting_the_default_executor_down_twice_is_allowed) {
    auto nothing = [] {};
    co_await get_running_loop().run_in_executor(nothing);
    co_await get_running_loop().shutdown_default_executor();
    co_await get_running_loop().shutdown_default_executor();
    BOOST_CHECK_THROW(static_cast<void>(get_running_loop().run_in_executor(nothing)), ordo::usage_error);
}

ORDO_TEST_CASE(a_shut_down_default_executor_leaves_others_alone) {
    co_await get_running_loop().shutdown_default_executor();
    ordo::thread_pool_executor own(1);
    auto answer = [] { return 42; };
    auto f = get_running_loop().run_in_executor(own, answer);
    auto const value = co_await std::move(f);
    BOOST_TEST(value == 42);
}

BOOST_AUTO_TEST_CASE(a_default_executor_that_is_null_is_refused) {
    ordo::event_loop loop;
    BOOST_TEST(error_text<ordo::usage_error>([&] { loop.set_default_executor(nullptr); }) ==
               "event_loop::set_default_executor: the executor is null; pass a real one");
}

BOOST_AUTO_TEST_CASE(a_closed_loop_starts_no_jobs) {
    ordo::event_loop loop;
    ordo::thread_pool_executor pool(1);
    loop.close();
    auto const* text = "event_loop::run_in_executor: the loop is closed; schedule on an open one";
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(loop.run_in_executor([] {})); }) == text);
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(loop.run_in_executor(pool, [] {})); }) ==
               text);
}

// -- jobs that outlive their loop

BOOST_AUTO_TEST_CASE(a_job_that_ends_after_its_loop_is_closed_is_dropped) {
    gate closed;
    auto const held = std::make_shared<int>(1);
    ordo::thread_pool_executor pool(1);
    bool called = false;
    {
        ordo::event_loop loop;
        auto const job = [&closed, held] { closed.pass(); };
        auto const f = loop.run_in_executor(pool, job);
        f.add_done_callback([&] { called = true; });
        closed.wait_until_reached();
        loop.close();
        BOOST_TEST(!f.done());
        closed.open();
        pool.shutdown(true);
    }
    BOOST_TEST(!called);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_job_that_was_cancelled_and_ends_after_its_loop_is_closed_calls_nothing_back) {
    gate closed;
    ordo::thread_pool_executor pool(1);
    int called = 0;
    ordo::event_loop loop;
    auto const job = [&closed] { closed.pass(); };
    auto const f = loop.run_in_executor(pool, job);
    f.add_done_callback([&] { ++called; });
    closed.wait_until_reached();
    BOOST_TEST(f.cancel());
    loop.stop();
    loop.run_forever();
    BOOST_TEST(called == 1);
    loop.close();
    closed.open();
    pool.shutdown(true);
    BOOST_TEST(f.cancelled());
    BOOST_TEST(called == 1);
}

BOOST_AUTO_TEST_CASE(a_job_that_ends_after_its_loop_is_destroyed_is_dropped) {
    gate closed;
    auto const held = std::make_shared<int>(1);
    ordo::thread_pool_executor pool(1);
    ordo::future<std::shared_ptr<int>> f;
    {
        ordo::event_loop loop;
        auto const job = [&closed, held] {
            closed.pass();
            return held;
        };
        f = loop.run_in_executor(pool, job);
        closed.wait_until_reached();
    }
    closed.open();
    pool.shutdown(true);
    BOOST_TEST(!f.done());
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_job_that_begins_after_its_loop_is_destroyed_still_runs) {
    manual_executor later;
    bool ran = false;
    {
        ordo::event_loop loop;
        static_cast<void>(loop.run_in_executor(later, [&] { ran = true; }));
    }
    for (auto& work : later.jobs) work();
    BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(a_job_that_is_dropped_after_its_loop_is_destroyed_does_no_harm) {
    auto const held = std::make_shared<int>(1);
    manual_executor later;
    {
        ordo::event_loop loop;
        auto const job = [held] {};
        static_cast<void>(loop.run_in_executor(later, job));
    }
    later.jobs.clear();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(jobs_may_end_at_the_very_moment_at_which_their_loop_is_closed) {
    ordo::thread_pool_executor pool(4);
    std::atomic<int> ran = 0;
    for (int round = 0; round < 200; ++round) {
        ordo::event_loop loop;
        for (int i = 0; i < 8; ++i) static_cast<void>(loop.run_in_executor(pool, [&] { ++ran; }));
        if (round % 2 != 0) {
            loop.stop();
            loop.run_forever();
        }
    }
    pool.shutdown(true);
    BOOST_TEST(ran == 1600);
}

BOOST_AUTO_TEST_SUITE_END()
