// ordo: tests of awaiting Asio's own operations.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include <ordo/coro.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "open_descriptors.hpp"
#include "socket_pair.hpp"

#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using asio::ip::tcp;
using asio::local::stream_protocol;
using ordo::coro;
using ordo::get_running_loop;

namespace {

coro<std::string> read_some(stream_protocol::socket& from) {
    std::array<char, 64> buffer{};
    auto const size = co_await from.async_read_some(asio::buffer(buffer), deferred);
    co_return std::string(buffer.data(), size);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_operation, no_descriptors_left)

// -- results

ORDO_TEST_CASE(a_read_gives_the_number_of_bytes) {
    socket_pair sockets(get_running_loop().get_executor());
    asio::write(sockets.b, asio::buffer("hello", 5));
    auto const text = co_await read_some(sockets.a);
    BOOST_TEST(text == "hello");
}

ORDO_TEST_CASE(a_read_waits_until_there_is_something) {
    auto& loop = get_running_loop();
    socket_pair sockets(loop.get_executor());
    auto const reader = ordo::create_task(read_some(sockets.a));
    co_await ordo::sleep(0s);
    BOOST_TEST(!reader.done());
    auto const written = co_await sockets.b.async_write_some(asio::buffer("hello", 5), deferred);
    BOOST_TEST(written == 5u);
    auto const text = co_await reader;
    BOOST_TEST(text == "hello");
}

ORDO_TEST_CASE(composed_operations_can_be_awaited) {
    socket_pair sockets(get_running_loop().get_executor());
    std::string const sent(1 << 20, 'x');
    auto write = [&]() -> coro<std::size_t> {
        co_return co_await asio::async_write(sockets.b, asio::buffer(sent), deferred);
    };
    auto const writer = ordo::create_task(write());
    std::string received(sent.size(), ' ');
    auto const size = co_await asio::async_read(sockets.a, asio::buffer(received), deferred);
    auto const written = co_await writer;
    BOOST_TEST(size == sent.size());
    BOOST_TEST(written == sent.size());
    BOOST_TEST((received == sent));
}

ORDO_TEST_CASE(read_until_can_be_awaited) {
    socket_pair sockets(get_running_loop().get_executor());
    asio::write(sockets.b, asio::buffer("one\ntwo\n", 8));
    std::string lines;
    auto const first = co_await asio::async_read_until(sockets.a, asio::dynamic_buffer(lines), '\n', deferred);
    BOOST_TEST(lines.substr(0, first) == "one\n");
}

ORDO_TEST_CASE(connecting_and_accepting_over_loopback) {
    auto const executor = get_running_loop().get_executor();
    tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    auto connect = [&]() -> coro<> {
        tcp::socket socket(executor);
        co_await socket.async_connect(acceptor.local_endpoint(), deferred);
        co_await asio::async_write(socket, asio::buffer("hi", 2), deferred);
    };
    auto const client = ordo::create_task(connect());
    auto accepted = co_await acceptor.async_accept(deferred); // a socket: move-only
    std::array<char, 2> buffer{};
    co_await asio::async_read(accepted, asio::buffer(buffer), deferred);
    co_await client;
    BOOST_TEST(std::string_view(buffer.data(), 2) == "hi");
}

ORDO_TEST_CASE(a_timer_can_be_awaited) {
    asio::steady_timer timer(get_running_loop().get_executor(), 1ms);
    auto const before = std::chrono::steady_clock::now();
    co_await timer.async_wait(deferred);
    BOOST_TEST((std::chrono::steady_clock::now() >= before));
    BOOST_TEST((timer.expiry() <= std::chrono::steady_clock::now()));
}

ORDO_TEST_CASE(posting_to_an_executor_can_be_awaited) {
    asio::thread_pool pool(1);
    auto const here = std::this_thread::get_id();
    co_await asio::post(pool, deferred);
    BOOST_TEST((std::this_thread::get_id() == here));
}

// -- hops

ORDO_TEST_CASE(an_operation_goes_on_in_the_iteration_after_its_completion) {
    auto& loop = get_running_loop();
    auto const before = loop.iterations();
    co_await asio::post(loop.host_executor(), deferred);
    BOOST_TEST(loop.iterations() - before == 1u);
}

// -- errors

ORDO_TEST_CASE(an_error_is_thrown_as_a_system_error) {
    socket_pair sockets(get_running_loop().get_executor());
    sockets.b.close();
    boost::system::error_code error;
    try {
        co_await read_some(sockets.a);
    } catch (boost::system::system_error const& e) {
        error = e.code();
    }
    BOOST_TEST(error == asio::error::eof);
}

ORDO_TEST_CASE(the_text_of_an_error_does_not_name_its_place_inside_asio) {
    socket_pair sockets(get_running_loop().get_executor());
    sockets.b.close();
    std::string text;
    try {
        co_await read_some(sockets.a);
    } catch (boost::system::system_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "End of file [asio.misc:2]");
}

ORDO_TEST_CASE(as_tuple_gives_the_error_among_the_results) {
    socket_pair sockets(get_running_loop().get_executor());
    sockets.b.close();
    std::array<char, 8> buffer{};
    auto const [error, size] = co_await sockets.a.async_read_some(asio::buffer(buffer), asio::as_tuple(deferred));
    BOOST_TEST(error == asio::error::eof);
    BOOST_TEST(size == 0u);
}

ORDO_TEST_CASE(as_tuple_gives_the_results_of_a_success) {
    socket_pair sockets(get_running_loop().get_executor());
    asio::write(sockets.b, asio::buffer("hello", 5));
    std::array<char, 8> buffer{};
    auto const [error, size] = co_await sockets.a.async_read_some(asio::buffer(buffer), asio::as_tuple(deferred));
    BOOST_TEST(!error);
    BOOST_TEST(size == 5u);
}

ORDO_TEST_CASE(an_operation_that_others_abort_throws_their_error_and_not_a_cancellation) {
    asio::steady_timer timer(get_running_loop().get_executor(), 1h);
    get_running_loop().call_soon([&] { timer.cancel(); });
    boost::system::error_code error;
    try {
        co_await timer.async_wait(deferred);
    } catch (boost::system::system_error const& e) {
        error = e.code();
    }
    BOOST_TEST(error == asio::error::operation_aborted);
}

ORDO_TEST_CASE(operations_can_be_run_in_parallel_as_tasks) {
    auto const executor = get_running_loop().get_executor();
    auto wait = [&](std::chrono::milliseconds length) -> coro<> {
        asio::steady_timer timer(executor, length);
        co_await timer.async_wait(deferred);
    };
    auto const before = std::chrono::steady_clock::now();
    auto const a = ordo::create_task(wait(50ms));
    auto const b = ordo::create_task(wait(50ms));
    co_await a;
    co_await b;
    BOOST_TEST((std::chrono::steady_clock::now() - before < 10s));
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 50ms));
}

