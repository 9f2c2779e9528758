// ordo: what the echo servers of the peers have in common: they listen or are given connections, and say what they did.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace ordo_benchmark {

/// Sends back what comes in. Each has a buffer of this size for reading, wherever that stands.
inline constexpr std::size_t echo_buffer_size = 4096;

class echo_server {
public:
    virtual ~echo_server() = default;

    /// Accept connections on this port of the loopback interface, while it runs.
    virtual void listen(std::uint16_t port) = 0;
    /// Serve this one. It is the server's from here on.
    virtual void serve(int connection) = 0;
    /// For ever.
    virtual void run() = 0;
    /// Until so many answers have been sent, or connections have ended.
    void run_for(std::size_t events) {
        for (left_ = events; left_ > 0;) step();
    }

protected:
    /// Run what is ready. It may go on until happened() says that it was the last.
    virtual void step() = 0;
    /// An answer has been sent, or a connection has ended.
    /// @returns   True if run_for() waits for nothing else.
    bool happened() noexcept { return --left_ == 0; }

private:
    std::size_t left_ = SIZE_MAX;
};

struct listed_server {
    std::string_view peer;
    std::unique_ptr<echo_server> (*make)();
};

/// Those that are built.
std::vector<listed_server> const& echo_servers();

std::unique_ptr<echo_server> make_ordo_server();
std::unique_ptr<echo_server> make_embedded_server();
std::unique_ptr<echo_server> make_ready_server();
std::unique_ptr<echo_server> make_asio_server();
std::unique_ptr<echo_server> make_awaitable_server();
std::unique_ptr<echo_server> make_libuv_server();
std::unique_ptr<echo_server> make_floor_server();

} // namespace ordo_benchmark
