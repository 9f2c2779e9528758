// ordo: chat_server: hanging up so that the client still gets what was sent to it last.
// SPDX-License-Identifier: BSL-1.0
#include "linger.hpp"

#include "limits.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/timeout.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>

#include <array>
#include <exception>

namespace chat {
namespace asio = boost::asio;
using asio::ip::tcp;

ordo::coro<void> linger(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    auto read = [&socket]() -> ordo::coro<void> {
        std::array<char, 4096> unread;
        for (;;) co_await socket.async_read_some(asio::buffer(unread), asio::deferred);
    };
    try {
        co_await ordo::with_timeout(limits::linger_time, read);
    } catch (std::exception const&) { // it has hung up, or takes too long
    }
}

} // namespace chat
