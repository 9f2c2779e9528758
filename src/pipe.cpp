// ordo: pipes, over boost::asio::posix::stream_descriptor.
//
// Reading is Asio's: bytes go to a buffer of the source first, so whatever becomes of the task that asked for them, they
// are there. Writing only waits with Asio: its own write to a pipe without a reader would raise SIGPIPE, and what the
// process does about that belongs to the host.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/pipe.hpp>

#include "detail/byte_queue.hpp"
#include "detail/loop_resource.hpp"
#include "detail/pipe_access.hpp"
#include "detail/throw_system_error.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/lock.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ordo {
namespace detail {
namespace {

using boost::asio::as_tuple;
using boost::asio::deferred;
using boost::asio::posix::stream_descriptor;

/// Bytes that are read at once: what a pipe holds on Linux.
constexpr std::size_t chunk_size = std::size_t(64) << 10;

void check_kind(int descriptor, char const* where) {
    struct stat file{};
    if (::fstat(descriptor, &file) != 0) throw_system_error(errno, where);
    if (S_ISREG(file.st_mode) || S_ISDIR(file.st_mode))
        throw value_error(std::string(where) + ": descriptor " + std::to_string(descriptor) + " is a " +
                          (S_ISDIR(file.st_mode) ? "directory" : "regular file") +
                          ", which cannot be waited for; read and write files in an executor");
}

/// Sends no SIGPIPE: the kernel sends it to the thread that writes, which does not take it meanwhile.
ssize_t write_without_signal(int descriptor, std::string_view data) noexcept {
    sigset_t pipe_signal, pending, before;
    ::sigemptyset(&pipe_signal);
    ::sigaddset(&pipe_signal, SIGPIPE);
    ::sigpending(&pending);
    ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    auto written = ::write(descriptor, data.data(), data.size());
    while (written < 0 && errno == EINTR) written = ::write(descriptor, data.data(), data.size());
    int const error = errno;
    if (written < 0 && error == EPIPE && !::sigismember(&pending, SIGPIPE)) {
        timespec const at_once{};
        while (::sigtimedwait(&pipe_signal, nullptr, &at_once) < 0 && errno == EINTR) {}
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return written;
}

} // namespace

/// What both ends have.
class pipe_end : public descriptor_resource<stream_descriptor> {
public:
    pipe_end(event_loop& loop, int descriptor, char const* where) : descriptor_resource(loop, "pipe", where) {
        check_kind(descriptor, where);
        take_over(descriptor, where);
    }

protected:
    ~pipe_end() = default;
};

class pipe_source final : public pipe_end {
public:
    using pipe_end::pipe_end;

    /// A call that reads.
    class turn {
    public:
        turn(pipe_source& source, char const* call) : where(call), source_(source) {
            if (source.is_read_) throw usage_error(std::string(call) + ": another task reads from this pipe already");
            source.is_read_ = true;
        }
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        ~turn() { source_.is_read_ = false; }

        char const* const where;
        bool has_waited = false;

    private:
        pipe_source& source_;
    };

    /// Wait for more. @returns false at the end.
    static coro<bool> fill(std::shared_ptr<pipe_source> self, turn& call) {
        if (self->ended_) co_return false;
        auto& from = self->open(call.where, std::exchange(call.has_waited, true));
        if (!self->chunk_) self->chunk_ = std::make_unique_for_overwrite<char[]>(chunk_size);
        auto const buffer = boost::asio::buffer(self->chunk_.get(), chunk_size);
        auto const [error, size] = co_await from.async_read_some(buffer, as_tuple(deferred));
        self->ended_ = error == boost::asio::error::eof;
        if (self->ended_) co_return false; // on io_uring, Asio 1.26 gives what poll() said for the size of nothing then
        if (error) self->fail(error, call.where);
        self->received_.append({self->chunk_.get(), size});
        co_return true;
    }

    bool ended() const noexcept { return ended_; }
    std::size_t size() const noexcept { return received_.size(); }
    std::string_view view() const noexcept { return received_.view(); }
    std::string take(std::size_t count) { return received_.take(count); }

private:
    std::unique_ptr<char[]> chunk_; ///< where Asio reads to; null until the first read
    byte_queue received_;           ///< and not taken yet
    bool ended_ = false;
    bool is_read_ = false;
};

class pipe_sink final : public pipe_end {
public:
    using pipe_end::pipe_end;

    /// @returns   0 if it is full.
    std::size_t write_at_once(std::string_view data) {
        if (data.empty()) return 0;
        auto const count = write_without_signal(number(), data);
        if (count >= 0) {
            written += static_cast<std::uint64_t>(count);
            return static_cast<std::size_t>(count);
        }
        if (errno != EAGAIN) throw_system_error(errno, "pipe_writer::write");
        return 0;
    }

