// ordo: creating subprocesses, and talking to them.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "detail/child.hpp"
#include "detail/pipe_access.hpp"
#include "detail/spawn_child.hpp"
#include "detail/throw_system_error.hpp"

#include <ordo/detail/scope_exit.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/task_group.hpp>
#include <ordo/wait_for.hpp>

#include <cerrno>
#include <exception>
#include <utility>

namespace ordo {
namespace detail {

/// What the handles of a process share; the child itself may outlive it.
struct process_state {
    std::shared_ptr<detail::child> child;
    std::optional<pipe_writer> std_in;
    std::optional<pipe_reader> std_out;
    std::optional<pipe_reader> std_err;

    bool kill_on_cancel;
    int cancel_signal;
    duration grace_period;

    std::string input{};    ///< of communicate(), what the pipe has not taken yet
    bool has_begun = false; ///< communicate() was called

    static process handle_of(std::shared_ptr<process_state> state) { return process(std::move(state)); }
};

namespace {

using state_pointer = std::shared_ptr<process_state>;

/// A task is being cancelled: it goes on once the child has ended, however often it is asked meanwhile.
coro<> end_cancelled(state_pointer self) {
    auto& victim = *self->child;
    victim.send_signal(self->cancel_signal);
    if (self->cancel_signal != SIGKILL) {
        try {
            co_await wait_for(child::wait_for_end(self->child), self->grace_period);
        } catch (timeout_error const&) {
        } catch (cancelled_error const&) {}
    }
    while (!victim.ended()) {
        victim.send_signal(SIGKILL);
        try {
            co_await child::wait_for_end(self->child);
        } catch (cancelled_error const&) {}
    }
}

/// Run something of this process, and apply kill_on_cancel to it.
coro<> cancellable(state_pointer self, coro<> body) {
    std::exception_ptr cancelled;
    try {
        co_await std::move(body);
    } catch (cancelled_error const&) {
        cancelled = std::current_exception();
    }
    if (!cancelled) co_return;
    if (self->kill_on_cancel) co_await end_cancelled(self);
    std::rethrow_exception(cancelled);
}

coro<int> wait_for_code(state_pointer self) {
    co_await cancellable(self, child::wait_for_end(self->child));
    co_return self->child->code("process::wait").value();
}

// -- communicate

coro<> feed(state_pointer self) {
    if (!self->std_in || (self->std_in->is_closed() && self->input.empty())) co_return;
    auto const before = self->std_in->bytes_written();
    try {
        scope_exit const forget_what_was_sent([&] { self->input.erase(0, self->std_in->bytes_written() - before); });
        co_await pipe_access::write(*self->std_in, self->input);
    } catch (boost::system::system_error const& e) {
        if (e.code().value() != EPIPE && e.code().value() != ECONNRESET) throw;
        self->input.clear();
    }
    self->std_in->close();
}

coro<> drain([[maybe_unused]] state_pointer owner_of_it, std::optional<pipe_reader>& from) {
    if (from && !from->is_closed()) co_await pipe_access::read_to_end(*from);
}

/// Where one part fails the others may wait for a child that waits for us, so they are cancelled.
coro<> exchange(state_pointer self) {
    auto const all_parts = [&](task_group& group) -> coro<> {
        group.create_task(feed(self));
        group.create_task(drain(self, self->std_out));
        group.create_task(drain(self, self->std_err));
        co_return;
    };
    try {
        co_await with_task_group(all_parts);
    } catch (exception_group const& failures) {
        std::rethrow_exception(failures.exceptions().front());
    }
    co_await child::wait_for_end(self->child);
}

std::string take(std::optional<pipe_reader>& from) {
    if (!from) return {};
    auto taken = pipe_access::take_all(*from);
    from->close();
    return taken;
}

coro<process_output> talk(state_pointer self) {
    self->has_begun = true;
    co_await cancellable(self, exchange(self));
    process_output output{take(self->std_out), take(self->std_err)};
    co_return output;
}

coro<process_output> talk(state_pointer self, std::string input) {
    if (!self->std_in && !input.empty())
        throw usage_error("process::communicate: there is input for '" + self->child->name() +
                          "', whose stdin is no pipe; start it with std_in = stdio::pipe");
    if (self->has_begun && !input.empty())
        throw usage_error("process::communicate: it has begun, so there can be no other input for '" +
                          self->child->name() + "'; call communicate() to go on with it");
    if (!input.empty()) self->input = std::move(input);
    co_return co_await talk(std::move(self));
}

// -- creation

/// @throws boost::system::system_error   if the context of the loop can watch no more descriptors.
template <class Pipe>
void take_over(std::optional<Pipe>& pipe, event_loop& loop, unique_descriptor& descriptor, std::string const& start) {
    if (!descriptor) return;
    try {
        pipe.emplace(loop, descriptor.get());
    } catch (boost::system::system_error const& e) {
        throw_system_error(e.code(), start);
    }
    descriptor.release();
}

/// @param call   The function that the user called.
/// @param name   Of the child, in the texts of errors.
process start(char const* call, std::string const& name, std::string const& program,
              std::vector<std::string> const& args, subprocess_options const& options) {
    auto& loop = get_running_loop();
    auto const start = std::string(call) + ": cannot start '" + name + "'";
    child_streams streams(options, start);
    state_pointer state(new process_state{.child = std::make_shared<child>(loop, name, call),
                                          .std_in{},
                                          .std_out{},
                                          .std_err{},
                                          .kill_on_cancel = options.kill_on_cancel,
                                          .cancel_signal = options.cancel_signal,
                                          .grace_period = options.grace_period});
    take_over(state->std_in, loop, streams.ours(STDIN_FILENO), start);
    take_over(state->std_out, loop, streams.ours(STDOUT_FILENO), start);
    take_over(state->std_err, loop, streams.ours(STDERR_FILENO), start);
    state->child->watch(spawn_child(program, args, options, streams, start));
    return process_state::handle_of(std::move(state));
}

template <class Pipe>
Pipe& pipe_of(std::optional<Pipe>& pipe, char const* stream, child const& of) {
    if (pipe) return *pipe;
    throw usage_error(std::string("process::") + stream + ": it is no pipe of '" + of.name() + "'; start it with " +
                      stream + " = stdio::pipe");
}

} // namespace
} // namespace detail

int process::pid() const noexcept {
    return state_->child->number();
}

pipe_writer& process::std_in() const {
    return detail::pipe_of(state_->std_in, "std_in", *state_->child);
}

pipe_reader& process::std_out() const {
    return detail::pipe_of(state_->std_out, "std_out", *state_->child);
}

pipe_reader& process::std_err() const {
    return detail::pipe_of(state_->std_err, "std_err", *state_->child);
}

std::optional<int> process::returncode() const {
    return state_->child->code("process::returncode");
}

coro<int> process::wait() const {
    return detail::wait_for_code(state_);
}

coro<process_output> process::communicate() const {
    return detail::talk(state_);
}

coro<process_output> process::communicate(std::string input) const {
    return detail::talk(state_, std::move(input));
}

bool process::send_signal(int number) const {
    return state_->child->send_signal(number);
}

// Options of their own, and no default argument, because g++ 12 destroys an aggregate twice that the caller makes in an
// expression with co_await.

coro<process> create_subprocess_exec(std::string program, std::vector<std::string> args) {
    return create_subprocess_exec(std::move(program), std::move(args), subprocess_options());
}

coro<process> create_subprocess_exec(std::string program, std::vector<std::string> args, subprocess_options options) {
    co_return detail::start("create_subprocess_exec", program, program, args, options);
}

coro<process> create_subprocess_shell(std::string command) {
    return create_subprocess_shell(std::move(command), subprocess_options());
}

coro<process> create_subprocess_shell(std::string command, subprocess_options options) {
    std::vector<std::string> const args{"-c", command};
    co_return detail::start("create_subprocess_shell", command, "/bin/sh", args, options);
}

} // namespace ordo
