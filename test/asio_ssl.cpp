// ordo: tests that the streams of Asio over TLS can be awaited as they are, on both sides: boost::asio::ssl::stream.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_awaitable.hpp>
#include <ordo/asio_operation.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/task.hpp>
#include <ordo/timeout.hpp>

#include "identity.hpp"
#include "stream_case.hpp"

#include <array>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <string>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = asio::ssl;
using boost::system::error_code;
using tls_stream = ssl::stream<tcp::socket>;

namespace {

/// Both ends of a connection, before the handshake.
struct ends {
    ssl::context server_side = server_context(), client_side;
    tls_stream server{ordo::get_running_loop().host_executor(), server_side};
    tls_stream client{ordo::get_running_loop().host_executor(), client_side};

    explicit ends(ssl::context of_client = client_context()) : client_side(std::move(of_client)) {
        auto acceptor = listen();
        client.lowest_layer().connect(acceptor.local_endpoint());
        acceptor.accept(server.lowest_layer());
        client.set_verify_mode(ssl::verify_peer);
    }
    ends(ends const&) = delete;
    ends& operator=(ends const&) = delete;

    coro<> accept() { co_await server.async_handshake(tls_stream::server, deferred); }
    coro<> connect() { co_await client.async_handshake(tls_stream::client, deferred); }
    coro<> handshake() { co_await ordo::gather(accept(), connect()); }
};

coro<std::string> receive(tls_stream& from, std::size_t size) {
    std::string text(size, '?');
    auto const buffer = asio::buffer(text);
    co_await asio::async_read(from, buffer, deferred);
    co_return text;
}

coro<> send(tls_stream& to, std::string text) {
    auto const buffer = asio::buffer(text);
    auto const sent = co_await asio::async_write(to, buffer, deferred);
    BOOST_TEST(sent == text.size());
}

/// Nothing that the peer sends, until it says goodbye.
coro<> expect_goodbye(tls_stream& from) {
    std::array<char, 1> byte{};
    auto const buffer = asio::buffer(byte);
    auto const [error, size] = co_await from.async_read_some(buffer, asio::as_tuple(deferred));
    BOOST_TEST(error == asio::error::eof);
    BOOST_TEST(size == 0u);
}

coro<> shut_down(tls_stream& stream) {
    co_await stream.async_shutdown(deferred);
}

template <class T>
coro<bool> was_cancelled(ordo::task<T> task) {
    try {
        co_await task;
    } catch (ordo::cancelled_error const&) {
        co_return true;
    }
    co_return false;
}

} // namespace

BOOST_AUTO_TEST_SUITE(asio_ssl)

STREAM_TEST_CASE(both_sides_shake_hands_and_the_client_trusts_the_server) {
    ends both;
    co_await both.handshake();
    BOOST_TEST(SSL_is_init_finished(both.server.native_handle()));
    BOOST_TEST(SSL_is_init_finished(both.client.native_handle()));
    BOOST_TEST(SSL_get_verify_result(both.client.native_handle()) == X509_V_OK);
}

STREAM_TEST_CASE(a_client_that_does_not_trust_the_server_throws) {
    ends both{ssl::context(ssl::context::tls_client)};
    auto const accepting = ordo::create_task(error_of(both.accept()));
    auto const text = co_await failure_of(both.connect());
    BOOST_TEST(text.find("certificate verify failed") != text.npos);
    auto const seen = co_await accepting;
    BOOST_TEST((seen.category() == asio::error::get_ssl_category()));
}

STREAM_TEST_CASE(what_either_side_sends_the_other_receives) {
    ends both;
    co_await both.handshake();
    co_await send(both.client, "a question");
    auto const question = co_await receive(both.server, 10);
    co_await send(both.server, "the answer");
    auto const answer = co_await receive(both.client, 10);
    BOOST_TEST(question == "a question");
    BOOST_TEST(answer == "the answer");
}

STREAM_TEST_CASE(megabytes_go_through) {
    ends both;
    co_await both.handshake();
    std::string much(std::size_t(4) << 20, '\0');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 7919 >> 8);
    auto const sending = ordo::create_task(send(both.server, much));
    auto const received = co_await receive(both.client, much.size());
    co_await sending;
    BOOST_TEST((received == much));
}

