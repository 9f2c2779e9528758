// ordo: watching children, and giving them up.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/combinator.hpp>

#include <ordo/callback_info.hpp>

#include <algorithm>
#include <string>
#include <unordered_set>

namespace ordo::detail {

void combinator::watch(child& which) {
    if (!which.future->done()) return watch_pending(which, &combinator::perform);
    which.act = &combinator::perform;
    self_.core().push(&which);
    note_watched(which);
}

void combinator::watch_some() noexcept {
    self_.add_reference();
    link(self_.core());
}

void combinator::watch_none() noexcept {
    unlink(self_.core());
    self_.release();
}

bool combinator::unwatch(child& which) noexcept {
    if (!which.owner || !which.future->remove_waiter(&which)) return false;
    forget(which);
    return true;
}

void combinator::settle(child& which) noexcept {
    try {
        child_done(which);
    } catch (...) {
        fail(std::current_exception());
    }
}

void combinator::fail(std::exception_ptr error) noexcept {
    if (!self_.done()) self_.set_exception(std::move(error), "set_exception");
}

void combinator::perform(ready_node* node, node_action action) {
    auto& which = *static_cast<child*>(node);
    auto& owner = *which.owner;
    if (action == node_action::run) {
        owner.settle(which);
        owner.forget(which);
    } else if (action == node_action::dispose) {
        owner.forget(which);
    } else if (action == node_action::name_awaiter) {
        this_thread.awaiter = owner.followed_by();
    } else if (action == node_action::introduce) {
        this_thread.introduction->where = owner.self_.created_at();
    }
}

void combinator::abandon() noexcept {
    auto const keep = share(self_);
    for (auto& which : children()) {
        unwatch(which);
        if (!which.owner) which.future = {};
    }
}

loop_core& common_core(std::span<combinator::child const> children, char const* where) {
    auto& core = children.front().future->core();
    for (auto const& child : children)
        if (&child.future->core() != &core)
            throw usage_error(std::string(where) + ": the futures belong to different loops; wait in the loop of each");
    return core;
}

void remove_repeated(std::vector<future_pointer<>>& futures) {
    std::vector<future_base*> sorted;
    sorted.reserve(futures.size());
    for (auto const& future : futures) sorted.push_back(future.get());
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) == sorted.end()) return;
    std::unordered_set<future_base*> seen;
    std::erase_if(futures, [&](auto const& future) { return !seen.insert(future.get()).second; });
}

} // namespace ordo::detail
