// ordo: subprocesses: create_subprocess_exec, create_subprocess_shell and process.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/coro.hpp>
#include <ordo/pipe.hpp>

#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ordo {
namespace detail {
struct process_state;
struct stdio_access;
} // namespace detail

/// What one of the standard streams of a child is: one of the constants, or a descriptor of the caller, who keeps it.
class stdio {
public:
    static stdio const inherit; ///< that of this process
    static stdio const pipe;    ///< a pipe, whose other end the process handle has
    static stdio const devnull; ///< /dev/null
    static stdio const std_out; ///< of stderr: where stdout goes

    constexpr stdio(int descriptor) noexcept : kind_(kind::descriptor), descriptor_(descriptor) {}

    friend constexpr bool operator==(stdio, stdio) noexcept = default;

private:
    friend struct detail::stdio_access;
    enum class kind : std::uint8_t { inherit, pipe, devnull, std_out, descriptor };
    constexpr explicit stdio(kind which) noexcept : kind_(which) {}

    kind kind_;
    int descriptor_ = -1;
};

inline constexpr stdio stdio::inherit(stdio::kind::inherit);
inline constexpr stdio stdio::pipe(stdio::kind::pipe);
inline constexpr stdio stdio::devnull(stdio::kind::devnull);
inline constexpr stdio stdio::std_out(stdio::kind::std_out);

/// How a child is started; the keyword arguments of asyncio and of Python's subprocess.Popen.
///
/// The child begins with no signal blocked, and with the default action of SIGPIPE and SIGXFSZ.
struct subprocess_options {
    stdio std_in = stdio::inherit;
    stdio std_out = stdio::inherit;
    stdio std_err = stdio::inherit;

    std::string working_directory{};                                 ///< empty: that of this process
    std::optional<std::map<std::string, std::string>> environment{}; ///< all of it; nothing: that of this process
    std::map<std::string, std::string> add_environment{};            ///< set on top of it

    bool close_fds = true;              ///< the child has no descriptors but the standard streams
    bool start_new_session = false;     ///< it leads a session, without a terminal
    std::optional<int> process_group{}; ///< to join, 0 for one of its own

    /// When a task is cancelled in wait() or communicate(), end the child and reap it before the task goes on: with
    /// cancel_signal, and if that has not ended it after grace_period, or the task is cancelled again, with SIGKILL.
    bool kill_on_cancel = false;
    int cancel_signal = SIGKILL;
    duration grace_period{}; ///< on the loop's clock; virtual time stands still meanwhile
};

/// What process::communicate() has read; empty for what is not a pipe.
struct process_output {
    std::string std_out;
    std::string std_err;
};

/// A child process.
///
/// @code
/// ordo::subprocess_options const options{.std_out = ordo::stdio::pipe};
/// auto const date = co_await ordo::create_subprocess_shell("date", options);
/// auto const output = co_await date.communicate();
/// @endcode
///
/// A handle: copies denote the same child. When the last one is gone our ends of the pipes are closed, and the child runs
/// on; the loop reaps it when it ends, which keeps the run() of a host alive until then. A child that still runs when the
/// loop is closed is killed and reaped, as asyncio does.
///
/// @par Thread safety   The loop's thread only. Loops on different threads may each have children.
/// @par Source          asyncio.subprocess.Process.
class ORDO_DECL process {
public:
    /// Its number, also after its end.
    int pid() const noexcept;

    /// Our ends of the pipes. They live as long as a handle of the process.
    ///
    /// @throws usage_error   if the stream is not stdio::pipe.
    pipe_writer& std_in() const;
    pipe_reader& std_out() const;
    pipe_reader& std_err() const;

    /// What it has ended with: the exit code, or -N of signal N; nothing while it runs.
    ///
    /// @throws error   if it has ended, but somebody else in this process took the exit code, or SIGCHLD is ignored.
    std::optional<int> returncode() const;

    /// Wait for its end. With pipes it may never end unless somebody reads them; communicate() does.
    ///
    /// @returns        As returncode().
    /// @throws error   As returncode().
    /// @par Cancellation   Leaves the child alone, unless it was created with kill_on_cancel.
    coro<int> wait() const;

    /// Write to its stdin and close that, read stdout and stderr until their end, all at the same time, and wait for its
    /// end. A child that reads only a part of the input is no error. All is kept in memory.
    ///
    /// @throws usage_error   if there is input, and stdin is not a pipe, or it is the second input.
    /// @par Cancellation   As of wait(). Nothing is lost: call communicate() again, and it goes on where it was.
    coro<process_output> communicate() const;
    coro<process_output> communicate(std::string input) const;

    /// Send a signal.
    ///
    /// @returns        False, and nothing is done, if the child has ended.
    /// @throws boost::system::system_error   EINVAL if there is no such signal, EPERM if the child belongs to another user.
    bool send_signal(int number) const;
    bool terminate() const { return send_signal(SIGTERM); }
    bool kill() const { return send_signal(SIGKILL); }

private:
    friend struct detail::process_state;
    explicit process(std::shared_ptr<detail::process_state> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<detail::process_state> state_; ///< null once moved from
};

/// Start a program.
///
/// It does not suspend, so a task that is cancelled never loses a child that it has started; for as long as starting takes,
/// some 0.5 ms, the loop stands still.
///
/// @param program   A path, or the name of one to be looked for in the PATH of the child's environment.
/// @param args      Without the program itself.
/// @throws boost::system::system_error   with the program and the reason: it does not exist, cannot be run, the working
///                                       directory does not exist, there are no more descriptors or processes.
/// @throws value_error                   if options or arguments make no sense.
/// @par Source      asyncio.create_subprocess_exec.
ORDO_DECL coro<process> create_subprocess_exec(std::string program, std::vector<std::string> args = {});
ORDO_DECL coro<process> create_subprocess_exec(std::string program, std::vector<std::string> args,
                                               subprocess_options options);

/// Start a command of /bin/sh. Text from outside has no place in it.
///
/// @par Source      asyncio.create_subprocess_shell.
ORDO_DECL coro<process> create_subprocess_shell(std::string command);
ORDO_DECL coro<process> create_subprocess_shell(std::string command, subprocess_options options);

} // namespace ordo
