// ordo: the echo server on libuv.
// SPDX-License-Identifier: BSL-1.0
#include "../libuv/loop.hpp"
#include "server.hpp"
#include "sockets.hpp"

namespace ordo_benchmark {
namespace {

class libuv_server final : public echo_server {
public:
    void listen(std::uint16_t port) override {
        uv_tcp_init(loop_, &acceptor_);
        acceptor_.data = this;
        auto const address = loopback(port);
        auto* const stream = reinterpret_cast<uv_stream_t*>(&acceptor_);
        uv_tcp_bind(&acceptor_, reinterpret_cast<sockaddr const*>(&address), 0);
        auto const accept = [](uv_stream_t* acceptor, int error) {
            if (error == 0) data_of<libuv_server>(acceptor).accept();
        };
        if (uv_listen(stream, SOMAXCONN, accept) != 0) throw std::runtime_error("uv_listen");
    }
    void serve(int connected) override {
        auto& connection = make_connection();
        uv_tcp_open(&connection.tcp, connected);
        connection.start();
    }
    void run() override { loop_.run(); }

private:
    struct connection {
        void start() {
            uv_tcp_nodelay(&tcp, 1);
            read();
        }
        void read() {
            auto const allocate = [](uv_handle_t* handle, std::size_t, uv_buf_t* result) {
                auto& self = data_of<connection>(handle);
                *result = uv_buf_init(self.buffer, sizeof self.buffer);
            };
            uv_read_start(stream(), allocate, [](uv_stream_t* handle, ssize_t size, uv_buf_t const*) {
                auto& self = data_of<connection>(handle);
                if (size < 0) self.end();
                else if (size > 0) self.answer(static_cast<unsigned>(size));
            });
        }
        void answer(unsigned size) {
            auto const all = uv_buf_init(buffer, size);
            auto const sent = uv_try_write(stream(), &all, 1);
            if (sent == static_cast<int>(size)) server->happened();
            else finish(size, sent > 0 ? static_cast<unsigned>(sent) : 0);
        }
        /// Nothing is read into the buffer until the rest of it has been sent.
        void finish(unsigned size, unsigned sent) {
            uv_read_stop(stream());
            auto const rest = uv_buf_init(buffer + sent, size - sent);
            request.data = this;
            uv_write(&request, stream(), &rest, 1, [](uv_write_t* written, int error) {
                auto& self = data_of<connection>(written);
                self.server->happened();
                if (error == 0) self.read();
                else if (!uv_is_closing(self.handle())) self.end();
            });
        }
        void end() {
            uv_close(handle(), [](uv_handle_t* handle) {
                std::unique_ptr<connection> const self(&data_of<connection>(handle));
                self->server->happened();
            });
        }
        uv_stream_t* stream() noexcept { return reinterpret_cast<uv_stream_t*>(&tcp); }
        uv_handle_t* handle() noexcept { return reinterpret_cast<uv_handle_t*>(&tcp); }

        libuv_server* server;
        uv_tcp_t tcp;
        uv_write_t request;
        char buffer[echo_buffer_size];
    };

    connection& make_connection() {
        auto* const made = new connection; // not cleared: the buffer need not be
        made->server = this;
        uv_tcp_init(loop_, &made->tcp);
        made->tcp.data = made;
        return *made;
    }
    void accept() {
        auto& connection = make_connection();
        uv_accept(reinterpret_cast<uv_stream_t*>(&acceptor_), connection.stream());
        connection.start();
    }

    void step() override { uv_run(loop_, UV_RUN_NOWAIT); }

    uv_tcp_t acceptor_;
    uv_loop loop_; // closes it, so it goes first
};

} // namespace

std::unique_ptr<echo_server> make_libuv_server() {
    return std::make_unique<libuv_server>();
}

} // namespace ordo_benchmark
