// ordo: tests of loops that end in the middle of things: after every number of iterations, nothing is left behind.
//
// What they mean to find, AddressSanitizer finds: frames that are used after they are gone, and blocks nobody frees.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include "counted.hpp"

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using asio::local::stream_protocol;
using ordo::coro;
using ordo::get_running_loop;

namespace {

// -- what is torn down

coro<int> sleeping(int naps) {
    counted const local(1);
    for (int i = 0; i < naps; ++i) co_await ordo::sleep(std::chrono::seconds(i % 2));
    co_return naps;
}

coro<int> nested(int levels) {
    counted const local(1);
    if (levels == 0) co_return co_await sleeping(4);
    co_return co_await nested(levels - 1) + 1;
}

coro<int> waiting(ordo::future<int> f) {
    counted const local(1);
    co_return co_await f;
}

coro<int> chained(int tasks) {
    counted const local(1);
    if (tasks == 0) co_return co_await sleeping(2);
    auto next = ordo::create_task(chained(tasks - 1));
    co_return co_await std::move(next);
}

coro<> completing(ordo::future<int> f) {
    counted const local(1);
    co_await ordo::sleep(0s);
    co_await ordo::sleep(1s);
    f.set_result(7);
}

coro<> computing(ordo::executor& on) {
    counted const local(1);
    for (int i = 0; i < 5; ++i) {
        auto compute = [i] { return i; };
        auto f = get_running_loop().run_in_executor(on, std::move(compute));
        co_await std::move(f);
    }
}

coro<> writing(stream_protocol::socket& to) {
    counted const local(1);
    for (int i = 0; i < 5; ++i) co_await asio::async_write(to, asio::buffer("hello", 5), deferred);
}

coro<> talking() {
    counted const local(1);
    stream_protocol::socket a(get_running_loop().get_executor());
    stream_protocol::socket b(get_running_loop().get_executor());
    asio::local::connect_pair(a, b);
    co_await writing(b);
    for (int i = 0; i < 6; ++i) { // the last one waits for ever
        std::array<char, 5> buffer{};
        co_await asio::async_read(a, asio::buffer(buffer), deferred);
    }
}

coro<> timing() {
    counted const local(1);
    asio::steady_timer timer(get_running_loop().get_executor());
    for (;;) {
        timer.expires_after(10us);
        co_await timer.async_wait(deferred);
    }
}

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

coro<> doing_at_exit(std::function<void()> action, ordo::future<int> f) {
    at_exit const guard(std::move(action));
    co_await f;
}

// -- how it is torn down

using scenario = std::function<void(ordo::event_loop&)>;

/// Runs the scenario for 0, 1, 2 … iterations, then does `before_the_end`, and destroys the loop.
/// @returns   How many objects were left over, in all the runs.
int objects_left(scenario const& begin, scenario const& before_the_end = {}) {
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

void cancel_all_and_step(ordo::event_loop& loop) {
    cancel_all(loop);
    loop.stop();
    loop.run_forever();
}

} // namespace

BOOST_AUTO_TEST_SUITE(teardown)

// -- tasks that wait

BOOST_AUTO_TEST_CASE(of_sleepers) {
    scenario const begin = [](ordo::event_loop& loop) {
        for (int i = 0; i < 4; ++i) static_cast<void>(loop.create_task(sleeping(6)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
    BOOST_TEST(objects_left(begin, cancel_all_and_step) == 0);
}

BOOST_AUTO_TEST_CASE(of_nested_coroutines) {
    scenario const begin = [](ordo::event_loop& loop) {
        for (int i = 0; i < 4; ++i) static_cast<void>(loop.create_task(nested(i)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
    BOOST_TEST(objects_left(begin, cancel_all_and_step) == 0);
}

BOOST_AUTO_TEST_CASE(of_tasks_that_wait_for_tasks) {
    scenario const begin = [](ordo::event_loop& loop) {
        for (int i = 0; i < 4; ++i) static_cast<void>(loop.create_task(chained(i)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
    BOOST_TEST(objects_left(begin, cancel_all_and_step) == 0);
}

BOOST_AUTO_TEST_CASE(of_tasks_that_share_a_future) {
    scenario const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
        for (int i = 0; i < 4; ++i) static_cast<void>(loop.create_task(waiting(f)));
        static_cast<void>(loop.create_task(completing(f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
    BOOST_TEST(objects_left(begin, cancel_all_and_step) == 0);
}

BOOST_FIXTURE_TEST_CASE(of_tasks_that_wait_for_jobs, counting) {
    ordo::thread_pool_executor pool(2);
    for (int iterations = 0; iterations < 25; ++iterations) {
        ordo::event_loop loop({.strict = true});
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        for (int i = 0; i < 3; ++i) static_cast<void>(loop.create_task(computing(pool)));
        for (int i = 0; i < iterations; ++i) {
            loop.stop();
            loop.run_forever();
        }
    }
    pool.shutdown(true); // jobs may end after their loop
    BOOST_TEST(counted::constructed > 0);
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_CASE(of_tasks_that_wait_for_sockets) {
    scenario const begin = [](ordo::event_loop& loop) {
        for (int i = 0; i < 3; ++i) static_cast<void>(loop.create_task(talking()));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
    BOOST_TEST(objects_left(begin, cancel_all_and_step) == 0);
}

BOOST_AUTO_TEST_CASE(of_tasks_that_wait_for_asio_timers) {
    scenario const begin = [](ordo::event_loop& loop) {
        for (int i = 0; i < 3; ++i) static_cast<void>(loop.create_task(timing()));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
    BOOST_TEST(objects_left(begin, cancel_all_and_step) == 0);
}

// -- handles that outlive the loop

BOOST_FIXTURE_TEST_CASE(a_pending_future_may_outlive_the_loop_that_a_task_waited_for_it_on, counting) {
    ordo::future<int> f;
    ordo::task<int> t;
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        f = loop.create_future<int>();
        t = loop.create_task(waiting(f));
        static_cast<void>(loop.create_task(waiting(f)));
        loop.stop();
        loop.run_forever();
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(!t.done());
    f.set_result(7); // nobody waits any more
    BOOST_TEST(f.result() == 7);
}

BOOST_AUTO_TEST_CASE(a_task_that_was_abandoned_can_still_be_asked) {
    ordo::task<int> t;
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
    scenario const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
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
    scenario const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
        auto start = [&loop] { static_cast<void>(loop.create_task(sleeping(3))); };
        static_cast<void>(loop.create_task(doing_at_exit(start, f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_complete_what_others_wait_for) {
    scenario const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
        auto const g = loop.create_future<int>();
        auto complete = [g] {
            if (!g.done()) g.set_result(7);
        };
        static_cast<void>(loop.create_task(waiting(g)));
        static_cast<void>(loop.create_task(doing_at_exit(complete, f)));
        static_cast<void>(loop.create_task(waiting(g)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_complete_what_they_wait_for_themselves) {
    scenario const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
        auto complete = [f] {
            if (!f.done()) f.set_result(7);
        };
        static_cast<void>(loop.create_task(doing_at_exit(complete, f)));
        static_cast<void>(loop.create_task(waiting(f)));
    };
    BOOST_TEST(objects_left(begin) == 0);
    BOOST_TEST(objects_left(begin, cancel_all) == 0);
}

BOOST_AUTO_TEST_CASE(of_frames_whose_locals_cancel_all_tasks) {
    scenario const begin = [](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
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
    scenario const begin = [&](ordo::event_loop& loop) {
        auto const f = loop.create_future<int>();
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
        auto const f = loop.create_future<int>();
        static_cast<void>(loop.create_task(waiting(f)));
        static_cast<void>(loop.create_task(sleeping(3)));
        static_cast<void>(loop.create_task(timing()));
        loop.stop();
        loop.run_forever();
    }
    BOOST_TEST(counted::alive() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
