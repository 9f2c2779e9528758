// ordo: beginning TLS on a stream.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/tls.hpp>

#include "detail/stream_core.hpp"
#include "detail/throw_system_error.hpp"
#include "detail/tls_transport.hpp"

#include <ordo/detail/scope_exit.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/log.hpp>
#include <ordo/timeout.hpp>

#include <boost/asio/ssl/context.hpp>
#include <spdlog/spdlog.h>

namespace ordo {
namespace detail {
namespace {

using context_share = std::shared_ptr<ssl_ctx_st>;

coro<> upgrade(stream_writer writer, context_share context, tls_options options) {
    auto& stream = writer.stream().get("start_tls");
    stream.check_replaceable("start_tls");
    auto made = std::make_unique<tls_transport>(stream.loop(), context.get(), options.server_side,
                                                options.server_hostname, options.verify, options.shutdown_timeout);
    auto& tls = *made;
    tls.attach(stream.replace(std::move(made)));
    stream_core::reading const nobody_else_reads(stream, "start_tls");
    bool begun = false;
    scope_exit const abort_unless_begun([&] {
        if (!begun) stream.abort();
    });
    auto const where = "start_tls (" + stream.peer_name() + ')';
    boost::system::error_code error;
    auto body = [&]() -> coro<> { error = co_await tls.handshake(); };
    try {
        co_await with_timeout(options.handshake_timeout, body);
    } catch (timeout_error const&) {
        auto const seconds = std::chrono::duration<double>(options.handshake_timeout).count();
        throw timeout_error(fmt::format("{}: the handshake took longer than {:g} s", where, seconds));
    }
    if (error) {
        auto const problem = tls.certificate_problem();
        throw_system_error(error, problem.empty() ? where : where + ": the peer's certificate: " + problem);
    }
    begun = true;
}

coro<connection> open_with_tls(std::string host, std::uint16_t port, context_share context, tls_options options,
                               connection_options connecting) {
    if (options.server_hostname.empty()) options.server_hostname = host;
    auto opened = co_await open_connection(std::move(host), port, connecting);
    co_await upgrade(opened.writer, std::move(context), std::move(options));
    co_return opened;
}

} // namespace

std::shared_ptr<ssl_ctx_st> share_context(boost::asio::ssl::context& context) {
    auto* const shared = context.native_handle();
    SSL_CTX_up_ref(shared);
    return {shared, SSL_CTX_free};
}

coro<> serve_with_tls(any_handler const& handler, std::shared_ptr<ssl_ctx_st> context, tls_options options,
                      stream_reader reader, stream_writer writer) {
    try {
        co_await upgrade(writer, std::move(context), std::move(options));
    } catch (std::exception const& e) {
        logger()->debug("a connection is dropped: {}", e.what());
        co_return;
    }
    auto handling = handler(reader, writer);
    co_await std::move(handling);
}

} // namespace detail

coro<> start_tls(stream_writer writer, boost::asio::ssl::context& context, tls_options options) {
    return detail::upgrade(std::move(writer), detail::share_context(context), std::move(options));
}

coro<connection> open_tls_connection(std::string host, std::uint16_t port, boost::asio::ssl::context& context,
                                     tls_options options, connection_options connecting) {
    return detail::open_with_tls(std::move(host), port, detail::share_context(context), std::move(options), connecting);
}

} // namespace ordo
