// ordo: stream_reader and stream_writer, the two halves of a connection, and how a client opens one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/coro.hpp>
#include <ordo/detail/constants.hpp>
#include <ordo/detail/stream_ref.hpp>
#include <ordo/detail/waiter_queue.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ordo {

/// The receiving half of a connection.
///
/// A handle: copies denote the same stream. Bytes are read when somebody asks for them, at most 64 KiB or twice the limit
/// ahead, and those that were read stay in the stream until they are given out. So a read that is cancelled, or that times
/// out, has lost nothing; and a stream that nobody reads, or that waits, keeps no memory for it.
///
/// @code
/// #include <ordo/stream.hpp>
///
/// ordo::coro<> print_lines(ordo::stream_reader reader) {
///     for (;;) {
///         auto const line = co_await reader.read_line();
///         if (line.empty()) break;
///         std::cout << line;
///     }
/// }
/// @endcode
///
/// @par Errors          What a connection ends with (a reset, a time-out of TCP) is thrown as boost::system::system_error,
///                      with the call and the peer in its text, once what had arrived before is read.
/// @par Cancellation    Throws cancelled_error where a read waits; the next one finds all that was there.
/// @par Thread safety   The loop's thread only; and one task reads at a time, which is checked.
/// @par Source          asyncio.StreamReader.
class ORDO_DECL stream_reader {
public:
    /// An empty handle, which may only be assigned to or destroyed; everything else throws usage_error.
    stream_reader() noexcept = default;
    explicit stream_reader(detail::stream_ref stream) noexcept : stream_(std::move(stream)) {}

    /// Read what there is, and wait until there is something.
    ///
    /// @param most   Bytes, at most; 0 gives an empty string at once.
    /// @returns      At least one byte; an empty string at the end of the stream.
    coro<std::string> read(std::size_t most) const;

    /// Read until the end of the stream, of any length.
    coro<std::string> read() const;

    /// Read a number of bytes, not limited by limit().
    ///
    /// @throws incomplete_read_error   if the stream ends before, with what there was.
    coro<std::string> read_exactly(std::size_t size) const;

    /// Read up to a separator, and with it.
    ///
    /// @throws limit_overrun_error     if there are more than limit() bytes in front of it; they stay in the stream.
    /// @throws incomplete_read_error   if the stream ends before, with what there was.
    /// @throws value_error             if the separator is empty.
    coro<std::string> read_until(std::string separator) const;

    /// Read up to the end of the line, and with its "\n", or up to the end of the stream.
    ///
    /// @returns   An empty string at the end of the stream.
    /// @throws limit_overrun_error   if it has more than limit() bytes. It is dropped with its end or, if that has not
    ///                               come yet, as far as it has come. (asyncio raises a ValueError.)
    coro<std::string> read_line() const;

    /// Whether the stream has ended, as a read has found, and everything was given out.
    bool at_eof() const;

    /// Bytes that read_until() and read_line() may give, without the separator.
    std::size_t limit() const;

private:
    detail::stream_ref stream_;
};

namespace detail {

/// What stream_writer::write() returns: awaiting it sends.
class ORDO_DECL write_request {
public:
    write_request(stream_ref stream, char const* where, std::string_view data) noexcept
        : stream_(std::move(stream)), where_(where), view_(data) {}
    write_request(stream_ref stream, char const* where, std::string&& data) noexcept
        : stream_(std::move(stream)), where_(where), owned_(std::move(data)), owns_(true) {}

    char const* where() const noexcept { return where_; }
    stream_core& stream() const { return stream_.get(where_); }
    void send();

private:
    stream_ref stream_;
    char const* where_;
    std::string_view view_;
    std::string owned_; ///< stands for the view if owns_
    bool owns_ = false;
};

/// Sends first; then waits, while too much is buffered. The request is a base, so that it outlives the place in the queue
/// of the stream that it holds.
class ORDO_DECL write_awaiter final : write_request, waiter {
public:
    explicit write_awaiter(write_request&& request);

    bool await_ready();
    void await_suspend(std::coroutine_handle<> frame) { wait(frame); }
    void await_resume();
};

template <>
struct awaiter_of<write_request> {
    static constexpr bool awaitable = true;
    static write_awaiter make(write_request&& request) { return write_awaiter(std::move(request)); }
};

} // namespace detail

/// The sending half of a connection.
///
/// A handle: copies denote the same stream. What is written is tried at once; what the connection does not take is kept,
/// and sent in the background, in order. When the last handle of a connection is gone, of readers and writers, it is closed
/// as by close().
///
/// @par Errors          An error of sending (the peer has closed or reset the connection) is thrown, as a
///                      boost::system::system_error, by the write that meets it or by the next call that is awaited here,
///                      and by every one after it. What has arrived before can still be read.
/// @par Thread safety   The loop's thread only. Any number of tasks may write.
/// @par Source          asyncio.StreamWriter.
class ORDO_DECL stream_writer {
public:
    /// An empty handle, which may only be assigned to or destroyed; everything else throws usage_error.
    stream_writer() noexcept = default;
    explicit stream_writer(detail::stream_ref stream) noexcept : stream_(std::move(stream)) {}

