// ordo: tests of loops on several threads.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_pool.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/event.hpp>
#include <ordo/run_coroutine_threadsafe.hpp>
#include <ordo/server.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/wrap_future.hpp>

#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;

BOOST_FIXTURE_TEST_SUITE(loop_pool, no_descriptors_left)

BOOST_AUTO_TEST_CASE(runs_main_on_a_thread_of_its_own_for_each_loop) {
    ordo::loop_pool pool(3);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::set<std::size_t> indices;
    std::set<ordo::event_loop*> loops;
    pool.start([&](std::size_t index) -> coro<> {
        std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
        indices.insert(index);
        loops.insert(&ordo::get_running_loop());
        co_return;
    });
    pool.join();
    BOOST_TEST(threads.size() == 3u);
    BOOST_TEST(indices == (std::set<std::size_t>{0, 1, 2}), boost::test_tools::per_element());
    BOOST_TEST(loops.size() == 3u);
    BOOST_TEST((loops == std::set{&pool.loop(0), &pool.loop(1), &pool.loop(2)}));
}

BOOST_AUTO_TEST_CASE(picks_each_loop_in_turn) {
    ordo::loop_pool pool(2);
    auto& first = pool.pick();
    auto& second = pool.pick();
    BOOST_TEST(&first != &second);
    BOOST_TEST(&pool.pick() == &first);
}

BOOST_AUTO_TEST_CASE(loops_may_send_coroutines_to_each_other) {
    ordo::loop_pool pool(2);
    std::atomic<int> sum = 0;
    pool.start([&](std::size_t index) -> coro<> {
        auto const work = [](int value) -> coro<int> {
            co_await ordo::sleep(1ms);
            co_return value;
        };
        auto sent = ordo::run_coroutine_threadsafe(work(static_cast<int>(index) + 1), pool.loop(1 - index));
        sum += co_await ordo::wrap_future(std::move(sent));
        co_await ordo::sleep(20ms); // the other one may be in the middle of it
    });
    pool.join();
    BOOST_TEST(sum == 3);
}

BOOST_AUTO_TEST_CASE(each_loop_serves_connections_of_a_port_that_all_listen_on) {
    constexpr std::size_t loops = 2;
    constexpr int most = 1000; // of which the kernel gives each loop about half
    std::array<std::atomic<int>, loops> served{};
    std::promise<std::uint16_t> port_chosen;
    auto const port = port_chosen.get_future().share();
    std::latch listening(loops);
    ordo::loop_pool pool(loops);
    pool.start([&](std::size_t index) -> coro<> {
        auto serve = [&served, index](ordo::stream_reader, ordo::stream_writer writer) -> coro<> {
            ++served.at(index);
            co_await writer.write(std::to_string(index));
        };
        ordo::server_options options;
        options.reuse_port = true;
        auto const server = co_await ordo::start_server(serve, "127.0.0.1", index == 0 ? 0 : port.get(), options);
        if (index == 0) port_chosen.set_value(server.port());
        listening.count_down();
        co_await server.serve_forever();
    });
    listening.wait();
    boost::asio::io_context client;
    auto const ask = [&] {
        boost::asio::ip::tcp::socket socket(client);
        socket.connect({boost::asio::ip::address_v4::loopback(), port.get()});
        char answer = 0;
        boost::asio::read(socket, boost::asio::buffer(&answer, 1));
        return answer;
    };
    int asked = 0;
    std::set<char> answers;
    for (; asked < most && answers.size() < loops; ++asked) answers.insert(ask());
    pool.stop();
    pool.join();
    BOOST_TEST(answers == (std::set<char>{'0', '1'}), boost::test_tools::per_element());
    BOOST_TEST(served[0] > 0);
    BOOST_TEST(served[1] > 0);
    BOOST_TEST(served[0] + served[1] == asked);
}

