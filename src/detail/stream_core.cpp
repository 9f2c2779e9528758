// ordo: the bytes of a stream on their way in and out, and the end of the connection.
// SPDX-License-Identifier: BSL-1.0
#include "stream_core.hpp"

#include "throw_system_error.hpp"

#include <ordo/detail/constants.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

namespace ordo::detail {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Between two suspensions only one stream of a thread reads, so they share this.
char* read_memory() {
    thread_local std::unique_ptr<char[]> const memory(new char[stream_read_size]);
    return memory.get();
}

std::string at(char const* where, std::string const& peer) {
    return peer.empty() ? where : std::string(where) + " (" + peer + ")";
}

} // namespace

std::shared_ptr<stream_core> stream_core::make(loop_core& loop, std::unique_ptr<transport> over, std::size_t limit,
                                               std::size_t high_water) {
    if (limit == 0) throw value_error("stream: the limit is 0 bytes; give at least 1");
    loop.check_open("stream");
    return std::make_shared<stream_core>(loop, std::move(over), limit, high_water);
}

stream_core::stream_core(loop_core& loop, std::unique_ptr<transport> over, std::size_t limit, std::size_t high_water)
    : loop_(loop), transport_(std::move(over)), peer_name_(transport_->peer_name()), limit_(limit),
      high_water_(high_water) {
    link(*loop_);
}

stream_core::~stream_core() {
    if (!is_closed_) unlink(*loop_); // it was never used
}

void stream_core::drop_use() noexcept {
    if (--uses_ == 0) close();
}

void stream_core::fail(char const* where, error_code error) const {
    throw_system_error(error, at(where, peer_name_));
}

// -- reading

stream_core::reading::reading(stream_core& stream, char const* where) : stream_(stream) {
    if (stream.reader_)
        throw usage_error(std::string(where) + ": another task is in " + stream.reader_ +
                          " of the same stream; let one task read at a time");
    stream.reader_ = where;
}

coro<> stream_core::receive(char const* where, std::size_t wanted) {
    auto const most = std::min(stream_read_size, std::max(2 * limit_, wanted));
    for (;;) {
        if (receive_error_) fail(where, receive_error_);
        if (ended_ || is_closed_) {
            ended_ = true;
            co_return;
        }
        if (!std::exchange(try_first_, true)) {
            reads_in_a_row_ = 0;
            auto const error = co_await transport_->wait(direction::reading);
            if (is_closed_) continue;
            if (error) fail(where, receive_error_ = error);
        } else if (++reads_in_a_row_ > stream_reads_in_a_row) {
            reads_in_a_row_ = 0;
            co_await sleep(std::chrono::seconds(0));
            continue;
        }
        auto const got = transport_->read_some(read_memory(), most);
        try_first_ = got.more;
        if (got.size > 0) {
            received_.append({read_memory(), got.size});
            co_return;
        }
        if (got.error == asio::error::would_block) continue;
        if (got.error != asio::error::eof) {
            receive_error_ = got.error;
            sending_failed(got.error);
        } else if (send_error_ && send_error_ != asio::error::broken_pipe) {
            receive_error_ = send_error_; // a reset that the sending side was told of
        } else {
            ended_ = true;
        }
    }
}

// -- writing

void stream_core::check_sending(char const* where) const {
    if (aborted_) fail(where, asio::error::connection_aborted);
    check_sent(where);
}

void stream_core::check_sent(char const* where) const {
    if (send_error_) fail(where, send_error_);
}

void stream_core::send(char const* where, std::string_view data, std::string* owned) {
    if (data.empty()) return check_sending(where);
    if (closing_) throw usage_error(std::string(where) + ": the stream was closed; write before close()");
    if (end_requested_) throw usage_error(std::string(where) + ": write_eof() was called; write before it");
    loop_->check_thread(where);
    check_sending(where);
    std::size_t const size = unsent() > 0 ? 0 : try_to_send(data);
    check_sending(where);
    if (size < data.size()) keep(data.substr(size), owned);
    if (unsent() == 0) return;
    send_later();
    paused_ = paused_ || unsent() > high_water_;
}

