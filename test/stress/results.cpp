// ordo: results on their way between threads and loops, which end meanwhile. Run it under ThreadSanitizer.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/concurrent_future.hpp>

#include <ordo/coro.hpp>
#include <ordo/executor.hpp>
#include <ordo/log.hpp>
#include <ordo/run_coroutine_threadsafe.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/wrap_future.hpp>

#include "crowd.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <spdlog/spdlog.h>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(results_between_threads)

BOOST_AUTO_TEST_CASE(reach_every_thread_that_waits_for_its_coroutine) {
    ordo::event_loop loop;
    std::atomic<int> sum{0}, busy{threads};
    auto const echo = [](int n) -> ordo::coro<int> {
        if (n % 3 == 0) co_await ordo::sleep(0s);
        co_return n;
    };
    {
        crowd const asking([&](int) {
            for (int i = 0; i < 500; ++i) sum += ordo::run_coroutine_threadsafe(echo(i), loop).get();
            if (--busy == 0) loop.call_soon_threadsafe([&] { loop.stop(); });
        });
        loop.run_forever();
    }
    BOOST_TEST(sum == threads * 500 * 499 / 2);
}

BOOST_AUTO_TEST_CASE(are_cancelled_while_they_arrive) {
    ordo::event_loop loop;
    std::atomic<int> cancelled{0}, finished{0}, busy{threads};
    auto const nap = []() -> ordo::coro<> { co_await ordo::sleep(0s); };
    {
        crowd const asking([&](int t) {
            for (int i = 0; i < 500; ++i) {
                auto const f = ordo::run_coroutine_threadsafe(nap(), loop);
                for (int spin = 0; spin < i % 7 * t; ++spin) std::this_thread::yield();
                f.cancel();
                f.wait();
                ++(f.cancelled() ? cancelled : finished);
            }
            if (--busy == 0) loop.call_soon_threadsafe([&] { loop.stop(); });
        });
        loop.run_forever();
    }
    BOOST_TEST(cancelled + finished == threads * 500);
    loop.close();
}

BOOST_AUTO_TEST_CASE(release_every_thread_that_waits_when_the_loop_is_closed) {
    ordo::set_logger(std::make_shared<spdlog::logger>("silent")); // tasks are destroyed while they are pending
    for (int i = 0; i < 50; ++i) {
        std::optional<ordo::event_loop> loop(std::in_place);
        std::atomic<int> asked{0}, released{0};
        auto const wait = []() -> ordo::coro<> { co_await ordo::sleep(1h); };
        std::vector<ordo::concurrent_future<>> futures;
        for (int t = 0; t < threads; ++t) futures.push_back(ordo::run_coroutine_threadsafe(wait(), *loop));
        {
            crowd const waiting([&](int t) {
                auto const f = futures[static_cast<std::size_t>(t)];
                ++asked;
                if (t == 0) f.cancel();
                f.wait();
                ++released;
            });
            while (asked < threads) std::this_thread::yield();
            for (int step = 0; step < i % 4; ++step) {
                loop->stop();
                loop->run_forever();
            }
            loop.reset();
        }
        BOOST_TEST(released == threads);
    }
    ordo::set_logger(nullptr);
}

BOOST_AUTO_TEST_CASE(are_awaited_in_one_loop_from_another) {
    ordo::event_loop one, other;
    std::thread running([&] { other.run_forever(); });
    auto const echo = [](int n) -> ordo::coro<int> { co_return n; };
    auto const main = [&]() -> ordo::coro<int> {
        int sum = 0;
        for (int i = 0; i < 500; ++i) {
            auto f = ordo::wrap_future(ordo::run_coroutine_threadsafe(echo(i), other));
            if (i % 5 == 0) f.cancel();
            else sum += co_await std::move(f);
        }
        co_return sum;
    };
    BOOST_TEST(one.run_until_complete(main()) == 500 * 499 / 2 - 5 * 100 * 99 / 2);
    other.call_soon_threadsafe([&] { other.stop(); });
    running.join();
}

BOOST_AUTO_TEST_CASE(are_counted_when_they_come_after_the_loop_is_closed) {
    ordo::thread_pool_executor pool(threads);
    for (int i = 0; i < 100; ++i) {
        ordo::event_loop loop;
        std::atomic<bool> go{false};
        std::atomic<int> ended{0};
        for (int t = 0; t < threads; ++t)
            static_cast<void>(loop.run_in_executor(pool, [&] {
                while (!go) std::this_thread::yield();
                ++ended;
            }));
        std::thread late([&] { go = true; });
        if (i % 2 == 0) late.join();
        loop.close();
        if (late.joinable()) late.join();
        while (loop.dropped_results() < threads) std::this_thread::yield();
        BOOST_TEST(loop.dropped_results() == std::uint64_t(threads));
        BOOST_TEST(ended == threads);
    }
}

BOOST_AUTO_TEST_CASE(of_jobs_that_are_asked_to_stop_all_arrive) {
    ordo::thread_pool_executor pool(threads);
    ordo::event_loop loop;
    std::atomic<int> begun{0}, ended{0};
    auto const main = [&]() -> ordo::coro<> {
        for (int i = 0; i < 300; ++i) {
            auto const job = [&](std::stop_token stop) {
                ++begun;
                while (!stop.stop_requested()) std::this_thread::yield();
                ++ended;
            };
            auto const f = loop.run_in_executor(pool, job);
            for (int step = 0; step < i % 4; ++step) co_await ordo::sleep(0s);
            while (i % 4 == 3 && begun == ended) co_await ordo::sleep(0s);
            f.cancel();
        }
    };
    loop.run_until_complete(main());
    loop.stop();
    loop.run_forever();
    pool.shutdown(true);
    BOOST_TEST(begun > 0);
    BOOST_TEST(ended == begun);
}

BOOST_AUTO_TEST_SUITE_END()
