// ordo: the echo server on Boost.Asio with asio::awaitable.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include <boost/asio.hpp>

namespace ordo_benchmark {
namespace {

namespace asio = boost::asio;
using asio::awaitable, asio::use_awaitable, asio::ip::tcp;

class awaitable_server final : public echo_server {
public:
    void listen(std::uint16_t port) override {
        tcp::acceptor acceptor(context_, tcp::endpoint(asio::ip::address_v4::loopback(), port));
        asio::co_spawn(context_, accept(std::move(acceptor)), asio::detached);
    }
    void serve(int connection) override { serve(tcp::socket(context_, tcp::v4(), connection)); }
    void run() override { context_.run(); }

private:
    awaitable<void> accept(tcp::acceptor acceptor) {
        for (;;) serve(co_await acceptor.async_accept(use_awaitable));
    }
    void serve(tcp::socket socket) {
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(context_, echo(std::move(socket)), asio::detached);
    }
    awaitable<void> echo(tcp::socket socket) try {
        char buffer[echo_buffer_size];
        for (;;) {
            auto const size = co_await socket.async_read_some(asio::buffer(buffer), use_awaitable);
            co_await asio::async_write(socket, asio::buffer(buffer, size), use_awaitable);
            happened();
        }
    } catch (boost::system::system_error const&) {
        happened();
    }

    void step() override { context_.poll(); }

    asio::io_context context_{1};
};

} // namespace

std::unique_ptr<echo_server> make_awaitable_server() {
    return std::make_unique<awaitable_server>();
}

} // namespace ordo_benchmark
