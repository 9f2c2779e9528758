// ordo: order_recorder, which notes what happens, by itself or when it is told to, and compares it with what should.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ordo::testing {

/// A list of what happened, in order.
///
/// @code
/// ordo::testing::order_recorder order;
/// loop.call_soon(order.recording("a"));
/// loop.run_until_complete(body());
/// BOOST_TEST(order.difference({"a"}) == "");
/// @endcode
///
/// One that watches a loop notes every callback that runs, too: "2 step Task-1", "3 timer Task-1 due 1.5 s", that is the
/// iteration, the kind, the name of the task if it is a step or a sleep of one, and the deadline, in seconds from where it
/// began to watch. The place of scheduling stands behind it: "1 callback from main.cpp:12".
///
/// @par Thread safety   The loop's thread only.
class ORDO_DECL order_recorder {
public:
    order_recorder();
    /// One that watches.
    explicit order_recorder(event_loop& loop);
    order_recorder(order_recorder&&) noexcept;
    order_recorder& operator=(order_recorder&&) noexcept;
    ~order_recorder();

    /// Note every callback from now on. The loop may be destroyed before.
    void watch(event_loop& loop);
    /// No more.
    void stop_watching() noexcept;

    void record(std::string_view what);

    /// A callback that records; the recorder, or what it was moved to, must outlive it.
    std::function<void()> recording(std::string_view what);

    /// Without the places.
    std::vector<std::string> const& entries() const noexcept { return log_->entries; }

    /// The entries, separated by blanks.
    std::string text() const;

    /// Each entry on a line, with its place.
    std::string lines() const;

    /// Empty if the entries are these; else both lists side by side, with marks where they differ and a few lines around
    /// these. What is expected may say the place, or leave it out.
    std::string difference(std::vector<std::string> const& expected) const;

private:
    struct log {
        std::vector<std::string> entries;
        std::vector<std::string> places; ///< as many; empty for those that record() made

        void add(std::string entry, std::string place);
        std::string full(std::size_t i) const { return entries[i] + places[i]; }
    };
    class watcher;

    std::unique_ptr<log> log_;
    std::unique_ptr<watcher> watcher_; ///< null if it watches no loop
};

} // namespace ordo::testing
