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
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
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
        return std::min(at.chosen, alternatives - 1);
    }
    /// @returns   False if there is no other path.
    bool next() {
        path_.resize(depth_); // a run in which less has come together may end before
        depth_ = 0;
        while (!path_.empty() && path_.back().chosen + 1 == path_.back().alternatives) path_.pop_back();
        if (path_.empty()) return false;
        ++path_.back().chosen;
        return true;
    }

private:
    struct decision {
        std::size_t chosen;
        std::size_t alternatives;
    };
    std::vector<decision> path_;
    std::size_t depth_ = 0;
};

std::optional<std::uint64_t> seed_of_environment() {
    char const* const text = std::getenv("ORDO_SEED");
    if (!text || !*text) return {};
    std::uint64_t seed = 0;
    auto const end = text + std::strlen(text);
    if (auto const [stop, error] = std::from_chars(text, end, seed); error != std::errc() || stop != end)
        throw value_error(std::string("explore: ORDO_SEED is '") + text + "', which is not a number");
    return seed;
}

class explorer {
public:
    explorer(std::function<coro<>()> const& body, exploration_options const& options)
        : body_(body), options_(options) {}

    exploration run_all() {
        exploration done;
        for (in_turn orders; done.runs < options_.runs && !done.complete; ++done.runs) {
            run(orders, "order " + std::to_string(done.runs) + " of all");
            done.complete = !orders.next();
        }
        return done;
    }

    exploration run_some() {
        if (auto const seed = seed_of_environment()) return run_seed(*seed), exploration{.runs = 1};
        natural as_it_comes;
        run(as_it_comes, "the order of things as they come");
        auto const first = options_.seed ? *options_.seed : std::random_device()();
        exploration done{.runs = 1};
        for (; done.runs < options_.runs; ++done.runs) run_seed(first + done.runs - 1);
        return done;
    }

private:
    void run_seed(std::uint64_t seed) {
        at_random order(seed);
        run(order, "the order of ORDO_SEED=" + std::to_string(seed));
    }

    void run(chooser& by, std::string const& order) {
        if (options_.on_run) options_.on_run(order);
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
    return options.exhaustive ? one.run_all() : one.run_some();
}

} // namespace ordo::testing
