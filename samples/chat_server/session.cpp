// ordo: chat_server: one client of the chat, over WebSocket.
// SPDX-License-Identifier: BSL-1.0
#include "session.hpp"

#include "archive.hpp"
#include "deadline.hpp"
#include "limits.hpp"
#include "message.hpp"
#include "options.hpp"
#include "rooms.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/cleanup.hpp>
#include <ordo/gather.hpp>
#include <ordo/task.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <spdlog/spdlog.h>
#include <utility>

namespace chat {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using websocket::close_code;

session::session(service shared, asio::ip::tcp::socket socket, std::string room, std::string name,
                 std::function<void(std::string_view)> abort)
    : service_(shared), stream_(std::move(socket)), room_(std::move(room)), name_(std::move(name)),
      abort_(std::move(abort)), out_(std::make_shared<outbox>([this] { abort_("too slow for its room"); })) {
    stream_.read_message_max(limits::frame_bytes);
    stream_.text(true);
    stream_.control_callback([this](websocket::frame_type, beast::string_view) { hear(); });
}

ordo::coro<void> session::run(request asked) {
    co_await accept(std::move(asked));
    spdlog::info("{}: entered", ordo::current_task()->name());
    auto writer = service_.loop.create_task(write(), "writer of " + ordo::current_task()->name());
    service_.rooms.join(room_, name_, out_);
    beat();

    // Whatever ends the reading: out of the room, and no return before the writer has let go of the stream.
    auto chat = [this] { return read(); };
    auto leave = [&]() -> ordo::coro<void> {
        service_.rooms.leave(room_, out_);
        out_->discard();
        writer.cancel();                       // by now the closing handshake is done, or will never be
        co_await ordo::gather_results(writer); // its errors are those of the connection, and reading has met them too
        heartbeat_.cancel();
        co_await linger(stream_.next_layer());
        spdlog::info("{}: left", ordo::current_task()->name());
    };
    co_await ordo::with_cleanup(chat, leave);
}

ordo::coro<void> session::accept(request asked) {
    deadline const limit(service_.loop, service_.options.timeout, [this] { abort_("no handshake in time"); });
    co_await stream_.async_accept(asked, asio::deferred);
}

ordo::coro<void> session::read() {
    beast::flat_buffer buffer;
    for (;;) {
        auto const [error, size] = co_await stream_.async_read(buffer, asio::as_tuple(asio::deferred));
        if (error == websocket::error::closed) co_return;
        if (error) throw boost::system::system_error(error);
        hear();
        auto text = beast::buffers_to_string(buffer.data());
        buffer.clear();
        if (closing_ != close_code::none) continue; // too late: neither saved nor acknowledged
        if (stream_.got_text()) co_await handle(std::move(text));
        else close(close_code::unknown_data);
    }
}

ordo::coro<void> session::handle(std::string text) {
    auto frame = parse_client_frame(text);
    if (!frame.problem.empty()) {
        out_->push(error_frame(frame.tag, frame.problem));
        co_return;
    }
    message said{0, room_, name_, std::move(frame.text), 0};
    auto settled = service_.archive.post(std::move(said), std::move(frame.tag), out_);
    saving_ = true;
    co_await settled;
    saving_ = false;
    hear(); // nothing could be heard meanwhile
    if (closing_ != close_code::none) out_->finish();
}

ordo::coro<void> session::write() {
    try {
        for (;;) {
            auto const frame = co_await out_->next();
            if (frame->empty()) co_await stream_.async_ping({}, asio::deferred);
            else co_await stream_.async_write(asio::buffer(*frame), asio::deferred);
        }
    } catch (ordo::queue_shut_down const&) { // everything is written
    }
    if (closing_ != close_code::none) co_await stream_.async_close(closing_, asio::deferred);
}

// A client that answers pings lives, however silent it is.
void session::beat() {
    if (!heard_ && !saving_) return abort_("no answer to a ping");
    heard_ = false;
    out_->push(std::string()); // the writer's sign for a ping: a stream takes one operation of a kind at a time
    heartbeat_ = service_.loop.call_later(service_.options.heartbeat, [this] { beat(); });
}

// A client that was told to close has had its chance: only the end counts now.
void session::hear() {
    if (closing_ == close_code::none) heard_ = true;
}

void session::close(close_code code) {
    closing_ = code;
    if (!saving_) out_->finish();
}

void session::close_socket() noexcept {
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
}

} // namespace chat
