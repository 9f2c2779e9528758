// ordo: transport, what bytes of a stream travel over: a socket, or TLS over another transport.
//
// It never buffers on its own account what a caller could keep, and tries without waiting; waiting is a step of its own.
// So whoever is cancelled while it waits has lost nothing.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace ordo::detail {

/// What became of an attempt to read or write.
struct io_outcome {
    std::size_t size = 0;
    boost::system::error_code error{}; ///< would_block: wait first; eof: there will be nothing more to read
    bool more = false;                 ///< another attempt at once may do something
};

enum class direction : bool { reading, writing };

/// Belongs to the loop's thread. Nothing of it blocks.
class ORDO_DECL transport {
public:
    transport() = default;
    transport(transport const&) = delete;
    transport& operator=(transport const&) = delete;
    virtual ~transport();

    virtual io_outcome read_some(char* to, std::size_t most) noexcept = 0;
    /// Empty data: push on what was accepted before.
    virtual io_outcome write_some(std::string_view data) noexcept = 0;
    /// Bytes that were accepted but wait to be sent.
    virtual std::size_t unsent() const noexcept { return 0; }

    /// Until an attempt may do something. It must live until then.
    virtual coro<boost::system::error_code> wait(direction which) = 0;
    /// The same with a call, by an Asio handler; none if the transport goes away before.
    virtual void when_ready(direction which, std::function<void()> call) = 0;
    /// Whether that comes from outside of the loop, so that virtual time stands still meanwhile.
    virtual bool waits_outside() const noexcept { return true; }

    virtual bool can_shut_down_sending() const noexcept { return true; }
    /// The peer reads the end of the stream.
    virtual void shut_down_sending() noexcept = 0;
    /// Say goodbye, once everything is sent; then call `closed`, perhaps at once.
    virtual void end(std::function<void()> closed) = 0;
    virtual void close() noexcept = 0;
    /// Close, so that the peer sees a reset where it can be told.
    virtual void abort() noexcept = 0;

    virtual std::string peer_name() const = 0;
    virtual std::string local_name() const = 0;
    virtual int native_handle() const noexcept = 0; ///< -1 if it is closed
};

} // namespace ordo::detail
