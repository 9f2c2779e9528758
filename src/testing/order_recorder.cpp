// ordo: recording, and the diff.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/order_recorder.hpp>

#include <algorithm>

namespace ordo::testing {

void order_recorder::record(std::string_view what) {
    entries_.emplace_back(what);
}

std::function<void()> order_recorder::recording(std::string_view what) {
    return [this, text = std::string(what)] { record(text); };
}

std::string order_recorder::text() const {
    std::string text;
    for (auto const& entry : entries_) text += (text.empty() ? "" : " ") + entry;
    return text;
}

std::string order_recorder::difference(std::vector<std::string> const& expected) const {
    if (entries_ == expected) return {};
    auto const first = std::ranges::mismatch(entries_, expected).in1 - entries_.begin();
    std::string text = "\n   expected | recorded\n";
    for (std::size_t i = 0; i < std::max(entries_.size(), expected.size()); ++i) {
        auto const left = i < expected.size() ? expected[i] : "-";
        auto const right = i < entries_.size() ? entries_[i] : "-";
        text += (static_cast<std::ptrdiff_t>(i) == first ? "-> " : "   ") + left + " | " + right + "\n";
    }
    return text;
}

} // namespace ordo::testing
