// ordo: the echo server on Boost.Asio with callbacks.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include <boost/asio.hpp>
#include <optional>

namespace ordo_benchmark {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class asio_server final : public echo_server {
public:
    void listen(std::uint16_t port) override {
        acceptor_.emplace(context_, tcp::endpoint(asio::ip::address_v4::loopback(), port));
        accept();
    }
    void serve(int connection) override { serve(tcp::socket(context_, tcp::v4(), connection)); }
    void run() override { context_.run(); }

private:
    struct session : std::enable_shared_from_this<session> {
        session(asio_server& owner, tcp::socket connected) : server(owner), socket(std::move(connected)) {}

        void read() {
            socket.async_read_some(asio::buffer(buffer),
                                   [self = shared_from_this()](error_code error, std::size_t size) {
                                       if (!error) self->write(size);
                                       else self->server.happened();
                                   });
        }
        void write(std::size_t size) {
            asio::async_write(socket, asio::buffer(buffer, size),
                              [self = shared_from_this()](error_code error, std::size_t) {
                                  self->server.happened();
                                  if (!error) self->read();
                              });
        }

        asio_server& server;
        tcp::socket socket;
        char buffer[echo_buffer_size];
    };

    void accept() {
        acceptor_->async_accept([this](error_code error, tcp::socket socket) {
            if (!error) serve(std::move(socket));
            accept();
        });
    }
    void serve(tcp::socket socket) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<session>(*this, std::move(socket))->read();
    }
    void step() override { context_.poll(); }

    asio::io_context context_{1}; // one thread runs it, which is what ordo says of its own
    std::optional<tcp::acceptor> acceptor_;
};

} // namespace

std::unique_ptr<echo_server> make_asio_server() {
    return std::make_unique<asio_server>();
}

} // namespace ordo_benchmark
