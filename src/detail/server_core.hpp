// ordo: server_core, the state of a server: where it listens, and its connections.
//
// A task for each place to listen accepts; a task for each connection runs the handler. The server handles close the core
// when the last is gone; the tasks keep it alive.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "socket_transport.hpp"
#include "stream_core.hpp"

#include <ordo/server.hpp>
#include <ordo/task.hpp>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <list>
#include <memory>
#include <source_location>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ordo::detail {

class server_core final : public std::enable_shared_from_this<server_core>, public outstanding {
public:
    using acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;
    using endpoint = boost::asio::generic::stream_protocol::endpoint;

    /// One connection. It is over when its task and its stream are.
    struct client {
        std::shared_ptr<stream_core> stream;
        any_task task{};
        bool task_is_over = false;
    };

    /// @param options   They have been checked.
    server_core(event_loop& loop, any_handler handler, server_options options, std::source_location where);
    server_core(server_core const&) = delete;
    server_core& operator=(server_core const&) = delete;
    ~server_core();

    /// @returns   What went wrong, if anything.
    boost::system::error_code listen(endpoint const& at);
    /// The file of a Unix socket, to be removed by close().
    void owns_path(std::string path);
    /// Begin to accept.
    void begin();

    std::vector<endpoint> endpoints() const;
    void close() noexcept;
    bool closed() const noexcept { return closed_; }
    event& closing() noexcept { return closing_; }
    event& gone() noexcept { return gone_; } ///< set when it is closed and has no more clients
    std::list<client>& clients() noexcept { return clients_; }
    /// A copy, because a client may leave when its stream is closed.
    std::vector<std::shared_ptr<stream_core>> open_streams() const;
    event_loop& loop() const noexcept { return *loop_->owner(); }
    std::source_location const& where() const noexcept { return where_; }

    bool served_forever = false; ///< a task is in serve_forever()

    void abandon() noexcept override;

private:
    struct listener {
        acceptor socket;
        any_task task{};
    };

    static coro<> accept_all(std::shared_ptr<server_core> self, listener& from);
    static coro<> serve(std::shared_ptr<server_core> self, stream_reader reader, stream_writer writer);
    void task_ended(client& served) noexcept;
    void admit(stream_socket socket);
    void left(client& gone) noexcept;
    void tell_if_gone() noexcept;
    void report(char const* what) const;
    void remove_path() noexcept;

    core_share loop_;
    any_handler handler_;
    server_options const options_;
    std::source_location const where_;
    std::list<listener> listeners_;
    std::list<client> clients_;
    std::size_t admitted_ = 0; ///< ever
    std::string path_;
    ino_t path_file_ = 0; ///< its number, when it was made
    event room_;          ///< set while another client may be admitted
    event closing_;
    event gone_;
    bool closed_ = false;
    bool linked_ = true; ///< into the loop, until it is gone
};

} // namespace ordo::detail
