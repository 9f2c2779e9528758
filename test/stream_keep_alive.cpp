// ordo: tests of keep_alive, by which a stream notices that its peer has vanished.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/stream.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/server.hpp>

#include "stream_case.hpp"

#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace asio = boost::asio;

namespace {

int option(ordo::stream_writer const& of, int level, int which) {
    int value = -1;
    socklen_t size = sizeof value;
    BOOST_REQUIRE(::getsockopt(of.native_handle(), level, which, &value, &size) == 0);
    return value;
}

void check_that_it_asks_after_a_minute(ordo::stream_writer const& writer) {
    BOOST_TEST(option(writer, SOL_SOCKET, SO_KEEPALIVE) == 1);
    BOOST_TEST(option(writer, IPPROTO_TCP, TCP_KEEPIDLE) == 60);
    BOOST_TEST(option(writer, IPPROTO_TCP, TCP_KEEPINTVL) == 20);
    BOOST_TEST(option(writer, IPPROTO_TCP, TCP_KEEPCNT) == 3);
    BOOST_TEST(option(writer, IPPROTO_TCP, TCP_USER_TIMEOUT) == 120'000);
}

ordo::connection_options asking_after(ordo::optional_duration silence) {
    ordo::connection_options options;
    options.keep_alive = silence;
    return options;
}

/// From now on its system throws all packets away: it neither answers nor says goodbye.
void vanish(tcp::socket& socket) {
    sock_filter nothing{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    sock_fprog const program{.len = 1, .filter = &nothing};
    BOOST_REQUIRE(::setsockopt(socket.native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0);
}

coro<boost::system::error_code> error_of_reading(ordo::stream_reader reader) {
    co_return co_await error_of(reader.read(1));
}

} // namespace

BOOST_AUTO_TEST_SUITE(stream_keep_alive)

STREAM_TEST_CASE(a_connection_asks_only_if_it_was_told_to) {
    auto const l = co_await connect();
    BOOST_TEST(option(l.writer, SOL_SOCKET, SO_KEEPALIVE) == 0);
    auto const options = asking_after(1min);
    auto const asking = co_await connect(options);
    check_that_it_asks_after_a_minute(asking.writer);
}

STREAM_TEST_CASE(an_adopted_connection_asks_too) {
    auto acceptor = listen();
    tcp::socket client(acceptor.get_executor());
    client.connect(acceptor.local_endpoint());
    auto accepted = co_await acceptor.async_accept(deferred);
    auto const [reader, writer] = ordo::adopt_connection(accepted.release(), asking_after(1min));
    check_that_it_asks_after_a_minute(writer);
}

STREAM_TEST_CASE(a_server_asks_its_clients) {
    auto look = [](ordo::stream_reader reader, ordo::stream_writer writer) -> coro<> {
        check_that_it_asks_after_a_minute(writer);
        co_await reader.read();
    };
    ordo::server_options options;
    options.keep_alive = 1min;
    auto const server = co_await ordo::start_server(look, "127.0.0.1", 0, options);
    auto const [reader, writer] = co_await ordo::open_connection("127.0.0.1", server.port());
    co_await until([&] { return server.connections() == 1; });
    writer.close();
    server.close();
    co_await server.wait_closed();
}

STREAM_TEST_CASE(a_unix_socket_has_nothing_to_ask) {
    std::string const name = std::string(1, '\0') + "ordo_keep_alive_" + std::to_string(::getpid());
    asio::local::stream_protocol::acceptor acceptor(ordo::get_running_loop().host_executor(), name);
    auto const options = asking_after(1min);
    auto const [reader, writer] = co_await ordo::open_unix_connection(name, options);
    auto peer = co_await acceptor.async_accept(deferred);
    co_await writer.write("hello");
    std::string text(5, ' ');
    co_await asio::async_read(peer, asio::buffer(text), deferred);
    BOOST_TEST(text == "hello");
}

STREAM_TEST_CASE(less_than_a_second_is_a_second_and_its_three_questions_take_three_more) {
    auto const options = asking_after(1ms);
    auto const l = co_await connect(options);
    BOOST_TEST(option(l.writer, IPPROTO_TCP, TCP_KEEPIDLE) == 1);
    BOOST_TEST(option(l.writer, IPPROTO_TCP, TCP_KEEPINTVL) == 1);
    BOOST_TEST(option(l.writer, IPPROTO_TCP, TCP_USER_TIMEOUT) == 4'000);
}

STREAM_TEST_CASE(a_peer_that_vanishes_is_an_error_for_who_reads_and_for_who_writes) {
    auto const options = asking_after(1s);
    auto reading = co_await connect(options);
    auto writing = co_await connect(options);
    vanish(reading.peer);
    vanish(writing.peer);
    co_await writing.writer.write("is anybody there?");
    auto const started = std::chrono::steady_clock::now();
    auto const [of_reader, of_writer] =
        co_await ordo::gather(error_of_reading(reading.reader), error_of_reading(writing.reader));
    auto const took = std::chrono::steady_clock::now() - started;
    BOOST_TEST(of_reader == asio::error::timed_out);
    BOOST_TEST(of_writer == asio::error::timed_out);
    BOOST_TEST((took > 1s));
    BOOST_TEST((took < 30s)); // a second, and three more for as many questions
}

STREAM_TEST_CASE(times_that_the_system_does_not_take_are_refused) {
    auto const options = asking_after(0s);
    auto const none = co_await failure_of<ordo::value_error>(connect(options));
    auto const negative = asking_after(-1s);
    auto const refused = co_await failure_of<ordo::value_error>(connect(negative));
    ordo::server_options much;
    much.keep_alive = std::chrono::seconds(32'768);
    auto idle = [](ordo::stream_reader, ordo::stream_writer) -> coro<> { co_return; };
    auto const of_server = co_await failure_of<ordo::value_error>(ordo::start_server(idle, "127.0.0.1", 0, much));
    BOOST_TEST(none == "open_connection: keep_alive is 0 s; give more than 0 s and at most 32767 s, or std::nullopt");
    BOOST_TEST(refused ==
               "open_connection: keep_alive is -1 s; give more than 0 s and at most 32767 s, or std::nullopt");
    BOOST_TEST(of_server ==
               "start_server: keep_alive is 32768 s; give more than 0 s and at most 32767 s, or std::nullopt");
}

BOOST_AUTO_TEST_SUITE_END()
