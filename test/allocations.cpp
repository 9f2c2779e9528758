// ordo: tests that count heap allocations: in steady state there are none.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "allocation_counter.hpp"

#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using asio::local::stream_protocol;
using ordo::coro;
using ordo::get_running_loop;

namespace {

/// How many allocations `rounds` calls make, after a few to warm up.
template <class F>
std::size_t count_in_callbacks(F step) {
    for (int i = 0; i < 10; ++i) step();
    auto const before = allocations.load();
    for (int i = 0; i < rounds; ++i) step();
    return allocations.load() - before;
}

/// A loop that runs an iteration at a time.
struct stepping_loop {
    ordo::event_loop loop;

    void step() {
        loop.stop();
        loop.run_forever();
    }
};

coro<int> answer() {
    co_return 42;
}

coro<int> pass_on() {
    co_return co_await answer();
}

} // namespace

BOOST_AUTO_TEST_SUITE(allocations_)

BOOST_AUTO_TEST_CASE(the_counter_counts) {
    auto const before = allocations.load();
    auto const something = std::make_unique<int>(1);
    BOOST_TEST(allocations.load() - before == 1u);
    BOOST_TEST(*something == 1);
}

// -- callbacks

BOOST_FIXTURE_TEST_CASE(call_soon_of_a_small_callable, stepping_loop) {
    int calls = 0;
    auto const count = count_in_callbacks([&] {
        loop.call_soon([&calls] { ++calls; });
        loop.call_soon([&calls] { ++calls; });
        step();
    });
    BOOST_TEST(calls > 2 * rounds);
    BOOST_TEST(count == 0u);
}

BOOST_FIXTURE_TEST_CASE(call_soon_with_arguments_and_a_handle, stepping_loop) {
    int sum = 0;
    auto const count = count_in_callbacks([&] {
        auto const handle = loop.call_soon([](int& to, int by) { to += by; }, std::ref(sum), 1);
        step();
    });
    BOOST_TEST(sum > rounds);
    BOOST_TEST(count == 0u);
}

