// ordo: tests of cancelling tasks that wait for Asio operations: nothing that was read is ever lost.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "open_descriptors.hpp"
#include "socket_pair.hpp"

#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using asio::local::stream_protocol;
using ordo::cancelled_error;
using ordo::coro;
using ordo::get_running_loop;

namespace {

/// Reads until the end of the stream, whatever happens to it on the way.
struct stubborn_reader {
    stream_protocol::socket& from;
    std::string received{};
    int cancellations = 0;

    coro<> run() {
        std::array<char, 16> buffer{};
        for (;;) {
            try {
                auto const size = co_await from.async_read_some(asio::buffer(buffer), deferred);
                received.append(buffer.data(), size);
            } catch (cancelled_error const&) {
                ++cancellations;
            } catch (boost::system::system_error const&) {
                co_return; // the end
            }
        }
    }
};

/// The message that a wait of an hour is cancelled with.
coro<std::string> wait_for_an_hour(asio::steady_timer& timer) {
    timer.expires_after(1h);
    try {
        co_await timer.async_wait(deferred);
    } catch (cancelled_error const& e) {
        co_return e.message();
    }
    co_return "(not cancelled)";
}

/// Waits for its cancellation, and then completes with an exception_ptr.
template <class Token>
auto async_wait_for_cancellation(asio::any_io_executor executor, Token&& token) {
    return asio::async_initiate<Token, void(std::exception_ptr)>(
        [](auto handler, asio::any_io_executor on) {
            auto const kept = std::make_shared<decltype(handler)>(std::move(handler));
            auto slot = asio::get_associated_cancellation_slot(*kept);
            slot.assign([kept, on](asio::cancellation_type) {
                asio::post(on, [taken = std::move(*kept)]() mutable {
                    boost::system::system_error const aborted(asio::error::operation_aborted);
                    std::move(taken)(std::make_exception_ptr(aborted));
                });
            });
        },
        token, std::move(executor));
}

/// A task of the loop on which `body` runs, with Asio's reactor polled in every iteration.
void run_strictly(std::function<coro<>()> const& body) {
    ordo::event_loop loop({.strict = true, .clock = std::make_shared<ordo::testing::virtual_clock>()});
    loop.run_until_complete(body());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_operation_cancel, no_descriptors_left)

// -- a cancellation that takes effect

ORDO_TEST_CASE(a_cancelled_operation_throws_a_cancelled_error_with_the_message) {
    asio::steady_timer timer(get_running_loop().get_executor());
    auto const t = ordo::create_task(wait_for_an_hour(timer));
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancel("why"));
    auto const& message = co_await t;
    BOOST_TEST(message == "why");
}

ORDO_TEST_CASE(of_two_requests_the_first_message_is_delivered_once) {
    asio::steady_timer timer(get_running_loop().get_executor());
    auto body = [&]() -> coro<std::string> {
        auto message = co_await wait_for_an_hour(timer);
        co_await ordo::sleep(0s);
        co_return message;
    };
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel("one");
    t.cancel("two");
    auto const& message = co_await t;
    BOOST_TEST(message == "one");
    BOOST_TEST(t.cancelling() == 2);
}

ORDO_TEST_CASE(a_task_whose_read_was_cancelled_can_read_again) {
    socket_pair sockets(get_running_loop().get_executor());
    stubborn_reader reader{sockets.a};
    auto const t = ordo::create_task(reader.run());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await asio::post(get_running_loop().get_executor(), deferred);
    asio::write(sockets.b, asio::buffer("hello", 5));
    sockets.b.close();
    co_await t;
    BOOST_TEST(reader.received == "hello");
    BOOST_TEST(reader.cancellations == 1);
}

ORDO_TEST_CASE(an_operation_is_cancelled_in_the_innermost_task_of_a_chain) {
    asio::steady_timer timer(get_running_loop().get_executor());
    auto const inner = ordo::create_task(wait_for_an_hour(timer));
    auto await_task = [](ordo::task<std::string> awaited) -> coro<std::string> { co_return co_await awaited; };
    auto const outer = ordo::create_task(await_task(inner));
    co_await ordo::sleep(0s);
    outer.cancel("why");
    auto const& message = co_await outer;
    BOOST_TEST(message == "why");
    BOOST_TEST(inner.cancelling() == 1);
}

