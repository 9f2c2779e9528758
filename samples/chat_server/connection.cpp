// ordo: chat_server: one accepted socket, from its first request to its end.
// SPDX-License-Identifier: BSL-1.0
#include "connection.hpp"

#include "archive.hpp"
#include "deadline.hpp"
#include "limits.hpp"
#include "linger.hpp"
#include "message.hpp"
#include "options.hpp"
#include "session.hpp"

#include <ordo/asio_operation.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <charconv>
#include <limits>
#include <spdlog/spdlog.h>
#include <tuple>
#include <utility>

namespace chat {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

// A positive decimal number; `missing` if there is none, nothing if it is something else.
std::optional<std::int64_t> positive(std::string_view text, std::int64_t missing) {
    if (text.empty()) return missing;
    std::int64_t result = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc() || end != text.data() + text.size() || result < 1) return std::nullopt;
    return result;
}

// RFC 9112: exactly one Host since HTTP/1.1.
bool has_host(request const& asked) {
    return asked.version() < 11 || asked.count(http::field::host) == 1;
}

} // namespace

connection::connection(service shared, asio::ip::tcp::socket socket)
    : service_(shared), socket_(std::move(socket)), task_(*ordo::current_task()) {}

connection::~connection() = default;

ordo::coro<void> connection::run() {
    try {
        co_await serve();
    } catch (boost::system::system_error const& gone) {
        spdlog::debug("{}: {}", name(), gone.code().message());
    }
}

ordo::coro<void> connection::serve() {
    bool open = true; // GCC 12 takes no co_await in the condition of a loop
    while (open) open = co_await serve_request();
}

// True if the connection stays open for another one.
ordo::coro<bool> connection::serve_request() {
    http::request_parser<http::empty_body> parser;
    parser.header_limit(limits::header_bytes);
    parser.body_limit(boost::none); // a body is never read, so it may be of any size
    between_requests_ = true;
    boost::system::error_code error;
    std::size_t size = 0;
    {
        deadline const limit(service_.loop, service_.options.timeout, [this] { abort("no request in time"); });
        std::tie(error, size) =
            co_await http::async_read_header(socket_, buffer_, parser, asio::as_tuple(asio::deferred));
    }
    between_requests_ = false;
    if (size > limits::header_bytes) error = http::error::header_limit; // the parser leaves out the line that ends it
    if (error) {
        auto reply = make_error(error);
        if (!reply) co_return false; // hung up
        co_return co_await send(std::move(*reply));
    }
    bool const body_follows = parser.chunked() || parser.content_length().value_or(0) > 0;
    auto const asked = parser.release();
    auto const wanted = parse_target(std::string_view(asked.target().data(), asked.target().size()));
    if (wanted && wanted->path == "/ws" && has_host(asked) && beast::websocket::is_upgrade(asked) &&
        buffer_.size() == 0 && is_room((*wanted)["room"]) && is_name((*wanted)["name"])) {
        co_await chat(asked, *wanted);
        co_return false;
    }
    auto reply = make_error(asked, status::bad_request, "malformed request");
    if (wanted && has_host(asked)) reply = co_await answer(asked, *wanted);
    if (body_follows || stopping_) reply.keep_alive(false);
    co_return co_await send(std::move(reply));
}

ordo::coro<response> connection::answer(request asked, target wanted) {
    auto const& path = wanted.path;
    if (path != "/" && path != "/history" && path != "/healthz" && path != "/ws")
        co_return make_error(asked, status::not_found, "no such page");
    if (asked.method() != http::verb::get && asked.method() != http::verb::head) {
        auto reply = make_error(asked, status::method_not_allowed, "only GET and HEAD are allowed here");
        reply.set(http::field::allow, "GET, HEAD");
        co_return reply;
    }
    if (path == "/") co_return make_page(asked);
    if (path == "/healthz") co_return make_response(asked, status::ok, "text/plain; charset=utf-8", "ok\n");
    if (!is_room(wanted["room"]))
        co_return make_error(asked, status::bad_request, "room: 1 to 64 of A-Z, a-z, 0-9, '-', '_' and '.'");
    if (path == "/history") co_return co_await answer_history(asked, wanted);
    if (!is_name(wanted["name"]))
        co_return make_error(asked, status::bad_request, "name: 1 to 32 characters, no controls, no space around it");
    auto reply = make_error(asked, status::upgrade_required, "this is for WebSocket clients");
    reply.set(http::field::upgrade, "websocket");
    co_return reply;
}

ordo::coro<response> connection::answer_history(request asked, target wanted) {
    auto const before = positive(wanted["before"], std::numeric_limits<std::int64_t>::max());
    auto const limit = positive(wanted["limit"], limits::history_default);
    if (!before) co_return make_error(asked, status::bad_request, "before: a positive number");
    if (!limit) co_return make_error(asked, status::bad_request, "limit: a positive number");
    auto const most = std::min(static_cast<std::size_t>(*limit), limits::history_most);
    std::string problem;
    try {
        auto reading = service_.archive.history(std::string(wanted["room"]), *before, most);
        auto const& messages = co_await reading;
        co_return make_response(asked, status::ok, "application/json", history_body(messages));
    } catch (database_error const& error) {
        problem = error.what();
    }
    spdlog::error("history not read: {}", problem);
    co_return make_error(asked, status::service_unavailable, "the history cannot be read: " + problem);
}

ordo::coro<void> connection::chat(request asked, target wanted) {
    auto const name = wanted["name"], room = wanted["room"];
    task_.set_name(task_.name() + ' ' + std::string(name) + '@' + std::string(room));
    session_ = std::make_unique<session>(service_, std::move(socket_), std::string(room), std::string(name),
                                         [this](std::string_view why) { abort(why); });
    if (stopping_) session_->stop();
    co_await session_->run(std::move(asked));
}

ordo::coro<void> connection::refuse() {
    auto const text = refusal();
    auto const [error, size] = co_await asio::async_write(socket_, asio::buffer(text), asio::as_tuple(asio::deferred));
    if (!error) co_await linger(socket_);
}

// True if the connection stays open.
ordo::coro<bool> connection::send(response reply) {
    {
        deadline const limit(service_.loop, service_.options.timeout, [this] { abort("answer not taken in time"); });
        co_await http::async_write(socket_, reply, asio::deferred);
    }
    if (reply.keep_alive() && !stopping_) co_return true;
    co_await linger(socket_);
    co_return false;
}

void connection::stop() {
    stopping_ = true;
    if (session_) session_->stop();
    else if (between_requests_ && buffer_.size() == 0) task_.cancel("the service stops");
}

void connection::abort(std::string_view why) {
    spdlog::log(session_ ? spdlog::level::info : spdlog::level::debug, "{}: {}", name(), why);
    task_.cancel(std::string(why));
    // An operation of Beast hears a cancellation only while it waits for the socket, not between two of its steps.
    boost::system::error_code ignored;
    if (session_) session_->close_socket();
    else socket_.close(ignored);
}

} // namespace chat
