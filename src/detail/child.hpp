// ordo: child, a process that was started and will be reaped, whoever still knows it.
//
// Its end is told by a pidfd, on which Asio waits as on any descriptor, so that nothing depends on SIGCHLD, whose handler
// and disposition are the host's. (Boost.Process is not used: in 1.81 v2 leaves a zombie where exec fails, opens pipes that
// other children inherit and leaves a failed child by exit(), which runs the parent's atexit handlers; v1 takes SIGCHLD.)
// Where there is no pidfd, because the kernel is older than 5.4 or no descriptor is left, a thread waits. It does not reap:
// that is always done on the loop's thread, so a number that is not reaped yet still means this child.
//
//   created   watch() was not called yet
//   running   keeps itself alive
//   ended     reaped; the outcome is known, or known to be lost
//   left      the loop was closed, and it may not be killed
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "loop_resource.hpp"
#include "unique_descriptor.hpp"

#include <ordo/coro.hpp>
#include <ordo/event.hpp>
#include <ordo/event_loop.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace ordo::detail {

class child final : public loop_resource, public std::enable_shared_from_this<child> {
public:
    /// @param name   For the texts of errors.
    child(event_loop& loop, std::string name, char const* where);
    ~child() = default;

    /// Take over a process that was just started. If that throws it is killed and reaped.
    void watch(pid_t number);

    pid_t number() const noexcept { return number_; }
    std::string const& name() const noexcept { return name_; }
    bool ended() const noexcept { return state_ == state::ended; }

    /// @throws error               if it is lost.
    /// @throws loop_closed_error   if it will never be known.
    std::optional<int> code(char const* where) const;

    /// @returns   False if it has ended.
    /// @throws boost::system::system_error
    bool send_signal(int signal);

    static coro<> wait_for_end(std::shared_ptr<child> self);

private:
    enum class state { created, running, ended, left };

    bool wait_with_asio(unique_descriptor pidfd);
    void wait_in_thread();
    void wait_again();
    void may_have_ended() noexcept;
    bool reap(int options) noexcept;
    int deliver(int signal) noexcept;
    void end_at_once() noexcept;
    void let_go() noexcept override;

    event_loop& loop_;
    std::string const name_;
    pid_t number_ = -1;
    state state_ = state::created;
    std::optional<int> code_; ///< once it has ended; nothing if it is lost
    event end_;
    std::optional<boost::asio::posix::stream_descriptor> pidfd_; ///< while it runs; empty if a thread waits
    std::shared_ptr<child> self_;                                ///< while it runs
};

} // namespace ordo::detail
