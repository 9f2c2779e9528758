// ordo: a TCP echo server, one task per connection. With a port it serves for ever; without, it shows itself at work.
// SPDX-License-Identifier: BSL-1.0
//
// The server, in Python:
//   async def echo(reader, writer):
//       while data := await reader.read(1024):
//           writer.write(data)
//   server = await asyncio.start_server(echo, "127.0.0.1", port)
//   await server.serve_forever()
//
// Output:
//   the server said: hello
#include <ordo/ordo.hpp>

#include <boost/asio.hpp>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace asio = boost::asio;
using asio::deferred, asio::ip::tcp;

ordo::coro<> echo(tcp::socket socket) try {
    char data[1024];
    for (;;) {
        auto const size = co_await socket.async_read_some(asio::buffer(data), deferred);
        co_await asio::async_write(socket, asio::buffer(data, size), deferred);
    }
} catch (boost::system::system_error const&) {
    // The client has left.
}

ordo::coro<> serve(tcp::acceptor acceptor) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(deferred);
        ordo::create_task(echo(std::move(socket)));
    }
}

ordo::coro<> demonstrate(tcp::endpoint server) {
    tcp::socket socket(ordo::get_running_loop().get_executor());
    co_await socket.async_connect(server, deferred);
    co_await asio::async_write(socket, asio::buffer("hello", 5), deferred);
    char answer[5];
    co_await asio::async_read(socket, asio::buffer(answer), deferred);
    std::cout << "the server said: " << std::string_view(answer, sizeof answer) << '\n';
}

ordo::coro<> run_server(int port) {
    tcp::endpoint const address(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
    tcp::acceptor acceptor(ordo::get_running_loop().get_executor(), address);
    auto const bound = acceptor.local_endpoint(); // the system chose a port for 0
    auto const serving = ordo::create_task(serve(std::move(acceptor)));
    if (port == 0) co_await demonstrate(bound);
    else co_await serving;
}

int main(int argc, char** argv) {
    ordo::run(run_server(argc > 1 ? std::atoi(argv[1]) : 0));
}
