// ordo: chat_server: the command line.
// SPDX-License-Identifier: BSL-1.0
#include "options.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace chat {
namespace {

constexpr std::array<std::string_view, 7> log_levels{"trace", "debug", "info", "warning", "error", "critical", "off"};

[[noreturn]] void reject(std::string_view name, std::string_view value, std::string_view expected) {
    throw usage_error(std::string(name) + ": '" + std::string(value) + "' is not " + std::string(expected));
}

std::size_t number(std::string_view name, std::string_view value, std::size_t least, std::size_t most) {
    std::size_t result = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc() || end != value.data() + value.size() || result < least || result > most)
        reject(name, value, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    return result;
}

std::chrono::milliseconds seconds(std::string_view name, std::string_view value) {
    double result = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc() || end != value.data() + value.size() || !(result >= 0.01 && result <= 86'400))
        reject(name, value, "a number of seconds from 0.01 to 86400");
    return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(result));
}

std::string address(std::string_view name, std::string_view value) {
    boost::system::error_code error;
    boost::asio::ip::make_address(std::string(value), error);
    if (error) reject(name, value, "an IPv4 or IPv6 address");
    return std::string(value);
}

std::string log_level(std::string_view name, std::string_view value) {
    if (std::ranges::find(log_levels, value) == log_levels.end())
        reject(name, value, "one of trace, debug, info, warning, error, critical, off");
    return std::string(value);
}

void apply(options& result, std::string_view name, std::string_view value) {
    if (name == "--bind") result.bind = address(name, value);
    else if (name == "--port") result.port = static_cast<std::uint16_t>(number(name, value, 0, 65'535));
    else if (name == "--database") result.database = value;
    else if (name == "--max-connections") result.max_connections = number(name, value, 1, 1'000'000);
    else if (name == "--log-level") result.log_level = log_level(name, value);
    else if (name == "--timeout") result.timeout = seconds(name, value);
    else if (name == "--heartbeat") result.heartbeat = seconds(name, value);
    else throw usage_error(std::string(name) + ": unknown option; --help lists all");
}

} // namespace

std::string_view const usage = R"(usage: chat_server [OPTION [VALUE]]...

A chat with rooms, over WebSocket, with a page of its own and its history in an SQLite file.

  --bind ADDRESS         listen on this address (127.0.0.1)
  --port N               listen on this port, 0 for any free one (8080)
  --database FILE        the history; created when missing (chat.db)
  --max-connections N    answer 503 to more than these (900)
  --log-level LEVEL      trace, debug, info, warning, error, critical or off (info)
  --timeout SECONDS      for a request, an answer, and between requests (10)
  --heartbeat SECONDS    between pings; a client that does not answer one by the next is closed (20)
  --inspect              show what the loop does, on a page of its own for this machine
  --help                 print this and exit
)";

options parse_options(std::vector<std::string_view> const& arguments) {
    options result;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        auto const argument = arguments[i];
        if (argument == "--help" || argument == "-h") {
            result.help = true;
        } else if (argument == "--inspect") {
            result.inspect = true;
        } else if (auto const equals = argument.find('='); argument.starts_with("--") && equals != argument.npos) {
            apply(result, argument.substr(0, equals), argument.substr(equals + 1));
        } else if (!argument.starts_with("--")) {
            throw usage_error(std::string(argument) + ": options start with --; --help lists all");
        } else if (i + 1 == arguments.size()) {
            apply(result, argument, ""); // an unknown option is reported as such
            throw usage_error(std::string(argument) + ": a value is missing");
        } else {
            apply(result, argument, arguments[++i]);
        }
    }
    return result;
}

} // namespace chat