    /// Send: `co_await writer.write(data)`. It waits only if more than the high-water mark is buffered then, until three
    /// quarters of that are sent. (asyncio's write() and drain() in one.)
    ///
    /// @param data   Must live until it is awaited, and is then copied if it cannot be sent at once; a std::string that
    ///               is moved in is kept as it is.
    /// @throws usage_error   after close() or write_eof().
    /// @par Cancellation     Ends the wait. What was to be sent is sent all the same, as a whole.
    [[nodiscard("ordo: write() does nothing until it is awaited")]] detail::write_request
    write(std::string_view data) const {
        return {stream_, "stream_writer::write", data};
    }
    [[nodiscard("ordo: write() does nothing until it is awaited")]] detail::write_request
    write(std::string&& data) const {
        return {stream_, "stream_writer::write", std::move(data)};
    }
    [[nodiscard("ordo: write() does nothing until it is awaited")]] detail::write_request
    write(char const* text) const {
        return write(std::string_view(text));
    }

    /// Wait as write() does, but send nothing.
    [[nodiscard("ordo: drain() does nothing until it is awaited")]] detail::write_request drain() const {
        return {stream_, "stream_writer::drain", std::string_view()};
    }

    /// Let the peer read the end of the stream behind what was written, and go on reading. Again, or after close():
    /// nothing.
    ///
    /// @throws usage_error   over TLS, where can_write_eof() is false.
    void write_eof() const;
    bool can_write_eof() const;

    /// Close the connection once what is buffered is sent. Who reads gets what was read before, then the end. Idempotent.
    void close() const;
    bool is_closing() const;
    /// Wait until the connection is closed, after close() or abort().
    ///
    /// @throws boost::system::system_error   if what was buffered could not be sent.
    coro<> wait_closed() const;

    /// Close at once, and drop what is buffered; over TCP the peer sees a reset. A write that waits throws.
    void abort() const;

    /// "127.0.0.1:80", "[::1]:80" or the path of a Unix socket, which is empty if it has none.
    std::string peer_name() const;
    /// The same for this end; empty once it is closed.
    std::string local_name() const;
    /// Bytes that wait to be sent.
    std::size_t buffered() const;
    /// Of the socket, which stays the stream's; -1 once it is closed.
    int native_handle() const;

    detail::stream_ref const& stream() const noexcept { return stream_; }

private:
    detail::stream_ref stream_;
};

/// What opening a connection gives: `auto [reader, writer] = co_await open_connection(...)`.
struct connection {
    stream_reader reader;
    stream_writer writer;
};

/// How a connection is opened; asyncio's keyword arguments.
struct connection_options {
    std::size_t limit = detail::stream_limit;           ///< bytes; @see stream_reader::limit
    std::size_t high_water = detail::stream_high_water; ///< bytes; @see stream_writer::write
    /// If a host has several addresses the next one is tried after this time, or when an attempt has failed; then the
    /// first connection wins. With std::nullopt they are tried one after the other.
    optional_duration happy_eyeballs_delay = detail::happy_eyeballs_delay;
    /// Over TCP, notice a peer that vanishes without a word, as when its power fails: after this time of silence, rounded
    /// up to t whole seconds, it is asked for an answer, three times, max(t / 3, 1) s apart. If none comes the stream ends
    /// with ETIMEDOUT after t + 3 * max(t / 3, 1) s in all, 120 s for 60 s and 4 s for 1 s; so it does if what is sent is
    /// not confirmed for as long. At most 32,767 s. With std::nullopt a silent peer is waited for for ever, and what is
    /// sent for 15 minutes or so. @see server_options::keep_alive
    optional_duration keep_alive = std::nullopt;
};

/// Connect to a TCP server: `auto [reader, writer] = co_await ordo::open_connection("localhost", 8080)`.
///
/// The name is looked up on a thread of the default executor. Addresses of the two families take turns (RFC 8305).
///
/// @param host   A name or an address.
/// @throws boost::system::system_error   if there is no such host, or none of its addresses can be reached: then with the
///                                       error of the first, and all in its text.
/// @throws value_error                   if options.limit is 0, or options.keep_alive is not more than 0 s, or too much.
/// @par Cancellation   Ends all attempts; a look-up is left to end by itself.
/// @par Source         asyncio.open_connection, with happy_eyeballs_delay.
ORDO_DECL coro<connection> open_connection(std::string host, std::uint16_t port, connection_options options = {});

/// Connect to a Unix socket.
///
/// @throws boost::system::system_error   with the path in its text.
/// @throws value_error                   as open_connection().
/// @par Source   asyncio.open_unix_connection.
ORDO_DECL coro<connection> open_unix_connection(std::string path, connection_options options = {});

/// Make a stream on the running loop of a connected socket that somebody else has made: an accepted one of Asio, say, after
/// its release().
///
/// @param socket   A descriptor, which from here on belongs to the stream, also if this throws.
/// @throws boost::system::system_error   if it is not a connected stream socket.
/// @throws value_error                   as open_connection().
/// @throws usage_error                   if no loop is running on this thread.
/// @par Source   asyncio.open_connection with sock.
ORDO_DECL connection adopt_connection(int socket, connection_options options = {});

} // namespace ordo
