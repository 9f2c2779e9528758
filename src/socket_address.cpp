// ordo: addresses of sockets: as text, and as the system's calls take them.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/socket_address.hpp>

#include "detail/native_address.hpp"

#include <ordo/exceptions.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace ordo {

std::string socket_address::to_string() const {
    if (family == address_family::local) {
        if (host.empty()) return "(unnamed)";
        return host.front() == '\0' ? '@' + host.substr(1) : host; // as ss(8) and others print it
    }
    bool const brackets = host.find(':') != std::string::npos;
    return (brackets ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

namespace detail {
namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);

native_address native_path(std::string const& path, char const* where) {
    native_address native;
    auto* const local = reinterpret_cast<sockaddr_un*>(&native.storage);
    local->sun_family = AF_UNIX;
    if (path.size() >= sizeof local->sun_path)
        throw value_error(std::string(where) + ": the path of a Unix socket has less than " +
                          std::to_string(sizeof local->sun_path) + " bytes, and this one " +
                          std::to_string(path.size()));
    std::memcpy(local->sun_path, path.data(), path.size());
    bool const ends_by_zero = !path.empty() && path.front() != '\0';
    if (ends_by_zero && path.find('\0') != std::string::npos)
        throw value_error(std::string(where) +
                          ": the path of a Unix socket has a zero byte in it, where C ends a text");
    native.size = static_cast<socklen_t>(path_offset + path.size() + (ends_by_zero ? 1 : 0));
    return native;
}

std::string path_from(sockaddr const* address, socklen_t size) {
    if (size <= path_offset) return {};
    auto const* const local = reinterpret_cast<sockaddr_un const*>(address);
    auto const length = size - path_offset;
    if (local->sun_path[0] == '\0') return {local->sun_path, length};
    return {local->sun_path, ::strnlen(local->sun_path, length)};
}

} // namespace

int native_family(address_family family) noexcept {
    switch (family) {
    case address_family::unspecified: break;
    case address_family::ipv4: return AF_INET;
    case address_family::ipv6: return AF_INET6;
    case address_family::local: return AF_UNIX;
    }
    return AF_UNSPEC;
}

std::optional<native_address> to_native(socket_address const& address, char const* where) {
    if (address.family == address_family::local) return native_path(address.host, where);
    if (address.host.find('\0') != std::string::npos) return std::nullopt;
    addrinfo hints{}; // which makes it look at the text alone: it knows scopes, "%eth0", as inet_pton() does not
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_family = native_family(address.family);
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    auto const port = std::to_string(address.port);
    if (::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found) != 0) return std::nullopt;
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const owned(found, &::freeaddrinfo);
    native_address native;
    std::memcpy(&native.storage, found->ai_addr, found->ai_addrlen);
    native.size = found->ai_addrlen;
    return native;
}

socket_address from_native(sockaddr const* address, socklen_t size) {
    if (address->sa_family == AF_UNIX) return socket_address::local(path_from(address, size));
    char host[NI_MAXHOST] = "";
    ::getnameinfo(address, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    if (address->sa_family == AF_INET6)
        return {address_family::ipv6, host, ntohs(reinterpret_cast<sockaddr_in6 const*>(address)->sin6_port)};
    return {address_family::ipv4, host, ntohs(reinterpret_cast<sockaddr_in const*>(address)->sin_port)};
}

void remove_stale_socket(std::string const& path) noexcept {
    struct stat file{};
    bool const is_in_file_system = !path.empty() && path.front() != '\0';
    if (is_in_file_system && ::stat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode)) ::unlink(path.c_str());
}

} // namespace detail
} // namespace ordo
