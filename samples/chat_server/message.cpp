// ordo: chat_server: the frames of the chat, from and to JSON.
// SPDX-License-Identifier: BSL-1.0
#include "message.hpp"

#include "limits.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace chat {
namespace json = boost::json;
namespace {

json::object to_object(message const& message) {
    return {{"id", message.id},
            {"room", message.room},
            {"name", message.name},
            {"text", message.text},
            {"time", message.time}};
}

json::object answer(std::string_view type, tag const& tag) {
    json::object result{{"type", type}};
    if (tag) result["tag"] = *tag;
    return result;
}

// Read the code point that `text` starts with, and its length in bytes; length 0 for what is not UTF-8 (RFC 3629: no
// overlong forms, no surrogates, nothing over U+10FFFF).
struct code_point {
    char32_t value;
    std::size_t length;
};

code_point first_code_point(std::string_view text) {
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto const lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {0, 0};
    auto value = static_cast<char32_t>(lead & (0x7F >> length));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {0, 0};
        value = (value << 6) | (byte(i) & 0x3F);
    }
    bool const overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return {0, 0};
    return {value, length};
}

// Controls of ASCII and Latin-1, and the marks that turn the direction of the text around them.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0x2028 || c == 0x2029;
}

} // namespace

client_frame parse_client_frame(std::string_view text) {
    client_frame result;
    boost::system::error_code error;
    auto const value = json::parse(text, error);
    if (error) {
        result.problem = "not JSON: " + error.message();
        return result;
    }
    auto const* object = value.if_object();
    if (!object) {
        result.problem = "not a JSON object";
        return result;
    }
    if (auto const* tag = object->if_contains("tag")) result.tag = *tag;
    auto const* type = object->if_contains("type");
    auto const* said = object->if_contains("text");
    if (!type || !type->is_string()) result.problem = "type is missing; send {\"type\":\"message\",\"text\":...}";
    else if (type->get_string() != "message") result.problem = "unknown type; the only one is message";
    else if (!said || !said->is_string()) result.problem = "text is missing, or not a string";
    else if (said->get_string().empty()) result.problem = "text is empty";
    else result.text = said->get_string();
    return result;
}

std::string message_frame(message const& message) {
    auto object = to_object(message);
    object["type"] = "message";
    return json::serialize(object);
}

std::string ack_frame(tag const& tag, std::int64_t id) {
    auto object = answer("ack", tag);
    object["id"] = id;
    return json::serialize(object);
}

std::string presence_frame(std::vector<std::string> const& names) {
    return json::serialize(json::object{{"type", "presence"}, {"names", json::value_from(names)}});
}

std::string error_frame(tag const& tag, std::string_view reason) {
    auto object = answer("error", tag);
    object["reason"] = reason;
    return json::serialize(object);
}

std::string history_body(std::vector<message> const& messages) {
    json::array array;
    array.reserve(messages.size());
    for (auto const& message : messages) {
        auto object = to_object(message);
        object["type"] = "message"; // the same fields as the live frame: a client needs one reader for both
        array.push_back(std::move(object));
    }
    return json::serialize(json::object{{"messages", std::move(array)}});
}

bool is_room(std::string_view room) {
    constexpr std::string_view others = "-_.";
    auto const allowed = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != others.npos;
    };
    return !room.empty() && room.size() <= limits::room_characters && std::ranges::all_of(room, allowed);
}

bool is_name(std::string_view name) {
    if (name.empty() || name.front() == ' ' || name.back() == ' ') return false;
    std::size_t count = 0;
    while (!name.empty()) {
        auto const [value, length] = first_code_point(name);
        if (length == 0 || is_control(value) || ++count > limits::name_characters) return false;
        name.remove_prefix(length);
    }
    return true;
}

} // namespace chat
