// ordo: chat_server: who is in which room, and what everybody there is told.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "outbox.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace chat {

/// All rooms with somebody in them. Belongs to the loop's thread.
class rooms {
public:
    /// The newcomer learns who is there; the others too, unless somebody of that name was there already.
    void join(std::string const& room, std::string const& name, std::shared_ptr<outbox> out);
    void leave(std::string const& room, std::shared_ptr<outbox> const& out);

    /// To everybody in the room, in the order of the calls.
    void deliver(std::string const& room, std::string frame);

private:
    struct member {
        std::string name;
        std::shared_ptr<outbox> out;
    };
    using members = std::vector<member>; // in the order they came

    static bool has(members const& all, std::string const& name);
    static std::vector<std::string> names(members const& all);
    static void tell(members const& all, std::string frame);

    std::map<std::string, members> rooms_;
};

} // namespace chat
