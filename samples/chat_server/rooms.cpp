// ordo: chat_server: who is in which room, and what everybody there is told.
// SPDX-License-Identifier: BSL-1.0
#include "rooms.hpp"

#include "message.hpp"

#include <algorithm>
#include <utility>

namespace chat {

void rooms::join(std::string const& room, std::string const& name, std::shared_ptr<outbox> out) {
    auto& all = rooms_[room];
    bool const known = has(all, name);
    all.push_back({name, std::move(out)});
    auto presence = presence_frame(names(all));
    if (known) all.back().out->push(std::move(presence));
    else tell(all, std::move(presence));
}

void rooms::leave(std::string const& room, std::shared_ptr<outbox> const& out) {
    auto const found = rooms_.find(room);
    auto& all = found->second;
    auto const leaving = std::ranges::find(all, out, &member::out);
    auto const name = std::move(leaving->name);
    all.erase(leaving);
    if (all.empty()) rooms_.erase(found);
    else if (!has(all, name)) tell(all, presence_frame(names(all)));
}

void rooms::deliver(std::string const& room, std::string frame) {
    auto const found = rooms_.find(room);
    if (found != rooms_.end()) tell(found->second, std::move(frame));
}

bool rooms::has(members const& all, std::string const& name) {
    return std::ranges::find(all, name, &member::name) != all.end();
}

// Each name once, sorted.
std::vector<std::string> rooms::names(members const& all) {
    std::vector<std::string> result;
    result.reserve(all.size());
    for (auto const& member : all) result.push_back(member.name);
    std::ranges::sort(result);
    auto const doubles = std::ranges::unique(result);
    result.erase(doubles.begin(), doubles.end());
    return result;
}

void rooms::tell(members const& all, std::string frame) {
    auto const shared = std::make_shared<std::string const>(std::move(frame));
    for (auto const& member : all) member.out->push(shared);
}

} // namespace chat
