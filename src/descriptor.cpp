// ordo: add_reader and add_writer, over a boost::asio::posix::stream_descriptor that does not own its descriptor.
//
// Asio takes a descriptor once for each context, so reading and writing share an object. A wait is started anew for each
// call, which makes readiness a level, as in asyncio, although the reactor sees edges.
// SPDX-License-Identifier: BSL-1.0
#include "detail/loop_state.hpp"
#include "detail/throw_system_error.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <map>
#include <sys/stat.h>
#include <utility>

namespace ordo {
namespace detail {
namespace {

using boost::asio::posix::stream_descriptor;
using boost::system::error_code;

class watched_descriptor : public std::enable_shared_from_this<watched_descriptor> {
public:
    watched_descriptor(event_loop& loop, int descriptor, struct stat const& file)
        : loop_(loop), file_(file), asio_(loop.host_executor()) {
        asio_.assign(descriptor);
    }
    watched_descriptor(watched_descriptor const&) = delete;
    watched_descriptor& operator=(watched_descriptor const&) = delete;
    ~watched_descriptor() {
        for (auto& one : watches_) {
            one.queued.cancel();
            if (one.waiting) loop_access::core(loop_).work_finished();
        }
        retire();
    }
    /// Nobody wants to know any more, so that the descriptor can be watched anew; a call under way may keep this object.
    void retire() noexcept {
        if (asio_.is_open()) asio_.release(); // the caller closes it
    }

    /// Whether the number still means the file that it was registered for.
    bool is_for(struct stat const& file) const noexcept {
        return file.st_dev == file_.st_dev && file.st_ino == file_.st_ino;
    }

    void set(bool for_writing, std::function<void()> ready) {
        auto& watch = watches_[for_writing];
        context in = copy_context();
        wait(for_writing);
        watch.queued.cancel();
        watch.ready = std::move(ready);
        watch.in = std::move(in);
    }

    bool remove(bool for_writing) noexcept {
        auto& watch = watches_[for_writing];
        watch.queued.cancel();
        return std::exchange(watch.ready, nullptr) != nullptr;
    }

    bool idle() const noexcept { return !watches_[0].ready && !watches_[1].ready; }

private:
    /// One direction.
    struct watch {
        std::function<void()> ready; ///< empty: nobody wants to know
        context in{};                ///< of who wants to know
        handle queued{};             ///< the latest call
        bool waiting = false;        ///< in the reactor
    };

    void wait(bool for_writing) {
        auto& watch = watches_[for_writing];
        if (watch.waiting) return;
        auto& core = loop_access::core(loop_);
        core.work_started();
        try {
            asio_.async_wait(for_writing ? stream_descriptor::wait_write : stream_descriptor::wait_read,
                             [weak = weak_from_this(), for_writing](error_code const& error) {
                                 if (auto const self = weak.lock()) self->waited(for_writing, error);
                             });
        } catch (...) {
            core.work_finished();
            throw;
        }
        watch.waiting = true;
    }

    void waited(bool for_writing, error_code const& error) {
        auto& watch = watches_[for_writing];
        watch.waiting = false;
        loop_access::core(loop_).work_finished();
        if (!watch.ready) return; // removed meanwhile
        try {
            if (error) throw_system_error(error, for_writing ? "event_loop::add_writer" : "event_loop::add_reader");
            watch.queued =
                loop_.call_soon(watch.in, [self = shared_from_this(), for_writing] { self->call(for_writing); });
        } catch (...) {
            exception_context what{.message = "waiting for a descriptor failed, so its callback was removed"};
            what.exception = std::current_exception();
            remove(for_writing);
            loop_.call_exception_handler(what);
        }
    }

    void call(bool for_writing) {
        auto const ready = watches_[for_writing].ready; // it may remove or replace itself
        wait(for_writing);                              // first, because it may throw
        ready();
    }

    event_loop& loop_;
    struct stat const file_;
    stream_descriptor asio_;
    watch watches_[2]; ///< for reading, for writing
};

class watched_descriptors final : public loop_part {
public:
    std::map<int, std::shared_ptr<watched_descriptor>> by_number;
};

struct stat file_of(int descriptor, char const* where) {
    struct stat file{};
    if (::fstat(descriptor, &file) != 0) throw_system_error(errno, where);
    bool const is_always_ready = S_ISREG(file.st_mode) || S_ISDIR(file.st_mode); // says POSIX, so epoll refuses it
    if (is_always_ready) throw_system_error(EPERM, where);
    return file;
}

} // namespace
} // namespace detail

void event_loop::watch_descriptor(int descriptor, bool for_writing, std::function<void()> ready) {
    auto const* const where = for_writing ? "event_loop::add_writer" : "event_loop::add_reader";
    core_->check_open(where);
    core_->check_thread(where);
    auto const file = detail::file_of(descriptor, where);
    if (!state_->descriptors) state_->descriptors = std::make_shared<detail::watched_descriptors>();
    auto& all = static_cast<detail::watched_descriptors&>(*state_->descriptors).by_number;
    auto at = all.find(descriptor);
    if (at != all.end() && !at->second->is_for(file)) {
        at->second->retire();
        all.erase(at); // it was closed, and the number is used anew
        at = all.end();
    }
    if (at == all.end()) {
        auto added = std::make_shared<detail::watched_descriptor>(*this, descriptor, file);
        at = all.emplace(descriptor, std::move(added)).first;
    }
    try {
        at->second->set(for_writing, std::move(ready));
    } catch (...) {
        if (at->second->idle()) all.erase(at);
        throw;
    }
}

bool event_loop::unwatch_descriptor(int descriptor, bool for_writing) {
    core_->check_thread(for_writing ? "event_loop::remove_writer" : "event_loop::remove_reader");
    if (!state_->descriptors) return false;
    auto& all = static_cast<detail::watched_descriptors&>(*state_->descriptors).by_number;
    auto const at = all.find(descriptor);
    if (at == all.end()) return false;
    auto const kept = at->second;
    bool const removed = kept->remove(for_writing);
    if (kept->idle()) {
        kept->retire();
        all.erase(at);
    }
    return removed;
}

} // namespace ordo
