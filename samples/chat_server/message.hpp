// ordo: chat_server: the frames of the chat, from and to JSON.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// One line of a room's history.
struct message {
    std::int64_t id = 0; // grows by one per room, from 1; 0: not saved yet
    std::string room;
    std::string name;
    std::string text;
    std::int64_t time = 0; // milliseconds since 1970
};

/// The client's own mark on a message, returned with the answer; any JSON value.
using tag = std::optional<boost::json::value>;

/// What a client sent: a text to say, or what is wrong with the frame.
struct client_frame {
    std::string text;
    chat::tag tag;       // also of a wrong frame, as far as it could be read
    std::string problem; // empty when the frame is good
};

/// Never throws for bad input: see client_frame::problem.
client_frame parse_client_frame(std::string_view json);

std::string message_frame(message const& message);
std::string ack_frame(tag const& tag, std::int64_t id);
std::string presence_frame(std::vector<std::string> const& names);
std::string error_frame(tag const& tag, std::string_view reason);

/// The body of /history.
std::string history_body(std::vector<message> const& messages);

/// Letters, digits, '-', '_' and '.' of ASCII, 1 to limits::room_characters of them.
bool is_room(std::string_view room);

/// UTF-8 without control characters and without space at either end, 1 to limits::name_characters code points.
bool is_name(std::string_view name);

} // namespace chat
