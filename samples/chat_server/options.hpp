// ordo: chat_server: the command line.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

struct options {
    std::string bind = "127.0.0.1";
    std::uint16_t port = 8080; // 0: the system chooses one
    std::string database = "chat.db";
    std::size_t max_connections = 900; // leaves room below the usual limit of 1024 descriptors
    std::string log_level = "info";
    std::chrono::milliseconds timeout = limits::request_time;
    std::chrono::milliseconds heartbeat = limits::heartbeat_time;
    bool inspect = false; // show the loop at work, on a port of its own
    bool help = false;
};

/// An argument that cannot be understood; what() is one line for the user.
struct usage_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The text of --help.
extern std::string_view const usage;

/// @param arguments   Without the program's name; `--name value` and `--name=value` are the same.
/// @throws            usage_error.
options parse_options(std::vector<std::string_view> const& arguments);

} // namespace chat
