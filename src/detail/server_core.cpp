// ordo: accepting, with a pause where the system is out of descriptors; and the tasks of the connections.
// SPDX-License-Identifier: BSL-1.0
#include "server_core.hpp"

#include "native_address.hpp"
#include "throw_system_error.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ordo::detail {
namespace asio = boost::asio;
using boost::system::error_code;

server_core::server_core(event_loop& loop, any_handler handler, server_options options, std::source_location where)
    : loop_(loop_access::core(loop)), handler_(std::move(handler)), options_(options), where_(where) {
    link(*loop_);
    room_.set();
}

server_core::~server_core() {
    if (linked_) unlink(*loop_); // it never began
}

error_code server_core::listen(endpoint const& at) {
    auto& socket = listeners_.emplace_back(listener{acceptor(loop().host_executor())}).socket;
    error_code error;
    socket.open(at.protocol(), error);
    if (!error && options_.reuse_address) socket.set_option(acceptor::reuse_address(true), error);
    int const on = 1;
    if (!error && options_.reuse_port &&
        ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        error = error_code(errno, boost::system::system_category());
    if (!error && at.protocol().family() == AF_INET6)
        socket.set_option(asio::ip::v6_only(true), error); // the address of IPv4 has a socket of its own
    if (!error) socket.bind(at, error);
    if (!error) socket.listen(options_.backlog, error);
    if (error) listeners_.pop_back();
    return error;
}

void server_core::owns_path(std::string path) {
    struct stat file{};
    if (::stat(path.c_str(), &file) == 0) path_file_ = file.st_ino;
    path_ = std::move(path);
}

void server_core::begin() {
    for (auto& one : listeners_) {
        auto const address = address_of(one.socket.local_endpoint());
        one.task = loop().create_task(accept_all(shared_from_this(), one), "server on " + address.to_string(), where_);
        // Whoever cancels the task, perhaps before it begins, closes the server.
        one.task.add_done_callback([self = shared_from_this()] { self->close(); });
    }
}

std::vector<server_core::endpoint> server_core::endpoints() const {
    std::vector<endpoint> result;
    for (auto const& one : listeners_) result.push_back(one.socket.local_endpoint());
    return result;
}

std::vector<std::shared_ptr<stream_core>> server_core::open_streams() const {
    std::vector<std::shared_ptr<stream_core>> result;
    for (auto const& one : clients_)
        if (!one.stream->is_closed()) result.push_back(one.stream);
    return result;
}

void server_core::report(char const* what) const {
    exception_context context{.message = what, .exception = std::current_exception()};
    if (auto const task = current_task()) context.future = context.task = *task;
    context.where = where_;
    loop().call_exception_handler(context);
}

// -- accepting

coro<> server_core::accept_all(std::shared_ptr<server_core> self, listener& from) {
    for (;;) {
        co_await self->room_.wait();
#ifdef BOOST_ASIO_HAS_IO_URING
        // Asio 1.26 loses what the kernel accepts while the acceptor is being closed, so it is not asked to accept.
        auto [error] = co_await from.socket.async_wait(from.socket.wait_read, asio::as_tuple(asio::deferred));
        if (self->closed_) co_return;
        stream_socket socket(from.socket.get_executor());
        if (!error && !from.socket.non_blocking()) from.socket.non_blocking(true, error);
        if (!error) from.socket.accept(socket, error);
        if (error == asio::error::would_block) continue;
#else
        auto [error, socket] = co_await from.socket.async_accept(asio::as_tuple(asio::deferred));
        if (self->closed_) co_return;
#endif
        if (!error) {
            co_await self->room_.wait(); // another listener may have taken the last place meanwhile
            self->admit(std::move(socket));
            continue;
        }
        try {
            throw_system_error(error, "server: accepting failed; it is tried again in 1 s");
        } catch (...) {
            self->report("a server cannot accept connections");
        }
        co_await sleep(accept_retry_delay);
    }
}

void server_core::admit(stream_socket socket) {
    try {
        set_no_delay(socket.native_handle());
        set_keep_alive(socket.native_handle(), options_.keep_alive);
        auto over = std::make_unique<socket_transport>(std::move(socket));
        auto stream = stream_core::make(*loop_, std::move(over), options_.limit, options_.high_water);
        stream_ref const share(stream); // closes it if something fails
        auto name = "connection " + std::to_string(++admitted_);
        if (!stream->peer_name().empty()) name += " from " + stream->peer_name();
        auto& added = clients_.emplace_back(client{stream});
        try {
            added.task = loop().create_task(serve(shared_from_this(), stream_reader(share), stream_writer(share)),
                                            task_options{.name = name, .eager_start = false}, where_);
            added.task.add_done_callback([self = shared_from_this(), &added] { self->task_ended(added); });
        } catch (...) {
            if (added.task) added.task.cancel();
            clients_.pop_back();
            throw;
        }
        stream->on_closed = [self = shared_from_this(), &added] { self->left(added); };
    } catch (...) {
        report("a connection that was accepted is dropped");
    }
    if (clients_.size() >= options_.max_connections) room_.clear();
}

coro<> server_core::serve(std::shared_ptr<server_core> self, stream_reader reader, stream_writer writer) {
    scope_exit const close([&] { writer.close(); });
    try {
        auto handling = self->handler_(reader, writer);
        co_await std::move(handling);
    } catch (cancelled_error const&) {
        throw;
    } catch (system_exit const&) {
        throw;
    } catch (...) {
        self->report("the handler of a connection failed");
    }
}

/// Perhaps without having begun.
void server_core::task_ended(client& served) noexcept {
    served.task_is_over = true;
    auto const stream = served.stream;
    if (stream->is_closed()) left(served);
    else stream->close();
}

/// Its task or its stream is over.
void server_core::left(client& gone) noexcept {
    if (!gone.task_is_over || !gone.stream->is_closed()) return;
    auto const self = shared_from_this();
    clients_.remove_if([&](client const& one) { return &one == &gone; });
    if (clients_.size() < options_.max_connections) {
        try {
            room_.set();
        } catch (...) {
            // The loop is closed, or has no memory to queue a task.
        }
    }
    tell_if_gone();
}

// -- closing

void server_core::close() noexcept {
    if (std::exchange(closed_, true)) return;
    remove_path();
    for (auto& one : listeners_) {
        try {
            if (one.task && !loop_->closing) one.task.cancel("the server was closed");
        } catch (...) {
            // It finds out by itself.
        }
        error_code ignored;
        one.socket.close(ignored);
    }
    try {
        closing_.set();
    } catch (...) {
        // As in left().
    }
    tell_if_gone();
}

void server_core::tell_if_gone() noexcept {
    if (!closed_ || !clients_.empty()) return;
    if (std::exchange(linked_, false)) unlink(*loop_);
    try {
        gone_.set();
    } catch (...) {
        // As in left().
    }
}

/// What would have told that tasks and streams are over is dropped with the loop.
void server_core::abandon() noexcept {
    auto const self = shared_from_this();
    close();
    if (std::exchange(linked_, false)) unlink(*loop_);
    for (auto const& one : clients_) one.stream->on_closed = nullptr;
    clients_.clear();
    listeners_.clear(); // no socket may outlive the loop
}

void server_core::remove_path() noexcept {
    struct stat file{};
    if (!path_.empty() && ::stat(path_.c_str(), &file) == 0 && file.st_ino == path_file_) ::unlink(path_.c_str());
}

} // namespace ordo::detail