// -- operations kept for later

ORDO_TEST_CASE(a_deferred_operation_begins_when_it_is_awaited) {
    socket_pair sockets(get_running_loop().get_executor());
    std::array<char, 8> buffer{};
    auto operation = sockets.a.async_read_some(asio::buffer(buffer), deferred);
    asio::write(sockets.b, asio::buffer("hello", 5));
    BOOST_TEST(buffer[0] == '\0');
    auto const size = co_await std::move(operation);
    BOOST_TEST(size == 5u);
}

// -- an IO object of another context, run by another thread

ORDO_TEST_CASE(an_operation_on_another_context_comes_back_to_the_thread_of_the_loop) {
    asio::io_context elsewhere;
    auto guard = asio::make_work_guard(elsewhere);
    std::thread other([&] { elsewhere.run(); });
    auto const here = std::this_thread::get_id();
    int on_other_threads = 0;
    {
        socket_pair sockets(elsewhere.get_executor());
        asio::steady_timer timer(elsewhere);
        for (int i = 0; i < 50; ++i) {
            timer.expires_after(10us);
            co_await timer.async_wait(deferred);
            on_other_threads += std::this_thread::get_id() != here;
            asio::write(sockets.b, asio::buffer("x", 1));
            std::array<char, 1> buffer{};
            co_await asio::async_read(sockets.a, asio::buffer(buffer), deferred);
            on_other_threads += std::this_thread::get_id() != here;
        }
    }
    guard.reset();
    other.join();
    BOOST_TEST(on_other_threads == 0);
}

BOOST_AUTO_TEST_SUITE_END()
