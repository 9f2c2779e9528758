// ordo: pipe_reader and pipe_writer, the two ends of a stream of bytes that is no network connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace ordo {
namespace detail {
class pipe_source;
class pipe_sink;
struct pipe_access;

/// Bytes that pipe_reader::read_line() looks through for the end of a line; asyncio's limit of a StreamReader.
inline constexpr std::size_t pipe_line_limit = std::size_t(64) << 10;
} // namespace detail

/// The end of a pipe that is read.
///
/// What has come and was not read yet is kept here, so nothing is lost when a read is cancelled: the next one gets it.
/// The descriptor becomes non-blocking, and with it every duplicate, also in other processes.
///
/// @code
/// ordo::pipe_reader input(::dup(STDIN_FILENO));
/// auto const line = co_await input.read_line();
/// @endcode
///
/// @par Ownership       It owns the descriptor, and closes it at its end. It may outlive its loop.
/// @par Thread safety   The loop's thread only. One task reads at a time; another one gets a usage_error.
/// @par Source          asyncio loop.connect_read_pipe, with the calls of StreamReader.
class ORDO_DECL pipe_reader {
public:
    /// On the running loop, or a given one.
    ///
    /// @param descriptor   Of a pipe, socket, terminal or other character device; taken over unless this throws.
    /// @throws value_error                  if it is a regular file or a directory, which can never be waited for.
    /// @throws boost::system::system_error  if it is closed.
    /// @throws loop_closed_error
    explicit pipe_reader(int descriptor);
    pipe_reader(event_loop& loop, int descriptor);
    pipe_reader(pipe_reader&&) noexcept;
    pipe_reader& operator=(pipe_reader&&) noexcept;
    ~pipe_reader();

    /// At least one byte and at most as many as given, as soon as there are any; nothing means the end.
    ///
    /// @throws boost::system::system_error  of the read, and operation_aborted if the pipe was closed meanwhile.
    /// @throws usage_error                  if it was closed before, or another task reads.
    /// @par Cancellation   Ends the wait. What comes goes to the next read.
    coro<std::string> read(std::size_t most);
    /// All bytes until the end. They are kept in memory.
    coro<std::string> read();
    /// One line with its '\n'. What is left at the end comes without one; nothing means the end.
    ///
    /// @param limit    Bytes of a line at most.
    /// @throws error   if it is longer; it stays here to be read in another way.
    coro<std::string> read_line(std::size_t limit = detail::pipe_line_limit);

    /// Nothing is left here, and nothing will come.
    bool at_eof() const noexcept;

    /// Close the descriptor. Idempotent. A task that reads gets a system_error.
    void close() noexcept;
    bool is_closed() const noexcept;
    /// The descriptor, -1 if it is closed.
    int native_handle() const noexcept;

private:
    friend struct detail::pipe_access;
    std::shared_ptr<detail::pipe_source> source_; ///< null once moved from; shared with the reads under way
};

/// The end of a pipe that is written. A reader that is gone is an error, EPIPE, and never the signal SIGPIPE.
///
/// @par Ownership       It owns the descriptor, and closes it at its end. It may outlive its loop.
/// @par Thread safety   The loop's thread only. What several tasks write comes out one after the other, in the order of
///                      their calls.
/// @par Source          asyncio loop.connect_write_pipe, with the calls of StreamWriter; write() includes drain().
class ORDO_DECL pipe_writer {
public:
    /// As pipe_reader().
    explicit pipe_writer(int descriptor);
    pipe_writer(event_loop& loop, int descriptor);
    pipe_writer(pipe_writer&&) noexcept;
    pipe_writer& operator=(pipe_writer&&) noexcept;
    ~pipe_writer();

    /// Write all of it. It suspends only while the pipe is full.
    ///
    /// @throws boost::system::system_error  EPIPE if nobody can read it any more, or operation_aborted if the pipe was
    ///                                      closed meanwhile.
    /// @throws usage_error                  if it was closed before.
    /// @par Cancellation   Leaves the rest unwritten; bytes_written() tells how much came through.
    coro<> write(std::string data);

    /// Bytes that the pipe has taken in all its life.
    std::uint64_t bytes_written() const noexcept;

    /// Close the descriptor, by which the reader finds the end. Idempotent. A task that writes gets a system_error.
    void close() noexcept;
    bool is_closed() const noexcept;
    /// The descriptor, -1 if it is closed.
    int native_handle() const noexcept;

private:
    friend struct detail::pipe_access;
    std::shared_ptr<detail::pipe_sink> sink_; ///< null once moved from; shared with the writes under way
};

} // namespace ordo
