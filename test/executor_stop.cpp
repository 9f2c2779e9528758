// ordo: tests of jobs that can be asked to stop, of those that would not, and of results that come too late.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/executor.hpp>

#include <ordo/runner.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "open_descriptors.hpp"
#include "virtual_loop.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <regex>
#include <source_location>
#include <spdlog/sinks/base_sink.h>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::get_running_loop;

namespace {

struct manual_executor final : ordo::executor {
    std::vector<job> jobs;

    void submit(job work) override { jobs.push_back(std::move(work)); }
    void shutdown(bool) override {}
};

/// Runs until it is asked to stop.
void run_until_stopped(std::stop_token const& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
}

/// A job that ends when the test says so.
class stubborn {
public:
    void operator()() const {
        begun_->set_value();
        end_.wait();
    }
    void wait_until_begun() { begun_->get_future().wait(); }
    void let_end() { may_end_->set_value(); }

private:
    std::shared_ptr<std::promise<void>> begun_ = std::make_shared<std::promise<void>>();
    std::shared_ptr<std::promise<void>> may_end_ = std::make_shared<std::promise<void>>();
    std::shared_future<void> end_ = may_end_->get_future();
};

/// Calls a function at the first line that is logged, and keeps the text.
class first_line final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit first_line(std::function<void()> then) : then_(std::move(then)) {}
    std::string text;

private:
    void sink_it_(spdlog::details::log_msg const& line) override {
        text.append(line.payload.data(), line.payload.size());
        if (then_) std::exchange(then_, nullptr)();
    }
    void flush_() override {}

    std::function<void()> then_;
};

/// How a report names the place so many lines below.
std::string below(std::source_location const& at, unsigned lines) {
    return std::string(at.file_name()) + ":" + std::to_string(at.line() + lines) + " (" + at.function_name() + ")";
}

