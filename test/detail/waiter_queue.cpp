// ordo: tests of the queue of waiters.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/waiter_queue.hpp>

#include <ordo/coro.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include "../captured_log.hpp"
#include "../error_text.hpp"
#include "../virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using ordo::cancelled_error;
using ordo::coro;
using ordo::task;
using ordo::usage_error;
using ordo::detail::wait_request;
using ordo::detail::waiter_queue;

namespace {

/// A queue, and tasks that wait in it.
struct room : virtual_loop {
    std::unique_ptr<waiter_queue> queue = std::make_unique<waiter_queue>("room::wait");
    std::vector<task<>> tasks;

    coro<> wait(std::string name) {
        co_await wait_request{*queue};
        order.record(name);
    }
    /// Tasks a, b, c ... wait.
    explicit room(int waiters = 3) {
        for (int i = 0; i < waiters; ++i)
            tasks.push_back(loop.create_task(wait(std::string(1, static_cast<char>('a' + i)))));
        run_once();
    }
    ~room() {
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    }
};

/// Waits, and tells what came of it.
coro<std::string> outcome(waiter_queue& queue) {
    std::string result = "woken";
    try {
        co_await wait_request{queue};
    } catch (cancelled_error const& e) {
        result = "cancelled: " + e.message();
    } catch (usage_error const& e) {
        result = e.what();
    }
    co_return result;
}

struct lonely_room : room {
    task<std::string> waiting;

    lonely_room() : room(0), waiting(loop.create_task(outcome(*queue))) { run_once(); }
    std::string result() {
        run_once();
        return waiting.result();
    }
};

char const destroyed[] = "room::wait: it was destroyed while this task waited; keep it alive until nobody does";

} // namespace

BOOST_AUTO_TEST_SUITE(detail_waiter_queue)

BOOST_FIXTURE_TEST_CASE(the_first_that_came_is_woken_first, room) {
    BOOST_TEST(queue->wake_first());
    BOOST_TEST(queue->wake_first());
    run_once();
    BOOST_TEST(order.text() == "a b");
    queue->wake_all();
    run_once();
    BOOST_TEST(order.text() == "a b c");
}

BOOST_AUTO_TEST_CASE(waking_when_nobody_waits_says_so) {
    room r(0);
    BOOST_TEST(!r.queue->wake_first());
}

BOOST_FIXTURE_TEST_CASE(a_woken_waiter_is_not_woken_twice, room) {
    queue->wake_all();
    BOOST_TEST(!queue->wake_first());
}

BOOST_FIXTURE_TEST_CASE(a_woken_waiter_counts_until_its_task_runs, room) {
    BOOST_TEST(!queue->idle());
    queue->wake_all();
    BOOST_TEST(!queue->idle());
    run_once();
    BOOST_TEST(queue->idle());
    BOOST_TEST(queue->empty());
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_waiter_counts_no_more_and_stays_until_its_task_runs, room) {
    for (auto const& t : tasks) t.cancel();
    BOOST_TEST(queue->idle());
    BOOST_TEST(!queue->empty());
    BOOST_TEST(!queue->wake_first());
    run_once();
    BOOST_TEST(queue->empty());
}

BOOST_FIXTURE_TEST_CASE(the_head_is_woken_if_it_waits, room) {
    queue->wake_head();
    run_once();
    BOOST_TEST(order.text() == "a");
}

BOOST_FIXTURE_TEST_CASE(the_head_is_not_woken_behind_one_that_was_woken, room) {
    queue->wake_head();
    queue->wake_head();
    run_once();
    BOOST_TEST(order.text() == "a");
}

BOOST_FIXTURE_TEST_CASE(the_head_is_not_woken_behind_one_that_was_cancelled, room) {
    tasks[0].cancel();
    queue->wake_head();
    run_once();
    BOOST_TEST(order.text() == "");
    queue->wake_head();
    run_once();
    BOOST_TEST(order.text() == "b");
}

BOOST_AUTO_TEST_CASE(whoever_is_cancelled_the_others_keep_their_order) {
    for (std::size_t cancelled = 0; cancelled < 4; ++cancelled) {
        room r(4);
        r.tasks[cancelled].cancel();
        if (cancelled % 2) r.run_once(); // it is gone, or still there
        auto const last = r.loop.create_task(r.wait("e"));
        r.run_once();
        r.queue->wake_all();
        r.run_once();
        std::string expected = "a b c d e";
        expected.erase(2 * cancelled, 2);
        BOOST_TEST(r.order.text() == expected);
    }
}

