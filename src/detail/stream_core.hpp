// ordo: stream_core, the state that a stream_reader and a stream_writer share.
//
// Reading is pulled: nobody reads before somebody wants to, and what was read stays in `received_` until it is given to a
// caller, in one step that nothing can interrupt. Writing is pushed: what the transport does not take at once is kept in
// `pending_`, and sent by Asio handlers, which keep the core. States of the connection:
//
//   open      reading and writing
//   closing   close() was called: what is pending is sent, then the transport says goodbye
//   closed    the transport is closed, and whoever waits for that was told
//
// The core is linked into its loop as long as it is not closed, so that no socket outlives the loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "byte_queue.hpp"
#include "transport.hpp"

#include <ordo/detail/loop_core.hpp>
#include <ordo/detail/waiter_queue.hpp>
#include <ordo/event.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ordo::detail {

class ORDO_DECL stream_core final : public std::enable_shared_from_this<stream_core>, public outstanding {
public:
    /// @throws value_error         if the limit is 0.
    /// @throws loop_closed_error
    static std::shared_ptr<stream_core> make(loop_core& loop, std::unique_ptr<transport> over, std::size_t limit,
                                             std::size_t high_water);
    stream_core(loop_core& loop, std::unique_ptr<transport> over, std::size_t limit, std::size_t high_water);
    stream_core(stream_core const&) = delete;
    stream_core& operator=(stream_core const&) = delete;
    ~stream_core();

    void add_use() noexcept { ++uses_; }
    void drop_use() noexcept;

    // -- reading, by one task at a time

    class reading;
    /// What is there and was not taken.
    std::string_view received() const noexcept { return received_.view(); }
    std::string take(std::size_t size) { return received_.take(size); }
    /// Wait until there is more, or the stream ends.
    /// @param wanted   Bytes that the caller is after, as far as that is known.
    coro<> receive(char const* where, std::size_t wanted = 0);
    bool ended() const noexcept { return ended_; }
    std::size_t limit() const noexcept { return limit_; }

    // -- writing

    /// Send, or keep and send later.
    /// @param owned   Null, or what `data` is all of: it may be kept as it is.
    /// @throws usage_error, system_error
    void send(char const* where, std::string_view data, std::string* owned);
    /// Whether writers are to wait.
    bool paused() const noexcept { return paused_; }
    waiter_queue& resumed() noexcept { return resumed_; }
    void check_sending(char const* where) const;
    /// @throws system_error   if what was sent last did not go out.
    void check_sent(char const* where) const;
    void send_end(char const* where);
    std::size_t unsent() const noexcept { return pending_.size() + transport_->unsent(); }

    // -- the connection

    void close() noexcept;
    void abort() noexcept;
    bool is_closing() const noexcept { return closing_; }
    bool is_closed() const noexcept { return is_closed_; }
    event& closed() noexcept { return closed_; }
    std::function<void()> on_closed; ///< called once; it must not throw

    /// Go on over another transport, which is over the present one.
    /// @throws usage_error   if the stream is being read or closed, or was written to the end; error if there is
    ///                       something that was read too early.
    void check_replaceable(char const* where) const;
    std::unique_ptr<transport> replace(std::unique_ptr<transport> by) noexcept;
    /// Unless it is closed.
    transport& over() const noexcept { return *transport_; }
    loop_core& loop() const noexcept { return *loop_; }
    std::string const& peer_name() const noexcept { return peer_name_; }

    /// The loop goes away.
    void abandon() noexcept override;

private:
    void keep(std::string_view rest, std::string* owned);
    std::size_t try_to_send(std::string_view data) noexcept;
    void send_later();
    void send_pending() noexcept;
    void sent_all() noexcept;
    void stop_sending() noexcept;
    void sending_failed(boost::system::error_code error) noexcept;
    void resume() noexcept;
    void finish() noexcept;
    void cut() noexcept;
    void now_closed() noexcept;
    [[noreturn]] void fail(char const* where, boost::system::error_code error) const;

    core_share loop_;
    std::unique_ptr<transport> transport_;
    std::string peer_name_;
    std::size_t const limit_;
    std::size_t const high_water_;
    std::size_t uses_ = 0;

    byte_queue received_;
    boost::system::error_code receive_error_;
    char const* reader_ = nullptr; ///< the call that reads; null if there is none
    unsigned reads_in_a_row_ = 0;
    bool try_first_ = true; ///< there may be something to read without waiting
    bool ended_ = false;

    byte_queue pending_;
    boost::system::error_code send_error_;
    waiter_queue resumed_{"stream_writer::write"};
    bool sending_ = false; ///< waits for the transport to take more
    bool paused_ = false;
    bool end_requested_ = false;

    event closed_; ///< set when is_closed_ is
    bool is_closed_ = false;
    bool closing_ = false;
    bool finishing_ = false; ///< the transport says goodbye
    bool aborted_ = false;
};

/// In its lifetime the caller is the one task that reads.
class stream_core::reading {
public:
    reading(stream_core& stream, char const* where);
    reading(reading const&) = delete;
    reading& operator=(reading const&) = delete;
    ~reading() { stream_.reader_ = nullptr; }

private:
    stream_core& stream_;
};

} // namespace ordo::detail
