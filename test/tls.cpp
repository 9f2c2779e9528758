// ordo: tests of TLS over streams, with certificates that are made here.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/tls.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/testing/memory_stream.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "identity.hpp"
#include "server_case.hpp"

#include <boost/asio/ssl/error.hpp>

namespace asio = boost::asio;
using ordo::connection;
using ordo::tls_options;

namespace {

coro<server> start(tls_options options) {
    auto context = server_context();
    return ordo::start_tls_server(echo, "127.0.0.1", 0, context, std::move(options));
}
coro<server> start() {
    return start(tls_options());
}

coro<connection> client_of(server of, std::string name = {}) {
    auto context = client_context();
    tls_options options;
    options.server_hostname = std::move(name);
    return ordo::open_tls_connection("127.0.0.1", of.port(), context, std::move(options));
}

/// A stream in the clear, and another one that is its peer.
struct clear_pair {
    connection client;
    connection server;
};
coro<clear_pair> connect_in_the_clear() {
    auto acceptor = listen();
    auto client = co_await ordo::open_connection("127.0.0.1", acceptor.local_endpoint().port());
    auto accepted = co_await acceptor.async_accept(deferred);
    co_return clear_pair{std::move(client), ordo::adopt_connection(accepted.release())};
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls)

STREAM_TEST_CASE(what_is_sent_over_tls_comes_back_over_tls) {
    auto const serving = co_await start();
    auto [reader, writer] = co_await client_of(serving);
    co_await writer.write("hello");
    auto const text = co_await reader.read_exactly(5);
    BOOST_TEST(text == "hello");
    BOOST_TEST(!writer.can_write_eof());
    BOOST_TEST(writer.peer_name() == serving.endpoints()[0]);
    writer.close();
    co_await writer.wait_closed();
    co_await end(serving);
}

STREAM_TEST_CASE(much_goes_both_ways_at_once) {
    auto const serving = co_await start();
    auto [reader, writer] = co_await client_of(serving);
    std::string much(std::size_t(4) << 20, ' ');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 7 % 251);
    auto const writing = ordo::create_task(writer.write(std::string_view(much)));
    auto const text = co_await reader.read_exactly(much.size());
    co_await writing;
    BOOST_TEST((text == much));
    writer.close();
    co_await end(serving);
}

STREAM_TEST_CASE(close_sends_what_is_buffered_first) {
    std::string const much(std::size_t(4) << 20, 'm');
    auto send = [&](stream_reader, stream_writer writer) -> coro<> { co_await writer.write(much); };
    auto context = server_context();
    auto const serving = co_await ordo::start_tls_server(send, "127.0.0.1", 0, context);
    auto [reader, writer] = co_await client_of(serving);
    auto const text = co_await reader.read();
    BOOST_TEST((text == much));
    writer.close();
    co_await end(serving);
}

ORDO_TEST_CASE(over_a_narrow_and_slow_connection_in_memory_virtual_time_goes_on) {
    ordo::testing::memory_stream_options const narrow{.capacity = 100, .delay = 1s};
    auto [client, server] = ordo::testing::memory_stream_pair(narrow);
    auto of_server = server_context(), of_client = client_context();
    tls_options accepted, opened;
    accepted.server_side = true;
    opened.server_hostname = "localhost";
    accepted.handshake_timeout = opened.handshake_timeout = 1h;
    std::string const much(1000, 'm');
    auto serve = [&, writer = server.writer]() -> coro<> {
        co_await ordo::start_tls(writer, of_server, std::move(accepted));
        co_await writer.write(much);
        BOOST_TEST(writer.buffered() > 0u); // it is sent in the background, a hundred bytes a second
        writer.close();
    };
    auto const serving = ordo::create_task(serve);
    co_await ordo::start_tls(client.writer, of_client, std::move(opened));
    auto const before = ordo::get_running_loop().time();
    auto const text = co_await client.reader.read();
    BOOST_TEST(text == much);
    BOOST_TEST((ordo::get_running_loop().time() - before >= 10s));
    co_await serving;
    client.writer.close();
    co_await server.writer.wait_closed();
}

