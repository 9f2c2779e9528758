// ordo: tests that whatever Asio and Beast offer can be awaited: the objects that other tests do not use.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"
#include "socket_pair.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/use_future.hpp>

#include <array>
#include <boost/asio.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using namespace std::chrono_literals;
using asio::deferred, asio::ip::tcp;
using boost::system::error_code, boost::system::system_error;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;

namespace {

coro<> expect_cancelled(ordo::any_task t) {
    for (int i = 0; i < 3; ++i) co_await ordo::sleep(0s); // so that it waits
    t.cancel();
    bool cancelled = false;
    try {
        co_await t;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_objects, no_descriptors_left)

// -- channels

ORDO_TEST_CASE(a_channel_hands_over_messages) {
    asio::experimental::channel<void(error_code, std::string)> channel(get_running_loop().get_executor());
    auto const send = [&]() -> coro<> {
        std::string text = "first";
        co_await channel.async_send(error_code(), text, deferred);
        text = "second";
        co_await channel.async_send(error_code(), text, deferred);
        channel.close();
    };
    auto const sending = create_task(send);
    auto const first = co_await channel.async_receive(deferred);
    auto const second = co_await channel.async_receive(deferred);
    co_await sending;
    BOOST_TEST(first == "first");
    BOOST_TEST(second == "second");
    error_code error;
    try {
        co_await channel.async_receive(deferred);
    } catch (system_error const& e) {
        error = e.code();
    }
    BOOST_TEST((error == asio::experimental::error::channel_closed));
}

ORDO_TEST_CASE(waiting_for_a_channel_can_be_cancelled) {
    asio::experimental::channel<void(error_code, int)> channel(get_running_loop().get_executor());
    auto const receive = [&]() -> coro<> { static_cast<void>(co_await channel.async_receive(deferred)); };
    co_await expect_cancelled(create_task(receive));
    channel.try_send(error_code(), 5); // which nobody takes any more
    auto const kept = channel.try_receive([](error_code, int) {});
    BOOST_TEST(!kept);
}

ORDO_TEST_CASE(a_channel_connects_threads) {
    asio::experimental::concurrent_channel<void(error_code, int)> channel(get_running_loop().get_executor(), 100);
    std::jthread const thread([&] {
        for (int i = 1; i <= 100; ++i) channel.try_send(error_code(), i);
    });
    int sum = 0;
    for (int i = 0; i < 100; ++i) sum += co_await channel.async_receive(deferred);
    BOOST_TEST(sum == 5050);
}

// -- names, signals, pipes

ORDO_TEST_CASE(a_resolver_finds_the_loopback_address) {
    tcp::resolver resolver(get_running_loop().get_executor());
    auto const found = co_await resolver.async_resolve("127.0.0.1", "80", deferred);
    BOOST_REQUIRE(!found.empty());
    BOOST_TEST(found.begin()->endpoint().port() == 80);
    bool failed = false;
    try {
        co_await resolver.async_resolve("127.0.0.1", "no such service", deferred);
    } catch (system_error const&) {
        failed = true;
    }
    BOOST_TEST(failed);
}

ORDO_TEST_CASE(a_signal_set_can_be_awaited) {
    asio::signal_set signals(get_running_loop().get_executor(), SIGUSR2);
    auto received = signals.async_wait(ordo::use_future);
    std::raise(SIGUSR2);
    auto const number = co_await received;
    BOOST_TEST(number == SIGUSR2);
    auto const wait = [&]() -> coro<> { co_await signals.async_wait(deferred); };
    co_await expect_cancelled(create_task(wait));
}

ORDO_TEST_CASE(pipes_can_be_awaited) {
    asio::readable_pipe reading(get_running_loop().get_executor());
    asio::writable_pipe writing(get_running_loop().get_executor());
    asio::connect_pipe(reading, writing);
    co_await asio::async_write(writing, asio::buffer("through", 7), deferred);
    std::array<char, 7> text{};
    co_await asio::async_read(reading, asio::buffer(text), deferred);
    BOOST_TEST(std::string(text.data(), text.size()) == "through");
    writing.close();
    error_code error;
    try {
        co_await reading.async_read_some(asio::buffer(text), deferred);
    } catch (system_error const& e) {
        error = e.code();
    }
    BOOST_TEST((error == asio::error::eof));
}

ORDO_TEST_CASE(a_parallel_group_can_be_awaited) {
    auto const executor = get_running_loop().get_executor();
    asio::steady_timer soon(executor, 1ms), late(executor, 1h);
    auto group = asio::experimental::make_parallel_group(soon.async_wait(deferred), late.async_wait(deferred));
    auto const [order, first, second] =
        co_await std::move(group).async_wait(asio::experimental::wait_for_one(), deferred);
    BOOST_TEST(order[0] == 0u);
    BOOST_TEST(!first);
    BOOST_TEST((second == asio::error::operation_aborted));
}

// -- Beast

ORDO_TEST_CASE(http_messages_of_beast_can_be_awaited) {
    socket_pair wire(get_running_loop().get_executor());
    auto const serve = [&]() -> coro<> {
        beast::flat_buffer buffer;
        http::request<http::string_body> request;
        co_await http::async_read(wire.b, buffer, request, deferred);
        http::response<http::string_body> response(http::status::ok, 11);
        response.body() = "you asked for " + std::string(request.target());
        response.prepare_payload();
        co_await http::async_write(wire.b, response, deferred);
    };
    auto const serving = create_task(serve);
    http::request<http::empty_body> request(http::verb::get, "/page", 11);
    co_await http::async_write(wire.a, request, deferred);
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    co_await http::async_read(wire.a, buffer, response, deferred);
    co_await serving;
    BOOST_TEST(response.body() == "you asked for /page");
}

ORDO_TEST_CASE(a_tcp_stream_of_beast_can_be_awaited_and_runs_out_of_its_time) {
    auto const executor = get_running_loop().host_executor();
    tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    beast::tcp_stream client(executor);
    client.expires_after(30s);
    co_await client.async_connect(acceptor.local_endpoint(), deferred);
    beast::tcp_stream server(co_await acceptor.async_accept(deferred));
    co_await asio::async_write(client, asio::buffer("hello", 5), deferred);
    std::string text(5, ' ');
    co_await asio::async_read(server, asio::buffer(text), deferred);
    BOOST_TEST(text == "hello");
    server.expires_after(2ms);
    auto const [error, size] = co_await server.async_read_some(asio::buffer(text), asio::as_tuple(deferred));
    BOOST_TEST((error == beast::error::timeout));
    BOOST_TEST(size == 0u);
}

ORDO_TEST_CASE(a_websocket_of_beast_can_be_awaited_and_cancelled) {
    socket_pair wire(get_running_loop().get_executor());
    using stream = beast::websocket::stream<socket_pair::socket>;
    stream client(std::move(wire.a)), server(std::move(wire.b));
    auto const accept = [&]() -> coro<> { co_await server.async_accept(deferred); };
    auto const accepting = create_task(accept);
    co_await client.async_handshake("localhost", "/", deferred);
    co_await accepting;
    co_await client.async_write(asio::buffer("hello", 5), deferred);
    beast::flat_buffer buffer;
    co_await server.async_read(buffer, deferred);
    BOOST_TEST(beast::buffers_to_string(buffer.data()) == "hello");
    auto const read = [&]() -> coro<> { co_await server.async_read(buffer, deferred); };
    co_await expect_cancelled(create_task(read));
}

BOOST_AUTO_TEST_SUITE_END()
