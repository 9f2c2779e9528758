// ordo: chat_server: requests taken apart and answers put together.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace chat {

using request = boost::beast::http::request<boost::beast::http::empty_body>;
using response = boost::beast::http::response<boost::beast::http::string_body>;
using boost::beast::http::status;

/// The path and the parameters of a request, percent-decoded; of a parameter given twice the first one counts.
struct target {
    std::string path;
    std::map<std::string, std::string, std::less<>> query;

    /// Empty when it was not given.
    std::string_view operator[](std::string_view name) const;
};

/// @returns   Nothing if it does not start with '/' or an escape is broken.
std::optional<target> parse_target(std::string_view text);

/// An answer to `to`, complete but for fields of its own; to HEAD the same without its body.
response make_response(request const& to, status code, std::string_view content_type, std::string body);

/// An error as a line of text.
response make_error(request const& to, status code, std::string_view why);

/// What to answer to a request that could not be read; nothing if nobody is there to read it.
std::optional<response> make_error(boost::system::error_code reading);

/// The answer to a client over the limit of connections, before anything of its request was read.
std::string_view refusal();

/// The chat page.
response make_page(request const& to);

} // namespace chat
