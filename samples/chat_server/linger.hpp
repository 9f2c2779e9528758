// ordo: chat_server: hanging up so that the client still gets what was sent to it last.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace chat {

/// Say that nothing more will be sent, and read until the client hangs up, for limits::linger_time at most.
///
/// A socket that is closed while something from the client is unread resets the connection, and takes back the answer
/// that is on its way: an HTTP error to a request that was not read to its end, or a close frame with its reason.
ordo::coro<void> linger(boost::asio::ip::tcp::socket& socket);

/// The socket under a WebSocket stream. Beast would end a connection by reading 2 KiB and closing it; this one leaves
/// that to the session, which lingers.
class lingering_socket : public boost::asio::ip::tcp::socket {
public:
    explicit lingering_socket(boost::asio::ip::tcp::socket from) : basic_stream_socket(std::move(from)) {}
};

/// Found by Beast through its argument; see boost/beast/websocket/teardown.hpp.
template <class Handler>
void async_teardown(boost::beast::role_type, lingering_socket& socket, Handler&& handler) {
    boost::asio::post(socket.get_executor(),
                      boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code()));
}

} // namespace chat
