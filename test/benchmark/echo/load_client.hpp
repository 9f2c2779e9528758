// ordo: a client of an echo server: one connection, with one request under way at a time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "sockets.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace ordo_benchmark {

class load_client {
public:
    /// @param number   Part of what it sends, so that no answer is right for another client.
    load_client(std::uint16_t port, std::uint64_t number);

    int socket() const noexcept { return socket_.get(); }
    /// Were all answers right so far, and was there one?
    bool right() const noexcept { return answers_ > 0 && wrong_ == 0; }
    /// The time at which the request was sent that is under way.
    double sent_at() const noexcept { return sent_at_; }

    void send();
    /// @param flags   Of recv().
    /// @returns       True if the answer is complete, false if more must come.
    /// @throws        std::runtime_error if the server has closed the connection.
    bool receive(int flags);
    /// A request and its answer.
    void exchange();

private:
    using message = std::array<std::uint64_t, 8>; // 64 bytes

    descriptor socket_;
    message request_;
    message answer_;
    std::size_t received_ = 0; ///< bytes of the answer
    double sent_at_ = 0;
    std::uint64_t answers_ = 0;
    std::uint64_t wrong_ = 0;
};

} // namespace ordo_benchmark
