// ordo: plain sockets, where the benchmark wants nothing between itself and the system.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ordo_benchmark {

/// @returns   What a system call returned.
/// @throws    std::system_error if that is negative.
template <class T>
T checked(T result, char const* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

class descriptor {
public:
    explicit descriptor(int number = -1) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(other.release()) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor() {
        if (number_ >= 0) close(number_);
    }

    int get() const noexcept { return number_; }
    int release() noexcept { return std::exchange(number_, -1); }

private:
    int number_;
};

/// A server of ten thousand connections needs more than the usual limit.
inline void allow_many_descriptors() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// Send every piece at once: an answer of 64 bytes must not wait for more.
inline void set_no_delay(int socket) {
    int const on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Closing it leaves nothing behind that keeps the port busy for a minute. For the side that closes first.
inline void set_hard_close(int socket) {
    linger const at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// @param port   0: the system chooses one.
inline descriptor listen_on(std::uint16_t port) {
    descriptor socket(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
    int const on = 1;
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto const address = loopback(port);
    checked(bind(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address), "bind");
    checked(listen(socket.get(), SOMAXCONN), "listen");
    return socket;
}

inline std::uint16_t port_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    checked(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    return ntohs(address.sin_port);
}

/// A socket that blocks.
inline descriptor connect_to(std::uint16_t port) {
    descriptor socket(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    auto const address = loopback(port);
    checked(connect(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address), "connect");
    set_no_delay(socket.get());
    set_hard_close(socket.get());
    return socket;
}

} // namespace ordo_benchmark
