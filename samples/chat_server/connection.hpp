// ordo: chat_server: one accepted socket, from its first request to its end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "http.hpp"
#include "service.hpp"

#include <ordo/coro.hpp>
#include <ordo/task.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace chat {

class session;

/// Answers HTTP requests until one turns the connection into a chat session. Lives in the coroutine of its task.
class connection {
public:
    connection(service shared, boost::asio::ip::tcp::socket socket);
    ~connection();
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    /// Serve the client; errors of the network end it without a word.
    ordo::coro<void> run();

    /// Tell the client that the service has no place for it.
    ordo::coro<void> refuse();

    /// End with courtesy: after the answer under way, or by the closing handshake of the chat.
    void stop();

    /// End at once, whatever is going on, and log why.
    void abort(std::string_view why);

    /// What the task is called: the client's address, and its name and room once it has them.
    [[nodiscard]] std::string name() const { return task_.name(); }

private:
    ordo::coro<void> serve();
    ordo::coro<bool> serve_request();
    ordo::coro<response> answer(request asked, target wanted);
    ordo::coro<response> answer_history(request asked, target wanted);
    ordo::coro<void> chat(request asked, target wanted);
    ordo::coro<bool> send(response reply);

    service service_;
    boost::asio::ip::tcp::socket socket_; // until the session takes it
    boost::beast::flat_buffer buffer_;
    ordo::any_task task_;              // the one that this object lives in
    std::unique_ptr<session> session_; // once there was an upgrade
    bool between_requests_ = false;
    bool stopping_ = false;
};

} // namespace chat
