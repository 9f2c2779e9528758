// ordo: an echo server on several cores: a loop on each thread listens on the same port, and the kernel spreads the clients.
// SPDX-License-Identifier: BSL-1.0
// Python has no twin: its threads do not run at the same time.
//
// Output:
//   20 clients were echoed
//   2 loops have ended
#include <ordo/ordo.hpp>

#include <boost/asio.hpp>
#include <iostream>
#include <latch>
#include <sys/socket.h>

namespace asio = boost::asio;
using asio::deferred, asio::ip::tcp;
using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

tcp::acceptor bind_to(asio::any_io_executor executor, std::uint16_t port) {
    tcp::acceptor acceptor(executor, tcp::v4());
    acceptor.set_option(reuse_port(true));
    acceptor.bind(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    return acceptor;
}

ordo::coro<> echo(tcp::socket client) try {
    char text[1024];
    for (;;) {
        auto const size = co_await client.async_read_some(asio::buffer(text), deferred);
        co_await asio::async_write(client, asio::buffer(text, size), deferred);
    }
} catch (boost::system::system_error const&) {
    // it has gone
}

ordo::coro<> serve(std::uint16_t port, std::latch& ready) {
    auto acceptor = bind_to(ordo::get_running_loop().get_executor(), port);
    acceptor.listen();
    ready.count_down();
    for (;;) ordo::create_task(echo(co_await acceptor.async_accept(deferred)));
}

ordo::coro<int> ask(std::uint16_t port, int clients) {
    int answers = 0;
    for (int i = 0; i < clients; ++i) {
        tcp::socket server(ordo::get_running_loop().get_executor());
        co_await server.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), deferred);
        co_await asio::async_write(server, asio::buffer("ping", 4), deferred);
        char text[4];
        answers += co_await asio::async_read(server, asio::buffer(text), deferred) == 4;
    }
    co_return answers;
}

int main() {
    asio::io_context unused;
    auto const reserved = bind_to(unused.get_executor(), 0); // the system chose a port, which the loops share
    auto const port = reserved.local_endpoint().port();
    ordo::loop_pool pool(2);
    std::latch ready(2);
    pool.start([port, &ready](std::size_t) { return serve(port, ready); });
    ready.wait();
    std::cout << ordo::run(ask(port, 20)) << " clients were echoed\n";
    pool.stop();
    pool.join();
    std::cout << pool.size() << " loops have ended\n";
}
