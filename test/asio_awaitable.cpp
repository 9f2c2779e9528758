// ordo: tests of awaiting coroutines of Asio, of coroutines of Asio that await ours, and of cancelling across both.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_awaitable.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"
#include "socket_pair.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/sleep.hpp>
#include <ordo/spawn.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/timeout.hpp>
#include <ordo/wait.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::awaitable;
using asio::use_awaitable;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;

namespace {

awaitable<int> number(int value) {
    co_return value;
}
awaitable<int> number_after_posting(int value) {
    co_await asio::post(use_awaitable);
    co_await asio::post(use_awaitable);
    co_return value;
}
awaitable<void> failing() {
    co_await asio::post(use_awaitable);
    throw std::runtime_error("failed in Asio");
}
awaitable<void> sleep_in_asio(std::chrono::milliseconds delay, std::string& fate) {
    asio::steady_timer timer(co_await asio::this_coro::executor, delay);
    try {
        co_await timer.async_wait(use_awaitable);
        fate = "slept";
    } catch (boost::system::system_error const& error) {
        fate = error.code() == asio::error::operation_aborted ? "aborted" : error.what();
        throw;
    }
}

template <class T>
concept awaitable_in_ordo = ordo::awaitable<T>;
static_assert(awaitable_in_ordo<awaitable<int>>);
static_assert(std::is_same_v<ordo::await_result_t<awaitable<int>>, int>);
static_assert(std::is_void_v<ordo::await_result_t<awaitable<void>>>);

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_awaitable, no_descriptors_left)

ORDO_TEST_CASE(gives_its_result) {
    auto const one = co_await number(1);
    auto const two = co_await number_after_posting(2);
    BOOST_TEST(one == 1);
    BOOST_TEST(two == 2);
}

ORDO_TEST_CASE(is_also_what_an_operation_started_for_asios_coroutines_gives) {
    asio::steady_timer timer(get_running_loop().get_executor(), 0ms);
    co_await timer.async_wait(use_awaitable);
    BOOST_TEST((timer.expiry() <= std::chrono::steady_clock::now()));
}

ORDO_TEST_CASE(throws_its_error) {
    std::string text;
    try {
        co_await failing();
    } catch (std::runtime_error const& error) {
        text = error.what();
    }
    BOOST_TEST(text == "failed in Asio");
}

ORDO_TEST_CASE(can_be_a_task_and_be_gathered) {
    auto const [a, b] = co_await ordo::gather(number_after_posting(1), number(2));
    auto t = create_task(number_after_posting(3));
    auto const c = co_await t;
    BOOST_TEST(a == 1);
    BOOST_TEST(b == 2);
    BOOST_TEST(c == 3);
}

ORDO_TEST_CASE(runs_on_the_executor_of_the_loops_host) {
    auto const look = []() -> awaitable<bool> {
        auto const executor = co_await asio::this_coro::executor;
        co_return executor == get_running_loop().host_executor();
    };
    auto const same = co_await look();
    BOOST_TEST(same);
}

ORDO_TEST_CASE(is_cancelled_with_its_task) {
    std::string fate;
    auto const wait = [&]() -> coro<> { co_await sleep_in_asio(1h, fate); };
    auto const t = create_task(wait);
    co_await ordo::sleep(0s);
    t.cancel("enough");
    std::string message;
    try {
        co_await t;
    } catch (ordo::cancelled_error const& error) {
        message = error.message();
    }
    BOOST_TEST(message == "enough");
    BOOST_TEST(fate == "aborted");
}

