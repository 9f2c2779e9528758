// ordo: datagrams, over boost::asio::generic::datagram_protocol, which knows every family.
//
// A datagram is received into a buffer of the socket that has a byte more than the limit: if that byte is used, something
// was cut off.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/datagram.hpp>

#include "detail/loop_resource.hpp"
#include "detail/native_address.hpp"
#include "detail/resolve.hpp"
#include "detail/throw_system_error.hpp"
#include "detail/unique_descriptor.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/lock.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <cerrno>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace ordo {
namespace detail {

using boost::asio::as_tuple;
using boost::asio::deferred;
using protocol = boost::asio::generic::datagram_protocol;

class datagram_socket final : public descriptor_resource<protocol::socket> {
public:
    datagram_socket(event_loop& loop, unique_descriptor descriptor, int family, std::optional<socket_address> peer,
                    std::size_t limit)
        : descriptor_resource(loop, "endpoint", "create_datagram_endpoint"), family_(family), peer_(std::move(peer)),
          limit_(limit) {
        take_over(descriptor.get(), "create_datagram_endpoint", protocol(family, 0));
        descriptor.release();
    }

    static datagram_endpoint handle_of(std::shared_ptr<datagram_socket> socket) {
        return datagram_endpoint(std::move(socket));
    }

    static coro<datagram> receive(std::shared_ptr<datagram_socket> self) {
        auto const held = co_await self->receiving_.scoped();
        auto& from = self->open("datagram_endpoint::receive");
        if (!self->buffer_) self->buffer_ = std::make_unique_for_overwrite<char[]>(self->limit_ + 1);
        auto const buffer = boost::asio::buffer(self->buffer_.get(), self->limit_ + 1);
        auto const [error, size] = co_await from.async_receive_from(buffer, self->sender_, as_tuple(deferred));
        if (error)
            self->fail(error, self->peer_ ? "datagram_endpoint::receive: from " + self->peer_->to_string()
                                          : "datagram_endpoint::receive");
        datagram received{.data = std::string(self->buffer_.get(), std::min(size, self->limit_)),
                          .sender = self->sender(),
                          .truncated = size > self->limit_};
        co_return received;
    }

    static coro<> send(std::shared_ptr<datagram_socket> self, std::string data) {
        auto& socket = self->open("datagram_endpoint::send");
        if (!self->peer_)
            throw usage_error("datagram_endpoint::send: it is not connected; use send_to(), or give a remote address");
        auto const buffer = boost::asio::buffer(data);
        auto const [error, sent] = co_await socket.async_send(buffer, as_tuple(deferred));
        if (error) self->fail(error, sending("datagram_endpoint::send", data, *self->peer_));
    }

    static coro<> send_to(std::shared_ptr<datagram_socket> self, std::string data, socket_address to) {
        auto& socket = self->open("datagram_endpoint::send_to");
        auto const target = self->target(to);
        if (self->peer_) co_return co_await send(std::move(self), std::move(data));
        auto const buffer = boost::asio::buffer(data);
        auto const [error, sent] = co_await socket.async_send_to(buffer, target, as_tuple(deferred));
        if (error) self->fail(error, sending("datagram_endpoint::send_to", data, to));
    }

    std::optional<socket_address> const& peer() const noexcept { return peer_; }

private:
    static std::string sending(char const* where, std::string const& data, socket_address const& to) {
        return std::string(where) + ": " + std::to_string(data.size()) + " bytes to " + to.to_string();
    }

    protocol::endpoint target(socket_address const& to) const {
        auto const native = to_native(to, "datagram_endpoint::send_to");
        if (!native || native->storage.ss_family != family_)
            throw value_error("datagram_endpoint::send_to: '" + to.host +
                              "' is no address of the endpoint's family; resolve names with getaddrinfo()");
        if (peer_ && from_native(*native) != *peer_)
            throw usage_error("datagram_endpoint::send_to: it is connected to " + peer_->to_string() + ", and not to " +
                              to.to_string());
        return {native->get(), native->size};
    }

    socket_address sender() const {
        if (sender_.size() <= sizeof(sa_family_t)) return socket_address::local({}); // not bound, so it has none
        return address_of(sender_);
    }

