// ordo: reading and writing a socket without waiting.
//
// Attempts go to the socket directly, with MSG_DONTWAIT, which spares the ioctl that would make it non-blocking for good
// and the errors of Asio that are exceptions. Asio's reactor does the waiting; its async_wait sees the level, because it
// arms the descriptor anew.
// SPDX-License-Identifier: BSL-1.0
#include "socket_transport.hpp"

#include "native_address.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/detail/constants.hpp>
#include <ordo/exceptions.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace ordo::detail {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code last_error() noexcept {
    if (errno == EAGAIN) return asio::error::would_block;
    return {errno, boost::system::system_category()};
}

asio::socket_base::wait_type wait_type_of(direction which) noexcept {
    return which == direction::reading ? asio::socket_base::wait_read : asio::socket_base::wait_write;
}

/// Where the socket has it: one of a Unix socket has no options of TCP.
void set_option(int socket, int level, int option, int value) noexcept {
    ::setsockopt(socket, level, option, &value, sizeof value);
}

auto seconds_of(duration time) noexcept {
    return std::chrono::ceil<std::chrono::seconds>(time).count();
}

template <class Ask>
std::string name_of(int socket, Ask ask) {
    native_address native;
    if (socket < 0 || ask(socket, native.get(), &native.size) != 0) return {};
    auto const address = from_native(native);
    return address.host.empty() ? std::string() : address.to_string();
}

} // namespace

transport::~transport() = default;

io_outcome socket_transport::read_some(char* to, std::size_t most) noexcept {
    if (!socket_.is_open()) return {.error = asio::error::operation_aborted};
    for (;;) {
        auto const got = ::recv(socket_.native_handle(), to, most, MSG_DONTWAIT);
        if (got > 0) return {.size = static_cast<std::size_t>(got), .more = static_cast<std::size_t>(got) == most};
        if (got == 0) return {.error = asio::error::eof};
        if (errno != EINTR) return {.error = last_error()};
    }
}

io_outcome socket_transport::write_some(std::string_view data) noexcept {
    if (!socket_.is_open()) return {.error = asio::error::operation_aborted};
    if (data.empty()) return {};
    for (;;) {
        auto const sent = ::send(socket_.native_handle(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0)
            return {.size = static_cast<std::size_t>(sent), .more = static_cast<std::size_t>(sent) == data.size()};
        if (errno != EINTR) return {.error = last_error()};
    }
}

coro<error_code> socket_transport::wait(direction which) {
    auto const [error] = co_await socket_.async_wait(wait_type_of(which), asio::as_tuple(asio::deferred));
    co_return error;
}

void socket_transport::when_ready(direction which, std::function<void()> call) {
    socket_.async_wait(wait_type_of(which), [call = std::move(call)](error_code) { call(); });
}

void socket_transport::shut_down_sending() noexcept {
    if (socket_.is_open()) ::shutdown(socket_.native_handle(), SHUT_WR);
}

void socket_transport::end(std::function<void()> closed) {
    close();
    closed();
}

void socket_transport::close() noexcept {
    error_code ignored;
    if (socket_.is_open()) socket_.close(ignored);
}

void socket_transport::abort() noexcept {
    linger const at_once{.l_onoff = 1, .l_linger = 0};
    if (socket_.is_open()) ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

std::string socket_transport::peer_name() const {
    return name_of(native_handle(), ::getpeername);
}

std::string socket_transport::local_name() const {
    return name_of(native_handle(), ::getsockname);
}

int socket_transport::native_handle() const noexcept {
    return socket_.is_open() ? socket_.native_handle() : -1;
}

void set_no_delay(int socket) noexcept {
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

void check_keep_alive(char const* where, optional_duration silence) {
    if (!silence || (*silence > duration::zero() && *silence <= keep_alive_limit)) return;
    throw value_error(std::string(where) + ": keep_alive is " + std::to_string(seconds_of(*silence)) +
                      " s; give more than 0 s and at most " + std::to_string(keep_alive_limit.count()) +
                      " s, or std::nullopt");
}

void set_keep_alive(int socket, optional_duration silence) noexcept {
    if (!silence) return;
    auto const idle = static_cast<int>(seconds_of(*silence));
    auto const interval = std::max(idle / keep_alive_probes, 1);
    // TCP_USER_TIMEOUT bounds how long data may be unconfirmed; where it is set it stands for the number of probes.
    auto const all_in_ms = 1000 * (idle + keep_alive_probes * interval);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, idle);
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, interval);
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, keep_alive_probes);
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, all_in_ms);
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

} // namespace ordo::detail
