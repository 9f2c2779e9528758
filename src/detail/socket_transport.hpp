// ordo: socket_transport, a connected socket of any family.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "transport.hpp"

#include <ordo/clock.hpp>

#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>

namespace ordo::detail {

using stream_socket = boost::asio::generic::stream_protocol::socket;

class ORDO_DECL socket_transport final : public transport {
public:
    explicit socket_transport(stream_socket connected) noexcept : socket_(std::move(connected)) {}

    io_outcome read_some(char* to, std::size_t most) noexcept override;
    io_outcome write_some(std::string_view data) noexcept override;
    coro<boost::system::error_code> wait(direction which) override;
    void when_ready(direction which, std::function<void()> call) override;
    void shut_down_sending() noexcept override;
    void end(std::function<void()> closed) override;
    void close() noexcept override;
    void abort() noexcept override;
    std::string peer_name() const override;
    std::string local_name() const override;
    int native_handle() const noexcept override;

private:
    mutable stream_socket socket_; ///< Asio tells the handle of none that is const
};

/// What asyncio does to every TCP socket: no waiting for more to send.
void set_no_delay(int socket) noexcept;

/// @throws value_error   if it is not more than 0 s, or more than the system takes.
void check_keep_alive(char const* where, optional_duration silence);
/// Notice a vanished peer; @see connection_options::keep_alive.
void set_keep_alive(int socket, optional_duration silence) noexcept;

} // namespace ordo::detail