/// @returns   How much of it the transport has taken.
std::size_t stream_core::try_to_send(std::string_view data) noexcept {
    std::size_t size = 0;
    for (;;) {
        auto const sent = transport_->write_some(data.substr(size));
        size += sent.size;
        if (sent.error && sent.error != asio::error::would_block) sending_failed(sent.error);
        if (sent.error || !sent.more || size == data.size()) return size;
    }
}

void stream_core::keep(std::string_view rest, std::string* owned) {
    if (!owned || !pending_.empty()) return pending_.append(rest);
    auto const sent = owned->size() - rest.size();
    pending_.assign(std::move(*owned));
    pending_.drop(sent);
}

void stream_core::send_later() {
    if (sending_) return;
    transport_->when_ready(direction::writing, [self = shared_from_this()] { self->send_pending(); });
    sending_ = true;
    if (transport_->waits_outside()) loop_->work_started();
}

void stream_core::stop_sending() noexcept {
    if (std::exchange(sending_, false) && transport_->waits_outside()) loop_->work_finished();
}

/// The transport takes more.
void stream_core::send_pending() noexcept {
    if (!sending_) return; // it was cut meanwhile
    stop_sending();
    auto const size = try_to_send(pending_.view());
    if (send_error_) return;
    pending_.drop(size);
    if (unsent() <= high_water_ / stream_low_water_divisor) resume();
    if (unsent() == 0) return sent_all();
    try {
        send_later();
    } catch (...) {
        sending_failed(asio::error::no_memory);
    }
}

void stream_core::sent_all() noexcept {
    if (end_requested_) transport_->shut_down_sending();
    if (closing_) finish();
}

/// What is pending will never be sent. What has arrived can still be read.
void stream_core::sending_failed(error_code error) noexcept {
    if (!send_error_) send_error_ = error;
    stop_sending();
    pending_.clear();
    resume();
    if (closing_ && !is_closed_) cut();
}

void stream_core::resume() noexcept {
    paused_ = false;
    try {
        resumed_.wake_all();
    } catch (...) {
        // There is no memory to queue a task; the loop has reported that.
    }
}

void stream_core::send_end(char const* where) {
    if (closing_) return;
    if (!transport_->can_shut_down_sending())
        throw usage_error(std::string(where) + ": TLS ends in both directions at once; use close()");
    check_sending(where);
    if (std::exchange(end_requested_, true)) return;
    if (unsent() == 0) transport_->shut_down_sending();
}

// -- the connection

void stream_core::close() noexcept {
    if (std::exchange(closing_, true)) return;
    if (loop_->closing || loop_->closed() || send_error_) cut();
    else if (!sending_) finish();
}

void stream_core::abort() noexcept {
    if (is_closed_) return;
    closing_ = aborted_ = true;
    transport_->abort();
    cut();
}

/// Everything is sent.
void stream_core::finish() noexcept {
    if (std::exchange(finishing_, true)) return;
    try {
        transport_->end([self = shared_from_this()] { self->now_closed(); });
    } catch (...) {
        cut();
    }
}

/// Close at once, whatever is left.
void stream_core::cut() noexcept {
    stop_sending();
    transport_->close();
    pending_.clear();
    now_closed();
}

void stream_core::now_closed() noexcept {
    if (std::exchange(is_closed_, true)) return;
    unlink(*loop_);
    closing_ = true;
    resume();
    try {
        closed_.set();
    } catch (...) {
        // As in resume().
    }
    if (auto const tell = std::exchange(on_closed, nullptr)) tell();
}

void stream_core::abandon() noexcept {
    cut();
    transport_ = nullptr;
}

void stream_core::check_replaceable(char const* where) const {
    auto const refuse = [where](std::string const& why) { throw usage_error(std::string(where) + why); };
    if (closing_) refuse(": the stream was closed; begin before close()");
    if (end_requested_) refuse(": write_eof() was called; begin before it");
    if (reader_) refuse(std::string(": a task is in ") + reader_ + "; let it end first");
    if (unsent() > 0) refuse(": " + std::to_string(unsent()) + " bytes wait to be sent; await drain() first");
    if (!received().empty())
        throw error(std::string(where) + ": the peer sent " + std::to_string(received().size()) +
                    " bytes too early, in the clear; they must be read, or the connection dropped, first");
}

std::unique_ptr<transport> stream_core::replace(std::unique_ptr<transport> by) noexcept {
    try_first_ = true;
    return std::exchange(transport_, std::move(by));
}

} // namespace ordo::detail
