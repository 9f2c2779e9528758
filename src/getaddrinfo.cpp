// ordo: looking up names, with boost::asio::ip::basic_resolver in a job of the default executor.
//
// The operations of Asio's resolver cannot be cancelled once they have begun, and take as long as name servers do. A job
// can be left behind, and does not hold up the next one.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/getaddrinfo.hpp>

#include "detail/native_address.hpp"
#include "detail/resolve.hpp"
#include "detail/throw_system_error.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <utility>

namespace ordo {
namespace detail {
namespace {

namespace ip = boost::asio::ip;
using flags = ip::resolver_base::flags;
using boost::system::error_code;

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

/// What `ask(resolver, error)` finds. @throws boost::system::system_error
template <class Protocol, class Question>
coro<ip::basic_resolver_results<Protocol>> ask_system(Question ask, std::string what) {
    auto job = [ask = std::move(ask), what = std::move(what)] {
        boost::asio::io_context unused;
        ip::basic_resolver<Protocol> resolver(unused);
        error_code error;
        auto found = ask(resolver, error);
        if (error) throw_system_error(error, what);
        return found;
    };
    auto answer = get_running_loop().run_in_executor(job);
    co_return co_await std::move(answer);
}

template <class Protocol>
coro<std::vector<address_info>> look_up(std::string host, std::string service, getaddrinfo_options options,
                                        std::string what) {
    auto ask = [host, service, options](ip::basic_resolver<Protocol>& resolver, error_code& error) {
        auto const all = flags_of(options);
        if (options.family == address_family::unspecified) return resolver.resolve(host, service, all, error);
        auto const protocol = options.family == address_family::ipv4 ? Protocol::v4() : Protocol::v6();
        return resolver.resolve(protocol, host, service, all, error);
    };
    auto asking = ask_system<Protocol>(std::move(ask), std::move(what));
    auto const found = co_await std::move(asking);
    std::vector<address_info> infos;
    infos.reserve(found.size());
    for (auto const& entry : found) {
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
    auto ask = [endpoint](ip::basic_resolver<Protocol>& resolver, error_code& error) {
        return resolver.resolve(endpoint, error);
    };
    auto asking = ask_system<Protocol>(std::move(ask), "getnameinfo: no name of " + address.to_string());
    auto const found = co_await std::move(asking);
    name_info info{found.begin()->host_name(), found.begin()->service_name()};
    co_return info;
}

/// @param what   The text of an error of the system.
coro<std::vector<address_info>> look_up_any(char const* where, std::string host, std::string service,
                                            getaddrinfo_options options, std::string what) {
    if (host.find('\0') != std::string::npos || service.find('\0') != std::string::npos)
        throw value_error(std::string(where) + ": a host or service has a zero byte in it, where C ends a text");
    auto const look_up_all = options.type == socket_type::stream ? &look_up<ip::tcp> : &look_up<ip::udp>;
    return look_up_all(std::move(host), std::move(service), options, std::move(what));
}

} // namespace

coro<std::vector<native_address>> resolve(char const* where, socket_address wanted, getaddrinfo_options options) {
    if (wanted.family == address_family::unspecified) wanted.family = options.family;
    options.family = wanted.family;
    options.numeric_service = true;
    std::vector<native_address> found;
    if (auto const native = to_native(wanted, where)) {
        found.push_back(*native);
        co_return found;
    }
    auto what = std::string(where) + " (" + wanted.host + ')';
    auto const infos =
        co_await look_up_any(where, std::move(wanted.host), std::to_string(wanted.port), options, std::move(what));
    for (auto const& info : infos) found.push_back(*to_native(info.address, where));
    co_return found;
}

} // namespace detail

coro<std::vector<address_info>> getaddrinfo(std::string host, std::string service, getaddrinfo_options options) {
    if (options.family == address_family::local)
        throw value_error("getaddrinfo: Unix sockets have paths and no names; use the path as it is");
    auto what = "getaddrinfo: no address of host '" + host + "', service '" + service + "'";
    return detail::look_up_any("getaddrinfo", std::move(host), std::move(service), options, std::move(what));
}

coro<name_info> getnameinfo(socket_address address, socket_type type) {
    if (type == socket_type::stream) return detail::look_up_name<boost::asio::ip::tcp>(std::move(address));
    return detail::look_up_name<boost::asio::ip::udp>(std::move(address));
}

} // namespace ordo
