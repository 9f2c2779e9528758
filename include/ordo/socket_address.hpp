// ordo: socket_address, where a socket is, as text and numbers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace ordo {

/// The family of addresses; Python's AF_UNSPEC, AF_INET, AF_INET6 and AF_UNIX.
enum class address_family : std::uint8_t { unspecified, ipv4, ipv6, local };

/// The address of a socket.
///
/// @par Source   The tuples, and for Unix sockets the paths, of Python's sockets.
struct socket_address {
    address_family family = address_family::unspecified; ///< unspecified: what the host is an address of
    std::string host{};     ///< "127.0.0.1", "::1", "fe80::1%eth0"; of a Unix socket the path, empty if it has none
    std::uint16_t port = 0; ///< 0 to bind to: any that is free; of a Unix socket 0

    /// Of a Unix socket. A path that begins with a zero byte is an abstract one of Linux.
    static socket_address local(std::string path) { return {address_family::local, std::move(path), 0}; }

    /// "127.0.0.1:80", "[::1]:80", "/run/x".
    ORDO_DECL std::string to_string() const;

    friend bool operator==(socket_address const&, socket_address const&) = default;
};

} // namespace ordo