/// The text with its durations, which depend on the machine, written as N.
std::string without_durations(std::string const& text) {
    return std::regex_replace(text, std::regex("running for [0-9]+\\.[0-9]{3} s"), "running for N s");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(executor_stop, no_descriptors_left)

// -- tokens

ORDO_TEST_CASE(cancelling_the_future_of_a_job_that_runs_asks_it_to_stop) {
    ordo::thread_pool_executor single(1);
    std::promise<void> begun;
    std::atomic<bool> stopped = false;
    auto run = [&](std::stop_token stop) {
        begun.set_value();
        run_until_stopped(stop);
        stopped = true;
    };
    auto const f = get_running_loop().run_in_executor(single, run);
    begun.get_future().wait();
    BOOST_TEST(f.cancel());
    auto nothing = [] {};
    co_await get_running_loop().run_in_executor(single, nothing);
    BOOST_TEST(stopped);
    BOOST_TEST(f.cancelled());
}

ORDO_TEST_CASE(a_job_is_asked_in_the_iteration_after_the_cancellation) {
    ordo::thread_pool_executor single(1);
    std::promise<std::stop_token> given;
    auto run = [&](std::stop_token stop) {
        given.set_value(stop);
        run_until_stopped(stop);
    };
    auto const f = get_running_loop().run_in_executor(single, run);
    auto const token = given.get_future().get();
    f.cancel();
    BOOST_TEST(!token.stop_requested());
    co_await ordo::sleep(0s);
    BOOST_TEST(token.stop_requested());
}

ORDO_TEST_CASE(the_token_comes_before_the_arguments) {
    auto add = [](std::stop_token stop, int a, std::unique_ptr<int> b) { return stop.stop_possible() ? a + *b : 0; };
    auto b = std::make_unique<int>(2);
    auto f = get_running_loop().run_in_executor(add, 40, std::move(b));
    auto const sum = co_await std::move(f);
    BOOST_TEST(sum == 42);
}

ORDO_TEST_CASE(a_job_that_can_do_without_a_token_gets_none) {
    auto count = [](auto... args) { return sizeof...(args); };
    auto f = get_running_loop().run_in_executor(count, 1, 2);
    auto const given = co_await std::move(f);
    BOOST_TEST(given == 2u);
}

ORDO_TEST_CASE(to_thread_passes_the_token_on) {
    std::promise<void> begun, ended;
    auto run = [&](std::stop_token stop) {
        begun.set_value();
        run_until_stopped(stop);
        ended.set_value();
    };
    auto const f = ordo::to_thread(run);
    begun.get_future().wait();
    f.cancel();
    co_await ordo::sleep(0s);
    ended.get_future().wait();
    BOOST_TEST(f.cancelled());
}

ORDO_TEST_CASE(a_job_knows_where_it_was_submitted) {
    auto nothing = [] {};
    auto const here = std::source_location::current();
    auto const f = get_running_loop().run_in_executor(nothing);
    BOOST_TEST(f.created_at().line() == here.line() + 1);
    auto const g = ordo::to_thread(nothing);
    BOOST_TEST(g.created_at().line() == here.line() + 3);
    co_await f;
    co_await g;
}

ORDO_TEST_CASE(a_result_whose_move_throws_becomes_the_error_of_the_future) {
    struct unwilling {
        unwilling() = default;
        unwilling(unwilling&&) { throw std::length_error("not moved"); }
    };
    auto make = []() -> unwilling { return {}; };
    auto f = get_running_loop().run_in_executor(make);
    std::string text;
    try {
        co_await std::move(f);
    } catch (std::length_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "not moved");
}

BOOST_AUTO_TEST_CASE(a_callable_whose_move_throws_leaves_nothing_behind) {
    struct unwilling {
        int moves_left;
        explicit unwilling(int moves) : moves_left(moves) {}
        unwilling(unwilling&& other) : moves_left(other.moves_left - 1) {
            if (moves_left < 0) throw std::length_error("not moved");
        }
        void operator()() const {}
    };
    ordo::event_loop loop;
    manual_executor later;
    int refused = 0;
    for (int moves = 0; later.jobs.empty(); ++moves) {
        try {
            static_cast<void>(loop.run_in_executor(later, unwilling(moves)));
        } catch (std::length_error const&) {
            ++refused;
        }
    }
    BOOST_TEST(refused > 1);
    loop.close();
    later.jobs.clear();
    BOOST_TEST(loop.dropped_results() == 0u);
}

// -- shutting the default executor down

ORDO_TEST_CASE(shutting_the_default_executor_down_asks_its_jobs_to_stop) {
    auto run = [](std::stop_token stop) { run_until_stopped(stop); };
    auto const f = get_running_loop().run_in_executor(run);
    auto const queued_too = ordo::to_thread(run);
    co_await get_running_loop().shutdown_default_executor();
    co_await f;
    co_await queued_too;
    BOOST_TEST(!f.cancelled());
}

ORDO_TEST_CASE(jobs_of_other_executors_are_not_asked) {
    ordo::thread_pool_executor own(1);
    std::promise<std::stop_token> given;
    auto run = [&](std::stop_token stop) {
        given.set_value(stop);
        run_until_stopped(stop);
    };
    auto nothing = [] {};
    co_await get_running_loop().run_in_executor(nothing);
    auto const f = get_running_loop().run_in_executor(own, run);
    auto const token = given.get_future().get();
    co_await get_running_loop().shutdown_default_executor();
    BOOST_TEST(!token.stop_requested());
    f.cancel();
    co_await ordo::sleep(0s);
}

BOOST_AUTO_TEST_CASE(a_shutdown_in_time_says_nothing) {
    captured_log const log;
    ordo::event_loop loop;
    static_cast<void>(loop.run_in_executor([](std::stop_token stop) { run_until_stopped(stop); }));
    loop.run_until_complete(loop.shutdown_default_executor(60s));
    BOOST_TEST(log.text() == "");
}

BOOST_AUTO_TEST_CASE(jobs_that_would_not_stop_are_named_and_left_behind) {
    captured_log const log;
    stubborn job;
    auto const here = std::source_location::current();
    {
        ordo::event_loop loop;
        static_cast<void>(loop.run_in_executor(job));
        job.wait_until_begun();
        loop.run_until_complete(loop.shutdown_default_executor(0.02s));
        loop.run_until_complete(loop.shutdown_default_executor(60s)); // nothing is left to wait for
    }
    job.let_end();
    BOOST_TEST(without_durations(log.text()) ==
               "warning: event_loop::shutdown_default_executor: jobs did not stop within 0.020 s and are left behind: "
               "submitted at " +
                   below(here, 3) + ", running for N s; let long jobs take a std::stop_token and look at it\n");
}

BOOST_AUTO_TEST_CASE(jobs_that_have_not_begun_are_counted) {
    captured_log const log;
    {
        ordo::event_loop loop;
        struct never_done final : ordo::executor {
            std::vector<job> jobs;
            std::promise<void> end;
            std::shared_future<void> ended = end.get_future();
            void submit(job work) override { jobs.push_back(std::move(work)); }
            void shutdown(bool wait) override {
                if (wait) ended.wait();
            }
        };
        auto const pool = std::make_shared<never_done>();
        loop.set_default_executor(pool);
        for (int i = 0; i < 2; ++i) static_cast<void>(loop.run_in_executor([] {}));
        loop.run_until_complete(loop.shutdown_default_executor(0s));
        pool->end.set_value();
    }
    BOOST_TEST(log.text() == "warning: event_loop::shutdown_default_executor: jobs did not stop within 0.000 s and are "
                             "left behind: 2 not begun; let long jobs take a std::stop_token and look at it\n");
}

BOOST_AUTO_TEST_CASE(the_loop_goes_on_until_the_timeout) {
    captured_log const log;
    stubborn job;
    int ticks = 0;
    {
        ordo::event_loop loop;
        static_cast<void>(loop.run_in_executor(job));
        job.wait_until_begun();
        std::function<void()> const tick = [&] {
            if (++ticks < 5) loop.call_later(1ms, std::cref(tick));
        };
        tick();
        loop.run_until_complete(loop.shutdown_default_executor(50ms));
    }
    job.let_end();
    BOOST_TEST(ticks == 5);
}

BOOST_AUTO_TEST_CASE(a_shutdown_that_is_cancelled_does_not_wait) {
    stubborn job;
    {
        ordo::event_loop loop;
        static_cast<void>(loop.run_in_executor(job));
        job.wait_until_begun();
        auto const t = loop.create_task(loop.shutdown_default_executor());
        loop.call_later(1ms, [&] { t.cancel(); });
        loop.run_until_done(t);
        BOOST_TEST(t.cancelled());
    }
    job.let_end();
}

// -- a loop that is destroyed before its jobs are done

BOOST_AUTO_TEST_CASE(a_loop_that_is_destroyed_asks_its_jobs_to_stop) {
    std::atomic<bool> ended = false;
    {
        ordo::event_loop loop;
        static_cast<void>(loop.run_in_executor([&](std::stop_token stop) {
            run_until_stopped(stop);
            ended = true;
        }));
    }
    BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(a_loop_whose_end_waits_for_a_job_says_so_after_a_second) {
    stubborn job;
    auto const sink = std::make_shared<first_line>([&] { job.let_end(); });
    auto const previous = ordo::logger();
    ordo::set_logger(std::make_shared<spdlog::logger>("captured", sink));
    auto const here = std::source_location::current();
    {
        ordo::event_loop loop;
        static_cast<void>(loop.run_in_executor(job));
        job.wait_until_begun();
    } // would wait for ever if nothing were logged
    ordo::set_logger(previous);
    BOOST_TEST(without_durations(sink->text) ==
               "event_loop: its end waits for jobs of the default executor: submitted at " + below(here, 3) +
                   ", running for N s; let long jobs take a std::stop_token and look at it, or end with "
                   "shutdown_default_executor(timeout)");
}

// -- late results

BOOST_AUTO_TEST_CASE(results_that_arrive_after_close_are_counted) {
    stubborn job;
    ordo::thread_pool_executor pool(1);
    ordo::event_loop loop;
    auto const f = loop.run_in_executor(pool, job);
    job.wait_until_begun();
    loop.close();
    BOOST_TEST(loop.dropped_results() == 0u);
    job.let_end();
    pool.shutdown(true);
    BOOST_TEST(loop.dropped_results() == 1u);
    BOOST_TEST(!f.done());
}

BOOST_AUTO_TEST_CASE(results_that_wait_in_the_loop_when_it_is_closed_are_counted) {
    ordo::thread_pool_executor pool(1);
    ordo::event_loop loop;
    for (int i = 0; i < 3; ++i) static_cast<void>(loop.run_in_executor(pool, [] {}));
    pool.shutdown(true);
    loop.close();
    BOOST_TEST(loop.dropped_results() == 3u);
}

BOOST_AUTO_TEST_CASE(a_job_that_was_never_run_gives_no_result_to_drop) {
    manual_executor later;
    ordo::event_loop loop;
    static_cast<void>(loop.run_in_executor(later, [] {}));
    loop.close();
    later.jobs.clear();
    BOOST_TEST(loop.dropped_results() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
