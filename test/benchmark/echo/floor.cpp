// ordo: the least that an echo server does: epoll, recv and send, and one buffer for all.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"
#include "sockets.hpp"

#include <array>
#include <sys/epoll.h>

namespace ordo_benchmark {
namespace {

class floor_server final : public echo_server {
public:
    void listen(std::uint16_t port) override {
        acceptor_ = listen_on(port);
        watch(acceptor_.get());
    }
    void serve(int connection) override {
        set_no_delay(connection);
        watch(connection);
    }
    void run() override {
        for (;;) step();
    }

private:
    void watch(int socket) {
        epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
        checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
    }

    void step() override {
        std::array<epoll_event, 128> events; // as many as Asio asks for
        auto const count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            auto const socket = events[static_cast<std::size_t>(i)].data.fd;
            if (socket == acceptor_.get()) accept_all();
            else answer(socket);
        }
    }

    void accept_all() {
        for (;;) {
            auto const connection = accept4(acceptor_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (connection < 0) return;
            serve(connection);
        }
    }

    /// What does not fit into the socket's own buffer is not sent later: this is the least, and 64 bytes do fit.
    void answer(int socket) {
        auto const size = recv(socket, buffer_.data(), buffer_.size(), 0);
        if (size <= 0 || send(socket, buffer_.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size)
            close(socket);
        happened();
    }

    descriptor epoll_{checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
    descriptor acceptor_;
    std::array<char, echo_buffer_size> buffer_;
};

} // namespace

std::unique_ptr<echo_server> make_floor_server() {
    return std::make_unique<floor_server>();
}

} // namespace ordo_benchmark
