// ordo: which orders a test is played in: random ones, or one path after the other through the tree of decisions.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/explore.hpp>

#include "detail/loop_probe.hpp"
#include "testing/schedule.hpp"
#include "testing/trial.hpp"

#include <ordo/exceptions.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ordo::testing {
namespace {

/// The order of things as they come.
class natural final : public chooser {
public:
    std::size_t choose(std::size_t) override { return 0; }
};

class at_random final : public chooser {
public:
    explicit at_random(std::uint64_t seed) : random_(seed) {}
    std::size_t choose(std::size_t alternatives) override { return random_() % alternatives; }

private:
    std::mt19937_64 random_; // and no distribution, which each standard library has its own of
};

/// Depth first.
class in_turn final : public chooser {
public:
    std::size_t choose(std::size_t alternatives) override {
        if (depth_ == path_.size()) path_.push_back({0, alternatives});
        auto const& at = path_[depth_++];
        changes_ = changes_ || at.alternatives != alternatives;
        return std::min(at.chosen, alternatives - 1);
    }
    /// @returns   False if there is no other path.
    bool next() {
        changes_ = changes_ || depth_ < path_.size();
        path_.resize(depth_);
        depth_ = 0;
        while (!path_.empty() && path_.back().chosen + 1 == path_.back().alternatives) path_.pop_back();
        if (path_.empty()) return false;
        ++path_.back().chosen;
        return true;
    }
    /// Whether a decision had other alternatives than before, or was not reached, after the same decisions: the tree has
    /// changed, and some of it was not seen.
    bool changes() const noexcept { return changes_; }

    /// Of the next run; zeros follow.
    std::string text() const {
        std::string text;
        for (auto const& each : path_) text += (text.empty() ? "" : ".") + std::to_string(each.chosen);
        return text.empty() ? "0" : text;
    }

private:
    struct decision {
        std::size_t chosen;
        std::size_t alternatives;
    };
    std::vector<decision> path_;
    std::size_t depth_ = 0;
    bool changes_ = false;
};

/// One path that is given, and what comes first after that.
class along_path final : public chooser {
public:
    explicit along_path(std::vector<std::size_t> path) : path_(std::move(path)) {
        while (!path_.empty() && path_.back() == 0) path_.pop_back();
    }
    std::size_t choose(std::size_t alternatives) override {
        auto const wanted = depth_ < path_.size() ? path_[depth_] : 0;
        ++depth_;
        fits_ = fits_ && wanted < alternatives;
        return std::min(wanted, alternatives - 1);
    }
    /// Whether the test had all of these decisions.
    bool fits() const noexcept { return fits_ && depth_ >= path_.size(); }

private:
    std::vector<std::size_t> path_;
    std::size_t depth_ = 0;
    bool fits_ = true;
};

/// Null if it is not set.
char const* environment(char const* variable) {
    char const* const text = std::getenv(variable);
    return text && *text ? text : nullptr;
}

/// @returns   Whether that is all of the text.
template <class Number>
bool is_number(std::string_view text, Number& into) {
    auto const [stop, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && stop == text.data() + text.size();
}

std::optional<std::uint64_t> seed_of_environment() {
    char const* const text = environment("ORDO_SEED");
    if (!text) return {};
    std::uint64_t seed = 0;
    if (!is_number(text, seed))
        throw value_error(std::string("explore: ORDO_SEED is '") + text + "', which is not a number");
    return seed;
}

std::vector<std::size_t> path_of(std::string_view text) {
    std::vector<std::size_t> path;
    for (std::size_t begin = 0; begin <= text.size();) {
        auto const end = std::min(text.find('.', begin), text.size());
        if (!is_number(text.substr(begin, end - begin), path.emplace_back()))
            throw value_error("explore: ORDO_ORDER is '" + std::string(text) +
                              "', which is not a list of numbers with dots between them");
        begin = end + 1;
    }
    return path;
}

// If the options do not say how many.
constexpr std::size_t random_runs = 100;
constexpr auto all_runs = std::numeric_limits<std::size_t>::max();

class explorer {
public:
    explorer(std::function<coro<>()> const& body, exploration_options const& options)
        : body_(body), options_(options) {}

    exploration run_all() {
        exploration done;
        in_turn orders;
        for (bool more = true; more && done.runs < options_.runs.value_or(all_runs); ++done.runs) {
            run(orders, "the order of ORDO_ORDER=" + orders.text());
            more = orders.next();
            done.complete = !more && !orders.changes();
        }
        return done;
    }

    exploration run_some() {
        natural as_it_comes;
        run(as_it_comes, "the order of things as they come");
        auto const first = options_.seed ? *options_.seed : std::random_device()();
        exploration done{.runs = 1};
        for (; done.runs < options_.runs.value_or(random_runs); ++done.runs) run_seed(first + done.runs - 1);
        return done;
    }

    exploration run_seed(std::uint64_t seed) {
        at_random order(seed);
        run(order, "the order of ORDO_SEED=" + std::to_string(seed));
        return {.runs = 1};
    }

    exploration run_path(std::string const& path) {
        along_path order(path_of(path));
        run(order, "the order of ORDO_ORDER=" + path);
        if (!order.fits())
            throw value_error("explore: ORDO_ORDER=" + path +
                              " is no order of this test; it has changed, or the order is "
                              "of another one");
        return {.runs = 1};
    }

private:
    void run(chooser& by, std::string const& order) {
        announce("explore: a run in ", order, options_.on_run);
        trial one(options_.loop);
        detail::loop_probe::watch_arrivals(one.loop(), std::make_shared<schedule>(by));
        auto const error = one.run(body_);
        auto complaints = one.complaints();
        if (error) complaints += "\n  the body ended with " + describe(error);
        if (!complaints.empty()) throw std::runtime_error("in " + order + ":" + complaints);
    }

    std::function<coro<>()> const& body_;
    exploration_options const& options_;
};

} // namespace

exploration explore(std::function<coro<>()> const& body, exploration_options options) {
    explorer one(body, options);
    if (char const* const path = environment("ORDO_ORDER")) return one.run_path(path);
    if (auto const seed = seed_of_environment()) return one.run_seed(*seed);
    return options.exhaustive ? one.run_all() : one.run_some();
}

} // namespace ordo::testing
