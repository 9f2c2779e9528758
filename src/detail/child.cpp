// ordo: waiting for a child process, reaping it, sending it signals.
// SPDX-License-Identifier: BSL-1.0
#include "child.hpp"

#include "throw_system_error.hpp"

#include <ordo/detail/home_executor.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/log.hpp>

#include <cerrno>
#include <csignal>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace ordo::detail {
namespace {

/// A descriptor of the process on which a wait is possible; none if the kernel has no such thing, or no more of them.
unique_descriptor open_pidfd(pid_t number) noexcept {
    unique_descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, number, 0))); // close-on-exec by itself
    siginfo_t ignored{};
    if (pidfd && ::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &ignored, WEXITED | WNOHANG | WNOWAIT) != 0 &&
        errno == EINVAL)
        return {};
    return pidfd;
}

/// waitid(), through signal handlers.
int wait_for(idtype_t kind, id_t id, siginfo_t& info, int options) noexcept {
    int result = ::waitid(kind, id, &info, options);
    while (result != 0 && errno == EINTR) result = ::waitid(kind, id, &info, options);
    return result;
}

/// Asio makes descriptors non-blocking, and with such a pidfd waitid() does not wait.
void wait_until_readable(int descriptor) noexcept {
    pollfd one{descriptor, POLLIN, 0};
    while (::poll(&one, 1, -1) < 0 && errno == EINTR) {}
}

/// Until the end of a child that nobody will look after any more.
void reap_on_a_thread(pid_t number, std::string const& name) noexcept {
    try {
        std::thread([number] {
            siginfo_t ignored{};
            wait_for(P_PID, static_cast<id_t>(number), ignored, WEXITED);
        }).detach();
    } catch (...) {
        logger()->error("subprocess: '{}' (pid {}) outlives its loop and cannot be reaped", name, number);
    }
}

} // namespace

child::child(event_loop& loop, std::string name, char const* where)
    : loop_resource(loop_access::core(loop), where), loop_(loop), name_(std::move(name)) {}

void child::watch(pid_t number) {
    number_ = number;
    try {
        if (!wait_with_asio(open_pidfd(number))) wait_in_thread();
    } catch (...) {
        end_at_once();
        throw;
    }
    state_ = state::running;
    self_ = shared_from_this();
}

/// @returns   False if that cannot be done.
bool child::wait_with_asio(unique_descriptor pidfd) {
    if (!pidfd) return false;
    try {
        pidfd_.emplace(loop_.host_executor());
        pidfd_->assign(pidfd.get());
    } catch (boost::system::system_error const&) {
        pidfd_.reset();
        return false;
    } catch (...) {
        pidfd_.reset(); // which has no descriptor
        throw;
    }
    pidfd.release();
    wait_again();
    return true;
}

void child::wait_again() {
    pidfd_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this()](boost::system::error_code const& error) {
                           if (auto const self = weak.lock(); self && !error) self->may_have_ended();
                       });
}

void child::wait_in_thread() {
    auto tell = [weak = weak_from_this()] {
        if (auto const self = weak.lock()) self->may_have_ended();
    };
    auto* const node = callback<decltype(tell)>::make(std::move(tell)); // now, when it still may fail
    try {
        std::thread([node, number = number_, home = home_executor(*core())] {
            siginfo_t ignored{};
            wait_for(P_PID, static_cast<id_t>(number), ignored, WEXITED | WNOWAIT);
            if (!home.submit(node)) node->release();
        }).detach();
    } catch (...) {
        node->release();
        throw;
    }
}

void child::may_have_ended() noexcept {
    if (state_ != state::running || reap(WEXITED | WNOHANG)) return;
    try {
        if (pidfd_) wait_again();
    } catch (...) {
        loop_.call_exception_handler(
            {.message = "waiting for a child process failed", .exception = std::current_exception()});
    }
}

/// @returns   False if it still runs.
bool child::reap(int options) noexcept {
    siginfo_t info{};
    int const result = pidfd_ ? wait_for(P_PIDFD, static_cast<id_t>(pidfd_->native_handle()), info, options)
                              : wait_for(P_PID, static_cast<id_t>(number_), info, options);
    if (result == 0 && info.si_pid == 0) return false;
    if (result == 0) code_ = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
    state_ = state::ended;
    pidfd_.reset();
    leave_loop();
    auto const keep = std::move(self_);
    end_.set();
    return true;
}

int child::deliver(int signal) noexcept {
    if (!pidfd_) return ::kill(number_, signal);
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd_->native_handle(), signal, nullptr, 0));
}

/// One that runs under another user, and may not be killed, is left to a thread.
void child::end_at_once() noexcept {
    if (deliver(SIGKILL) == 0 || errno == ESRCH) {
        if (pidfd_) wait_until_readable(pidfd_->native_handle());
        reap(WEXITED);
        return;
    }
    state_ = state::left;
    pidfd_.reset();
    reap_on_a_thread(number_, name_);
}

void child::let_go() noexcept {
    auto const keep = std::move(self_);
    if (state_ == state::running && !reap(WEXITED | WNOHANG)) end_at_once();
}

std::optional<int> child::code(char const* where) const {
    auto const text = [&] { return std::string(where) + ": '" + name_ + "' (pid " + std::to_string(number_) + ") "; };
    if (state_ == state::left) throw loop_closed_error(text() + "still ran when its loop was closed");
    if (ended() && !code_)
        throw error(text() + "has ended, but its exit code is lost: this process ignores SIGCHLD, or waits for any "
                             "child somewhere; let it do neither");
    return code_;
}

bool child::send_signal(int signal) {
    if (state_ != state::running) return false;
    core()->check_thread("process::send_signal");
    if (reap(WEXITED | WNOHANG)) return false;
    if (deliver(signal) == 0) return true;
    if (errno == ESRCH) return false; // somebody else has reaped it
    throw_system_error(errno, "process::send_signal: signal " + std::to_string(signal) + " to '" + name_ + "' (pid " +
                                  std::to_string(number_) + ")");
}

coro<> child::wait_for_end(std::shared_ptr<child> self) {
    if (self->state_ != state::running) co_return;
    outside_work const working(*self->core());
    co_await self->end_.wait();
}

} // namespace ordo::detail
