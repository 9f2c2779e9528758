// ordo: trial, one run of a test body on a loop of its own, and all that is wrong with what it does and leaves behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/loop_options.hpp>
#include <ordo/task.hpp>

#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace ordo::testing {

class trial {
public:
    /// @param options   With a null clock, on virtual time.
    explicit trial(loop_options options);
    trial(trial const&) = delete;
    trial& operator=(trial const&) = delete;
    ~trial();

    event_loop& loop() noexcept { return loop_; }

    /// The body as the task "main", and what is ready after that.
    /// @returns   What it threw, or null.
    std::exception_ptr run(std::function<coro<>()> const& body);

    /// Whether the body has come to its end, or has not even begun.
    bool has_ended() const noexcept { return has_ended_; }

    /// Close the loop.
    /// @returns   A line for each thing that was reported or left behind; each begins with a line break.
    std::string complaints();

    /// Whether something that is reported may be; all others are complaints.
    std::function<bool(exception_context const&)> tolerates;

private:
    void note(exception_context const& what);

    bool has_ended_ = false;
    std::string complaints_; ///< outlives the loop, which may add to it as it goes
    event_loop loop_;
};

/// Say which run begins, to the log and to who wants to know: a check that only notes its failure, an abort or a hang ends
/// without an exception that would say so.
void announce(char const* what, std::string const& run, std::function<void(std::string const&)> const& on_run);

/// "type: what it says".
std::string describe(std::exception_ptr const& error);

} // namespace ordo::testing