BOOST_FIXTURE_TEST_CASE(a_wait_ends_in_the_iteration_after_its_cancellation, lonely_room) {
    waiting.cancel("enough");
    BOOST_TEST(result() == "cancelled: enough");
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_wait_keeps_the_first_message, lonely_room) {
    waiting.cancel("enough");
    waiting.cancel("really");
    BOOST_TEST(result() == "cancelled: enough");
}

BOOST_FIXTURE_TEST_CASE(a_waiter_that_was_woken_is_still_cancelled_with_the_last_message, lonely_room) {
    queue->wake_first();
    waiting.cancel("enough");
    waiting.cancel("really");
    BOOST_TEST(result() == "cancelled: really");
    BOOST_TEST(queue->empty());
}

BOOST_AUTO_TEST_CASE(a_task_that_was_cancelled_before_waits_for_nothing) {
    room r(0);
    auto waiting = [&]() -> coro<std::string> {
        ordo::current_task()->cancel("before");
        co_return co_await outcome(*r.queue);
    };
    auto const t = r.loop.create_task(waiting);
    r.run_once();
    BOOST_TEST(r.queue->idle());
    BOOST_TEST(!r.queue->empty());
    r.run_once();
    BOOST_TEST(t.cancelling() == 1);
    BOOST_TEST(t.result() == "cancelled: before");
}

// -- whose end comes first

BOOST_FIXTURE_TEST_CASE(waiters_leave_when_their_loop_is_closed, room) {
    tasks[1].cancel();
    queue->wake_first();
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    loop.close();
    BOOST_TEST(queue->empty());
    BOOST_TEST(queue->idle());
    BOOST_TEST(!queue->wake_first());
}

BOOST_FIXTURE_TEST_CASE(one_that_is_destroyed_says_so_and_wakes_nobody, room) {
    captured_log const log;
    queue.reset();
    run_once();
    BOOST_TEST(order.text() == "");
    BOOST_TEST(log.text() == "error: room::wait: destroyed while 3 tasks wait; keep it alive until nobody does\n");
}

BOOST_AUTO_TEST_CASE(one_that_is_destroyed_counts_in_proper_english) {
    captured_log const log;
    room(1).queue.reset();
    BOOST_TEST(log.text() == "error: room::wait: destroyed while 1 task waits; keep it alive until nobody does\n");
}

BOOST_FIXTURE_TEST_CASE(who_still_waits_for_what_is_destroyed_learns_it_when_cancelled, lonely_room) {
    queue.reset();
    run_once();
    BOOST_TEST(!waiting.done());
    waiting.cancel();
    BOOST_TEST(result() == destroyed);
}

BOOST_FIXTURE_TEST_CASE(who_was_woken_by_what_is_destroyed_learns_it, lonely_room) {
    queue->wake_first();
    queue.reset();
    BOOST_TEST(result() == destroyed);
}

BOOST_FIXTURE_TEST_CASE(who_was_cancelled_before_it_was_destroyed_learns_it, lonely_room) {
    waiting.cancel();
    queue.reset();
    BOOST_TEST(result() == destroyed);
}

BOOST_AUTO_TEST_CASE(one_that_stands_in_a_frame_that_goes_with_its_loop_says_nothing) {
    captured_log const log;
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        waiter_queue* shared = nullptr;
        auto keep = [&]() -> coro<> {
            waiter_queue queue("room::wait");
            shared = &queue;
            co_await ordo::sleep(1h);
        };
        auto wait = [&]() -> coro<> { co_await wait_request{*shared}; };
        auto const keeping = v.loop.create_task(keep);
        auto const waiting = v.loop.create_task(wait);
        v.run_once();
        BOOST_TEST(!shared->empty());
    }
    BOOST_TEST(log.text() == "");
}

// -- misuse

BOOST_FIXTURE_TEST_CASE(it_serves_one_loop_at_a_time, room) {
    ordo::event_loop other;
    BOOST_TEST(other.run_until_complete(outcome(*queue)) ==
               "room::wait: tasks of another loop wait for it; use it in one loop at a time");
    queue->wake_all();
    run_once();
    auto const later = other.create_task(outcome(*queue));
    other.call_soon([&] { queue->wake_first(); });
    BOOST_TEST(other.run_until_complete(later) == "woken");
}

BOOST_FIXTURE_TEST_CASE(in_debug_mode_only_the_thread_of_the_loop_wakes, room) {
    loop.set_debug(true);
    std::string text;
    loop.call_soon([&] {
        std::thread([&] { text = error_text<ordo::wrong_thread_error>([&] { queue->wake_first(); }); }).join();
    });
    run_once();
    BOOST_TEST(text == "room::wait: called on a thread that is not the loop's; use call_soon_threadsafe()");
    queue->wake_first();
    run_once();
    BOOST_TEST(order.text() == "a");
}

BOOST_AUTO_TEST_SUITE_END()
