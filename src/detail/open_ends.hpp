// ordo: open_ends, the streams and servers that are not closed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <string>
#include <vector>

namespace ordo::detail {

/// Each in words, the oldest first.
ORDO_DECL std::vector<std::string> open_ends(event_loop const& loop);

} // namespace ordo::detail