ORDO_TEST_CASE(an_operation_that_fails_with_an_exception_pointer_is_cancelled_alike) {
    auto body = []() -> coro<> { co_await async_wait_for_cancellation(get_running_loop().get_executor(), deferred); };
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel("why");
    std::string message;
    try {
        co_await t;
    } catch (cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "why");
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(as_tuple_does_not_hide_a_cancellation) {
    socket_pair sockets(get_running_loop().get_executor());
    std::array<char, 8> buffer{};
    auto body = [&]() -> coro<> { co_await sockets.a.async_read_some(asio::buffer(buffer), asio::as_tuple(deferred)); };
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel();
    bool cancelled = false;
    try {
        co_await t;
    } catch (cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

// -- a cancellation that comes too early

ORDO_TEST_CASE(an_operation_is_not_started_if_a_cancellation_is_due) {
    socket_pair sockets(get_running_loop().get_executor());
    asio::write(sockets.b, asio::buffer("hello", 5));
    std::array<char, 8> buffer{};
    ordo::current_task()->cancel("why");
    std::string message;
    try {
        co_await sockets.a.async_read_some(asio::buffer(buffer), deferred);
    } catch (cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "why");
    BOOST_TEST(sockets.a.available() == 5u);
}

ORDO_TEST_CASE(an_operation_that_is_not_started_still_takes_an_iteration) {
    auto const& loop = get_running_loop();
    asio::steady_timer timer(loop.get_executor());
    ordo::current_task()->cancel("why");
    auto const before = loop.iterations();
    auto const message = co_await wait_for_an_hour(timer);
    BOOST_TEST(message == "why");
    BOOST_TEST(loop.iterations() - before == 1u);
}

// -- a cancellation that comes too late

ORDO_TEST_CASE(a_success_beats_the_cancellation_which_comes_at_the_next_suspension) {
    auto& loop = get_running_loop();
    socket_pair sockets(loop.get_executor());
    std::string received;
    std::string message;
    auto body = [&]() -> coro<> {
        std::array<char, 8> buffer{};
        auto const size = co_await sockets.a.async_read_some(asio::buffer(buffer), deferred);
        received.assign(buffer.data(), size);
        try {
            co_await ordo::sleep(0s);
        } catch (cancelled_error const& e) {
            message = e.message();
        }
    };
    asio::write(sockets.b, asio::buffer("hello", 5));
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s); // the read is complete now, and its handler has not run
    t.cancel("late");
    co_await t;
    BOOST_TEST(received == "hello");
    BOOST_TEST(message == "late");
}

ORDO_TEST_CASE(a_failure_beats_the_cancellation_too) {
    socket_pair sockets(get_running_loop().get_executor());
    boost::system::error_code error;
    bool cancelled = false;
    auto body = [&]() -> coro<> {
        std::array<char, 8> buffer{};
        try {
            co_await sockets.a.async_read_some(asio::buffer(buffer), deferred);
        } catch (boost::system::system_error const& e) {
            error = e.code();
        }
        try {
            co_await ordo::sleep(0s);
        } catch (cancelled_error const&) {
            cancelled = true;
        }
    };
    sockets.b.close();
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await t;
    BOOST_TEST(error == asio::error::eof);
    BOOST_TEST(cancelled);
}

ORDO_TEST_CASE(a_partial_result_is_given_by_as_tuple_and_the_cancellation_comes_next) {
    socket_pair sockets(get_running_loop().get_executor());
    std::array<char, 8> buffer{};
    boost::system::error_code error;
    std::size_t size = 0;
    bool cancelled = false;
    auto body = [&]() -> coro<> {
        auto const result = co_await asio::async_read(sockets.a, asio::buffer(buffer), asio::as_tuple(deferred));
        error = std::get<0>(result);
        size = std::get<1>(result);
        try {
            co_await ordo::sleep(0s);
        } catch (cancelled_error const&) {
            cancelled = true;
        }
    };
    asio::write(sockets.b, asio::buffer("abc", 3));
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    co_await asio::post(get_running_loop().get_executor(), deferred);
    co_await asio::post(get_running_loop().get_executor(), deferred);
    t.cancel();
    co_await t;
    BOOST_TEST(error == asio::error::operation_aborted);
    BOOST_TEST(size == 3u);
    BOOST_TEST(cancelled);
}

// -- nothing is lost

BOOST_AUTO_TEST_CASE(a_stream_that_is_cancelled_at_every_moment_loses_no_byte) {
    for (int moment = 0; moment < 8; ++moment) {
        run_strictly([moment]() -> coro<> {
            socket_pair sockets(get_running_loop().get_executor());
            stubborn_reader reader{sockets.a};
            auto const t = ordo::create_task(reader.run());
            co_await ordo::sleep(0s);
            std::string sent;
            for (int i = 0; i < 100; ++i) {
                char const byte = static_cast<char>('a' + i % 26);
                sent += byte;
                asio::write(sockets.b, asio::buffer(&byte, 1));
                for (int step = 0; step < moment; ++step) co_await ordo::sleep(0s);
                t.cancel();
                for (int step = 0; step < i % 4; ++step) co_await ordo::sleep(0s);
            }
            sockets.b.close();
            co_await t;
            BOOST_TEST(reader.received == sent);
            BOOST_TEST(reader.cancellations > 0);
        });
    }
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_cancelled_in_every_iteration_loses_no_byte) {
    run_strictly([]() -> coro<> {
        socket_pair sockets(get_running_loop().get_executor());
        stubborn_reader reader{sockets.a};
        auto const t = ordo::create_task(reader.run());
        co_await ordo::sleep(0s);
        std::string sent;
        for (int i = 0; i < 200; ++i) {
            char const byte = static_cast<char>('a' + i % 26);
            sent += byte;
            if (i % 3 == 0) t.cancel();
            asio::write(sockets.b, asio::buffer(&byte, 1));
            if (i % 2 == 0) t.cancel();
            co_await ordo::sleep(0s);
            t.cancel();
        }
        co_await ordo::sleep(0s);
        sockets.b.close();
        co_await t;
        BOOST_TEST(reader.received == sent);
    });
}

// -- another thread

ORDO_TEST_CASE(an_operation_on_another_context_can_be_cancelled) {
    asio::io_context elsewhere;
    auto guard = asio::make_work_guard(elsewhere);
    std::thread other([&] { elsewhere.run(); });
    int cancelled = 0;
    {
        asio::steady_timer timer(elsewhere);
        for (int i = 0; i < 100; ++i) {
            auto const t = ordo::create_task(wait_for_an_hour(timer));
            co_await ordo::sleep(0s);
            t.cancel("why");
            auto const message = co_await t;
            cancelled += message == "why";
        }
    }
    guard.reset();
    other.join();
    BOOST_TEST(cancelled == 100);
}

BOOST_AUTO_TEST_CASE(a_stream_on_another_context_that_is_cancelled_all_the_time_loses_no_byte) {
    asio::io_context elsewhere;
    auto guard = asio::make_work_guard(elsewhere);
    std::thread other([&] { elsewhere.run(); });
    std::string sent;
    std::string received;
    auto stream = [&]() -> coro<> {
        socket_pair sockets(elsewhere.get_executor());
        stubborn_reader reader{sockets.a};
        auto const t = ordo::create_task(reader.run());
        co_await ordo::sleep(0s);
        for (int i = 0; i < 200; ++i) { // what the kernel keeps if the reader gets none of it
            char const byte = static_cast<char>('a' + i % 26);
            sent += byte;
            asio::write(sockets.b, asio::buffer(&byte, 1));
            for (int step = 0; step < i % 20; ++step) co_await ordo::sleep(0s);
            t.cancel();
            if (i % 2 == 0) co_await ordo::sleep(0s);
        }
        sockets.b.close();
        co_await t;
        received = reader.received;
    };
    run_strictly(stream);
    guard.reset();
    other.join();
    BOOST_TEST(received == sent);
}

BOOST_AUTO_TEST_SUITE_END()