// -- certificates

STREAM_TEST_CASE(a_name_that_the_certificate_has_is_accepted) {
    auto const serving = co_await start();
    auto [reader, writer] = co_await client_of(serving, "localhost");
    writer.close();
    co_await end(serving);
}

STREAM_TEST_CASE(a_name_that_the_certificate_does_not_have_is_refused) {
    auto const serving = co_await start();
    auto const text = co_await failure_of(client_of(serving, "example.org"));
    BOOST_TEST(text.starts_with("start_tls (" + serving.endpoints()[0] +
                                "): the peer's certificate: hostname mismatch: certificate verify failed"));
    co_await end(serving);
}

STREAM_TEST_CASE(a_certificate_of_an_unknown_authority_is_refused) {
    auto const serving = co_await start();
    context trusting_nobody(context::tls_client);
    auto const text = co_await failure_of(ordo::open_tls_connection("127.0.0.1", serving.port(), trusting_nobody));
    BOOST_TEST(text.starts_with("start_tls (" + serving.endpoints()[0] +
                                "): the peer's certificate: self-signed certificate: certificate verify failed"));
    co_await end(serving);
}

STREAM_TEST_CASE(a_client_may_accept_any_certificate) {
    auto const serving = co_await start();
    context trusting_nobody(context::tls_client);
    tls_options options;
    options.verify = false;
    auto [reader, writer] =
        co_await ordo::open_tls_connection("127.0.0.1", serving.port(), trusting_nobody, std::move(options));
    co_await writer.write("hello");
    auto const text = co_await reader.read_exactly(5);
    BOOST_TEST(text == "hello");
    writer.close();
    co_await end(serving);
}

// -- handshakes that fail

STREAM_TEST_CASE(a_client_that_does_not_speak_tls_is_dropped_and_the_server_goes_on) {
    captured_log const log;
    auto const serving = co_await start();
    auto plain = co_await ordo::open_connection("127.0.0.1", serving.port());
    co_await plain.writer.write("GET / HTTP/1.1\r\n\r\n");
    co_await error_of(plain.reader.read()); // an alert, then the end
    auto [reader, writer] = co_await client_of(serving);
    co_await writer.write("hello");
    auto const text = co_await reader.read_exactly(5);
    BOOST_TEST(text == "hello");
    writer.close();
    co_await end(serving);
}

STREAM_TEST_CASE(a_peer_that_hangs_up_in_the_handshake_is_an_error) {
    auto l = co_await connect();
    l.peer.close();
    auto context = client_context();
    tls_options options;
    options.server_hostname = "localhost";
    auto const where = "start_tls (" + l.writer.peer_name() + ")";
    auto const text = co_await failure_of(ordo::start_tls(l.writer, context, std::move(options)));
    BOOST_TEST(text.starts_with(where + ": "));
    BOOST_TEST(l.writer.is_closing());
}

STREAM_TEST_CASE(a_handshake_that_takes_too_long_is_an_error) {
    auto l = co_await connect();
    auto context = client_context();
    tls_options options;
    options.server_hostname = "localhost";
    options.handshake_timeout = 20ms;
    auto const where = "start_tls (" + l.writer.peer_name() + ")";
    auto const text = co_await failure_of<ordo::timeout_error>(ordo::start_tls(l.writer, context, std::move(options)));
    BOOST_TEST(text == where + ": the handshake took longer than 0.02 s");
    BOOST_TEST(l.writer.is_closing());
}

STREAM_TEST_CASE(a_handshake_that_is_cancelled_aborts_the_connection) {
    auto l = co_await connect();
    auto context = client_context();
    tls_options options;
    options.server_hostname = "localhost";
    auto const beginning = ordo::create_task(ordo::start_tls(l.writer, context, std::move(options)));
    co_await ordo::sleep(1ms);
    beginning.cancel();
    co_await until([&] { return beginning.done(); });
    BOOST_TEST(beginning.cancelled());
    BOOST_TEST(l.writer.is_closing());
}

