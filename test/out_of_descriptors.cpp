// ordo: tests of servers, connections and datagram endpoints while the system is out of descriptors.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/datagram.hpp>
#include <ordo/executor.hpp>
#include <ordo/server.hpp>
#include <ordo/stream.hpp>

#include "no_more_descriptors.hpp"
#include "server_case.hpp"
#include "temporary_folder.hpp"

#include <memory>

namespace asio = boost::asio;

namespace {

/// Until something is reported.
class no_more_until_a_report {
public:
    no_more_until_a_report() {
        on_report = [this] { none_.give_back(); };
    }
    no_more_until_a_report(no_more_until_a_report const&) = delete;
    no_more_until_a_report& operator=(no_more_until_a_report const&) = delete;
    ~no_more_until_a_report() { on_report = nullptr; }

private:
    no_more_descriptors none_;
};

/// What is thrown while there are no descriptors.
template <class A>
coro<std::string> failure_without_descriptors(A awaitable) {
    auto none = std::make_unique<no_more_descriptors>();
    try {
        static_cast<void>(co_await std::move(awaitable));
    } catch (boost::system::system_error const& e) {
        none.reset();
        co_return e.what();
    }
    co_return "(nothing was thrown)";
}

/// What goes on without descriptors, with them.
coro<> rehearse() {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const port = serving.port();
    ordo::datagram_options options;
    options.local = ordo::socket_address{.host = "192.0.2.1", .port = 0}; // nobody's
    static_cast<void>(co_await failure_of(ordo::start_server(echo, "127.0.0.1", port)));
    static_cast<void>(co_await failure_of(ordo::create_datagram_endpoint(options)));
    static_cast<void>(co_await failure_of(ordo::open_unix_connection("/no/such/socket")));
    co_await end(serving);
    static_cast<void>(co_await failure_of(ordo::open_connection("127.0.0.1", port)));
    co_await ordo::sleep(1ms);
}

} // namespace

BOOST_AUTO_TEST_SUITE(out_of_descriptors)

STREAM_TEST_CASE(a_server_survives_it) {
    co_await rehearse();
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    asio::ip::tcp::socket client(ordo::get_running_loop().host_executor(), tcp::v4());
    no_more_until_a_report const none;
    client.connect({asio::ip::address_v4::loopback(), serving.port()});
    co_await until([&] { return !reports.empty(); });
    BOOST_TEST(reports ==
                   std::vector<std::string>{"a server cannot accept connections: server: accepting failed; it is "
                                            "tried again in 1 s: Too many open files [system:24]"},
               boost::test_tools::per_element());
    asio::write(client, asio::buffer("hello", 5));
    std::string text(5, ' ');
    co_await asio::async_read(client, asio::buffer(text), deferred);
    BOOST_TEST(text == "hello");
    BOOST_TEST(reports.size() == 1u);
    reports.clear();
    client.close();
    co_await end(serving);
}

STREAM_TEST_CASE(a_server_that_waits_for_some_can_be_closed) {
    co_await rehearse();
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    asio::ip::tcp::socket client(ordo::get_running_loop().host_executor(), tcp::v4());
    no_more_until_a_report const none;
    client.connect({asio::ip::address_v4::loopback(), serving.port()});
    co_await until([&] { return !reports.empty(); });
    auto const started = std::chrono::steady_clock::now();
    co_await end(serving);
    BOOST_TEST((std::chrono::steady_clock::now() - started < 500ms));
    reports.clear();
}

STREAM_TEST_CASE(a_server_cannot_be_started_and_says_so) {
    co_await rehearse();
    auto const text = co_await failure_without_descriptors(ordo::start_server(echo, "127.0.0.1", 0));
    BOOST_TEST(text == "start_server (127.0.0.1:0): Too many open files [system:24]");
}

STREAM_TEST_CASE(a_connection_cannot_be_opened_and_says_so) {
    co_await rehearse();
    auto acceptor = listen();
    auto const port = acceptor.local_endpoint().port();
    auto const text = co_await failure_without_descriptors(ordo::open_connection("127.0.0.1", port));
    BOOST_TEST(text == "open_connection (127.0.0.1:" + std::to_string(port) + "): Too many open files [system:24]");
    auto const [reader, writer] = co_await ordo::open_connection("127.0.0.1", port); // there are some again
    BOOST_TEST(!writer.is_closing());
}

STREAM_TEST_CASE(a_connection_to_a_path_cannot_be_opened_and_says_so) {
    co_await rehearse();
    temporary_folder const folder;
    auto const path = folder.path("server");
    asio::local::stream_protocol::acceptor const acceptor(ordo::get_running_loop().host_executor(), path);
    auto const text = co_await failure_without_descriptors(ordo::open_unix_connection(path));
    BOOST_TEST(text == "open_unix_connection (" + path + "): Too many open files [system:24]");
}

STREAM_TEST_CASE(a_datagram_endpoint_cannot_be_made_and_says_so) {
    co_await rehearse();
    ordo::datagram_options options;
    options.local = ordo::socket_address{.host = "127.0.0.1", .port = 0};
    auto const text = co_await failure_without_descriptors(ordo::create_datagram_endpoint(options));
    BOOST_TEST(text == "create_datagram_endpoint: no socket: Too many open files [system:24]");
    auto const made = co_await ordo::create_datagram_endpoint(options);
    BOOST_TEST(made.local_address().port != 0);
}

STREAM_TEST_CASE(a_name_cannot_be_looked_up_and_is_again_when_there_are_some) {
    co_await rehearse();
    static_cast<void>(co_await failure_of(ordo::open_connection("no-such-host.invalid", 80)));
    auto const text = co_await failure_without_descriptors(ordo::open_connection("no-such-host.invalid", 80));
    BOOST_TEST(text == "open_connection (no-such-host.invalid): Too many open files [system:24]");
    auto acceptor = listen();
    auto const [reader, writer] = co_await ordo::open_connection("localhost", acceptor.local_endpoint().port());
    BOOST_TEST(!writer.is_closing());
    co_await ordo::get_running_loop().shutdown_default_executor();
}

BOOST_AUTO_TEST_SUITE_END()
