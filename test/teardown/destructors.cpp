// ordo: tests of loops that end while destructors still use them, and of what may outlive a loop.
// SPDX-License-Identifier: BSL-1.0
#include "scenarios.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace teardown {
namespace {

/// Does something as it goes.
class at_exit {
public:
    explicit at_exit(std::function<void()> action) : action_(std::move(action)) {}
    at_exit(at_exit const&) = delete;
    at_exit& operator=(at_exit const&) = delete;
    ~at_exit() { action_(); }

private:
    std::function<void()> action_;
    counted alive_{1};
};

coro<> doing_at_exit(std::function<void()> action, ordo::future<counted> f) {
    at_exit const guard(std::move(action));
    co_await f;
}

using beginning = std::function<void(ordo::event_loop&)>;

/// Runs the scenario for 0, 1, 2 … iterations, then does `before_the_end`, and destroys the loop.
/// @returns   How many objects were left over, in all the runs.
int objects_left(beginning const& begin, beginning const& before_the_end = {}) {
    int left = 0;
    int most = 0;
    for (int iterations = 0; iterations < 25; ++iterations) {
        counted::reset();
        {
            ordo::event_loop loop({.strict = true, .clock = std::make_shared<ordo::testing::virtual_clock>()});
            loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            begin(loop);
            for (int i = 0; i < iterations; ++i) {
                loop.stop();
                loop.run_forever();
            }
            most = std::max(most, counted::alive());
            if (before_the_end) before_the_end(loop);
        }
        left += counted::alive();
    }
    BOOST_TEST(most > 0); // else the scenario shows nothing
    return left;
}

void cancel_all(ordo::event_loop& loop) {
    for (auto const& task : ordo::all_tasks(loop)) task.cancel("the end");
}

} // namespace

BOOST_AUTO_TEST_SUITE(teardown)

// -- handles that outlive the loop

BOOST_FIXTURE_TEST_CASE(a_pending_future_may_outlive_the_loop_that_a_task_waited_for_it_on, counting) {
    ordo::future<counted> f;
    ordo::task<int> t;
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        f = loop.create_future<counted>();
        t = loop.create_task(waiting(f));
        static_cast<void>(loop.create_task(waiting(f)));
        loop.stop();
        loop.run_forever();
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(!t.done());
    f.set_result(counted(7)); // nobody waits any more
    BOOST_TEST(f.result().id == 7);
}

BOOST_AUTO_TEST_CASE(a_task_that_was_abandoned_can_still_be_asked) {
    ordo::task<counted> t;
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        t = loop.create_task(sleeping(3), "abandoned");
    }
    BOOST_TEST(t.name() == "abandoned");
    BOOST_TEST(!t.done());
    BOOST_CHECK_THROW(t.result(), ordo::invalid_state_error);
}

BOOST_AUTO_TEST_CASE(a_task_that_is_abandoned_is_reported_once) {
    std::vector<std::string> reports;
    {
        ordo::event_loop loop;
        loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
            reports.push_back(what.message + ": " + what.task.name());
        });
        static_cast<void>(loop.create_task(sleeping(3), "a"));
        static_cast<void>(loop.create_task(sleeping(3), "b"));
    }
    BOOST_REQUIRE(reports.size() == 2u);
    BOOST_TEST(reports[0] == "a task was destroyed while it was pending: a");
    BOOST_TEST(reports[1] == "a task was destroyed while it was pending: b");
}

BOOST_FIXTURE_TEST_CASE(callbacks_and_timers_are_destroyed_with_the_loop, counting) {
    bool ran = false;
    {
        ordo::event_loop loop;
        loop.call_soon([&ran, held = counted(1)] { ran = true; });
        loop.call_soon_threadsafe([&ran, held = counted(2)] { ran = true; });
        loop.call_later(1s, [&ran, held = counted(3)] { ran = true; });
        BOOST_TEST(counted::alive() == 3);
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(!ran);
}

// -- destructors that use the loop while it closes

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_schedule_callbacks) {
    beginning const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<counted>();
        auto schedule = [&loop] {
            loop.call_soon([held = counted(1)] {});
            loop.call_later(1s, [held = counted(1)] {});
            loop.call_soon_threadsafe([held = counted(1)] {});
        };
        static_cast<void>(loop.create_task(doing_at_exit(schedule, f)));
        static_cast<void>(loop.create_task(completing(f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_start_tasks) {
    beginning const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<counted>();
        auto start = [&loop] { static_cast<void>(loop.create_task(sleeping(3))); };
        static_cast<void>(loop.create_task(doing_at_exit(start, f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_complete_what_others_wait_for) {
    beginning const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<counted>();
        auto const g = loop.create_future<counted>();
        auto complete = [g] {
            if (!g.done()) g.set_result(counted(7));
        };
        static_cast<void>(loop.create_task(waiting(g)));
        static_cast<void>(loop.create_task(doing_at_exit(complete, f)));
        static_cast<void>(loop.create_task(waiting(g)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_complete_what_they_wait_for_themselves) {
    beginning const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<counted>();
        auto complete = [f] {
            if (!f.done()) f.set_result(counted(7));
        };
        static_cast<void>(loop.create_task(doing_at_exit(complete, f)));
        static_cast<void>(loop.create_task(waiting(f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_cancel_all_tasks) {
    beginning const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<counted>();
        auto cancel = [&loop] { cancel_all(loop); };
        static_cast<void>(loop.create_task(sleeping(10)));
        static_cast<void>(loop.create_task(doing_at_exit(cancel, f)));
        static_cast<void>(loop.create_task(timing()));
        static_cast<void>(loop.create_task(chained(3)));
        static_cast<void>(loop.create_task(doing_at_exit(cancel, f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_start_jobs) {
    ordo::thread_pool_executor pool(1);
    beginning const begin = [&](ordo::event_loop& loop) {
        auto const f = loop.create_future<counted>();
        auto start = [&loop, &pool] { static_cast<void>(loop.run_in_executor(pool, [] {})); };
        static_cast<void>(loop.create_task(doing_at_exit(start, f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
}

BOOST_AUTO_TEST_CASE(an_exception_handler_may_cancel_the_task_that_is_reported) {
    counted::reset();
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const& what) { what.task.cancel(); });
        auto const f = loop.create_future<counted>();
        static_cast<void>(loop.create_task(waiting(f)));
        static_cast<void>(loop.create_task(sleeping(3)));
        static_cast<void>(loop.create_task(timing()));
        loop.stop();
        loop.run_forever();
    }
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace teardown
