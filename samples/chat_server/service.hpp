// ordo: chat_server: what every client of the service shares.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

namespace chat {

class archive;
class rooms;
struct options;

/// References to what main() owns and what outlives every client.
struct service {
    ordo::event_loop& loop;
    chat::options const& options;
    chat::rooms& rooms;
    chat::archive& archive;
};

} // namespace chat
