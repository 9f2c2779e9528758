// ordo: cancel_at_every_moment, which plays a scene once for each of its tasks, each moment at which that can be cancelled,
// and each way to take cancellation.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/cancellation.hpp>
#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include "virtual_loop.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Tasks that wait, by name, and in which order they came through.
struct scene {
    ordo::event_loop& loop;
    std::vector<ordo::any_task> tasks{};
    std::vector<std::string> passed{}; ///< names, in order
    static inline auto mode = ordo::cancellation::edge_triggered;

    explicit scene(ordo::event_loop& on) : loop(on) {}

    /// Named a, b, c ... in the order of creation.
    void start(ordo::coro<> body) {
        tasks.push_back(
            loop.create_task(in_mode(std::move(body)), std::string(1, static_cast<char>('a' + tasks.size()))));
    }
    void pass() { passed.push_back(ordo::current_task()->name()); }

    bool cancelled(std::size_t i) const { return tasks[i].done() && tasks[i].cancelled(); }
    static ordo::coro<> in_mode(ordo::coro<> body) {
        auto run = [&] { return std::move(body); };
        co_await ordo::with_cancellation(mode, run);
    }

    bool has_passed(std::size_t i) const { return std::count(passed.begin(), passed.end(), tasks[i].name()) > 0; }

    /// A task got what it waited for, or was cancelled; both if that was too late to be thrown.
    void check_got_or_cancelled(std::size_t i, bool got) const {
        bool const keeps = (int(mode) & int(ordo::cancellation::keep_values)) != 0;
        BOOST_TEST((got != cancelled(i) || (keeps && got)));
    }
    void check_passed_or_cancelled(std::size_t i) const { check_got_or_cancelled(i, has_passed(i)); }
    /// Everybody has come through, first in, first out, except for who was cancelled before.
    void check_all_passed_in_turn() const {
        std::vector<std::string> expected;
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            BOOST_TEST(tasks[i].done());
            if (has_passed(i) || !cancelled(i)) expected.push_back(tasks[i].name());
        }
        BOOST_TEST(passed == expected, boost::test_tools::per_element());
    }
};

inline ordo::coro<> yield(int times) {
    for (int i = 0; i < times; ++i) co_await ordo::sleep(std::chrono::seconds(0));
}

/// Scene derives from scene, and has check(), called once nothing more happens.
///
/// Each task is cancelled in each iteration from the first to `moments`, by a task that runs before all others, or behind
/// them: before it begins, while it waits, woken but not run, after it was done.
template <class Scene>
void cancel_at_every_moment_in_mode(int moments) {
    std::size_t victims = 1;
    for (std::size_t victim = 0; victim < victims; ++victim) {
        for (int moment = 0; moment < moments; ++moment) {
            for (bool const before : {true, false}) {
                BOOST_TEST_CONTEXT("task " << victim << " is cancelled in iteration " << moment
                                           << (before ? " before" : " behind") << " the others") {
                    virtual_loop v;
                    std::optional<Scene> played;
                    auto cancel = [&]() -> ordo::coro<> {
                        co_await yield(moment);
                        played->tasks[victim].cancel("now");
                    };
                    if (before) static_cast<void>(v.loop.create_task(cancel));
                    played.emplace(v.loop);
                    victims = played->tasks.size();
                    if (!before) static_cast<void>(v.loop.create_task(cancel));
                    for (int i = 0; i < 4 * moments; ++i) v.run_once();
                    played->check();
                }
            }
        }
    }
}

template <class Scene>
void cancel_at_every_moment(int moments = 12) {
    using ordo::cancellation;
    auto const both = cancellation::level_triggered | cancellation::keep_values;
    for (auto const mode :
         {cancellation::level_triggered, cancellation::keep_values, both, cancellation::edge_triggered}) {
        BOOST_TEST_CONTEXT("mode " << int(mode)) {
            scene::mode = mode;
            cancel_at_every_moment_in_mode<Scene>(moments);
        }
    }
}
