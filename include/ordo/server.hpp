// ordo: server, which accepts connections and runs a task for each.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/temporary_closure.hpp>
#include <ordo/stream.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ordo {
namespace detail {
class server_core;
}

/// How a server is started; asyncio's keyword arguments.
struct server_options {
    int backlog = detail::server_backlog;     ///< connections that wait to be accepted
    bool reuse_address = true;                ///< SO_REUSEADDR: start again at once where another server has just ended
    bool reuse_port = false;                  ///< SO_REUSEPORT: several processes listen on the same port
    std::size_t limit = detail::stream_limit; ///< bytes; @see stream_reader::limit
    std::size_t high_water = detail::stream_high_water; ///< bytes; @see stream_writer::write
    /// While there are as many, further ones wait in the backlog.
    std::size_t max_connections = std::numeric_limits<std::size_t>::max();
    /// Over TCP, notice clients that vanish without a word: else a handler that reads waits for them for ever.
    /// @see connection_options::keep_alive
    optional_duration keep_alive = std::nullopt;
};

/// What server::shutdown() did not end in peace. Empty if every handler has ended by itself.
struct shutdown_report {
    struct handler {
        std::string name;                          ///< of its task
        std::string waits_for{};                   ///< @see call_graph_task::waits_for
        std::vector<std::source_location> stack{}; ///< where it waits; @see call_graph_task::stack
    };
    std::vector<handler> cancelled; ///< at the deadline, in the order in which their connections came
    std::vector<handler> stuck;     ///< those of them that had not ended a second later
    std::size_t aborted = 0;        ///< connections that were open still, and are no more
    std::string jobs; ///< of the loop's default executor that are not done, in words; empty if there are none

    bool clean() const noexcept { return cancelled.empty() && aborted == 0 && jobs.empty(); }
};

/// Accepts connections, and runs a task for each.
///
/// A handle: copies denote the same server. When the last one is gone the server stops accepting, as by close(); keep one.
/// (In asyncio a server that nobody holds goes on.)
///
/// @par Thread safety   The loop's thread only.
/// @par Source          asyncio.Server.
class ORDO_DECL server {
public:
    /// An empty handle, which may only be assigned to or destroyed; everything else throws usage_error.
    server() noexcept = default;
    explicit server(std::shared_ptr<detail::server_core> core) noexcept : core_(std::move(core)) {}

    /// Where it listens: "127.0.0.1:80", "[::1]:80" or a path. None after close().
    std::vector<std::string> endpoints() const;
    /// Of the first endpoint; 0 after close(), and of a Unix socket.
    std::uint16_t port() const;
    bool is_serving() const;
    /// Connections that are open, or whose handler runs.
    std::size_t connections() const;

    /// Stop accepting; connections go on. Idempotent.
    void close() const;
    /// Wait until it is closed, and the last connection and handler have ended.
    ///
    /// @par Source   asyncio.Server.wait_closed, as of Python 3.12.
    coro<> wait_closed() const;
    /// Close each connection, as by stream_writer::close(). Its handler then reads the end of the stream.
    void close_clients() const;
    /// Abort each connection, as by stream_writer::abort().
    void abort_clients() const;

    /// Wait until somebody calls close(), and then as wait_closed() does. (asyncio throws a CancelledError then.)
    ///
    /// @throws usage_error   if it is closed already, or another task is in here.
    /// @par Cancellation     Closes the server, waits as wait_closed() does, and throws on. A second one ends the wait.
    coro<> serve_forever() const;

    /// End in good order: stop accepting; wait for the handlers; cancel those that run after the deadline, and give them a
    /// second; abort the connections that are open then.
    ///
    /// @param deadline   From now; std::nullopt waits as long as it takes.
    /// @throws usage_error   if a handler of this server calls it: it would wait for itself.
    /// @par Cancellation     Ends the wait. The server is closed, and its handlers go on.
    coro<shutdown_report> shutdown(optional_duration deadline) const;

private:
    std::shared_ptr<detail::server_core> core_;
};

namespace detail {

/// A coroutine function of a stream_reader and a stream_writer, by value or by reference: those that it is given live until
/// it has ended.
template <class F>
concept connection_handler =
    std::same_as<std::invoke_result_t<std::decay_t<F>&, stream_reader&, stream_writer&>, coro<>>;

using any_handler = std::function<coro<>(stream_reader&, stream_writer&)>;

/// Callables that can only be moved will do, too.
template <class F>
any_handler keep_handler(F&& handler) {
    auto kept = std::make_shared<std::decay_t<F>>(std::forward<F>(handler));
    return [kept = std::move(kept)](stream_reader& reader, stream_writer& writer) {
        return std::invoke(*kept, reader, writer);
    };
}

ORDO_DECL coro<server> start_tcp_server(any_handler handler, std::string host, std::uint16_t port,
                                        server_options options, std::source_location where);
ORDO_DECL coro<server> start_path_server(any_handler handler, std::string path, server_options options,
                                         std::source_location where);

} // namespace detail

/// Listen on the addresses of a host, and run `handler(reader, writer)` as a task for each connection:
/// `auto server = co_await ordo::start_server(echo, "127.0.0.1", 8080)`.
///
/// When the handler returns its connection is closed. What it throws is reported to the loop's exception handler, and the
/// server goes on. When the system is out of descriptors or memory that is reported, too, and accepting goes on 1 s later.
///
/// @param handler   A coroutine function of a stream_reader and a stream_writer, kept until the last connection has ended.
/// @param host      A name or an address; an empty one means every address of this machine.
/// @param port      0 lets the system choose one, which server::port() tells.
/// @throws boost::system::system_error   if there is no such host, or one of its addresses is taken.
/// @throws value_error                   if options.limit or options.max_connections is 0, or options.keep_alive is not
///                                       more than 0 s, or too much.
/// @par Context     Handlers run in copies of the caller's.
/// @par Source      asyncio.start_server.
template <detail::connection_handler F>
coro<server> start_server(F&& handler, std::string host, std::uint16_t port, server_options options = {},
                          std::source_location where = std::source_location::current()) {
    detail::warn_of_temporary_closure<F>();
    return detail::start_tcp_server(detail::keep_handler(std::forward<F>(handler)), std::move(host), port, options,
                                    where);
}

/// The same on a Unix socket. One that is left at the path by a server that was killed is replaced; that of this server
/// is removed by close().
///
/// @throws boost::system::system_error   with the path in its text.
/// @throws value_error                   as start_server(); nothing has happened at the path then.
/// @par Source   asyncio.start_unix_server, as of Python 3.13.
template <detail::connection_handler F>
coro<server> start_unix_server(F&& handler, std::string path, server_options options = {},
                               std::source_location where = std::source_location::current()) {
    detail::warn_of_temporary_closure<F>();
    return detail::start_path_server(detail::keep_handler(std::forward<F>(handler)), std::move(path), options, where);
}

template <class F, class... Args>
    requires(!detail::connection_handler<F>)
coro<server> start_server(F&&, Args&&...) {
    static_assert(detail::never<F>, "ordo: the handler of a server is called as handler(reader, writer), with a "
                                    "stream_reader and a stream_writer, and returns an ordo::coro<>");
    return detail::coro_access::none<server>();
}
template <class F, class... Args>
    requires(!detail::connection_handler<F>)
coro<server> start_unix_server(F&& handler, Args&&... args) {
    return start_server(std::forward<F>(handler), std::forward<Args>(args)...);
}

} // namespace ordo
