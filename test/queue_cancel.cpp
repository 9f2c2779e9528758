// ordo: tests of queues whose waiters are cancelled, or which are shut down, at every moment.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/queue.hpp>

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "error_text.hpp"
#include "every_moment.hpp"
#include "virtual_loop.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::queue;

namespace {

/// Four wait for items, of which three are put, one an iteration, and then two more; some of them are taken by a thief.
struct getter_scene : scene {
    queue<int> q;
    std::vector<int> got{};
    int put = 0;

    explicit getter_scene(ordo::event_loop& on) : scene(on) {
        for (int i = 0; i < 4; ++i) start(get());
        static_cast<void>(loop.create_task(feed()));
    }
    coro<> get() {
        auto const item = co_await q.get();
        got.push_back(item);
        pass();
    }
    coro<> feed() {
        co_await yield(2);
        for (int i = 0; i < 3; ++i) {
            q.put_nowait(++put);
            co_await yield(1);
        }
        q.put_nowait(++put);
        got.push_back(q.get_nowait());
        q.put_nowait(++put);
        co_await yield(1);
        q.put_nowait(++put);
    }
    void check() {
        for (auto const& t : tasks) BOOST_TEST(t.done()); // there were items enough
        while (!q.empty()) got.push_back(q.get_nowait());
        std::sort(got.begin(), got.end());
        BOOST_TEST(got == (std::vector<int>{1, 2, 3, 4, 5, 6}), boost::test_tools::per_element());
        for (std::size_t i = 0; i < tasks.size(); ++i) check_passed_or_cancelled(i);
    }
};

/// Four want to put an item each into a queue with room for one, which was taken; an item is taken out every other
/// iteration.
struct putter_scene : scene {
    queue<char> q{1};
    std::string got{};

    explicit putter_scene(ordo::event_loop& on) : scene(on) {
        q.put_nowait('-');
        for (int i = 0; i < 4; ++i) start(put(static_cast<char>('a' + i)));
        static_cast<void>(loop.create_task(drain()));
    }
    coro<> put(char item) {
        co_await q.put(item);
        pass();
    }
    coro<> drain() {
        for (int i = 0; i < 10; ++i) {
            co_await yield(2);
            if (!q.empty()) got.push_back(q.get_nowait());
        }
    }
    void check() {
        check_all_passed_in_turn();
        std::string expected = "-";
        for (auto const& name : passed) expected += name;
        BOOST_TEST(got == expected);
        BOOST_TEST(q.empty());
    }
};

/// One item is worked on; three wait for the end of it.
struct join_scene : scene {
    queue<int> q;

    explicit join_scene(ordo::event_loop& on) : scene(on) {
        q.put_nowait(1);
        for (int i = 0; i < 3; ++i) start(join());
        static_cast<void>(loop.create_task(finish()));
    }
    coro<> join() {
        co_await q.join();
        pass();
    }
    coro<> finish() {
        co_await yield(3);
        q.task_done();
    }
    void check() { check_all_passed_in_turn(); }
};

/// What came of waiting for a queue.
template <class Request>
coro<> outcome(Request request, ordo::testing::order_recorder& order, std::string name) {
    try {
        co_await std::move(request);
        order.record(name);
    } catch (ordo::queue_shut_down const&) {
        order.record(name + "!");
    }
}

template <class Request>
std::string text_of(virtual_loop& v, Request request) {
    auto wait = [&]() -> coro<> { co_await std::move(request); };
    return error_text<ordo::queue_shut_down>([&] { v.loop.run_until_complete(wait()); });
}

std::string const no_more_put = "queue::put: the queue is shut down; put nothing into it any more";
std::string const no_more_get = "queue::get: the queue is shut down and empty; there is nothing more to come";

} // namespace

BOOST_AUTO_TEST_SUITE(queue_cancel)

BOOST_AUTO_TEST_CASE(a_getter_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<getter_scene>();
}

BOOST_AUTO_TEST_CASE(a_putter_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<putter_scene>();
}

BOOST_AUTO_TEST_CASE(who_joins_can_be_cancelled_at_every_moment) {
    cancel_at_every_moment<join_scene>();
}

// -- shutdown

