// ordo: memory_stream_pair, two streams that are each other's peer, in memory, with the faults of a network on demand.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/stream.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace ordo::testing {

/// What one end of a pair does to the bytes it reads and writes.
struct memory_stream_options {
    std::size_t max_read = std::numeric_limits<std::size_t>::max();  ///< bytes that one attempt to read gets
    std::size_t max_write = std::numeric_limits<std::size_t>::max(); ///< bytes that one attempt to write takes
    std::size_t capacity = 65'536;                  ///< bytes that are written and not read; writing more waits
    duration delay{};                               ///< between writing and arriving, on the loop's clock
    std::optional<std::size_t> read_fails_after{};  ///< bytes; then reading gives `error`
    std::optional<std::size_t> write_fails_after{}; ///< bytes; then writing gives `error`
    boost::system::error_code error = boost::asio::error::connection_reset;
    connection_options stream{}; ///< as of open_connection()
};

/// Two ends of a connection on the running loop; nothing leaves the process, so virtual time jumps while they wait.
///
/// @code
/// ordo::coro<> reads_lines_from_pieces() {
///     ordo::testing::memory_stream_options pieces{.max_read = 1, .delay = 1s};
///     auto [client, server] = ordo::testing::memory_stream_pair(pieces);
///     co_await client.writer.write("hello\n");
///     auto const line = co_await server.reader.read_line(); // "hello\n", a second later
/// }
/// @endcode
///
/// @param a   Of the first end.
/// @param b   Of the second end; the same, if it is not given.
/// @throws usage_error   if no loop is running on this thread.
/// @throws value_error   if a limit is 0 bytes, so that nothing could ever be read or written.
ORDO_DECL std::pair<connection, connection> memory_stream_pair(memory_stream_options const& a,
                                                               memory_stream_options const& b);
inline std::pair<connection, connection> memory_stream_pair(memory_stream_options const& both = {}) {
    return memory_stream_pair(both, both);
}

} // namespace ordo::testing
