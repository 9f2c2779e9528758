// ordo: finding what is open among what is outstanding.
// SPDX-License-Identifier: BSL-1.0
#include "open_ends.hpp"

#include "reports.hpp"
#include "server_core.hpp"
#include "stream_core.hpp"

#include <algorithm>

namespace ordo::detail {
namespace {

std::string describe(stream_core const& stream) {
    auto text = "a stream to " + (stream.peer_name().empty() ? "an unnamed peer" : stream.peer_name());
    if (stream.is_closing()) text += ", which has " + std::to_string(stream.unsent()) + " bytes to send";
    return text;
}

} // namespace

std::vector<std::string> open_ends(event_loop const& loop) {
    std::vector<std::string> all;
    for (auto* each = loop_access::core(loop).first_outstanding; each; each = each->next_outstanding()) {
        if (auto const* stream = dynamic_cast<stream_core const*>(each)) all.push_back(describe(*stream));
        if (auto const* server = dynamic_cast<server_core const*>(each); server && !server->closed())
            all.push_back("a server, started at " + describe(server->where()));
    }
    std::ranges::reverse(all);
    return all;
}

} // namespace ordo::detail
