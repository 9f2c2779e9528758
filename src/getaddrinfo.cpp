// ordo: looking up names, with boost::asio::ip::basic_resolver.
//
// The resolver's operations know no cancellation slots, so a task does not wait for the operation, which may take as long
// as name servers do, but for a future that the handler completes if anybody still wants it.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/getaddrinfo.hpp>

#include "detail/loop_resource.hpp"
#include "detail/native_address.hpp"
#include "detail/throw_system_error.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/future.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <memory>
#include <utility>

namespace ordo {
namespace detail {
namespace {

namespace ip = boost::asio::ip;
using flags = ip::resolver_base::flags;

/// A question under way, owned by the frame that waits.
template <class Protocol>
struct lookup {
    using results = ip::basic_resolver_results<Protocol>;

    explicit lookup(event_loop& loop) : resolver(loop.host_executor()), answered(loop.create_future<>()) {}

    static auto handler(std::shared_ptr<lookup> const& self) {
        return [weak = std::weak_ptr(self)](boost::system::error_code const& error, results found) {
            auto const asked = weak.lock();
            if (!asked || asked->answered.done()) return;
            asked->error = error;
            asked->found = std::move(found);
            asked->answered.set_result();
        };
    }

    ip::basic_resolver<Protocol> resolver;
    future<> answered;
    boost::system::error_code error;
    results found;
};

flags flags_of(getaddrinfo_options const& options) {
    auto all = flags();
    if (options.passive) all |= flags::passive;
    if (options.canonical_name) all |= flags::canonical_name;
    if (options.numeric_host) all |= flags::numeric_host;
    if (options.numeric_service) all |= flags::numeric_service;
    if (options.address_configured) all |= flags::address_configured;
    if (options.v4_mapped) all |= flags::v4_mapped;
    return all;
}

/// Wait for the answer. @throws boost::system::system_error
template <class Protocol>
coro<> answer(std::shared_ptr<lookup<Protocol>> asked, std::string what) {
    outside_work const working(loop_access::core(get_running_loop()));
    co_await asked->answered;
    if (asked->error) throw_system_error(asked->error, what);
}

template <class Protocol>
coro<std::vector<address_info>> look_up(std::string host, std::string service, getaddrinfo_options options) {
    auto const asked = std::make_shared<lookup<Protocol>>(get_running_loop());
    auto const all = flags_of(options);
    auto handler = lookup<Protocol>::handler(asked);
    if (options.family == address_family::unspecified)
        asked->resolver.async_resolve(host, service, all, std::move(handler));
    else if (options.family == address_family::ipv4)
        asked->resolver.async_resolve(Protocol::v4(), host, service, all, std::move(handler));
    else asked->resolver.async_resolve(Protocol::v6(), host, service, all, std::move(handler));
    co_await answer(asked, "getaddrinfo: no address of host '" + host + "', service '" + service + "'");

    std::vector<address_info> infos;
    infos.reserve(asked->found.size());
    for (auto const& entry : asked->found) {
        auto name = options.canonical_name ? entry.host_name() : std::string();
        infos.push_back({address_of(entry.endpoint()), std::move(name)});
    }
    co_return infos;
}

template <class Protocol>
coro<name_info> look_up_name(socket_address address) {
    auto const native = to_native(address, "getnameinfo");
    if (!native || address.family == address_family::local)
        throw value_error("getnameinfo: '" + address.host +
                          "' is not an IPv4 or IPv6 address; getaddrinfo() gives those of a name");
    typename Protocol::endpoint endpoint;
    endpoint.resize(native->size);
    std::memcpy(endpoint.data(), native->get(), native->size);
    auto const asked = std::make_shared<lookup<Protocol>>(get_running_loop());
    asked->resolver.async_resolve(endpoint, lookup<Protocol>::handler(asked));
    co_await answer(asked, "getnameinfo: no name of " + address.to_string());
    name_info info{asked->found.begin()->host_name(), asked->found.begin()->service_name()};
    co_return info;
}

} // namespace
} // namespace detail

coro<std::vector<address_info>> getaddrinfo(std::string host, std::string service, getaddrinfo_options options) {
    if (options.family == address_family::local)
        throw value_error("getaddrinfo: Unix sockets have paths and no names; use the path as it is");
    if (host.find('\0') != std::string::npos || service.find('\0') != std::string::npos)
        throw value_error("getaddrinfo: a host or service has a zero byte in it, where C ends a text");
    if (options.type == socket_type::stream)
        return detail::look_up<boost::asio::ip::tcp>(std::move(host), std::move(service), options);
    return detail::look_up<boost::asio::ip::udp>(std::move(host), std::move(service), options);
}

coro<name_info> getnameinfo(socket_address address, socket_type type) {
    if (type == socket_type::stream) return detail::look_up_name<boost::asio::ip::tcp>(std::move(address));
    return detail::look_up_name<boost::asio::ip::udp>(std::move(address));
}

} // namespace ordo