    static coro<> write(std::shared_ptr<pipe_sink> self, std::string_view data) {
        auto const held = co_await self->turn.scoped();
        for (bool has_waited = false;; has_waited = true) {
            auto& to = self->open("pipe_writer::write", has_waited);
            data.remove_prefix(self->write_at_once(data));
            if (data.empty()) break;
            auto const [error] = co_await to.async_wait(stream_descriptor::wait_write, as_tuple(deferred));
            if (error) self->fail(error, "pipe_writer::write");
        }
    }

    static coro<> write_own(std::shared_ptr<pipe_sink> self, std::string data) {
        co_await write(std::move(self), data);
    }

    lock turn;
    std::uint64_t written = 0;
};

namespace {

using source_pointer = std::shared_ptr<pipe_source>;

coro<std::string> read_some(source_pointer self, std::size_t most) {
    pipe_source::turn turn(*self, "pipe_reader::read");
    if (most > 0 && self->size() == 0) co_await pipe_source::fill(self, turn);
    co_return self->take(std::min(most, self->size()));
}

coro<> read_to_end(source_pointer self) {
    pipe_source::turn turn(*self, "pipe_reader::read");
    for (bool more = true; more;) more = co_await pipe_source::fill(self, turn);
}

coro<std::string> read_all(source_pointer self) {
    co_await read_to_end(self);
    co_return self->take(self->size());
}

coro<std::string> read_line(source_pointer self, std::size_t limit) {
    pipe_source::turn turn(*self, "pipe_reader::read_line");
    std::size_t searched = 0;
    for (;;) {
        auto const end = self->view().find('\n', searched);
        searched = self->size();
        if (end < limit) co_return self->take(end + 1);
        if (searched >= limit)
            throw error("pipe_reader::read_line: the line is longer than " + std::to_string(limit) +
                        " bytes; give a larger limit, or take it apart with read()");
        if (auto const more = co_await pipe_source::fill(self, turn); !more) co_return self->take(self->size());
    }
}

} // namespace

coro<> pipe_access::read_to_end(pipe_reader& reader) {
    return detail::read_to_end(reader.source_);
}

std::string pipe_access::take_all(pipe_reader& reader) {
    return reader.source_->take(reader.source_->size());
}

coro<> pipe_access::write(pipe_writer& writer, std::string_view data) {
    return pipe_sink::write(writer.sink_, data);
}

} // namespace detail

// -- pipe_reader

pipe_reader::pipe_reader(int descriptor) : pipe_reader(get_running_loop(), descriptor) {}
pipe_reader::pipe_reader(event_loop& loop, int descriptor)
    : source_(std::make_shared<detail::pipe_source>(loop, descriptor, "pipe_reader")) {}
pipe_reader::pipe_reader(pipe_reader&&) noexcept = default;
pipe_reader& pipe_reader::operator=(pipe_reader&& other) noexcept {
    if (source_) close();
    source_ = std::move(other.source_);
    return *this;
}
pipe_reader::~pipe_reader() {
    if (source_) close();
}

coro<std::string> pipe_reader::read(std::size_t most) {
    return detail::read_some(source_, most);
}

coro<std::string> pipe_reader::read() {
    return detail::read_all(source_);
}

coro<std::string> pipe_reader::read_line(std::size_t limit) {
    return detail::read_line(source_, limit);
}

bool pipe_reader::at_eof() const noexcept {
    return source_->ended() && source_->size() == 0;
}

void pipe_reader::close() noexcept {
    source_->close();
}

bool pipe_reader::is_closed() const noexcept {
    return source_->closed();
}

int pipe_reader::native_handle() const noexcept {
    return source_->number();
}

// -- pipe_writer

pipe_writer::pipe_writer(int descriptor) : pipe_writer(get_running_loop(), descriptor) {}
pipe_writer::pipe_writer(event_loop& loop, int descriptor)
    : sink_(std::make_shared<detail::pipe_sink>(loop, descriptor, "pipe_writer")) {}
pipe_writer::pipe_writer(pipe_writer&&) noexcept = default;
pipe_writer& pipe_writer::operator=(pipe_writer&& other) noexcept {
    if (sink_) close();
    sink_ = std::move(other.sink_);
    return *this;
}
pipe_writer::~pipe_writer() {
    if (sink_) close();
}

coro<> pipe_writer::write(std::string data) {
    return detail::pipe_sink::write_own(sink_, std::move(data));
}

std::uint64_t pipe_writer::bytes_written() const noexcept {
    return sink_->written;
}

void pipe_writer::close() noexcept {
    sink_->close();
}

bool pipe_writer::is_closed() const noexcept {
    return sink_->closed();
}

int pipe_writer::native_handle() const noexcept {
    return sink_->number();
}

} // namespace ordo
