// ordo: the calls of stream_reader and stream_writer over the state that they share.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/stream.hpp>

#include "detail/connecting.hpp"
#include "detail/stream_core.hpp"
#include "detail/unique_descriptor.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>

#include <algorithm>
#include <string>

namespace ordo {
namespace detail {

stream_ref::stream_ref(std::shared_ptr<stream_core> core) noexcept : core_(std::move(core)) {
    if (core_) core_->add_use();
}

stream_ref::stream_ref(stream_ref const& other) noexcept : stream_ref(other.core_) {}

stream_ref::~stream_ref() {
    if (core_) core_->drop_use();
}

stream_core& stream_ref::get(char const* where) const {
    if (!core_) throw usage_error(std::string(where) + ": the handle is empty; it was moved from, or never assigned");
    return *core_;
}

namespace {

coro<std::string> read_some(stream_ref from, std::size_t most) {
    auto& stream = from.get("stream_reader::read");
    stream_core::reading const reading(stream, "stream_reader::read");
    if (most == 0) co_return std::string();
    if (stream.received().empty()) co_await stream.receive("stream_reader::read");
    co_return stream.take(std::min(most, stream.received().size()));
}

coro<std::string> read_all(stream_ref from) {
    auto& stream = from.get("stream_reader::read");
    stream_core::reading const reading(stream, "stream_reader::read");
    while (!stream.ended()) co_await stream.receive("stream_reader::read", stream_read_size);
    co_return stream.take(stream.received().size());
}

coro<std::string> read_size(stream_ref from, std::size_t size) {
    auto& stream = from.get("stream_reader::read_exactly");
    stream_core::reading const reading(stream, "stream_reader::read_exactly");
    while (stream.received().size() < size) {
        if (stream.ended()) {
            auto partial = stream.take(stream.received().size());
            throw incomplete_read_error("stream_reader::read_exactly", std::move(partial), size);
        }
        co_await stream.receive("stream_reader::read_exactly", size - stream.received().size());
    }
    co_return stream.take(size);
}

/// Waits for the separator, and says where it is; npos if the stream ends before.
/// @throws limit_overrun_error   with everything left as it is.
coro<std::size_t> find_separator(stream_core& stream, char const* where, std::string_view separator) {
    auto const fail = [&](char const* what, std::size_t consumed) {
        throw limit_overrun_error(std::string(where) + ": " + what + " within the limit of " +
                                      std::to_string(stream.limit()) + " bytes; open the stream with a larger one",
                                  consumed);
    };
    std::size_t searched = 0; // bytes in which no separator begins
    for (;;) {
        auto const there = stream.received();
        if (there.size() - searched >= separator.size()) {
            auto const found = there.find(separator, searched);
            if (found != there.npos) {
                if (found > stream.limit()) fail("the separator is not", found);
                co_return found;
            }
            searched = there.size() + 1 - separator.size();
            if (searched > stream.limit()) fail("there is no separator", searched);
        }
        if (stream.ended()) co_return there.npos;
        co_await stream.receive(where);
    }
}

coro<std::string> read_to_separator(stream_ref from, std::string separator) {
    auto const* const where = "stream_reader::read_until";
    auto& stream = from.get(where);
    stream_core::reading const reading(stream, where);
    if (separator.empty()) throw value_error("stream_reader::read_until: the separator is empty; give at least 1 byte");
    auto const found = co_await find_separator(stream, where, separator);
    if (found == std::string::npos)
        throw incomplete_read_error(where, stream.take(stream.received().size()), std::nullopt);
    co_return stream.take(found + separator.size());
}

coro<std::string> read_to_newline(stream_ref from) {
    auto const* const where = "stream_reader::read_line";
    auto& stream = from.get(where);
    stream_core::reading const reading(stream, where);
    try {
        auto const found = co_await find_separator(stream, where, "\n");
        co_return stream.take(found == std::string::npos ? stream.received().size() : found + 1);
    } catch (limit_overrun_error const& overrun) {
        auto const there = stream.received();
        stream.take(there.substr(overrun.consumed()).starts_with('\n') ? overrun.consumed() + 1 : there.size());
        throw;
    }
}

coro<> wait_until_closed(stream_ref which) {
    auto& stream = which.get("stream_writer::wait_closed");
    co_await stream.closed().wait();
    stream.check_sent("stream_writer::wait_closed");
}

void check_options(std::string const& where, connection_options const& options) {
    if (options.limit == 0) throw value_error(where + ": the limit is 0 bytes; give at least 1");
    check_keep_alive(where.c_str(), options.keep_alive);
}

connection make_connection(event_loop& loop, stream_socket socket, connection_options const& options) {
    set_keep_alive(socket.native_handle(), options.keep_alive);
    auto over = std::make_unique<socket_transport>(std::move(socket));
    auto core = stream_core::make(loop_access::core(loop), std::move(over), options.limit, options.high_water);
    stream_ref const stream(std::move(core));
    return {stream_reader(stream), stream_writer(stream)};
}

} // namespace

// -- writing

void write_request::send() {
    if (owns_) stream().send(where_, owned_, &owned_);
    else stream().send(where_, view_, nullptr);
}

write_awaiter::write_awaiter(write_request&& request) : write_request(std::move(request)), waiter(stream().resumed()) {}

bool write_awaiter::await_ready() {
    send();
    return !stream().paused();
}

void write_awaiter::await_resume() {
    if (!has_waited()) return;
    if (finish()) throw_cancelled();
    stream().check_sending(where());
}

} // namespace detail

coro<std::string> stream_reader::read(std::size_t most) const {
    return detail::read_some(stream_, most);
}

coro<std::string> stream_reader::read() const {
    return detail::read_all(stream_);
}

coro<std::string> stream_reader::read_exactly(std::size_t size) const {
    return detail::read_size(stream_, size);
}

coro<std::string> stream_reader::read_until(std::string separator) const {
    return detail::read_to_separator(stream_, std::move(separator));
}

coro<std::string> stream_reader::read_line() const {
    return detail::read_to_newline(stream_);
}

bool stream_reader::at_eof() const {
    auto const& stream = stream_.get("stream_reader::at_eof");
    return stream.ended() && stream.received().empty();
}

std::size_t stream_reader::limit() const {
    return stream_.get("stream_reader::limit").limit();
}

void stream_writer::write_eof() const {
    stream_.get("stream_writer::write_eof").send_end("stream_writer::write_eof");
}

bool stream_writer::can_write_eof() const {
    auto const& stream = stream_.get("stream_writer::can_write_eof");
    return !stream.is_closing() && stream.over().can_shut_down_sending();
}

void stream_writer::close() const {
    stream_.get("stream_writer::close").close();
}

bool stream_writer::is_closing() const {
    return stream_.get("stream_writer::is_closing").is_closing();
}

coro<> stream_writer::wait_closed() const {
    return detail::wait_until_closed(stream_);
}

void stream_writer::abort() const {
    stream_.get("stream_writer::abort").abort();
}

std::string stream_writer::peer_name() const {
    return stream_.get("stream_writer::peer_name").peer_name();
}

std::string stream_writer::local_name() const {
    auto const& stream = stream_.get("stream_writer::local_name");
    return stream.is_closed() ? std::string() : stream.over().local_name();
}

std::size_t stream_writer::buffered() const {
    auto const& stream = stream_.get("stream_writer::buffered");
    return stream.is_closed() ? 0 : stream.unsent();
}

int stream_writer::native_handle() const {
    auto const& stream = stream_.get("stream_writer::native_handle");
    return stream.is_closed() ? -1 : stream.over().native_handle();
}

coro<connection> open_connection(std::string host, std::uint16_t port, connection_options options) {
    detail::check_options("open_connection", options);
    auto& loop = get_running_loop();
    auto socket = co_await detail::connect_to_host(std::move(host), port, options.happy_eyeballs_delay);
    co_return detail::make_connection(loop, std::move(socket), options);
}

coro<connection> open_unix_connection(std::string path, connection_options options) {
    detail::check_options("open_unix_connection", options);
    auto& loop = get_running_loop();
    auto socket = co_await detail::connect_to_path(std::move(path));
    co_return detail::make_connection(loop, std::move(socket), options);
}

connection adopt_connection(int socket, connection_options options) {
    detail::unique_descriptor owned(socket);
    detail::check_options("adopt_connection", options);
    auto& loop = get_running_loop();
    return detail::make_connection(loop, detail::adopt_socket(owned.release()), options);
}

} // namespace ordo
