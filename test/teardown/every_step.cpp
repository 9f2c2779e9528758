// ordo: every scenario is stopped after every step, and torn down in every order.
//
// Nothing may be left, which `counted` shows, and nothing be used after it is gone, which AddressSanitizer shows.
// SPDX-License-Identifier: BSL-1.0
#include "composed_scenarios.hpp"
#include "sync_scenarios.hpp"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

namespace teardown {

std::ostream& operator<<(std::ostream& to, scenario const& s) {
    return to << s.name;
}

namespace {

constexpr int most_steps = 20;
constexpr std::size_t every_task = ~std::size_t(0);

auto every_scenario() {
    return boost::unit_test::data::make(scenarios) + boost::unit_test::data::make(composed_scenarios) +
           boost::unit_test::data::make(sync_scenarios);
}

/// Begins the scenario and goes so many steps, or to the end if that comes first. @returns how many it were.
int go(house& h, scenario const& s, int steps) {
    s.begin(h);
    int gone = 0;
    while (gone < steps && !h.over()) {
        h.step();
        ++gone;
    }
    return gone;
}

/// How many steps the scenario takes, at most `most_steps`, and one more, after which nothing is left to happen.
int length(scenario const& s, bool borrowed) {
    house h(borrowed);
    return go(h, s, most_steps) + 1;
}

/// Its parts go in this order: l is the loop, c the context, t the tasks, f the futures, h the handles.
void destroy(house& h, std::string const& order) {
    for (char const part : order) {
        switch (part) {
        case 'l': h.loop.reset(); break;
        case 'c': h.context.reset(); break;
        case 't': h.tasks.clear(); break;
        case 'f': h.futures.clear(); break;
        case 'h': h.handles.clear(); break;
        }
    }
}

/// What is wrong after the scenario was torn down in every order after every step; empty if nothing is.
std::string torn_down(scenario const& s, bool borrowed) {
    int const end = length(s, borrowed);
    int most = 0;
    std::string order = borrowed ? "cfhlt" : "fhlt";
    do {
        for (int steps = 0; steps <= end; ++steps) {
            counted::reset();
            {
                house h(borrowed);
                go(h, s, steps);
                most = std::max(most, counted::alive());
                destroy(h, order);
            }
            if (counted::alive() != 0)
                return std::to_string(counted::alive()) + " left over after step " + std::to_string(steps) + ", " +
                       order;
        }
    } while (std::ranges::next_permutation(order).found);
    return most > 0 ? "" : "the scenario shows nothing";
}

/// What is wrong after a task was cancelled after so many steps, and all ran to its end.
std::string cancelled(scenario const& s, bool borrowed, int steps, std::size_t which) {
    counted::reset();
    std::string const place = " after step " + std::to_string(steps) + ", task " + std::to_string(which);
    {
        house h(borrowed);
        go(h, s, steps);
        auto const tasks = ordo::all_tasks(*h.loop);
        for (std::size_t i = 0; i < tasks.size(); ++i)
            if (which == every_task || i == which) tasks[i].cancel("enough");
        for (int i = 0; i < most_steps && !h.over(); ++i) h.step();
        for (std::size_t i = 0; i < tasks.size(); ++i)
            if ((which == every_task || i == which) && !tasks[i].done()) return "not done" + place;
    }
    return counted::alive() == 0 ? "" : std::to_string(counted::alive()) + " left over" + place;
}

/// The same for each step, and for each task by itself and all at once.
std::string cancelled(scenario const& s, bool borrowed) {
    for (int steps = length(s, borrowed); steps >= 0; --steps)
        for (std::size_t const which : {every_task, std::size_t(0), std::size_t(1), std::size_t(2), std::size_t(3)})
            if (auto wrong = cancelled(s, borrowed, steps, which); !wrong.empty()) return wrong;
    return "";
}

} // namespace

BOOST_AUTO_TEST_SUITE(every_step)

BOOST_DATA_TEST_CASE(may_be_the_last_of_a_loop, every_scenario(), s) {
    BOOST_TEST(torn_down(s, false) == "");
}

BOOST_DATA_TEST_CASE(may_be_the_last_of_a_borrowed_loop, every_scenario(), s) {
    BOOST_TEST(torn_down(s, true) == "");
}

BOOST_DATA_TEST_CASE(may_be_followed_by_a_cancellation, every_scenario(), s) {
    BOOST_TEST(cancelled(s, false) == "");
}

BOOST_DATA_TEST_CASE(may_be_followed_by_a_cancellation_on_a_borrowed_loop, every_scenario(), s) {
    BOOST_TEST(cancelled(s, true) == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace teardown
