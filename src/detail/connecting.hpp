// ordo: connecting to a host, whichever of its addresses answers first, or to a path; and looking names up.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "socket_transport.hpp"

#include <ordo/clock.hpp>
#include <ordo/coro.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ordo::detail {

using stream_endpoint = boost::asio::generic::stream_protocol::endpoint;

/// The addresses of a host, in the order of the system; an address is its own.
/// @param to_listen   No host means all addresses of this machine; else its loopback.
/// @throws boost::system::system_error   if there are none.
coro<std::vector<stream_endpoint>> look_up(char const* where, std::string host, std::uint16_t port, bool to_listen);

/// Whichever of the addresses answers first. They begin in turns of their families, each `attempt_delay` after the one
/// before, or when one has failed.
/// @param host   For the text of the error.
coro<stream_socket> connect_to_any(std::string host, std::vector<stream_endpoint> addresses,
                                   optional_duration attempt_delay);
coro<stream_socket> connect_to_host(std::string host, std::uint16_t port, optional_duration attempt_delay);
coro<stream_socket> connect_to_path(std::string path);
/// @throws boost::system::system_error   if it is no connected stream socket; it is closed then.
stream_socket adopt_socket(int socket);

/// @throws boost::system::system_error   with the path in its text, if it is too long.
stream_endpoint path_endpoint(char const* where, std::string const& path);

} // namespace ordo::detail
