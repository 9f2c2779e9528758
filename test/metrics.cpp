// ordo: tests of what a loop counts and times of itself.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/metrics.hpp>

#include "virtual_loop.hpp"

#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using ordo::latency_histogram;

namespace {

void keep_busy(ordo::duration how_long) {
    auto const end = std::chrono::steady_clock::now() + how_long;
    while (std::chrono::steady_clock::now() < end) {}
}

/// How often something took at least as long.
std::uint64_t at_least(latency_histogram const& histogram, ordo::duration bound) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < latency_histogram::buckets; ++i)
        if (latency_histogram::upper_bound(i) > bound) count += histogram.count(i);
    return count;
}

std::size_t find(std::string const& text, std::string const& what) {
    auto const at = text.find(what);
    BOOST_TEST_INFO(text);
    BOOST_TEST((at != std::string::npos), "there is no " + what);
    return at;
}

/// What Prometheus would not take of a text: each family has one HELP and one TYPE, in front of all of its samples and of
/// nothing else, and no sample comes twice.
std::string faults_of(std::string const& text) {
    std::string faults;
    std::string family;
    std::set<std::string> seen;
    std::istringstream lines(text);
    auto const once = [&](std::string const& what) {
        if (!seen.insert(what).second) faults += "twice: " + what + '\n';
    };
    for (std::string line; std::getline(lines, line);) {
        std::smatch part;
        if (std::regex_match(line, part, std::regex("# HELP ([a-z_]+) .+"))) {
            once(line.substr(0, line.size() - 1));
            family = part[1];
        } else if (std::regex_match(line, part, std::regex("# TYPE ([a-z_]+) (counter|gauge|histogram)"))) {
            once("# TYPE " + part.str(1));
            if (part[1] != family) faults += "a type of another family: " + line + '\n';
        } else if (std::regex_match(
                       line, part,
                       std::regex(R"re(([a-z_]+?)(_bucket|_sum|_count)?(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? )re"
                                  R"re([0-9.e+-]+)re"))) {
            once(part.str(1) + part.str(2) + part.str(3));
            if (part[1] != family) faults += "a sample of another family: " + line + '\n';
        } else {
            faults += "no line of the format: " + line + '\n';
        }
    }
    return faults;
}

} // namespace

BOOST_AUTO_TEST_SUITE(latency_histograms)

BOOST_AUTO_TEST_CASE(have_buckets_that_double) {
    BOOST_CHECK(latency_histogram::upper_bound(0) == 1024ns);
    BOOST_CHECK(latency_histogram::upper_bound(1) == 2048ns);
    BOOST_CHECK(latency_histogram::upper_bound(latency_histogram::buckets - 1) == ordo::duration::max());
}

BOOST_AUTO_TEST_CASE(put_each_duration_below_its_bound) {
    latency_histogram histogram;
    for (auto const took : {-5ns, 0ns, 1023ns}) histogram.add(took);
    histogram.add(1024ns, 4);
    histogram.add(10h);
    BOOST_TEST(histogram.count(0) == 3u);
    BOOST_TEST(histogram.count(1) == 4u);
    BOOST_TEST(histogram.count(latency_histogram::buckets - 1) == 1u);
    BOOST_TEST(histogram.total() == 8u);
    BOOST_CHECK(histogram.sum() == 10h + 1023ns + 4 * 1024ns);
}