// -- start_tls

STREAM_TEST_CASE(a_connection_in_the_clear_can_begin_tls) {
    auto [client, server] = co_await connect_in_the_clear();
    co_await client.writer.write("STARTTLS\n");
    auto const request = co_await server.reader.read_line();
    co_await server.writer.write("go ahead\n");
    auto const answer = co_await client.reader.read_line();
    auto for_server = server_context();
    auto for_client = client_context();
    tls_options server_side, client_side;
    server_side.server_side = true;
    client_side.server_hostname = "localhost";
    auto const beginning = ordo::create_task(ordo::start_tls(server.writer, for_server, std::move(server_side)));
    co_await ordo::start_tls(client.writer, for_client, std::move(client_side));
    co_await beginning;
    co_await client.writer.write("secret\n");
    auto const secret = co_await server.reader.read_line();
    BOOST_TEST(request == "STARTTLS\n");
    BOOST_TEST(answer == "go ahead\n");
    BOOST_TEST(secret == "secret\n");
    client.writer.close();
    server.writer.close();
    co_await client.writer.wait_closed();
    co_await server.writer.wait_closed();
}

STREAM_TEST_CASE(what_came_in_the_clear_too_early_is_not_taken_for_encrypted) {
    auto l = co_await connect();
    l.send("line\ninjected\n");
    co_await l.reader.read_line();
    auto context = server_context();
    tls_options options;
    options.server_side = true;
    auto const text = co_await failure_of<ordo::error>(ordo::start_tls(l.writer, context, std::move(options)));
    BOOST_TEST(text == "start_tls: the peer sent 9 bytes too early, in the clear; they must be read, or the connection "
                       "dropped, first");
}

STREAM_TEST_CASE(tls_cannot_begin_while_the_stream_is_in_use) {
    auto l = co_await connect({.high_water = std::size_t(1) << 30});
    auto context = server_context();
    tls_options options;
    options.server_side = true;
    auto const reading = ordo::create_task(l.reader.read(1));
    co_await ordo::sleep(0s);
    auto const while_reading = co_await failure_of<ordo::usage_error>(ordo::start_tls(l.writer, context, options));
    reading.cancel();
    co_await until([&] { return reading.done(); });
    co_await l.writer.write(std::string(std::size_t(16) << 20, 'x'));
    auto const while_writing = co_await failure_of<ordo::usage_error>(ordo::start_tls(l.writer, context, options));
    l.writer.write_eof();
    auto const after_eof = co_await failure_of<ordo::usage_error>(ordo::start_tls(l.writer, context, options));
    l.writer.abort();
    auto const after_close = co_await failure_of<ordo::usage_error>(ordo::start_tls(l.writer, context, options));
    BOOST_TEST(while_reading == "start_tls: a task is in stream_reader::read; let it end first");
    BOOST_TEST(while_writing.ends_with(" bytes wait to be sent; await drain() first"));
    BOOST_TEST(after_eof == "start_tls: write_eof() was called; begin before it");
    BOOST_TEST(after_close == "start_tls: the stream was closed; begin before close()");
}

STREAM_TEST_CASE(a_certificate_cannot_be_verified_for_no_name) {
    auto l = co_await connect();
    auto context = client_context();
    auto const text = co_await failure_of<ordo::value_error>(ordo::start_tls(l.writer, context));
    BOOST_TEST(text ==
               "start_tls: server_hostname is empty, so the server's certificate cannot be for it; give it, or set "
               "verify to false");
}

// -- the end

STREAM_TEST_CASE(the_end_of_the_peer_is_the_end_of_the_stream) {
    auto say_goodbye = [](stream_reader, stream_writer writer) -> coro<> { co_await writer.write("goodbye"); };
    auto context = server_context();
    auto const serving = co_await ordo::start_tls_server(say_goodbye, "127.0.0.1", 0, context);
    auto [reader, writer] = co_await client_of(serving);
    auto const text = co_await reader.read();
    BOOST_TEST(text == "goodbye");
    BOOST_TEST(reader.at_eof());
    writer.close();
    co_await end(serving);
}