STREAM_TEST_CASE(a_shutdown_is_the_end_of_the_stream_for_the_peer) {
    ends both;
    co_await both.handshake();
    auto const leaving = ordo::create_task(shut_down(both.client));
    co_await expect_goodbye(both.server);
    BOOST_TEST(!leaving.done()); // it waits for the goodbye of the server
    co_await shut_down(both.server);
    co_await leaving;
}

STREAM_TEST_CASE(a_peer_that_leaves_without_a_goodbye_is_a_truncated_stream) {
    ends both;
    co_await both.handshake();
    both.server.lowest_layer().close();
    auto const error = co_await error_of(receive(both.client, 1));
    BOOST_TEST(error == ssl::error::stream_truncated);
}

// -- Beast, whose stream over TLS in Boost 1.81 does not take deferred but for composed operations

using beast_stream = beast::ssl_stream<beast::tcp_stream>;

coro<> handshake_of_server(beast_stream& stream) {
    co_await stream.async_handshake(tls_stream::server, asio::use_awaitable);
}

STREAM_TEST_CASE(the_stream_of_beast_over_tls_can_be_awaited_and_runs_out_of_its_time) {
    auto of_server = server_context(), of_client = client_context();
    auto acceptor = listen();
    beast_stream client(acceptor.get_executor(), of_client);
    client.set_verify_mode(ssl::verify_peer);
    beast::get_lowest_layer(client).expires_after(30s);
    co_await beast::get_lowest_layer(client).async_connect(acceptor.local_endpoint(), deferred);
    beast_stream server(co_await acceptor.async_accept(deferred), of_server);
    auto const accepting = ordo::create_task(handshake_of_server(server));
    co_await client.async_handshake(tls_stream::client, asio::use_awaitable);
    co_await accepting;
    co_await asio::async_write(client, asio::buffer("hello", 5), deferred);
    std::string text(5, ' ');
    co_await asio::async_read(server, asio::buffer(text), deferred);
    BOOST_TEST(text == "hello");
    beast::get_lowest_layer(server).expires_after(2ms);
    auto const error = co_await error_of(server.async_read_some(asio::buffer(text), asio::use_awaitable));
    BOOST_TEST((error == beast::error::timeout));
}

// -- cancellation

STREAM_TEST_CASE(a_read_can_be_cancelled) {
    ends both;
    co_await both.handshake();
    auto const reading = ordo::create_task(receive(both.server, 1));
    co_await ordo::sleep(1ms);
    BOOST_TEST(!reading.done());
    reading.cancel();
    auto const gone = co_await was_cancelled(reading);
    BOOST_TEST(gone);
}

STREAM_TEST_CASE(a_read_that_was_cancelled_has_taken_nothing) {
    ends both;
    co_await both.handshake();
    auto const reading = ordo::create_task(receive(both.server, 1));
    co_await ordo::sleep(1ms);
    reading.cancel();
    auto const gone = co_await was_cancelled(reading);
    BOOST_TEST(gone);
    co_await send(both.client, "still there");
    auto const text = co_await receive(both.server, 11);
    BOOST_TEST(text == "still there");
}

STREAM_TEST_CASE(a_read_can_time_out) {
    ends both;
    co_await both.handshake();
    auto const read = [&]() -> coro<> { co_await receive(both.client, 1); };
    auto const error = co_await failure_of<ordo::timeout_error>(ordo::with_timeout(2ms, read));
    BOOST_TEST(error == "with_timeout: time ran out");
}

STREAM_TEST_CASE(a_handshake_with_a_peer_that_says_nothing_can_be_cancelled) {
    ends both;
    auto const connecting = ordo::create_task(both.connect());
    co_await ordo::sleep(1ms);
    BOOST_TEST(!connecting.done());
    connecting.cancel();
    auto const gone = co_await was_cancelled(connecting);
    BOOST_TEST(gone);
}

STREAM_TEST_CASE(a_shutdown_that_the_peer_does_not_answer_can_be_cancelled) {
    ends both;
    co_await both.handshake();
    auto const leaving = ordo::create_task(shut_down(both.client));
    co_await expect_goodbye(both.server);
    leaving.cancel();
    auto const gone = co_await was_cancelled(leaving);
    BOOST_TEST(gone);
}

BOOST_AUTO_TEST_SUITE_END()
