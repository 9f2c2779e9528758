// ordo: the two wires of a pair of streams in memory.
//
// Each carries bytes one way: written bytes are on their way for as long as the delay says, then they have arrived, and
// are read. All are kept in one string, so that arriving needs no memory; a parcel says how many of them arrive at one
// moment, so that there is one timer for each moment, whatever order timers come in. Whoever waits for a wire waits for an
// event or has left a call; both are told when something has changed.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/memory_stream.hpp>

#include "detail/stream_core.hpp"

#include <ordo/detail/callback.hpp>
#include <ordo/event.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/handle.hpp>
#include <ordo/timer_handle.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace ordo::testing {
namespace {

namespace error = boost::asio::error;
using boost::system::error_code;
using detail::io_outcome;

/// That an attempt may do something, for the one who wants to make it.
class readiness {
public:
    explicit readiness(detail::loop_core& loop) noexcept : loop_(loop) {}

    void clear() noexcept { event_.clear(); }
    void set() noexcept {
        try {
            event_.set();
        } catch (...) {
            // The loop is closed, or there is no memory to queue a task; it has reported that.
        }
        queue_call();
    }
    void call(std::function<void()> what) {
        forget_call();
        call_ = detail::handle_access::adopt(
            detail::make_callback<detail::callback_node>(std::source_location::current(), std::move(what)));
        is_queued_ = false;
        if (event_.is_set()) queue_call();
    }
    void forget_call() noexcept { std::exchange(call_, handle()).cancel(); }
    auto wait() noexcept { return event_.wait(); }

private:
    void queue_call() noexcept {
        if (!call_ || is_queued_) return;
        auto* const node = detail::handle_access::node(call_);
        try {
            loop_->push(node);
        } catch (...) {
            return; // as in set(); it is still there for the next time
        }
        node->add_reference(); // of the queue
        is_queued_ = true;
    }

    detail::core_share loop_;
    event event_;
    handle call_; ///< made when it is left, so that set() needs no memory; empty if there is none
    bool is_queued_ = false;
};

/// From one end to the other.
class wire : public std::enable_shared_from_this<wire> {
public:
    wire(detail::loop_core& loop, memory_stream_options const& of_writer)
        : can_read(loop), can_write(loop), loop_(loop), capacity_(of_writer.capacity), delay_(of_writer.delay) {
        can_write.set();
    }

    // -- for the writer

    std::size_t room() const noexcept { return capacity_ - bytes_.size(); }
    bool reader_is_gone() const noexcept { return reader_is_gone_; }
    /// @throws std::bad_alloc, loop_closed_error   with nothing changed.
    void send(std::string_view data, bool last);
    void end() noexcept;
    /// The reader finds the connection reset, and nothing of what was sent.
    void break_off() noexcept {
        broken_ = true;
        drop();
        can_read.set();
    }

    // -- for the reader

    std::size_t size() const noexcept { return arrived_; }
    bool ended() const noexcept { return ended_ && arrived_ == 0; }
    bool broken() const noexcept { return broken_; }
    void take(char* to, std::size_t size) noexcept {
        bytes_.copy(to, size);
        bytes_.erase(0, size);
        arrived_ -= size;
        can_write.set();
    }
    void reader_goes() noexcept {
        reader_is_gone_ = true;
        drop();
        can_read.set();
        can_write.set();
    }

    readiness can_read;
    readiness can_write;

private:
    /// What arrives at one moment.
    struct parcel {
        timer_handle arrival{};
        std::size_t size = 0; ///< bytes
        bool last = false;
    };
    void put_on_the_way(std::size_t size, bool last);
    void arrive(std::size_t size, bool last) noexcept;
    void next_arrives() noexcept;
    void drop() noexcept;

    detail::core_share loop_;
    std::size_t const capacity_;
    duration const delay_;
    std::string bytes_;             ///< those that have arrived, then those that are on their way
    std::size_t arrived_ = 0;       ///< how many of them
    std::deque<parcel> on_the_way_; ///< each later than the one before
    bool ended_ = false;
    bool broken_ = false;
    bool reader_is_gone_ = false;
};

void wire::send(std::string_view data, bool last) {
    if (reader_is_gone_ || broken_) return;
    auto const before = bytes_.size();
    bytes_ += data;
    if (delay_ <= duration::zero()) return arrive(data.size(), last);
    try {
        put_on_the_way(data.size(), last);
    } catch (...) {
        bytes_.resize(before);
        throw;
    }
}

void wire::put_on_the_way(std::size_t size, bool last) {
    auto& added = on_the_way_.emplace_back(parcel{.size = size, .last = last});
    try {
        added.arrival = loop_->owner()->call_later(delay_, [self = shared_from_this()] { self->next_arrives(); });
    } catch (...) {
        on_the_way_.pop_back();
        throw;
    }
    if (on_the_way_.size() == 1) return;
    auto& previous = on_the_way_[on_the_way_.size() - 2];
    if (previous.arrival.when() != added.arrival.when()) return;
    added.arrival.cancel();
    on_the_way_.pop_back();
    previous.size += size;
    previous.last = last;
}

void wire::end() noexcept {
    try {
        send({}, true);
    } catch (...) { // the loop is closed, or there is no memory for a timer: it comes with what is before it
        if (on_the_way_.empty()) arrive(0, true);
        else on_the_way_.back().last = true;
    }
}

void wire::arrive(std::size_t size, bool last) noexcept {
    arrived_ += size;
    ended_ = last;
    can_read.set();
}

void wire::next_arrives() noexcept {
    auto const [arrival, size, last] = std::move(on_the_way_.front());
    on_the_way_.pop_front();
    arrive(size, last);
}

void wire::drop() noexcept {
    for (auto& each : on_the_way_) each.arrival.cancel();
    on_the_way_.clear();
    bytes_.clear();
    arrived_ = 0;
}

/// One end.
class memory_transport final : public detail::transport {
public:
    memory_transport(std::shared_ptr<wire> in, std::shared_ptr<wire> out, memory_stream_options const& options,
                     std::string name, std::string peer)
        : in_(std::move(in)), out_(std::move(out)), options_(options), name_(std::move(name)), peer_(std::move(peer)) {}
    ~memory_transport() override { close(); }

