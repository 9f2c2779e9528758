// ordo: TLS for streams, of OpenSSL; in a target of its own, ordo::tls.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/server.hpp>
#include <ordo/stream.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <utility>

namespace boost::asio::ssl {
class context;
}
struct ssl_ctx_st; // which OpenSSL calls SSL_CTX

namespace ordo {

/// How TLS begins and ends; asyncio's keyword arguments.
struct tls_options {
    bool server_side = false; ///< whether this end is the one with the certificate, if there is only one
    /// Of a client: the name, or address, that the server's certificate must be for; a name is also sent to the server
    /// (SNI). open_tls_connection() takes the host, if it is empty.
    std::string server_hostname{};
    /// Of a client: refuse a server whose certificate is not signed by an authority of the context, or is not for
    /// server_hostname. A server does with its clients what the context says.
    bool verify = true;
    duration handshake_timeout = detail::tls_handshake_timeout;
    /// How long closing waits for the peer to say that it has got everything.
    duration shutdown_timeout = detail::tls_shutdown_timeout;
};

/// Begin TLS on a connection that is open in the clear: `co_await start_tls(writer, context, options)`. All handles of the
/// connection go on over it.
///
/// Over TLS a stream that breaks off without the peer having ended it is an error, boost::asio::ssl::error::
/// stream_truncated, and not the end of the stream.
///
/// @param context   Need not live longer than this call: what it consists of is kept.
/// @throws usage_error     if a task reads the stream, something waits to be sent, or it was closed.
/// @throws value_error     if a certificate is to be verified, and server_hostname is empty.
/// @throws error           if the peer has sent something that was not read: what came in the clear must not be taken for
///                         something that was encrypted.
/// @throws timeout_error, boost::system::system_error   if the handshake fails; the connection is aborted then.
/// @par Cancellation   Aborts the connection.
/// @par Source         asyncio's StreamWriter.start_tls.
ORDO_DECL coro<> start_tls(stream_writer writer, boost::asio::ssl::context& context, tls_options options);
inline coro<> start_tls(stream_writer writer, boost::asio::ssl::context& context) {
    return start_tls(std::move(writer), context, tls_options()); // no default argument, because of g++ 12
}

/// Connect, and begin TLS.
///
/// @param context   As for start_tls().
/// @throws anything   that open_connection() and start_tls() throw.
/// @par Source        asyncio.open_connection with ssl.
ORDO_DECL coro<connection> open_tls_connection(std::string host, std::uint16_t port, boost::asio::ssl::context& context,
                                               tls_options options, connection_options connection = {});
inline coro<connection> open_tls_connection(std::string host, std::uint16_t port, boost::asio::ssl::context& context) {
    return open_tls_connection(std::move(host), port, context, tls_options());
}

namespace detail {

/// A share of what a context consists of, so that the context itself may go.
ORDO_DECL std::shared_ptr<ssl_ctx_st> share_context(boost::asio::ssl::context& context);

/// Begins TLS, and calls the handler.
ORDO_DECL coro<> serve_with_tls(any_handler const& handler, std::shared_ptr<ssl_ctx_st> context, tls_options options,
                                stream_reader reader, stream_writer writer);

struct tls_handler {
    any_handler handler;
    std::shared_ptr<ssl_ctx_st> context;
    tls_options options;

    coro<> operator()(stream_reader const& reader, stream_writer const& writer) const {
        return serve_with_tls(handler, context, options, reader, writer);
    }
};

} // namespace detail

/// Start a server that begins TLS on each connection before it calls the handler. A handshake that fails ends the
/// connection, and is logged on the level `debug`: anybody can cause it.
///
/// @param context   With the certificate and its key. @see start_tls
/// @see start_server
/// @par Source      asyncio.start_server with ssl.
template <detail::connection_handler F>
coro<server> start_tls_server(F&& handler, std::string host, std::uint16_t port, boost::asio::ssl::context& context,
                              tls_options options, server_options serving = {},
                              std::source_location where = std::source_location::current()) {
    detail::warn_of_temporary_closure<F>();
    options.server_side = true;
    detail::tls_handler with_tls{detail::keep_handler(std::forward<F>(handler)), detail::share_context(context),
                                 std::move(options)};
    return detail::start_tcp_server(detail::keep_handler(std::move(with_tls)), std::move(host), port, serving, where);
}
template <detail::connection_handler F>
coro<server> start_tls_server(F&& handler, std::string host, std::uint16_t port, boost::asio::ssl::context& context,
                              std::source_location where = std::source_location::current()) {
    return start_tls_server(std::forward<F>(handler), std::move(host), port, context, tls_options(), server_options(),
                            where);
}

} // namespace ordo