BOOST_FIXTURE_TEST_CASE(one_that_is_shut_down_gives_what_it_has_and_takes_no_more, virtual_loop) {
    queue<int> q;
    q.put_nowait(1);
    q.put_nowait(2);
    q.shutdown();
    BOOST_TEST(error_text<ordo::queue_shut_down>([&] { q.put_nowait(3); }) == no_more_put);
    BOOST_TEST(text_of(*this, q.put(3)) == no_more_put);
    BOOST_TEST(q.get_nowait() == 1);
    BOOST_TEST(text_of(*this, q.get()) == "(nothing was thrown)");
    BOOST_TEST(text_of(*this, q.get()) == no_more_get);
    BOOST_TEST(error_text<ordo::queue_shut_down>([&] { q.get_nowait(); }) == no_more_get);
}

BOOST_FIXTURE_TEST_CASE(a_full_one_that_is_shut_down_says_that_and_not_that_it_is_full, virtual_loop) {
    queue<int> q(1);
    q.put_nowait(1);
    q.shutdown();
    BOOST_TEST(error_text<ordo::queue_shut_down>([&] { q.put_nowait(2); }) == no_more_put);
    BOOST_TEST(text_of(*this, q.put(2)) == no_more_put);
}

BOOST_FIXTURE_TEST_CASE(one_that_is_shut_down_immediately_drops_what_it_has, virtual_loop) {
    queue<int> q;
    q.put_nowait(1);
    q.put_nowait(2);
    q.shutdown(true);
    BOOST_TEST(q.empty());
    BOOST_TEST(error_text<ordo::queue_shut_down>([&] { q.get_nowait(); }) == no_more_get);
    BOOST_TEST(error_text<ordo::queue_shut_down>([&] { q.put_nowait(3); }) == no_more_put);
    q.shutdown(true);
    q.shutdown();
}

ORDO_TEST_CASE(getters_that_wait_learn_of_the_shutdown) {
    queue<int> q;
    ordo::testing::order_recorder order;
    auto const a = create_task(outcome(q.get(), order, "a"));
    auto const b = create_task(outcome(q.get(), order, "b"));
    co_await ordo::sleep(0s);
    q.put_nowait(1);
    q.shutdown();
    auto const late = create_task(outcome(q.get(), order, "late"));
    co_await late;
    BOOST_TEST(order.text() == "a b! late!");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(putters_that_wait_learn_of_the_shutdown_behind_the_getters) {
    queue<int> q(1);
    q.put_nowait(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(outcome(q.put(1), order, "a"));
    auto const b = create_task(outcome(q.put(2), order, "b"));
    co_await ordo::sleep(0s);
    q.shutdown();
    co_await b;
    BOOST_TEST(order.text() == "a! b!");
    BOOST_TEST(a.done());
    BOOST_TEST(q.get_nowait() == 0);
    BOOST_TEST(q.empty());
}

ORDO_TEST_CASE(who_joins_one_that_is_shut_down_waits_for_the_rest_of_the_work) {
    queue<int> q;
    ordo::testing::order_recorder order;
    q.put_nowait(1);
    auto const t = create_task(outcome(q.join(), order, "joined"));
    co_await ordo::sleep(0s);
    q.shutdown();
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    q.get_nowait();
    q.task_done();
    co_await t;
    BOOST_TEST(order.text() == "joined");
}

ORDO_TEST_CASE(an_immediate_shutdown_counts_what_it_drops_as_done) {
    queue<int> q;
    ordo::testing::order_recorder order;
    q.put_nowait(1);
    q.put_nowait(2);
    q.get_nowait(); // is being worked on
    auto const t = create_task(outcome(q.join(), order, "joined"));
    co_await ordo::sleep(0s);
    q.shutdown(true);
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    q.task_done();
    co_await t;
    BOOST_TEST(order.text() == "joined");
}

ORDO_TEST_CASE(an_immediate_shutdown_ends_a_join_for_which_nothing_is_left) {
    queue<int> q;
    ordo::testing::order_recorder order;
    q.put_nowait(1);
    auto const a = create_task(outcome(q.join(), order, "joined"));
    co_await ordo::sleep(0s);
    q.shutdown(true);
    co_await a;
    BOOST_TEST(error_text<ordo::value_error>([&] { q.task_done(); }) ==
               "queue::task_done: called more often than items were put; call it once for each item");
}

ORDO_TEST_CASE(work_that_was_said_to_be_done_too_early_is_not_counted_twice) {
    queue<int> q;
    q.put_nowait(1);
    q.put_nowait(2);
    q.task_done();
    q.task_done();
    q.shutdown(true);
    co_await q.join();
}

BOOST_AUTO_TEST_SUITE_END()