    io_outcome read_some(char* to, std::size_t most) noexcept override;
    io_outcome write_some(std::string_view data) noexcept override;
    coro<error_code> wait(detail::direction which) override { return wait_for(which == reading ? in_ : out_, which); }
    void when_ready(detail::direction which, std::function<void()> call) override {
        (which == reading ? in_->can_read : out_->can_write).call(std::move(call));
    }
    bool waits_outside() const noexcept override { return false; }
    void shut_down_sending() noexcept override {
        if (!std::exchange(sending_is_over_, true)) out_->end();
    }
    void end(std::function<void()> closed) override {
        close();
        closed();
    }
    void close() noexcept override;
    void abort() noexcept override {
        if (!closed_) out_->break_off();
        close();
    }
    std::string peer_name() const override { return peer_; }
    std::string local_name() const override { return closed_ ? std::string() : name_; }
    int native_handle() const noexcept override { return -1; }

private:
    static constexpr auto reading = detail::direction::reading;
    static coro<error_code> wait_for(std::shared_ptr<wire> what, detail::direction which);

    std::shared_ptr<wire> in_;
    std::shared_ptr<wire> out_;
    memory_stream_options const options_;
    std::string const name_;
    std::string const peer_;
    std::size_t read_ = 0;    ///< bytes
    std::size_t written_ = 0; ///< bytes
    bool sending_is_over_ = false;
    bool closed_ = false;
};

/// How much of `size` may go before the fault.
std::size_t up_to_fault(std::size_t size, std::optional<std::size_t> fault, std::size_t done) noexcept {
    return fault ? std::min(size, *fault - done) : size;
}

io_outcome memory_transport::read_some(char* to, std::size_t most) noexcept {
    if (closed_) return {.error = error::operation_aborted};
    if (read_ == options_.read_fails_after) return {.error = options_.error};
    if (in_->broken()) return {.error = error::connection_reset};
    if (in_->ended()) return {.error = error::eof};
    auto const size = up_to_fault(std::min({most, options_.max_read, in_->size()}), options_.read_fails_after, read_);
    if (size == 0) {
        in_->can_read.clear();
        return {.error = error::would_block};
    }
    in_->take(to, size);
    read_ += size;
    return {.size = size, .more = in_->size() > 0};
}

io_outcome memory_transport::write_some(std::string_view data) noexcept {
    if (closed_) return {.error = error::operation_aborted};
    if (data.empty()) return {};
    if (written_ == options_.write_fails_after) return {.error = options_.error};
    if (in_->broken()) return {.error = error::connection_reset};
    if (out_->reader_is_gone()) return {.error = error::broken_pipe};
    auto const size =
        up_to_fault(std::min({data.size(), options_.max_write, out_->room()}), options_.write_fails_after, written_);
    if (size == 0) {
        out_->can_write.clear();
        return {.error = error::would_block};
    }
    try {
        out_->send(data.substr(0, size), false);
    } catch (...) {
        return {.error = error::no_memory};
    }
    written_ += size;
    return {.size = size}; // the rest is another attempt, so that short writes are seen
}

coro<error_code> memory_transport::wait_for(std::shared_ptr<wire> what, detail::direction which) {
    auto& ready = which == reading ? what->can_read : what->can_write;
    co_await ready.wait();
    co_return error_code();
}

void memory_transport::close() noexcept {
    if (std::exchange(closed_, true)) return;
    shut_down_sending();
    in_->can_read.forget_call();
    out_->can_write.forget_call();
    out_->can_write.set();
    in_->reader_goes();
}

connection make_end(detail::loop_core& loop, std::unique_ptr<memory_transport> over,
                    connection_options const& options) {
    detail::stream_ref const stream(
        detail::stream_core::make(loop, std::move(over), options.limit, options.high_water));
    return {stream_reader(stream), stream_writer(stream)};
}

void check(memory_stream_options const& options) {
    if (options.max_read == 0 || options.max_write == 0 || options.capacity == 0)
        throw value_error("memory_stream_pair: max_read, max_write or capacity is 0 bytes; give at least 1");
}

} // namespace

std::pair<connection, connection> memory_stream_pair(memory_stream_options const& a, memory_stream_options const& b) {
    auto& loop = detail::running_core("memory_stream_pair");
    check(a);
    check(b);
    auto const there = std::make_shared<wire>(loop, a);
    auto const back = std::make_shared<wire>(loop, b);
    try {
        auto first =
            make_end(loop, std::make_unique<memory_transport>(back, there, a, "memory a", "memory b"), a.stream);
        auto second =
            make_end(loop, std::make_unique<memory_transport>(there, back, b, "memory b", "memory a"), b.stream);
        return {std::move(first), std::move(second)};
    } catch (...) { // an end that was closed as it was made has said so to a peer that does not exist
        there->reader_goes();
        back->reader_goes();
        throw;
    }
}

} // namespace ordo::testing
