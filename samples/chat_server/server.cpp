// ordo: chat_server: accepting, with callbacks of plain Asio; a coroutine for each client; and the graceful stop.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include "connection.hpp"
#include "deadline.hpp"
#include "limits.hpp"
#include "options.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/task.hpp>

#include <memory>
#include <spdlog/spdlog.h>
#include <sstream>
#include <string>
#include <utility>

namespace chat {
namespace asio = boost::asio;
using asio::ip::tcp;

server::server(service shared, tcp::acceptor acceptor) : service_(shared), acceptor_(std::move(acceptor)) {}

void server::accept() {
    acceptor_.async_accept(
        [this](boost::system::error_code error, tcp::socket socket) { accepted(error, std::move(socket)); });
}

void server::accepted(boost::system::error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return; // stop()
    if (error) {
        // Out of descriptors, for instance: asking again at once would only burn the processor.
        spdlog::warn("cannot accept, trying again soon: {}", error.message());
        retry_ = service_.loop.call_later(limits::accept_pause, [this] { accept(); });
        return;
    }
    auto const peer = socket.remote_endpoint(error);
    bool const refused = admitted_ >= service_.options.max_connections;
    auto& count = refused ? refused_ : admitted_;
    if (!error && !(refused && count >= limits::refusals)) {
        ++count;
        std::ostringstream name;
        name << peer;
        service_.loop.create_task(serve(std::move(socket), refused), name.str()); // the loop owns it
    }
    accept();
}

ordo::coro<void> server::serve(tcp::socket socket, bool refused) {
    connection client(service_, std::move(socket));
    connections_.insert(&client);
    auto const farewell = [this, refused](connection* gone) {
        connections_.erase(gone);
        --(refused ? refused_ : admitted_);
        if (admitted_ + refused_ == 0 && !acceptor_.is_open()) nobody_left_.set();
    };
    std::unique_ptr<connection, decltype(farewell)> const listed(&client, farewell);
    if (!acceptor_.is_open()) co_return; // accepted in the moment of stop()
    if (refused) co_await client.refuse();
    else co_await client.run();
}

ordo::coro<void> server::stop() {
    acceptor_.close();
    retry_.cancel();
    spdlog::info("stopping; {} connections to end", admitted_ + refused_);
    for (auto* client : connections_) client->stop();
    deadline const limit(service_.loop, limits::goodbye_time, [this] { hurry(); });
    if (admitted_ + refused_ > 0) co_await nobody_left_.wait();
}

void server::hurry() {
    for (auto* client : connections_) {
        spdlog::warn("{}: stuck at the stop, cancelled", client->name());
        client->abort("the service stops");
    }
}

} // namespace chat