BOOST_AUTO_TEST_CASE(tell_a_quantile_to_within_a_bucket) {
    latency_histogram histogram;
    BOOST_CHECK(histogram.quantile(0.5) == 0ns);
    histogram.add(100ns, 98);
    histogram.add(1ms, 2);
    BOOST_CHECK(histogram.quantile(0.5) == 1024ns);
    BOOST_CHECK(histogram.quantile(0.98) == 1024ns);
    BOOST_CHECK(histogram.quantile(0.99) == 1024ns * 1024);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(metrics, virtual_loop)

BOOST_AUTO_TEST_CASE(of_a_new_loop_are_zero) {
    auto const seen = loop.metrics();
    BOOST_TEST(seen.iterations == 0u);
    BOOST_TEST(seen.callbacks == 0u);
    BOOST_TEST(seen.tasks == 0u);
    BOOST_TEST(seen.ready + seen.scheduled + seen.outstanding + seen.executor_queue == 0u);
    BOOST_TEST(seen.ready_lag.total() + seen.timer_lag.total() == 0u);
}

BOOST_AUTO_TEST_CASE(count_iterations_and_callbacks) {
    for (int i = 0; i < 200; ++i) loop.call_soon([] {});
    run_once();
    loop.call_soon([] {});
    run_once();
    auto const seen = loop.metrics();
    BOOST_TEST(seen.iterations == loop.iterations());
    BOOST_TEST(seen.iterations == 2u);
    BOOST_TEST(seen.callbacks == 201u);
    BOOST_TEST(seen.ready_lag.total() == 201u);
    BOOST_CHECK(seen.busy > 0ns);
}

BOOST_AUTO_TEST_CASE(count_what_is_queued) {
    loop.call_soon([] {});
    loop.call_soon([] {});
    loop.call_later(1h, [] {});
    auto const task = loop.create_task(ordo::sleep(1h));
    loop.attach();
    auto const seen = loop.metrics();
    BOOST_TEST(seen.ready == 3u);
    BOOST_TEST(seen.scheduled == 1u);
    BOOST_TEST(seen.tasks == 1u);
    BOOST_TEST(seen.tasks_created == 1u);
    BOOST_TEST(seen.outstanding == 1u);
    loop.detach();
    loop.run_until_done(task);
    BOOST_TEST(loop.metrics().tasks == 0u);
    BOOST_TEST(loop.metrics().tasks_created == 1u);
}

BOOST_AUTO_TEST_CASE(know_how_late_timers_ran) {
    loop.call_later(1ms, [this] { clock->advance(100ms); });
    loop.call_later(2ms, [] {});
    run_for(1s);
    auto const seen = loop.metrics();
    BOOST_TEST(seen.timer_lag.total() == 3u);
    BOOST_TEST(seen.timer_lag.count(0) == 2u);
    BOOST_TEST(at_least(seen.timer_lag, 99ms) == 1u);
}

BOOST_AUTO_TEST_CASE(leave_out_deadlines_that_only_say_at_once) {
    loop.call_later(std::chrono::hours::min(), [] {});
    loop.call_at(ordo::time_point::min(), [] {});
    run_for(1s);
    BOOST_TEST(loop.metrics().timer_lag.count(latency_histogram::buckets - 1) == 0u);
    BOOST_CHECK(loop.metrics().timer_lag.sum() == 0s);
}

BOOST_AUTO_TEST_CASE(add_up_more_than_a_duration_can_hold) {
    latency_histogram histogram;
    for (int i = 0; i < 4; ++i) histogram.add(ordo::duration::max());
    BOOST_CHECK(histogram.sum() > 3 * std::chrono::duration<double>(ordo::duration::max()));
}

BOOST_AUTO_TEST_CASE(count_the_time_between_waking_the_loop_and_its_turn) {
    boost::asio::io_context host;
    ordo::event_loop on_host(host);
    boost::asio::post(host, [] { keep_busy(200ms); });
    on_host.call_soon([] {});
    host.run();
    BOOST_TEST(at_least(on_host.metrics().ready_lag, 100ms) == 1u);
}

BOOST_AUTO_TEST_CASE(know_the_longest_callback_in_a_long_batch) {
    for (int i = 0; i < 100; ++i) loop.call_soon([] {});
    loop.call_soon([] { keep_busy(5ms); });
    for (int i = 0; i < 100; ++i) loop.call_soon([] {});
    run_once();
    BOOST_CHECK(loop.metrics().longest_callback >= 5ms);
}

BOOST_AUTO_TEST_CASE(do_not_add_slow_callbacks_up) {
    for (int i = 0; i < 1000; ++i) loop.call_soon([] { keep_busy(100us); });
    run_once();
    auto const seen = loop.metrics();
    BOOST_CHECK(seen.longest_callback >= 100us);
    BOOST_CHECK(seen.longest_callback <= seen.busy - 90ms); // the first 64 are timed together, however long they take
}

BOOST_AUTO_TEST_CASE(know_how_long_callbacks_were_ready) {
    loop.call_soon([] { keep_busy(5ms); });
    loop.call_soon([] {});
    run_once();
    BOOST_TEST(at_least(loop.metrics().ready_lag, 5ms) == 2u);
}

BOOST_AUTO_TEST_CASE(count_the_time_for_which_the_host_keeps_the_loop_waiting) {
    boost::asio::io_context host;
    ordo::event_loop on_host(host, {.max_iterations = 1});
    on_host.call_soon([&] {
        on_host.call_soon([] {});
        boost::asio::post(host, [] { keep_busy(5ms); });
    });
    host.run();
    BOOST_TEST(at_least(on_host.metrics().ready_lag, 5ms) >= 1u);
}

BOOST_AUTO_TEST_CASE(count_jobs_that_wait_for_a_thread) {
    loop.set_default_executor(std::make_shared<ordo::thread_pool_executor>(1));
    std::promise<void> begun;
    std::promise<void> may_end;
    auto const blocking = loop.run_in_executor([&] {
        begun.set_value();
        may_end.get_future().wait();
    });
    auto const waiting = loop.run_in_executor([] {});
    begun.get_future().wait();
    BOOST_TEST(loop.metrics().executor_queue == 1u);
    BOOST_TEST(loop.metrics().outstanding == 2u);
    may_end.set_value();
    loop.run_until_done(waiting);
    BOOST_TEST(loop.metrics().executor_queue == 0u);
}

BOOST_AUTO_TEST_CASE(are_text_for_prometheus) {
    loop.call_soon([] {});
    run_once();
    auto const text = ordo::to_prometheus(loop.metrics(), R"(loop="main")");
    find(text, "# HELP ordo_loop_callbacks_total Callbacks and steps of tasks that have run.\n"
               "# TYPE ordo_loop_callbacks_total counter\n"
               "ordo_loop_callbacks_total{loop=\"main\"} 1\n");
    find(text, "# TYPE ordo_loop_ready_lag_seconds histogram\n"
               "ordo_loop_ready_lag_seconds_bucket{loop=\"main\",le=\"1.024e-06\"} ");
    find(text, "ordo_loop_ready_lag_seconds_bucket{loop=\"main\",le=\"+Inf\"} 1\n");
    find(text, "ordo_loop_ready_lag_seconds_count{loop=\"main\"} 1\n");
}

BOOST_AUTO_TEST_CASE(are_text_without_labels_too) {
    auto const text = ordo::to_prometheus(loop.metrics());
    find(text, "\nordo_loop_tasks 0\n");
    find(text, "\nordo_loop_timer_lag_seconds_bucket{le=\"+Inf\"} 0\n");
    BOOST_TEST(faults_of(text) == "");
}

BOOST_AUTO_TEST_CASE(of_several_loops_are_one_text) {
    ordo::event_loop other;
    other.call_soon([] {});
    auto const apart =
        ordo::to_prometheus(loop.metrics(), R"(loop="a")") + ordo::to_prometheus(other.metrics(), R"(loop="b")");
    BOOST_TEST(faults_of(apart) != "");
    std::vector<ordo::labelled_metrics> const both{{R"(loop="a")", loop.metrics()}, {R"(loop="b")", other.metrics()}};
    auto const text = ordo::to_prometheus(both);
    BOOST_TEST(faults_of(text) == "");
    find(text, "\nordo_loop_ready_callbacks{loop=\"a\"} 0\nordo_loop_ready_callbacks{loop=\"b\"} 1\n");
    find(text, "ordo_loop_ready_lag_seconds_count{loop=\"a\"} 0\nordo_loop_ready_lag_seconds_bucket{loop=\"b\",");
}

BOOST_AUTO_TEST_SUITE_END()
