// ordo: chat_server: requests taken apart and answers put together.
// SPDX-License-Identifier: BSL-1.0
#include "http.hpp"

#include "page.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

#include <charconv>

namespace chat {
namespace http = boost::beast::http;
namespace {

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            unsigned char byte = 0;
            if (text.size() - i < 3) return std::nullopt;
            auto const* const end = text.data() + i + 3;
            if (std::from_chars(end - 2, end, byte, 16).ptr != end) return std::nullopt;
            result += static_cast<char>(byte);
            i += 2;
        } else {
            result += text[i] == '+' && plus_is_space ? ' ' : text[i];
        }
    }
    return result;
}

} // namespace

std::string_view target::operator[](std::string_view name) const {
    auto const found = query.find(name);
    return found == query.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) return std::nullopt;
    auto const mark = text.find('?');
    auto path = decode(text.substr(0, mark), false);
    if (!path) return std::nullopt;
    target result{std::move(*path), {}};
    auto rest = mark == text.npos ? std::string_view() : text.substr(mark + 1);
    while (!rest.empty()) {
        auto const parameter = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
        auto const equals = parameter.find('=');
        auto name = decode(parameter.substr(0, equals), true);
        auto value = decode(equals == parameter.npos ? std::string_view() : parameter.substr(equals + 1), true);
        if (!name || !value) return std::nullopt;
        result.query.emplace(std::move(*name), std::move(*value));
    }
    return result;
}

response make_response(request const& to, status code, std::string_view content_type, std::string body) {
    response result{code, to.version()};
    result.set(http::field::server, "ordo chat_server");
    result.set(http::field::content_type, content_type);
    result.set(http::field::cache_control, "no-store");
    result.set("X-Content-Type-Options", "nosniff");
    result.keep_alive(to.keep_alive());
    auto const size = body.size();
    if (to.method() != http::verb::head) result.body() = std::move(body);
    result.content_length(size);
    return result;
}

response make_error(request const& to, status code, std::string_view why) {
    return make_response(to, code, "text/plain; charset=utf-8", std::string(why) + '\n');
}

std::optional<response> make_error(boost::system::error_code reading) {
    // The parser's own errors; all others say that the connection is gone.
    if (reading.category() != boost::system::error_code(http::error::end_of_stream).category()) return std::nullopt;
    if (reading == http::error::end_of_stream || reading == http::error::partial_message) return std::nullopt;
    request const unread;
    auto result = reading == http::error::header_limit || reading == http::error::buffer_overflow
                      ? make_error(unread, status::request_header_fields_too_large, "the header is over 8 KiB")
                      : make_error(unread, status::bad_request, "malformed request: " + reading.message());
    result.keep_alive(false);
    return result;
}

std::string_view refusal() {
    return "HTTP/1.1 503 Service Unavailable\r\n"
           "Server: ordo chat_server\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Length: 34\r\n"
           "Retry-After: 5\r\n"
           "Connection: close\r\n"
           "\r\n"
           "all connections are taken for now\n";
}

response make_page(request const& to) {
    auto result = make_response(to, status::ok, "text/html; charset=utf-8", std::string(page()));
    // Everything is in the page itself; should a text of somebody else ever get into its markup, it could load nothing.
    result.set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                                          "img-src data:; connect-src 'self' ws: wss:; base-uri 'none'; "
                                          "form-action 'none'; frame-ancestors 'none'");
    return result;
}

} // namespace chat
