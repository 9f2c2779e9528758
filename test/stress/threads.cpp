// ordo: threads against a loop: entries, wake-ups and cancellations from all sides. Run it under ThreadSanitizer.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include "crowd.hpp"

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr int each = 5000;

/// Stops a loop after so many calls on the loop's thread.
struct countdown {
    ordo::event_loop& loop;
    int left;
    void operator()() {
        if (--left == 0) loop.stop();
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(many_threads)

BOOST_AUTO_TEST_CASE(lose_no_callback_and_keep_the_order_of_each) {
    ordo::event_loop loop;
    countdown done{loop, threads * each};
    std::vector<int> next(threads);
    int out_of_order = 0;
    {
        crowd const pushing([&](int t) {
            for (int i = 0; i < each; ++i)
                loop.call_soon_threadsafe([&, t, i] {
                    out_of_order += next[static_cast<std::size_t>(t)]++ != i;
                    done();
                });
        });
        loop.run_forever();
    }
    BOOST_TEST(out_of_order == 0);
    BOOST_TEST(done.left == 0);
}

BOOST_AUTO_TEST_CASE(are_causal_with_each_other_and_the_loop) {
    // A baton goes round: each holder queues its callback before it passes the baton on.
    ordo::event_loop loop;
    constexpr int rounds = 2000;
    std::atomic<int> baton{0};
    int next = 0, out_of_order = 0;
    {
        crowd const runners([&](int t) {
            for (int n = t; n < rounds; n += threads) {
                while (baton.load(std::memory_order_acquire) != n) std::this_thread::yield();
                loop.call_soon_threadsafe([&, n] {
                    out_of_order += next++ != n;
                    if (n == rounds - 1) loop.stop();
                });
                baton.store(n + 1, std::memory_order_release);
            }
        });
        loop.run_forever();
    }
    BOOST_TEST(out_of_order == 0);
    BOOST_TEST(next == rounds);
}

BOOST_AUTO_TEST_CASE(are_causal_with_what_the_loops_thread_queues_itself) {
    ordo::event_loop loop;
    constexpr int rounds = 2000;
    std::atomic<int> turn{0}; // even: the other thread's, odd: the loop's
    std::vector<int> order;
    std::thread other([&] {
        for (int n = 0; n < rounds; n += 2) {
            while (turn.load(std::memory_order_acquire) != n) std::this_thread::yield();
            loop.call_soon_threadsafe([&, n] { order.push_back(n); });
            turn.store(n + 1, std::memory_order_release);
        }
    });
    std::function<void()> const watch = [&] {
        auto const n = turn.load(std::memory_order_acquire);
        if (n % 2 == 1) {
            loop.call_soon([&, n] { order.push_back(n); });
            turn.store(n + 1, std::memory_order_release);
        }
        if (n < rounds) loop.call_soon(std::cref(watch));
        else loop.call_soon([&] { loop.stop(); });
    };
    loop.call_soon(std::cref(watch));
    loop.run_forever();
    other.join();
    BOOST_REQUIRE(order.size() == std::size_t(rounds));
    BOOST_TEST(std::is_sorted(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(wake_a_loop_that_is_just_falling_asleep) {
    // One entry at a time, each answered before the next: the loop falls asleep in between every time.
    ordo::event_loop loop;
    std::atomic<int> answered{0};
    std::thread other([&] {
        for (int n = 0; n < each; ++n) {
            loop.call_soon_threadsafe([&] { answered.fetch_add(1, std::memory_order_release); });
            while (answered.load(std::memory_order_acquire) <= n) std::this_thread::yield();
        }
        loop.call_soon_threadsafe([&] { loop.stop(); });
    });
    loop.run_forever();
    other.join();
    BOOST_TEST(answered == each);
}

BOOST_AUTO_TEST_CASE(wake_a_loop_that_waits_for_timers) {
    ordo::event_loop loop;
    countdown done{loop, threads * 500};
    bool overslept = false;
    loop.call_later(60s, [&] {
        overslept = true;
        loop.stop();
    });
    std::function<void()> const tick = [&] { loop.call_later(50us, std::cref(tick)); };
    loop.call_soon(std::cref(tick));
    {
        crowd const pushing([&](int) {
            for (int i = 0; i < 500; ++i) loop.call_soon_threadsafe(std::ref(done));
        });
        loop.run_forever();
    }
    BOOST_TEST(!overslept);
    BOOST_TEST(done.left == 0);
}

BOOST_AUTO_TEST_CASE(may_cancel_and_drop_handles_while_the_loop_runs_the_callbacks) {
    ordo::event_loop loop;
    std::atomic<int> alive{0}, ran{0};
    struct counted {
        std::atomic<int>& count;
        explicit counted(std::atomic<int>& c) : count(c) { ++count; }
        ~counted() { --count; }
    };
    {
        std::atomic<int> busy{threads};
        crowd const cancelling([&](int) {
            for (int i = 0; i < each; ++i) {
                auto const body = std::make_shared<counted>(alive);
                auto const h = loop.call_soon_threadsafe([&, body] { ++ran; });
                auto copy = h;
                if (i % 2 == 0) copy.cancel();
            }
            if (--busy == 0) loop.call_soon_threadsafe([&] { loop.stop(); });
        });
        loop.run_forever();
    }
    loop.close();
    BOOST_TEST(alive == 0);
    BOOST_TEST(ran >= threads * each / 2);
}

BOOST_AUTO_TEST_CASE(are_refused_once_the_loop_is_closed) {
    for (int i = 0; i < 200; ++i) {
        ordo::event_loop loop;
        std::atomic<bool> go{false};
        std::atomic<int> refused{0};
        auto const held = std::make_shared<int>(1);
        {
            crowd const pushing([&](int) {
                while (!go) std::this_thread::yield();
                try {
                    for (;;) loop.call_soon_threadsafe([held] {});
                } catch (ordo::loop_closed_error const&) {
                    ++refused;
                }
            });
            go = true;
            loop.close();
        }
        BOOST_TEST(refused == threads);
        BOOST_TEST(held.use_count() == 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(loops_on_strands_of_a_pool)

BOOST_AUTO_TEST_CASE(run_one_callback_at_a_time_whoever_calls) {
    asio::thread_pool pool(threads);
    ordo::event_loop loop(asio::make_strand(pool));
    int count = 0; // not atomic: the strand is what protects it
    {
        crowd const pushing([&](int) {
            for (int i = 0; i < each; ++i)
                loop.call_soon_threadsafe([&] {
                    ++count;
                    loop.call_soon([&] { ++count; });
                });
        });
    }
    pool.join();
    BOOST_TEST(count == 2 * threads * each);
}

BOOST_AUTO_TEST_CASE(run_timers_tasks_and_the_hosts_own_handlers_side_by_side) {
    asio::thread_pool pool(threads);
    std::vector<std::unique_ptr<ordo::event_loop>> loops;
    std::vector<int> counts(2 * threads);
    auto const main = [](int& count) -> ordo::coro<> {
        for (int i = 0; i < 50; ++i) {
            co_await ordo::sleep(100us);
            ++count;
        }
    };
    for (auto& count : counts) {
        loops.push_back(std::make_unique<ordo::event_loop>(asio::make_strand(pool)));
        auto& loop = *loops.back();
        loop.call_soon_threadsafe([&] { static_cast<void>(loop.create_task(main(count))); });
        for (int i = 0; i < 200; ++i) asio::post(loop.host_executor(), [&] { ++count; });
    }
    pool.join();
    for (int count : counts) BOOST_TEST(count == 250);
}

BOOST_AUTO_TEST_CASE(hand_callbacks_to_each_other) {
    asio::thread_pool pool(threads);
    ordo::event_loop one(asio::make_strand(pool)), other(asio::make_strand(pool));
    one.call_soon_threadsafe([&] { one.attach(); });
    other.call_soon_threadsafe([&] { other.attach(); });
    std::function<void(int)> const pass = [&](int n) {
        if (n == each) {
            one.call_soon_threadsafe([&] { one.detach(); });
            other.call_soon_threadsafe([&] { other.detach(); });
        } else {
            (n % 2 == 0 ? other : one).call_soon_threadsafe(std::cref(pass), n + 1);
        }
    };
    one.call_soon_threadsafe(std::cref(pass), 0);
    pool.join();
    BOOST_TEST(!one.is_running());
}

BOOST_AUTO_TEST_SUITE_END()
