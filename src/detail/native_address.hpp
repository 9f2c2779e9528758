// ordo: native_address, a socket_address as the system's calls take it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/socket_address.hpp>

#include <optional>
#include <sys/socket.h>

namespace ordo::detail {

struct native_address {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
    sockaddr const* get() const noexcept { return reinterpret_cast<sockaddr const*>(&storage); }
};

/// AF_INET and the like.
int native_family(address_family family) noexcept;

/// @returns   Nothing if the host is a name, or of another family.
/// @throws value_error   if a path is too long.
std::optional<native_address> to_native(socket_address const& address, char const* where);

/// The host is an address, and no name.
socket_address from_native(sockaddr const* address, socklen_t size);
inline socket_address from_native(native_address const& address) {
    return from_native(address.get(), address.size);
}
/// @param endpoint   Of any protocol of Asio.
template <class Endpoint>
socket_address address_of(Endpoint const& endpoint) {
    return from_native(endpoint.data(), static_cast<socklen_t>(endpoint.size()));
}

/// As asyncio does before it binds to a path: a socket that nobody listens on any more stays in the file system.
void remove_stale_socket(std::string const& path) noexcept;

} // namespace ordo::detail
