// ordo: what process::communicate() does with pipes beyond their public calls: it can be taken up again.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/pipe.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace ordo::detail {

struct pipe_access {
    /// Read until the end, and leave it there.
    static coro<> read_to_end(pipe_reader& reader);
    /// Take what was read.
    static std::string take_all(pipe_reader& reader);
    /// Write what outlives the call.
    static coro<> write(pipe_writer& writer, std::string_view data);
};

} // namespace ordo::detail