STREAM_TEST_CASE(a_stream_that_breaks_off_is_an_error_once_all_that_arrived_is_read) {
    auto break_off = [](stream_reader, stream_writer writer) -> coro<> {
        co_await writer.write("last words");
        ::shutdown(writer.native_handle(), SHUT_RDWR);
    };
    auto context = server_context();
    auto const serving = co_await ordo::start_tls_server(break_off, "127.0.0.1", 0, context);
    auto [reader, writer] = co_await client_of(serving);
    auto const text = co_await reader.read_exactly(10);
    auto const error = co_await error_of(reader.read());
    BOOST_TEST(text == "last words");
    BOOST_TEST(error == asio::ssl::error::stream_truncated);
    writer.close();
    co_await end(serving);
}

STREAM_TEST_CASE(write_eof_is_refused_over_tls) {
    auto const serving = co_await start();
    auto [reader, writer] = co_await client_of(serving);
    BOOST_CHECK_EXCEPTION(writer.write_eof(), ordo::usage_error,
                          says("stream_writer::write_eof: TLS ends in both directions at once; use close()"));
    writer.close();
    co_await end(serving);
}

STREAM_TEST_CASE(a_peer_that_does_not_say_goodbye_is_not_waited_for_longer_than_the_timeout) {
    auto [client, server] = co_await connect_in_the_clear();
    auto for_server = server_context();
    auto for_client = client_context();
    tls_options server_side, client_side;
    server_side.server_side = true;
    client_side.server_hostname = "localhost";
    client_side.shutdown_timeout = 20ms;
    auto const beginning = ordo::create_task(ordo::start_tls(server.writer, for_server, std::move(server_side)));
    co_await ordo::start_tls(client.writer, for_client, std::move(client_side));
    co_await beginning;
    auto const started = std::chrono::steady_clock::now();
    client.writer.close();
    co_await client.writer.wait_closed();
    auto const took = std::chrono::steady_clock::now() - started;
    BOOST_TEST((took >= 20ms && took < 10s));
    server.writer.abort();
}

STREAM_TEST_CASE(a_server_with_tls_can_be_shut_down) {
    auto const serving = co_await start();
    auto [reader, writer] = co_await client_of(serving);
    co_await writer.write("x");
    co_await reader.read(1);
    auto const stopping = ordo::create_task(serving.shutdown(1ms));
    auto const rest = co_await reader.read();
    writer.close();
    auto const report = co_await stopping;
    BOOST_TEST(rest == "");
    BOOST_TEST(report.cancelled.size() == 1u);
    BOOST_TEST(report.aborted == 0u);
}

// -- cancellation

STREAM_TEST_CASE(nothing_is_lost_when_readers_are_cancelled_at_every_moment) {
    auto const serving = co_await start();
    std::string const text = "one two three four five six seven eight nine ten";
    for (int period = 1; period < 6; ++period) {
        auto [reader, writer] = co_await client_of(serving);
        std::string received;
        auto read = [&, from = reader]() -> coro<> {
            while (received.size() < text.size()) {
                try {
                    received += co_await from.read(2);
                } catch (ordo::cancelled_error const&) {}
            }
        };
        auto const reading = ordo::create_task(read);
        co_await ordo::sleep(0s); // a task that is cancelled before it begins never does
        for (std::size_t i = 0; !reading.done(); ++i) {
            if (i < text.size()) co_await writer.write(text.substr(i, 1));
            if (i % static_cast<std::size_t>(period) == 0) reading.cancel();
            co_await ordo::sleep(0s);
        }
        BOOST_TEST(received == text);
        writer.close();
    }
    co_await end(serving);
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_takes_connections_that_are_ending_with_it) {
    auto const before = open_descriptors();
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto body = [&]() -> coro<> {
            auto const serving = co_await start();
            auto const client = co_await client_of(serving);
            client.writer.close(); // and nobody waits
        };
        loop.run_until_complete(loop.create_task(body));
    }
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_SUITE_END()
