// ordo: merging streams of arrivals.
// SPDX-License-Identifier: BSL-1.0
#include "testing/schedule.hpp"

#include <algorithm>
#include <utility>

namespace ordo::testing {

using detail::node_list;
using detail::ready_node;

void schedule::note(ready_node* node, mark as) noexcept {
    try {
        marks_[node] = as;
    } catch (...) {
        // There is no memory: it keeps its place.
    }
}

void schedule::comes_from_thread(ready_node* node) noexcept {
    auto const thread = std::this_thread::get_id();
    if (thread == home_) return; // nothing passes what the loop's thread does
    std::lock_guard lock(mutex_);
    try {
        auto const [known, is_new] = threads_.try_emplace(thread, streams_);
        if (is_new) ++streams_;
        note(node, {.what = kind::thread, .stream = known->second});
    } catch (...) {
        // As in note().
    }
}

void schedule::completes(ready_node* node) noexcept {
    std::lock_guard lock(mutex_);
    note(node, {.what = kind::completion, .stream = streams_++});
}

void schedule::is_due(ready_node* node, time_point deadline) noexcept {
    std::lock_guard lock(mutex_);
    note(node, {.what = kind::timer, .stream = streams_++, .deadline = deadline});
}

std::vector<schedule::arrival> schedule::take_all(node_list& batch) {
    std::vector<arrival> all;
    std::size_t count = 0;
    auto* const first = batch.take();
    ready_node* last = nullptr;
    for (auto* node = first; node; node = node->next, ++count) last = node;
    batch = node_list(first, last);
    all.reserve(count);
    std::lock_guard lock(mutex_);
    for (auto* node = first; node; node = node->next) {
        auto const known = marks_.find(node);
        all.push_back({node, known == marks_.end() ? mark() : known->second});
        if (known != marks_.end()) marks_.erase(known);
    }
    return all;
}

void schedule::arrange(node_list& batch) noexcept {
    try {
        auto all = take_all(batch);
        for (auto begin = all.begin(); begin != all.end();) {
            auto const end =
                std::find_if_not(begin, all.end(), [&](arrival const& each) { return each.as.mixes_with(begin->as); });
            if (end - begin > 1) merge_anew(begin, end);
            begin = std::max(begin + 1, end);
        }
        batch.take();
        for (auto const& each : all) batch.push(each.node);
    } catch (...) {
        // There is no memory: they keep their order.
    }
}

/// Take, again and again, the first of one of the streams that are left.
void schedule::merge_anew(std::vector<arrival>::iterator begin, std::vector<arrival>::iterator end) {
    std::vector<arrival> const all(begin, end);
    std::vector<std::size_t> next(all.size(), all.size()); // of the same stream
    std::vector<std::size_t> heads;                        // the first of each stream, in the order in which they came
    std::unordered_map<std::size_t, std::size_t> last;     // of a stream
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const [known, is_new] = last.try_emplace(all[i].as.stream, i);
        if (is_new) heads.push_back(i);
        else next[std::exchange(known->second, i)] = i;
    }
    while (!heads.empty()) {
        auto const taken =
            heads.begin() + static_cast<std::ptrdiff_t>(heads.size() > 1 ? chooser_.choose(heads.size()) : 0);
        auto const i = *taken;
        *begin++ = all[i];
        heads.erase(taken);
        if (next[i] < all.size()) heads.insert(std::ranges::upper_bound(heads, next[i]), next[i]);
    }
}

} // namespace ordo::testing
