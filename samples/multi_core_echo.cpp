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

ordo::coro<> echo(ordo::stream_reader reader, ordo::stream_writer writer) {
    for (;;) {
        auto const data = co_await reader.read(1024);
        if (data.empty()) break;
        co_await writer.write(data);
    }
}

ordo::coro<> serve(std::uint16_t port, std::latch& ready) {
    ordo::server_options options;
    options.reuse_port = true;
    auto const server = co_await ordo::start_server(echo, "127.0.0.1", port, options);
    ready.count_down();
    co_await server.serve_forever();
}

ordo::coro<int> ask(std::uint16_t port, int clients) {
    int answers = 0;
    for (int i = 0; i < clients; ++i) {
        auto const [reader, writer] = co_await ordo::open_connection("127.0.0.1", port);
        co_await writer.write("ping");
        auto const answer = co_await reader.read_exactly(4);
        answers += answer == "ping";
    }
    co_return answers;
}

int main() {
    using boost::asio::ip::tcp;
    boost::asio::io_context unused;
    tcp::acceptor reserved(unused, tcp::v4()); // the system chooses a port, which the loops share
    reserved.set_option(boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true));
    reserved.bind(tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
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
