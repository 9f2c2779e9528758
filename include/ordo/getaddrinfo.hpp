// ordo: getaddrinfo and getnameinfo, from names to addresses and back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/socket_address.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ordo {

/// Python's SOCK_STREAM and SOCK_DGRAM.
enum class socket_type : std::uint8_t { stream, datagram };

/// What to look for; the arguments and flags of Python's getaddrinfo.
struct getaddrinfo_options {
    address_family family = address_family::unspecified; ///< not local
    socket_type type = socket_type::stream;
    bool passive = false;            ///< AI_PASSIVE: an empty host means all addresses, to bind to
    bool canonical_name = false;     ///< AI_CANONNAME
    bool numeric_host = false;       ///< AI_NUMERICHOST: ask no name server
    bool numeric_service = false;    ///< AI_NUMERICSERV
    bool address_configured = false; ///< AI_ADDRCONFIG: only of families that this machine has addresses of
    bool v4_mapped = false;          ///< AI_V4MAPPED: of an IPv6 host that has none, "::ffff:192.0.2.1"
};

struct address_info {
    socket_address address;
    std::string canonical_name{}; ///< if it was asked for
};

struct name_info {
    std::string host;    ///< the address, if it has no name
    std::string service; ///< the port, if it has no name
};

/// The addresses of a host, in the order in which they should be tried.
///
/// A job of the default executor asks the system.
///
/// @param host      A name or an address; empty means this machine.
/// @param service   A name as "http", a number as "80", or empty for port 0.
/// @throws boost::system::system_error   with host and service, if there is none.
/// @throws value_error                   if the family is local, or a text has a zero byte in it.
/// @par Cancellation   The task goes on at once; what was asked goes on and is dropped. The end of the default executor
///                     waits for it.
/// @par Source         asyncio loop.getaddrinfo.
ORDO_DECL coro<std::vector<address_info>> getaddrinfo(std::string host, std::string service = {},
                                                      getaddrinfo_options options = {});

/// The names of an address and of its port.
///
/// @throws value_error                   if the host is not an IPv4 or IPv6 address.
/// @throws boost::system::system_error   with the address, if the system cannot tell.
/// @par Cancellation   As getaddrinfo().
/// @par Source         asyncio loop.getnameinfo.
ORDO_DECL coro<name_info> getnameinfo(socket_address address, socket_type type = socket_type::stream);

} // namespace ordo
