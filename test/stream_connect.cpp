// ordo: tests of open_connection and open_unix_connection: names, happy eyeballs, and what they say when they fail.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/stream.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/server.hpp>

#include "ports.hpp"
#include "stream_case.hpp"
#include "temporary_folder.hpp"

#include <fcntl.h>
#include <optional>
#include <unistd.h>

namespace asio = boost::asio;

BOOST_AUTO_TEST_SUITE(stream_connect)

STREAM_TEST_CASE(a_name_is_looked_up) {
    auto acceptor = listen();
    auto [reader, writer] = co_await ordo::open_connection("localhost", acceptor.local_endpoint().port());
    auto peer = co_await acceptor.async_accept(deferred);
    co_await writer.write("hello");
    std::string text(5, ' ');
    co_await asio::async_read(peer, asio::buffer(text), deferred);
    BOOST_TEST(text == "hello");
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(a_name_that_nobody_has_is_an_error_with_the_name_in_it) {
    auto const text = co_await failure_of(ordo::open_connection("no-such-host.invalid", 80));
    BOOST_TEST(text.starts_with("open_connection (no-such-host.invalid): "));
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(waiting_for_a_look_up_can_be_cancelled) {
    auto const opening = ordo::create_task(ordo::open_connection("no-such-host.invalid", 80));
    co_await ordo::sleep(0s);
    opening.cancel();
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
    BOOST_TEST(opening.cancelled());
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(a_refused_connection_is_an_error_with_the_address_in_it) {
    closed_port const port;
    auto const text = co_await failure_of(ordo::open_connection("127.0.0.1", port.number()));
    BOOST_TEST(text ==
               "open_connection (127.0.0.1:" + std::to_string(port.number()) + "): Connection refused [system:111]");
}

STREAM_TEST_CASE(no_host_is_this_machine) {
    closed_port const port;
    auto const error = co_await error_of(ordo::open_connection("", port.number()));
    BOOST_TEST(error == asio::error::connection_refused);
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(connecting_can_be_cancelled) {
    silent_port const port;
    auto const opening = ordo::create_task(ordo::open_connection("127.0.0.1", port.number()));
    co_await ordo::sleep(5ms);
    BOOST_TEST(!opening.done());
    opening.cancel("enough");
    co_await until([&] { return opening.done(); });
    BOOST_TEST(opening.cancelled());
}

STREAM_TEST_CASE(connecting_can_time_out) {
    silent_port const port;
    auto const text = co_await failure_of<ordo::timeout_error>(
        ordo::wait_for(ordo::open_connection("127.0.0.1", port.number()), 5ms));
    BOOST_TEST(text != "(nothing was thrown)");
}

// -- Unix sockets

STREAM_TEST_CASE(a_unix_socket_can_be_connected_to) {
    temporary_folder const folder;
    auto const path = folder.path("connect");
    asio::local::stream_protocol::acceptor acceptor(ordo::get_running_loop().host_executor(), path);
    auto [reader, writer] = co_await ordo::open_unix_connection(path);
    auto peer = co_await acceptor.async_accept(deferred);
    asio::write(peer, asio::buffer("hello", 5));
    auto const text = co_await reader.read(100);
    BOOST_TEST(text == "hello");
    BOOST_TEST(writer.peer_name() == path);
    BOOST_TEST(writer.local_name() == "");
}

STREAM_TEST_CASE(an_abstract_unix_socket_can_be_connected_to) {
    std::string const name = "ordo_" + std::to_string(::getpid());
    asio::local::stream_protocol::acceptor acceptor(ordo::get_running_loop().host_executor(), '\0' + name);
    auto [reader, writer] = co_await ordo::open_unix_connection('\0' + name);
    BOOST_TEST(writer.peer_name() == '@' + name);
}

STREAM_TEST_CASE(a_path_without_a_server_is_an_error_with_the_path_in_it) {
    auto const text = co_await failure_of(ordo::open_unix_connection("/no/such/socket"));
    BOOST_TEST(text == "open_unix_connection (/no/such/socket): No such file or directory [system:2]");
}

STREAM_TEST_CASE(a_path_that_is_too_long_is_an_error) {
    std::string const path(200, 'x');
    auto const text = co_await failure_of(ordo::open_unix_connection(path));
    BOOST_TEST(text.starts_with("open_unix_connection (" + path + "): File name too long"));
}

// On io_uring, Asio 1.26 lets the kernel connect, which waits there for room, and is not to be cancelled.
#ifndef BOOST_ASIO_HAS_IO_URING
STREAM_TEST_CASE(a_unix_socket_with_a_full_backlog_says_so) {
    temporary_folder const folder;
    auto const path = folder.path("backlog");
    asio::local::stream_protocol::acceptor acceptor(ordo::get_running_loop().host_executor());
    acceptor.open();
    acceptor.bind(path);
    acceptor.listen(0);
    std::vector<ordo::connection> held;
    boost::system::error_code error;
    for (int i = 0; i < 10 && !error; ++i) {
        try {
            held.push_back(co_await ordo::open_unix_connection(path));
        } catch (boost::system::system_error const& e) {
            error = e.code();
        }
    }
    BOOST_TEST(error == asio::error::try_again);
}
#endif

// -- bad options, which are refused before anything is looked up or connected to

STREAM_TEST_CASE(options_are_checked_before_a_name_is_looked_up) {
    ordo::connection_options const nothing{.limit = 0};
    auto const limit =
        co_await failure_of<ordo::value_error>(ordo::open_connection("no-such-host.invalid", 80, nothing));
    ordo::connection_options const never{.keep_alive = 0s};
    auto const silence =
        co_await failure_of<ordo::value_error>(ordo::open_connection("no-such-host.invalid", 80, never));
    BOOST_TEST(limit == "open_connection: the limit is 0 bytes; give at least 1");
    BOOST_TEST(silence ==
               "open_connection: keep_alive is 0 s; give more than 0 s and at most 32767 s, or std::nullopt");
}

STREAM_TEST_CASE(options_are_checked_before_a_path_is_connected_to) {
    ordo::connection_options const nothing{.limit = 0};
    auto const limit = co_await failure_of<ordo::value_error>(ordo::open_unix_connection("/no/such/socket", nothing));
    ordo::connection_options const never{.keep_alive = -1s};
    auto const silence = co_await failure_of<ordo::value_error>(ordo::open_unix_connection("/no/such/socket", never));
    BOOST_TEST(limit == "open_unix_connection: the limit is 0 bytes; give at least 1");
    BOOST_TEST(silence ==
               "open_unix_connection: keep_alive is -1 s; give more than 0 s and at most 32767 s, or std::nullopt");
}

STREAM_TEST_CASE(a_host_with_a_zero_byte_is_an_error_of_who_was_asked) {
    std::string const host("a\0b", 3);
    auto const opening = co_await failure_of<ordo::value_error>(ordo::open_connection(host, 80));
    auto idle = [](ordo::stream_reader, ordo::stream_writer) -> coro<> { co_return; };
    auto const starting = co_await failure_of<ordo::value_error>(ordo::start_server(idle, host, 0));
    BOOST_TEST(opening == "open_connection: a host or service has a zero byte in it, where C ends a text");
    BOOST_TEST(starting == "start_server: a host or service has a zero byte in it, where C ends a text");
}

// -- sockets of others

STREAM_TEST_CASE(a_socket_that_asio_has_accepted_can_become_a_stream) {
    auto acceptor = listen();
    auto client = co_await ordo::open_connection("127.0.0.1", acceptor.local_endpoint().port());
    auto accepted = co_await acceptor.async_accept(deferred);
    auto served = ordo::adopt_connection(accepted.release());
    co_await client.writer.write("hello");
    auto const text = co_await served.reader.read(100);
    BOOST_TEST(text == "hello");
    BOOST_TEST(served.writer.peer_name() == client.writer.local_name());
}

STREAM_TEST_CASE(a_socket_that_comes_with_bad_options_is_closed) {
    int ends[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    auto const adopt = [](int socket, ordo::connection_options options) {
        return error_text<ordo::value_error>([&] { ordo::adopt_connection(socket, options); });
    };
    BOOST_TEST(adopt(ends[0], {.limit = 0}) == "adopt_connection: the limit is 0 bytes; give at least 1");
    BOOST_TEST(adopt(ends[1], {.keep_alive = 0s}) ==
               "adopt_connection: keep_alive is 0 s; give more than 0 s and at most 32767 s, or std::nullopt");
    BOOST_TEST(::fcntl(ends[0], F_GETFD) == -1);
    BOOST_TEST(::fcntl(ends[1], F_GETFD) == -1);
    co_return;
}

BOOST_AUTO_TEST_CASE(a_socket_that_is_adopted_where_no_loop_runs_is_closed) {
    int ends[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    BOOST_CHECK_THROW(ordo::adopt_connection(ends[0]), ordo::usage_error);
    BOOST_TEST(::fcntl(ends[0], F_GETFD) == -1);
    ::close(ends[1]);
}

STREAM_TEST_CASE(a_socket_that_cannot_become_a_stream_is_closed) {
    int const unconnected = ::socket(AF_INET, SOCK_STREAM, 0);
    int datagrams[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams) == 0);
    auto const adopt = [](int socket) {
        return error_text<boost::system::system_error>([&] { ordo::adopt_connection(socket); });
    };
    BOOST_TEST(adopt(unconnected).starts_with("adopt_connection: Transport endpoint is not connected"));
    BOOST_TEST(adopt(datagrams[0]).starts_with("adopt_connection: Operation not supported"));
    BOOST_TEST(::fcntl(unconnected, F_GETFD) == -1);
    BOOST_TEST(::fcntl(datagrams[0], F_GETFD) == -1);
    ::close(datagrams[1]);
    co_return;
}

BOOST_AUTO_TEST_SUITE_END()