BOOST_AUTO_TEST_CASE(before_start_the_loops_run_and_can_be_used) {
    ordo::loop_pool pool(1);
    auto const where = []() -> coro<std::thread::id> { co_return std::this_thread::get_id(); };
    auto const there = ordo::run_coroutine_threadsafe(where, pool.pick()).get(10s);
    BOOST_TEST((there != std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(stop_cancels_main_and_then_what_it_has_left) {
    ordo::loop_pool pool(2);
    std::atomic<int> mains = 0, children = 0, waiting = 0;
    std::atomic<bool> all_wait = false;
    auto const wait = [&](std::atomic<int>& count) -> coro<> {
        try {
            if (++waiting == 4) {
                all_wait = true;
                all_wait.notify_all();
            }
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {
            ++count;
            throw;
        }
    };
    pool.start([&](std::size_t) -> coro<> {
        auto const child = [&] { return wait(children); };
        ordo::create_task(child);
        co_await wait(mains);
    });
    all_wait.wait(false);
    pool.stop();
    pool.join();
    BOOST_TEST(mains == 2);
    BOOST_TEST(children == 2);
}

BOOST_AUTO_TEST_CASE(may_be_stopped_by_one_of_its_loops) {
    ordo::loop_pool pool(2);
    pool.start([&](std::size_t index) -> coro<> {
        if (index == 1) pool.stop();
        co_await ordo::sleep(1h);
    });
    pool.join();
    BOOST_TEST(pool.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_failure_of_one_main_stops_all_and_is_thrown_by_join) {
    ordo::loop_pool pool(3);
    pool.start([&](std::size_t index) -> coro<> {
        if (index == 2) throw std::runtime_error("the third failed");
        co_await ordo::sleep(1h);
    });
    BOOST_CHECK_EXCEPTION(pool.join(), std::runtime_error, says("the third failed"));
    pool.join(); // it is thrown once
}

BOOST_AUTO_TEST_CASE(a_failure_that_nobody_joined_for_is_logged) {
    captured_log log;
    {
        ordo::loop_pool pool(1);
        std::atomic<bool> begun = false;
        pool.start([&](std::size_t) -> coro<> {
            begun = true;
            begun.notify_all();
            throw std::runtime_error("unseen");
            co_return;
        });
        begun.wait(false);
    }
    BOOST_TEST(log.text() == "error: loop_pool: a main has failed, and nobody has called join(): unseen\n");
}

BOOST_AUTO_TEST_CASE(a_pool_that_is_never_started_ends) {
    ordo::loop_pool pool(2);
    BOOST_TEST(pool.size() == 2u);
}

BOOST_AUTO_TEST_CASE(by_default_there_is_a_loop_for_each_core) {
    ordo::loop_pool pool;
    BOOST_TEST(pool.size() == std::max(1u, std::thread::hardware_concurrency()));
}

BOOST_AUTO_TEST_CASE(misuse_is_an_error) {
    BOOST_CHECK_EXCEPTION(ordo::loop_pool(0), ordo::usage_error,
                          says("loop_pool: 0 threads run nothing; give at least 1"));
    ordo::loop_pool pool(1);
    BOOST_CHECK_EXCEPTION(pool.start(nullptr), ordo::usage_error,
                          says("loop_pool::start: the function is empty; pass a real one"));
    auto const nothing = [](std::size_t) -> coro<> { co_return; };
    pool.start(nothing);
    BOOST_CHECK_EXCEPTION(pool.start(nothing), ordo::usage_error, says("loop_pool::start: it was called before"));
    pool.stop();
    BOOST_CHECK_EXCEPTION(pool.start(nothing), ordo::usage_error,
                          says("loop_pool::start: the pool was stopped; make another"));
    BOOST_CHECK_THROW(pool.loop(1), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(joining_on_a_thread_of_the_pool_is_an_error) {
    ordo::loop_pool pool(1);
    std::string text;
    pool.start([&](std::size_t) -> coro<> {
        text = error_text<ordo::usage_error>([&] { pool.join(); });
        co_return;
    });
    pool.join();
    BOOST_TEST(text == "loop_pool::join: called on a thread of the pool, which would wait for itself");
}

BOOST_AUTO_TEST_SUITE_END()
