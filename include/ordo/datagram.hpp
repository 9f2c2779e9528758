// ordo: create_datagram_endpoint, sockets that send and receive datagrams.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/socket_address.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace ordo {
namespace detail {
class datagram_socket;

/// Bytes of the largest datagram that is received whole: more than UDP can carry, which is 65,527.
inline constexpr std::size_t datagram_limit = std::size_t(64) << 10;
} // namespace detail

/// What came in one piece.
struct datagram {
    std::string data;
    socket_address sender;  ///< a Unix socket that is not bound has no path
    bool truncated = false; ///< it was larger than the limit, and the rest of it is lost
};

/// How an endpoint is made; the arguments of asyncio's create_datagram_endpoint.
struct datagram_options {
    std::optional<socket_address> local{};               ///< to bind to; a host may be a name
    std::optional<socket_address> remote{};              ///< to connect to: it hears nobody else
    address_family family = address_family::unspecified; ///< needed if there is no address
    bool reuse_port = false;                             ///< SO_REUSEPORT: others may bind to the same port
    bool allow_broadcast = false;                        ///< SO_BROADCAST
    std::size_t limit = detail::datagram_limit;          ///< bytes of the largest datagram that is received whole
};

/// A socket for datagrams: UDP over IPv4 and IPv6, or of Unix.
///
/// @code
/// ordo::datagram_options options;
/// options.local = ordo::socket_address{.host = "127.0.0.1", .port = 5353};
/// auto const endpoint = co_await ordo::create_datagram_endpoint(options);
/// auto const received = co_await endpoint.receive();
/// co_await endpoint.send_to(received.data, received.sender);
/// @endcode
///
/// A handle: copies denote the same socket, which is closed when the last of them, and of the calls under way, is gone.
///
/// @par Errors          Those of one datagram do not end the endpoint: go on with the next one.
/// @par Thread safety   The loop's thread only. Several tasks may receive; they get datagrams in the order of their calls.
/// @par Source          asyncio's DatagramTransport and DatagramProtocol.
class ORDO_DECL datagram_endpoint {
public:
    /// The next datagram.
    ///
    /// @throws boost::system::system_error  ECONNREFUSED if an earlier datagram has found nobody at the remote address;
    ///                                      operation_aborted if the endpoint was closed meanwhile.
    /// @throws usage_error                  if it was closed before.
    /// @par Cancellation   Loses no datagram.
    coro<datagram> receive() const;

    /// Send one datagram to an address, which is no name. It suspends while the system has no room.
    ///
    /// @throws boost::system::system_error  EMSGSIZE if it is too large, ECONNREFUSED as receive(), and of Unix sockets
    ///                                      if there is nobody at the path.
    /// @throws value_error                  if the host is no address of the endpoint's family.
    /// @throws usage_error                  if it is connected to another address, or was closed.
    /// @par Cancellation   The datagram is not sent.
    coro<> send_to(std::string data, socket_address to) const;
    /// The same, to the address that it is connected to.
    ///
    /// @throws usage_error   if it is not.
    coro<> send(std::string data) const;

    /// Idempotent. Tasks that receive or send get a system_error.
    void close() const noexcept;
    bool is_closed() const noexcept;

    /// What it is bound to; the system chooses at the first send_to() if nobody else did.
    /// @throws boost::system::system_error   if it is closed.
    socket_address local_address() const;
    /// What it is connected to; nothing if it is not.
    std::optional<socket_address> remote_address() const;

private:
    friend class detail::datagram_socket;
    explicit datagram_endpoint(std::shared_ptr<detail::datagram_socket> socket) noexcept : socket_(std::move(socket)) {}

    std::shared_ptr<detail::datagram_socket> socket_; ///< null once moved from
};

/// Make an endpoint on the running loop. Of the addresses that names have, those are taken that work first.
///
/// A Unix socket that nobody uses any more is removed from the path to bind to, as asyncio does; it stays there after
/// close().
///
/// @throws boost::system::system_error   with the address and the reason: of the last one that was tried.
/// @throws value_error                   if there is neither an address nor a family, or they differ in family.
/// @par Source   asyncio loop.create_datagram_endpoint.
ORDO_DECL coro<datagram_endpoint> create_datagram_endpoint(datagram_options options);

} // namespace ordo
