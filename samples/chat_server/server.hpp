// ordo: chat_server: accepting, with callbacks of plain Asio; a coroutine for each client; and the graceful stop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "service.hpp"

#include <ordo/coro.hpp>
#include <ordo/event.hpp>
#include <ordo/timer_handle.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <unordered_set>

namespace chat {

class connection;

/// The listening socket and everybody who came through it.
///
/// Accepting is what it was before there was a loop: a callback that starts the next accept. What is new is the one line
/// that gives the socket to a task.
class server {
public:
    /// @param acceptor   Listens already.
    server(service shared, boost::asio::ip::tcp::acceptor acceptor);
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    /// Take clients in, from the context's run() on.
    void start() { accept(); }

    /// Stop accepting, have every connection ended with courtesy, and cancel those that take over limits::goodbye_time.
    ///
    /// @returns   When nobody is left.
    ordo::coro<void> stop();

    /// Cancel at once, and name, whoever is still there. Only during stop().
    void hurry();

private:
    void accept();
    void accepted(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
    ordo::coro<void> serve(boost::asio::ip::tcp::socket socket, bool refused);

    service service_;
    boost::asio::ip::tcp::acceptor acceptor_;
    ordo::timer_handle retry_;                    // of accept(), after an error
    std::unordered_set<connection*> connections_; // whose tasks have begun
    std::size_t admitted_ = 0;                    // tasks that serve a client
    std::size_t refused_ = 0;                     // tasks that tell a client that it is one too many
    ordo::event nobody_left_;                     // set during stop() only
};

} // namespace chat