ORDO_TEST_CASE(may_decline_to_be_cancelled_and_the_cancellation_comes_next) {
    auto const stubborn = []() -> awaitable<int> {
        std::string fate;
        try {
            co_await sleep_in_asio(1h, fate);
        } catch (boost::system::system_error const&) {}
        co_return 4;
    };
    int got = 0;
    auto const wait = [&]() -> coro<> {
        got = co_await stubborn();
        co_await ordo::sleep(0s);
        BOOST_ERROR("not cancelled");
    };
    auto const t = create_task(wait);
    co_await ordo::sleep(0s);
    t.cancel();
    std::vector const tasks{t};
    co_await ordo::wait(tasks);
    BOOST_TEST(got == 4);
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(has_a_deadline_by_with_timeout) {
    std::string fate;
    bool late = false;
    auto const body = [&]() -> coro<> { co_await sleep_in_asio(1h, fate); };
    try {
        co_await ordo::with_timeout(0s, body);
    } catch (ordo::timeout_error const&) {
        late = true;
    }
    BOOST_TEST(late);
    BOOST_TEST(fate == "aborted");
}

ORDO_TEST_CASE(is_cancelled_through_both_kinds_of_coroutines_in_turn) {
    bool innermost = false;
    auto const inner = [&]() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {
            innermost = true;
            throw;
        }
    };
    auto const middle = [&]() -> awaitable<void> { co_await ordo::spawn(get_running_loop(), inner, use_awaitable); };
    auto const outer = [&]() -> coro<> { co_await middle(); };
    auto const t = create_task(outer);
    for (int i = 0; i < 5; ++i) co_await ordo::sleep(0s); // so that the innermost waits
    t.cancel();
    bool cancelled = false;
    try {
        co_await t;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(innermost);
    BOOST_TEST(cancelled);
}

ORDO_TEST_CASE(may_be_destroyed_before_it_is_awaited) {
    auto const held = std::make_shared<int>(1);
    auto const make = [](std::shared_ptr<int> h) -> awaitable<int> { co_return *h; };
    { auto const never = make(held); }
    BOOST_TEST(held.use_count() == 1);
    co_return;
}

ORDO_TEST_CASE(of_another_type_of_executor_is_an_error_that_says_what_to_do) {
    using strand_executor = asio::strand<asio::any_io_executor>;
    auto const elsewhere = []() -> asio::awaitable<int, strand_executor> { co_return 1; };
    std::string text;
    try {
        co_await elsewhere();
    } catch (ordo::usage_error const& error) {
        text = error.what();
    }
    BOOST_TEST(text == "co_await: this awaitable names another type of executor than the loop has; let it be an "
                       "awaitable<T>, or give it to co_spawn() with the executor it needs and boost::asio::deferred");
}

ORDO_TEST_CASE(of_the_executor_type_of_the_loop_can_be_awaited) {
    using io_executor = asio::io_context::executor_type;
    auto const here = []() -> asio::awaitable<int, io_executor> { co_return 5; };
    auto const got = co_await here();
    BOOST_TEST(got == 5);
}

ORDO_TEST_CASE(spawned_on_another_context_comes_back_to_the_thread_of_the_loop) {
    asio::thread_pool pool(1);
    auto const home = std::this_thread::get_id();
    auto const there = []() -> awaitable<std::thread::id> { co_return std::this_thread::get_id(); };
    auto const ran = co_await asio::co_spawn(pool, there, asio::deferred);
    BOOST_TEST((ran != home));
    BOOST_TEST((std::this_thread::get_id() == home));
}

BOOST_AUTO_TEST_SUITE_END()

// -- no byte is lost across the border

namespace {

/// Reads a byte at a time in a coroutine of Asio, which keeps what it has if it is cancelled.
awaitable<char> read_byte(asio::local::stream_protocol::socket& from) {
    char byte = 0;
    co_await from.async_read_some(asio::buffer(&byte, 1), use_awaitable);
    co_return byte;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_stream_read_by_coroutines_of_asio, no_descriptors_left)

ORDO_TEST_CASE(loses_no_byte_when_it_is_cancelled_at_every_moment) {
    std::string const sent = "no byte of this is lost";
    std::string received;
    for (int cancelled_after = 1; cancelled_after < 12; ++cancelled_after) { // after 0 it would not have begun
        socket_pair wire(get_running_loop().host_executor());
        received.clear();
        auto const read_all = [&]() -> coro<> {
            while (received.size() < sent.size()) {
                auto const read_one = [&]() -> coro<> {
                    auto const byte = co_await read_byte(wire.a);
                    received += byte;
                };
                auto const t = create_task(read_one);
                for (int i = 0; i < cancelled_after; ++i) co_await ordo::sleep(0s);
                t.cancel();
                try {
                    co_await t;
                } catch (ordo::cancelled_error const&) {}
            }
        };
        auto const reading = create_task(read_all);
        for (char const byte : sent) {
            asio::write(wire.b, asio::buffer(&byte, 1));
            for (int i = 0; i < 3; ++i) co_await ordo::sleep(0s);
        }
        co_await reading;
        BOOST_TEST(received == sent);
    }
}

BOOST_AUTO_TEST_SUITE_END()