BOOST_FIXTURE_TEST_CASE(call_soon_threadsafe, stepping_loop) {
    int calls = 0;
    auto const count = count_in_callbacks([&] {
        loop.call_soon_threadsafe([&calls] { ++calls; });
        step();
    });
    BOOST_TEST(calls > rounds);
    BOOST_TEST(count == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_chain_of_call_soon_in_one_run, stepping_loop) {
    int left = 0;
    struct chain {
        ordo::event_loop& loop;
        int& left;
        void operator()() const {
            if (--left == 0) loop.stop();
            else loop.call_soon(*this);
        }
    };
    auto const count = count_in_callbacks([&] {
        left = 100;
        loop.call_soon(chain{loop, left});
        loop.run_forever();
    });
    BOOST_TEST(count == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_timer_that_is_cancelled, stepping_loop) {
    auto const count = count_in_callbacks([&] {
        auto timer = loop.call_later(1h, [] {});
        timer.cancel();
    });
    BOOST_TEST(count == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_timer_that_fires, stepping_loop) {
    int fired = 0;
    auto const count = count_in_callbacks([&] {
        loop.call_later(0s, [&fired] { ++fired; });
        step();
    });
    BOOST_TEST(fired >= rounds);
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_timer_that_the_loop_really_waits_for) {
    auto const count = count_in_task([]() -> coro<> {
        auto const f = get_running_loop().create_future();
        get_running_loop().call_later(10us, [&f] { f.set_result(); });
        co_await f;
    });
    BOOST_TEST(count == 0u);
}

// -- awaiting

BOOST_AUTO_TEST_CASE(an_awaited_coro) {
    auto const count = count_in_task([]() -> coro<> {
        auto const value = co_await pass_on();
        BOOST_REQUIRE(value == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_task_that_is_created_and_awaited) {
    auto const count = count_in_task([]() -> coro<> {
        auto t = ordo::create_task(answer());
        auto const value = co_await std::move(t);
        BOOST_REQUIRE(value == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_future_that_is_completed_by_a_callback) {
    auto const count = count_in_task([]() -> coro<> {
        auto const f = get_running_loop().create_future<int>();
        get_running_loop().call_soon([&f] { f.set_result(42); });
        auto const value = co_await f;
        BOOST_REQUIRE(value == 42);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_done_callback) {
    auto const count = count_in_task([]() -> coro<> {
        bool called = false;
        auto const f = get_running_loop().create_future<int>();
        f.add_done_callback([&called] { called = true; });
        f.set_result(42);
        co_await ordo::sleep(0s);
        BOOST_REQUIRE(called);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_yield_and_a_sleep) {
    auto const count = count_in_task([]() -> coro<> {
        co_await ordo::sleep(0s);
        co_await ordo::sleep(10us);
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_task_costs_only_its_exception) {
    auto sleeper = []() -> coro<> { co_await ordo::sleep(1h); };
    auto const count = count_in_task([&]() -> coro<> {
        auto const t = ordo::create_task(sleeper());
        co_await ordo::sleep(0s);
        t.cancel();
        co_await ordo::sleep(0s);
        BOOST_REQUIRE(t.cancelled());
    });
    BOOST_TEST(count == 0u); // what is thrown is allocated elsewhere, by the language
}

// -- Asio operations

BOOST_AUTO_TEST_CASE(an_awaited_read_and_write_that_need_not_wait) {
    ordo::event_loop loop;
    stream_protocol::socket a(loop.get_executor());
    stream_protocol::socket b(loop.get_executor());
    asio::local::connect_pair(a, b);
    auto pass = [&](int times) -> coro<> {
        std::array<char, 16> buffer{};
        for (int i = 0; i < times; ++i) {
            co_await b.async_write_some(asio::buffer("hello", 5), deferred);
            co_await a.async_read_some(asio::buffer(buffer), deferred);
        }
    };
    auto count = [&]() -> coro<std::size_t> {
        co_await pass(10);
        auto const before = allocations.load();
        co_await pass(rounds);
        co_return allocations.load() - before;
    };
    BOOST_TEST(loop.run_until_complete(count()) == 0u);
}

BOOST_AUTO_TEST_CASE(an_awaited_read_that_waits) {
    ordo::event_loop loop;
    stream_protocol::socket a(loop.get_executor());
    stream_protocol::socket b(loop.get_executor());
    asio::local::connect_pair(a, b);
    auto echo = [&]() -> coro<> {
        std::array<char, 1> byte{};
        for (;;) {
            auto const [error, size] = co_await a.async_read_some(asio::buffer(byte), asio::as_tuple(deferred));
            if (error || size == 0) co_return;
            co_await asio::async_write(a, asio::buffer(byte), deferred);
        }
    };
    auto ask = [&](int times) -> coro<> {
        std::array<char, 1> byte{'x'};
        for (int i = 0; i < times; ++i) {
            co_await asio::async_write(b, asio::buffer(byte), deferred);
            co_await asio::async_read(b, asio::buffer(byte), deferred);
        }
    };
    auto count = [&]() -> coro<std::size_t> {
        auto const server = ordo::create_task(echo());
        co_await ask(10);
        auto const before = allocations.load();
        co_await ask(rounds);
        auto const made = allocations.load() - before;
        b.close();
        co_await server;
        co_return made;
    };
    BOOST_TEST(loop.run_until_complete(count()) == 0u);
}

BOOST_AUTO_TEST_CASE(reads_of_many_tasks_that_complete_in_the_same_iteration) {
    constexpr std::size_t connections = 20;
    ordo::event_loop loop;
    std::vector<stream_protocol::socket> senders;
    std::vector<stream_protocol::socket> receivers;
    for (std::size_t i = 0; i < connections; ++i) {
        senders.emplace_back(loop.get_executor());
        receivers.emplace_back(loop.get_executor());
        asio::local::connect_pair(senders.back(), receivers.back());
    }
    std::size_t received = 0;
    auto receive = [&](stream_protocol::socket& from) -> coro<> {
        std::array<char, 1> byte{};
        while (received < connections * (10 + rounds)) {
            co_await from.async_read_some(asio::buffer(byte), deferred);
            if (++received % connections == 0) get_running_loop().stop();
        }
    };
    std::vector<ordo::task<>> tasks;
    for (auto& receiver : receivers) tasks.push_back(loop.create_task(receive(receiver)));
    auto const count = count_in_callbacks([&] {
        for (auto& sender : senders) sender.write_some(asio::buffer("x", 1));
        loop.run_forever();
    });
    BOOST_TEST(received == connections * (10 + rounds));
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(an_awaited_steady_timer) {
    ordo::event_loop loop;
    asio::steady_timer timer(loop.get_executor());
    auto wait = [&](int times) -> coro<> {
        for (int i = 0; i < times; ++i) {
            timer.expires_after(1us);
            co_await timer.async_wait(deferred);
        }
    };
    auto count = [&]() -> coro<std::size_t> {
        co_await wait(10);
        auto const before = allocations.load();
        co_await wait(rounds);
        co_return allocations.load() - before;
    };
    BOOST_TEST(loop.run_until_complete(count()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_future_of_an_operation) {
    ordo::event_loop loop;
    asio::steady_timer timer(loop.get_executor());
    auto wait = [&](int times) -> coro<> {
        for (int i = 0; i < times; ++i) {
            timer.expires_after(1us);
            auto const f = timer.async_wait(ordo::use_future);
            co_await f;
        }
    };
    auto count = [&]() -> coro<std::size_t> {
        co_await wait(10);
        auto const before = allocations.load();
        co_await wait(rounds);
        co_return allocations.load() - before;
    };
    BOOST_TEST(loop.run_until_complete(count()) == 0u);
}

BOOST_AUTO_TEST_CASE(an_awaited_operation_on_a_borrowed_context) {
    asio::io_context host;
    ordo::event_loop loop(host);
    asio::steady_timer timer(host);
    std::size_t made = 1;
    auto count = [&]() -> coro<> {
        std::size_t before = 0;
        for (int i = 0; i < rounds + 10; ++i) {
            if (i == 10) before = allocations.load();
            timer.expires_after(1us);
            co_await timer.async_wait(deferred);
        }
        made = allocations.load() - before;
    };
    static_cast<void>(loop.create_task(count()));
    host.run();
    BOOST_TEST(made == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
