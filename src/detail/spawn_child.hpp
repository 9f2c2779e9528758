// ordo: spawn_child, which starts a program by posix_spawn().
//
// posix_spawn() reports what fails in the child, up to and including exec, and leaves no process then; it copies no page
// tables, and runs no handlers of pthread_atfork(). All descriptors are close-on-exec from their making, so that children
// that other threads start meanwhile do not inherit them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "unique_descriptor.hpp"

#include <ordo/subprocess.hpp>

#include <string>
#include <sys/types.h>
#include <vector>

namespace ordo::detail {

struct stdio_access {
    using kind = stdio::kind;
    static kind kind_of(stdio which) noexcept { return which.kind_; }
    static int descriptor_of(stdio which) noexcept { return which.descriptor_; }
};

/// What is prepared for a child: its ends of the standard streams, and ours of the pipes among them.
class child_streams {
public:
    /// @throws boost::system::system_error, value_error
    child_streams(subprocess_options const& options, std::string const& start);

    /// Our end of stream 0, 1 or 2; none if that is no pipe.
    unique_descriptor& ours(int stream) noexcept { return ours_[stream]; }
    /// The child's, a number above those; none if nothing is to be duplicated.
    int theirs(int stream) const noexcept { return theirs_[stream].get(); }

private:
    void prepare(stdio which, int stream, std::string const& start);

    unique_descriptor ours_[3];
    unique_descriptor theirs_[3];
};

/// @param start     What the text of an error begins with, "create_subprocess_exec: cannot start 'cat'".
/// @throws boost::system::system_error, value_error
pid_t spawn_child(std::string const& program, std::vector<std::string> const& args, subprocess_options const& options,
                  child_streams const& streams, std::string const& start);

} // namespace ordo::detail
