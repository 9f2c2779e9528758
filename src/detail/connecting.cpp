// ordo: happy eyeballs (RFC 8305): attempts begin one after the other, overlap, and the first that succeeds ends the rest.
// SPDX-License-Identifier: BSL-1.0
#include "connecting.hpp"

#include "native_address.hpp"
#include "resolve.hpp"
#include "throw_system_error.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/event.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/task_group.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace ordo::detail {
namespace asio = boost::asio;
using boost::system::error_code;
using boost::system::system_error;

namespace {

/// Addresses of the two families in turns, so that one that is broken does not hold up the other; within a family in
/// the order of the system.
std::vector<stream_endpoint> in_turns(std::vector<stream_endpoint> const& found) {
    std::vector<stream_endpoint> first, second;
    for (auto const& one : found) (one.protocol() == found.front().protocol() ? first : second).push_back(one);
    std::vector<stream_endpoint> result;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) result.push_back(first[i]);
        if (i < second.size()) result.push_back(second[i]);
    }
    return result;
}

/// The attempts to reach one host; stands in the frame of who waits for them.
class connecting_race {
public:
    connecting_race(std::vector<stream_endpoint> addresses, optional_duration delay)
        : addresses_(in_turns(addresses)), delay_(delay) {}

    coro<> run() {
        auto start_all = [this]() -> coro<> { return start_attempts(); };
        co_await with_task_group(group_, start_all);
    }

    std::optional<stream_socket> winner;

    [[noreturn]] void fail(std::string const& host) const {
        auto text = "open_connection (" + host + ')';
        if (addresses_.size() > 1)
            text += ": none of its " + std::to_string(addresses_.size()) + " addresses can be reached: " + failures_;
        throw_system_error(first_failure_, text);
    }

private:
    coro<> start_attempts() {
        for (auto const& address : addresses_) {
            one_failed_.clear();
            group_.create_task(attempt(address), "connecting to " + address_of(address).to_string());
            if (&address != &addresses_.back()) co_await wait_for_failure();
        }
    }

    coro<> wait_for_failure() {
        auto wait = [this]() -> coro<> { co_await one_failed_.wait(); };
        try {
            co_await with_timeout(delay_, wait);
        } catch (timeout_error const&) { // the next attempt begins beside this one
        }
    }

    coro<> attempt(stream_endpoint address) {
        stream_socket socket(get_running_loop().host_executor());
        auto const [error] = co_await socket.async_connect(address, asio::as_tuple(asio::deferred));
        if (error) {
            if (!first_failure_) first_failure_ = error;
            failures_ += (failures_.empty() ? "" : "; ") + address_of(address).to_string() + ": " + error.message();
            one_failed_.set();
        } else if (!winner) {
            set_no_delay(socket.native_handle());
            winner.emplace(std::move(socket));
            group_.cancel();
        }
    }

    std::vector<stream_endpoint> const addresses_;
    optional_duration const delay_;
    task_group group_;
    event one_failed_;
    std::string failures_;
    error_code first_failure_;
};

} // namespace

coro<std::vector<stream_endpoint>> look_up(char const* where, std::string host, std::uint16_t port, bool to_listen) {
    socket_address wanted{.host = std::move(host), .port = port};
    getaddrinfo_options const options{.passive = to_listen};
    auto const found = co_await resolve(where, std::move(wanted), options);
    std::vector<stream_endpoint> endpoints;
    for (auto const& one : found) endpoints.emplace_back(one.get(), one.size);
    co_return endpoints;
}

coro<stream_socket> connect_to_any(std::string host, std::vector<stream_endpoint> addresses,
                                   optional_duration attempt_delay) {
    connecting_race race(std::move(addresses), attempt_delay);
    co_await race.run();
    if (!race.winner) race.fail(host);
    co_return std::move(*race.winner);
}

coro<stream_socket> connect_to_host(std::string host, std::uint16_t port, optional_duration attempt_delay) {
    auto addresses = co_await look_up("open_connection", host, port, false);
    co_return co_await connect_to_any(host + ':' + std::to_string(port), std::move(addresses), attempt_delay);
}

coro<stream_socket> connect_to_path(std::string path) {
    auto const address = path_endpoint("open_unix_connection", path);
    stream_socket socket(get_running_loop().host_executor());
    auto [error] = co_await socket.async_connect(address, asio::as_tuple(asio::deferred));
    // Where the backlog is full Linux answers EAGAIN, which Asio takes for a connection under way.
    sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (!error && ::getpeername(socket.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size) != 0)
        error = asio::error::try_again;
    if (error) throw_system_error(error, "open_unix_connection (" + path + ')');
    co_return socket;
}

stream_socket adopt_socket(int socket) {
    sockaddr_storage peer{};
    socklen_t peer_size = sizeof peer;
    int type = 0;
    socklen_t type_size = sizeof type;
    error_code error;
    if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 ||
        ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0)
        error = error_code(errno, boost::system::system_category());
    else if (type != SOCK_STREAM) error = asio::error::operation_not_supported;
    stream_socket adopted(get_running_loop().host_executor());
    if (!error) adopted.assign(asio::generic::stream_protocol(peer.ss_family, 0), socket, error);
    if (!error) return adopted;
    ::close(socket);
    throw_system_error(error, "adopt_connection");
}

stream_endpoint path_endpoint(char const* where, std::string const& path) {
    try {
        return asio::local::stream_protocol::endpoint(path);
    } catch (system_error const& e) {
        throw_system_error(e.code(), std::string(where) + " (" + path + ')');
    }
}

} // namespace ordo::detail
