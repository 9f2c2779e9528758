// ordo: chat_server: one client of the chat, over WebSocket.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "http.hpp"
#include "linger.hpp"
#include "outbox.hpp"
#include "service.hpp"

#include <ordo/coro.hpp>
#include <ordo/timer_handle.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace chat {

/// From the WebSocket handshake to the end of the connection.
///
/// The client's own task reads; a second one, which never outlives it, writes what the outbox holds. A client has one
/// message with the archive at a time: while that is being saved nothing more is read from it, and TCP makes it wait.
class session {
public:
    /// @param abort   Ends the client's task; called with the reason.
    session(service shared, boost::asio::ip::tcp::socket socket, std::string room, std::string name,
            std::function<void(std::string_view)> abort);
    session(session const&) = delete;
    session& operator=(session const&) = delete;
    ~session() { heartbeat_.cancel(); }

    /// Chat until one side ends it.
    ///
    /// @param asked   The request for the upgrade.
    ordo::coro<void> run(request asked);

    /// Close with 1001, after the message that is being saved and what is queued for the client.
    void stop() { close(boost::beast::websocket::close_code::going_away); }

    void close_socket() noexcept;

private:
    using stream = boost::beast::websocket::stream<lingering_socket>;

    ordo::coro<void> accept(request asked);
    ordo::coro<void> read();
    ordo::coro<void> handle(std::string text);
    ordo::coro<void> write();
    void beat();
    void hear();
    void close(boost::beast::websocket::close_code code);

    service service_;
    stream stream_;
    std::string room_, name_;
    std::function<void(std::string_view)> abort_;
    std::shared_ptr<outbox> out_; // shared with the archive, which may still have a message of a client that is gone
    ordo::timer_handle heartbeat_;
    bool heard_ = true;   // anything at all, since the last beat
    bool saving_ = false; // a message of this client
    boost::beast::websocket::close_code closing_ = boost::beast::websocket::close_code::none;
};

} // namespace chat
