// ordo: recording, watching, and the diff.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/order_recorder.hpp>

#include "testing/seconds.hpp"

#include <ordo/callback_info.hpp>
#include <ordo/detail/loop_core.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace ordo::testing {
namespace {

constexpr std::size_t context_rows = 3; ///< equal rows that a diff shows around each difference

std::string file_name(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string describe(callback_info const& who, time_point origin) {
    auto text = std::to_string(who.iteration) + ' ' + to_string(who.kind);
    if (!who.name.empty()) text += ' ' + who.name;
    if (who.deadline) text += " due " + in_seconds(*who.deadline - origin);
    return text;
}

std::string place_of(callback_info const& who) {
    if (who.where.line() == 0) return {};
    return " from " + file_name(who.where.file_name()) + ':' + std::to_string(who.where.line());
}

} // namespace

/// Is told by a loop of its callbacks. It keeps what it is told through, which may outlive the loop.
class order_recorder::watcher final : public detail::callback_observer {
public:
    watcher(detail::loop_core& core, log& into) : core_(core), into_(into), origin_(core.now()) {
        core_.add_callback_observer(*this);
        core_.add_object();
    }
    watcher(watcher const&) = delete;
    watcher& operator=(watcher const&) = delete;
    ~watcher() {
        core_.remove_callback_observer(*this);
        core_.release_object();
    }

    void begins(callback_info const& who) noexcept override {
        try {
            into_.add(describe(who, origin_), place_of(who));
        } catch (...) {
            // There is no memory for it: it is missing.
        }
    }
    void ended(callback_info const&, duration) noexcept override {}

private:
    detail::loop_core& core_;
    log& into_;
    time_point const origin_;
};

void order_recorder::log::add(std::string entry, std::string place) {
    places.push_back(std::move(place));
    try {
        entries.push_back(std::move(entry));
    } catch (...) {
        places.pop_back();
        throw;
    }
}

order_recorder::order_recorder() : log_(std::make_unique<log>()) {}
order_recorder::order_recorder(event_loop& loop) : order_recorder() {
    watch(loop);
}
order_recorder::order_recorder(order_recorder&&) noexcept = default;
order_recorder& order_recorder::operator=(order_recorder&&) noexcept = default;
order_recorder::~order_recorder() = default;

void order_recorder::watch(event_loop& loop) {
    stop_watching();
    watcher_ = std::make_unique<watcher>(detail::loop_access::core(loop), *log_);
}

void order_recorder::stop_watching() noexcept {
    watcher_.reset();
}

void order_recorder::record(std::string_view what) {
    log_->add(std::string(what), {});
}

std::function<void()> order_recorder::recording(std::string_view what) {
    return [into = log_.get(), text = std::string(what)] { into->add(text, {}); };
}

std::string order_recorder::text() const {
    std::string text;
    for (auto const& entry : entries()) text += (text.empty() ? "" : " ") + entry;
    return text;
}

std::string order_recorder::lines() const {
    std::string text;
    for (std::size_t i = 0; i < entries().size(); ++i) text += log_->full(i) + '\n';
    return text;
}

// -- the diff

namespace {

/// A line of it: an expected and a recorded entry that are equal, or what differs at this place.
struct row {
    std::optional<std::string> expected{};
    std::optional<std::string> recorded{};
    bool equal = false;
};

/// How many entries are equal, at most, of what follows each pair of positions: the table of the longest common
/// subsequence.
template <class Equal>
std::vector<std::vector<std::size_t>> common_lengths(std::size_t left, std::size_t right, Equal const& equal) {
    std::vector<std::vector<std::size_t>> length(left + 1, std::vector<std::size_t>(right + 1));
    for (std::size_t i = left; i-- > 0;)
        for (std::size_t j = right; j-- > 0;)
            length[i][j] = equal(i, j) ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
    return length;
}

std::string print(std::vector<row> const& rows) {
    std::size_t width = std::string_view("expected").size();
    for (auto const& each : rows) width = std::max(width, each.expected.value_or("-").size());
    auto const line = [width](std::string const& mark, std::string left, std::string const& right) {
        left.resize(width, ' ');
        return mark + left + " | " + right + '\n';
    };
    auto text = '\n' + line("   ", "expected", "recorded");
    bool skipped = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const begin = rows.begin() + static_cast<std::ptrdiff_t>(i - std::min(i, context_rows));
        auto const end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(i + context_rows + 1, rows.size()));
        bool const shown = std::any_of(begin, end, [](row const& each) { return !each.equal; });
        if (shown)
            text += line(rows[i].equal ? "   " : "-> ", rows[i].expected.value_or("-"), rows[i].recorded.value_or("-"));
        else if (!skipped) text += "   ...\n";
        skipped = !shown;
    }
    return text;
}

} // namespace

std::string order_recorder::difference(std::vector<std::string> const& expected) const {
    auto const& recorded = entries();
    auto const equal = [&](std::size_t i, std::size_t j) {
        return expected[i] == recorded[j] || expected[i] == log_->full(j);
    };
    // What is equal at both ends needs no table.
    auto const shorter = std::min(expected.size(), recorded.size());
    std::size_t front = 0;
    while (front < shorter && equal(front, front)) ++front;
    if (front == expected.size() && front == recorded.size()) return {};
    std::size_t back = 0;
    while (back < shorter - front && equal(expected.size() - back - 1, recorded.size() - back - 1)) ++back;
    auto const left = expected.size() - back;
    auto const right = recorded.size() - back;
    auto const length = common_lengths(left - front, right - front,
                                       [&](std::size_t i, std::size_t j) { return equal(front + i, front + j); });
    std::vector<row> rows;
    for (std::size_t i = 0, j = 0; i < expected.size() || j < recorded.size();) {
        bool const at_an_end = i < front || (i >= left && j >= right);
        if (at_an_end || (i < left && j < right && equal(i, j))) {
            rows.push_back({expected[i++], log_->full(j++), true});
            continue;
        }
        bool const is_missing =
            j == right || (i < left && length[i - front + 1][j - front] >= length[i - front][j - front + 1]);
        if (is_missing) rows.push_back({.expected = expected[i++]});
        else rows.push_back({.recorded = log_->full(j++)});
    }
    return print(rows);
}

} // namespace ordo::testing
