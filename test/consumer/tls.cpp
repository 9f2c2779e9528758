// ordo: what a project on ordo::tls does: begins TLS on a stream.
// SPDX-License-Identifier: BSL-1.0
//
// Exits with 0 if it is refused: its peer does not speak TLS.
#include <ordo/ordo.hpp>
#include <ordo/tls.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/system_error.hpp>
#include <iostream>

namespace {

ordo::coro<> say_hello(ordo::stream_reader reader, ordo::stream_writer writer) {
    co_await writer.write("hello\n");
    co_await reader.read();
}

ordo::coro<bool> is_refused() {
    auto server = co_await ordo::start_server(say_hello, "127.0.0.1", 0);
    boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
    bool refused = false;
    try {
        co_await ordo::open_tls_connection("127.0.0.1", server.port(), context);
    } catch (boost::system::system_error const& e) {
        std::cout << e.what() << '\n';
        refused = true;
    }
    server.close();
    co_await server.wait_closed();
    co_return refused;
}

} // namespace

int main() {
    return ordo::run(is_refused()) ? 0 : 1;
}
