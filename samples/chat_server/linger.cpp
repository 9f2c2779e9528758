// ordo: chat_server: hanging up so that the client still gets what was sent to it last.
// SPDX-License-Identifier: BSL-1.0
#include "linger.hpp"

#include "deadline.hpp"
#include "limits.hpp"

#include <ordo/asio_operation.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>

#include <array>
#include <tuple>

namespace chat {
namespace asio = boost::asio;
using asio::ip::tcp;

ordo::coro<void> linger(ordo::event_loop& loop, tcp::socket& socket) {
    boost::system::error_code error;
    socket.shutdown(tcp::socket::shutdown_send, error);
    deadline const limit(loop, limits::linger_time, [&socket] {
        boost::system::error_code ignored;
        socket.close(ignored);
    });
    std::array<char, 4096> unread;
    std::size_t size = 0;
    while (!error)
        std::tie(error, size) = co_await socket.async_read_some(asio::buffer(unread), asio::as_tuple(asio::deferred));
}

} // namespace chat
