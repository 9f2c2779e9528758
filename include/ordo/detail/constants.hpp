// ordo: every tuning number of the library, with its unit and where it comes from.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>

namespace ordo::detail {

/// Iterations that the pump runs before it lets Asio poll the reactor. Polling costs about 220 ns and an iteration of
/// one callback about 5 ns, so at 4,096 the poll is 1 % of the slice.
inline constexpr std::size_t slice_iterations = 4096;

/// Callbacks after which the pump yields to Asio at the end of the iteration; for the same reason.
inline constexpr std::size_t slice_callbacks = 4096;

/// Time after which the pump yields to Asio at the end of the iteration, so that I/O waits no longer than this.
inline constexpr std::chrono::microseconds slice_time{50};

/// Callbacks between two looks at the clock for slice_time: a look costs 30 ns.
inline constexpr std::size_t callbacks_per_clock_look = 64;

/// Callbacks that take longer than this together are timed one by one from there on, at 30 ns each.
inline constexpr std::chrono::microseconds callback_timing_step{16};

/// asyncio's slow_callback_duration.
inline constexpr std::chrono::milliseconds slow_callback_duration{100};

/// Bytes by which the size classes of recycled memory grow: what every allocation is aligned to.
inline constexpr std::size_t recycling_granularity = 16;

/// Blocks above this many bytes are not recycled: they are rare, and using them costs far more than malloc.
inline constexpr std::size_t recycling_limit = 2048;

/// Bytes of free blocks of one size that a thread hands on at once: hundreds, so that the lock costs nothing per block.
inline constexpr std::size_t recycling_magazine = std::size_t(64) << 10;

/// Bytes of free blocks of one size that are kept for all threads at most: 100,000 tasks of 320 bytes.
inline constexpr std::size_t recycling_capacity = std::size_t(32) << 20;

/// Links of Asio operations that a thread keeps for the next ones, of about 150 bytes each with the memory in their slots. A
/// task has one at a time; more are free at once where it waits for several, and where futures wait.
inline constexpr std::size_t spare_operation_links = 128;

/// Values for which a queue makes room when it takes the first: most are short. A power of 2.
inline constexpr std::size_t first_queue_capacity = 8;

/// Between two attempts to wake a loop on a foreign executor for which there was no memory.
inline constexpr std::chrono::milliseconds memory_retry_interval{1};

/// Threads of the default executor beyond the number of cores, and their limit, as in Python's ThreadPoolExecutor.
inline constexpr unsigned default_executor_extra_threads = 4;
inline constexpr unsigned default_executor_thread_limit = 32;

/// Bytes up to which a stream_reader looks for a separator, unless told otherwise: asyncio's _DEFAULT_LIMIT.
inline constexpr std::size_t stream_limit = std::size_t(64) << 10;

/// Bytes that a stream_writer buffers before write() waits: asyncio's FlowControlMixin. It goes on at a quarter of it.
inline constexpr std::size_t stream_high_water = std::size_t(64) << 10;
inline constexpr std::size_t stream_low_water_divisor = 4;

/// Bytes that a stream reads at once at most, into memory that all streams of a thread share: as much as a socket
/// usually has.
inline constexpr std::size_t stream_read_size = std::size_t(64) << 10;

/// Reads of a stream without having waited, after which it lets others run: a fast peer must not keep the loop.
inline constexpr unsigned stream_reads_in_a_row = 16;

/// Between two attempts to connect to the addresses of a host: the Connection Attempt Delay of RFC 8305.
inline constexpr std::chrono::milliseconds happy_eyeballs_delay{250};

/// Questions to a silent peer, after which it counts as gone.
inline constexpr int keep_alive_probes = 3;

/// Silence before the first of them, at most: Linux's MAX_TCP_KEEPIDLE.
inline constexpr std::chrono::seconds keep_alive_limit{32767};

/// Connections that wait to be accepted: asyncio's backlog.
inline constexpr int server_backlog = 100;

/// Before accepting is tried again when the system is out of descriptors or memory: asyncio's ACCEPT_RETRY_DELAY.
inline constexpr std::chrono::seconds accept_retry_delay{1};

/// How long a server that shuts down waits for the handlers that it has cancelled: enough to clean up, not to wait for
/// a peer.
inline constexpr std::chrono::seconds cancelled_handler_time{1};

/// asyncio's SSL_HANDSHAKE_TIMEOUT and SSL_SHUTDOWN_TIMEOUT.
inline constexpr std::chrono::seconds tls_handshake_timeout{60};
inline constexpr std::chrono::seconds tls_shutdown_timeout{30};

/// Bytes that are encrypted before they are sent: four records of TLS.
inline constexpr std::size_t tls_write_size = std::size_t(64) << 10;

/// How long run() waits for the jobs of the default executor: asyncio's THREAD_JOIN_TIMEOUT.
inline constexpr std::chrono::seconds executor_shutdown_timeout{300};

/// How long run() waits in silence for the tasks that it has cancelled at its end, and for generators and jobs; then what
/// they wait for is logged.
inline constexpr std::chrono::seconds hang_patience{5};

/// How long event_loop::drain() waits, after its deadline, for tasks that are being cancelled, and for jobs.
inline constexpr std::chrono::seconds drain_patience{1};

/// Between two looks of event_loop::drain() at whether a foreign context has let go of an operation.
inline constexpr std::chrono::milliseconds drain_interval{1};

/// How long the default executor is destroyed in silence; then the jobs that it waits for are named.
inline constexpr std::chrono::seconds executor_patience{1};

} // namespace ordo::detail
