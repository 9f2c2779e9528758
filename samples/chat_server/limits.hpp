// ordo: chat_server: every bound of the service, with its unit and its reason.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace chat::limits {

using namespace std::chrono_literals;

// What a client may send.
inline constexpr std::uint32_t header_bytes = 8 * 1024; // request line and fields; more is answered with 431
inline constexpr std::size_t frame_bytes = 16 * 1024;   // one WebSocket message; more is closed with 1009
inline constexpr std::size_t room_characters = 64;      // ASCII
inline constexpr std::size_t name_characters = 32;      // code points
inline constexpr std::size_t history_default = 50;      // messages
inline constexpr std::size_t history_most = 200;        // messages; at 16 KiB each, 3 MiB for one answer

// What the service keeps for a client: a client that reads this much slower than its room writes is closed.
inline constexpr std::size_t outbox_bytes = 1024 * 1024;

// Clients over --max-connections that are being told so at the same time; those beyond are just closed.
inline constexpr std::size_t refusals = 32;

// How long things may take. The first two are the defaults of --timeout and --heartbeat.
inline constexpr auto request_time = 10s;   // for a whole request, for an answer to be taken, and between requests
inline constexpr auto heartbeat_time = 20s; // from ping to ping, and for the pong to arrive
inline constexpr auto linger_time = 2s;     // for a client to read an error and hang up by itself
inline constexpr auto goodbye_time = 5s;    // at shutdown, for everybody to finish
inline constexpr auto accept_pause = 200ms; // after accept failed, for descriptors to come back
inline constexpr auto database_patience =
    250ms; // for another process to release the database; all rooms wait meanwhile

} // namespace chat::limits