    int const family_;
    std::optional<socket_address> const peer_; ///< what it is connected to
    std::size_t const limit_;
    lock receiving_;                 ///< whose owner uses what follows
    std::unique_ptr<char[]> buffer_; ///< null until the first datagram is wanted
    protocol::endpoint sender_;
};

namespace {

/// A pair of addresses that may work.
struct candidate {
    std::optional<native_address> local{};
    std::optional<native_address> remote{};
    int family = AF_UNSPEC;
};

/// Nothing if none is wanted.
coro<std::vector<native_address>> resolve_if(std::optional<socket_address> wanted, getaddrinfo_options options) {
    if (wanted) co_return co_await resolve("create_datagram_endpoint", *std::move(wanted), options);
    co_return std::vector<native_address>();
}

std::vector<candidate> candidates(std::vector<native_address> const& locals, std::vector<native_address> const& remotes,
                                  address_family family) {
    std::vector<candidate> all;
    for (auto const& local : locals)
        if (remotes.empty()) all.push_back({.local = local, .remote{}, .family = local.storage.ss_family});
    for (auto const& remote : remotes) {
        if (locals.empty()) all.push_back({.local{}, .remote = remote, .family = remote.storage.ss_family});
        for (auto const& local : locals)
            if (local.storage.ss_family == remote.storage.ss_family)
                all.push_back({.local = local, .remote = remote, .family = remote.storage.ss_family});
    }
    if (family == address_family::unspecified) return all;
    if (locals.empty() && remotes.empty()) all.push_back({.local{}, .remote{}, .family = native_family(family)});
    std::erase_if(all, [&](candidate const& one) { return one.family != native_family(family); });
    return all;
}

void set_option(int descriptor, int option, bool on) {
    int const value = 1;
    if (on && ::setsockopt(descriptor, SOL_SOCKET, option, &value, sizeof value) != 0)
        throw_system_error(errno, "create_datagram_endpoint: socket option " + std::to_string(option));
}

unique_descriptor open_socket(candidate const& from, datagram_options const& options) {
    unique_descriptor opened(::socket(from.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!opened) throw_system_error(errno, "create_datagram_endpoint: no socket");
    set_option(opened.get(), SO_REUSEPORT, options.reuse_port);
    set_option(opened.get(), SO_BROADCAST, options.allow_broadcast);
    auto const fail = [](char const* verb, native_address const& address) {
        int const error = errno;
        throw_system_error(error, std::string("create_datagram_endpoint: cannot ") + verb + ' ' +
                                      from_native(address).to_string());
    };
    if (from.local) {
        if (from.family == AF_UNIX) remove_stale_socket(from_native(*from.local).host);
        if (::bind(opened.get(), from.local->get(), from.local->size) != 0) fail("bind to", *from.local);
    }
    if (from.remote && ::connect(opened.get(), from.remote->get(), from.remote->size) != 0)
        fail("connect to", *from.remote);
    return opened;
}

datagram_endpoint make_endpoint(event_loop& loop, candidate const& from, datagram_options const& options) {
    auto opened = open_socket(from, options);
    std::optional<socket_address> peer;
    if (from.remote) peer = from_native(*from.remote);
    return datagram_socket::handle_of(
        std::make_shared<datagram_socket>(loop, std::move(opened), from.family, std::move(peer), options.limit));
}

} // namespace
} // namespace detail

coro<datagram> datagram_endpoint::receive() const {
    return detail::datagram_socket::receive(socket_);
}

coro<> datagram_endpoint::send_to(std::string data, socket_address to) const {
    return detail::datagram_socket::send_to(socket_, std::move(data), std::move(to));
}

coro<> datagram_endpoint::send(std::string data) const {
    return detail::datagram_socket::send(socket_, std::move(data));
}

void datagram_endpoint::close() const noexcept {
    socket_->close();
}

bool datagram_endpoint::is_closed() const noexcept {
    return socket_->closed();
}

socket_address datagram_endpoint::local_address() const {
    detail::native_address native;
    if (::getsockname(socket_->number(), native.get(), &native.size) != 0)
        detail::throw_system_error(errno, "datagram_endpoint::local_address");
    return detail::from_native(native);
}

std::optional<socket_address> datagram_endpoint::remote_address() const {
    return socket_->peer();
}

coro<datagram_endpoint> create_datagram_endpoint(datagram_options options) {
    auto& loop = get_running_loop();
    getaddrinfo_options asked{.family = options.family, .type = socket_type::datagram, .passive = true};
    auto const locals = co_await detail::resolve_if(options.local, asked);
    asked.passive = false;
    auto const remotes = co_await detail::resolve_if(options.remote, asked);
    auto const all = detail::candidates(locals, remotes, options.family);
    if (all.empty())
        throw value_error("create_datagram_endpoint: there is no family that all of the options can have; give a local "
                          "or remote address, or a family");
    std::exception_ptr failure;
    for (auto const& one : all) {
        try {
            co_return detail::make_endpoint(loop, one, options);
        } catch (boost::system::system_error const&) {
            failure = std::current_exception();
        }
    }
    std::rethrow_exception(failure);
}

} // namespace ordo
