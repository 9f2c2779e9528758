// ordo: tests of queue: what is refused, and queues and loops that go away while somebody waits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/queue.hpp>

#include <ordo/task.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "queue_users.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <utility>

using ordo::coro;
using ordo::queue;

BOOST_AUTO_TEST_SUITE(queue_misuse)

BOOST_AUTO_TEST_CASE(what_cannot_be_done_at_once_says_so) {
    queue<int> q(2);
    BOOST_TEST(error_text<ordo::queue_empty>([&] { q.get_nowait(); }) ==
               "queue::get_nowait: the queue is empty; co_await get(), or check empty() first");
    q.put_nowait(1);
    q.put_nowait(2);
    BOOST_TEST(error_text<ordo::queue_full>([&] { q.put_nowait(3); }) ==
               "queue::put_nowait: the queue is full (2 items); co_await put(), or check full() first");
    BOOST_TEST(q.qsize() == 2u);
}

BOOST_AUTO_TEST_CASE(task_done_is_called_once_for_each_item) {
    queue<int> q;
    std::string const expected = "queue::task_done: called more often than items were put; call it once for each item";
    BOOST_TEST(error_text<ordo::value_error>([&] { q.task_done(); }) == expected);
    q.put_nowait(1);
    q.task_done();
    BOOST_TEST(error_text<ordo::value_error>([&] { q.task_done(); }) == expected);
}

BOOST_AUTO_TEST_CASE(it_serves_one_loop_at_a_time) {
    virtual_loop first;
    virtual_loop second;
    queue<int> q(1);
    auto const a = first.loop.create_task(get_and_record(q, first.order, "a"));
    first.run_once();
    auto in_second = [&](coro<> c) {
        return error_text<ordo::usage_error>([&] { second.loop.run_until_complete(std::move(c)); });
    };
    auto const other = [](std::string const& where) {
        return where + ": tasks of another loop wait for it; use it in one loop at a time";
    };
    BOOST_TEST(in_second(get_and_record(q, second.order, "b")) == other("queue::get"));
    q.put_nowait(1);
    first.loop.run_until_complete(a);
    q.put_nowait(2);
    auto const b = first.loop.create_task(put_and_record(q, first.order, 3));
    auto const joining = first.loop.create_task(join_and_record(q, first.order));
    first.run_once();
    BOOST_TEST(in_second(put_and_record(q, second.order, 4)) == other("queue::put"));
    BOOST_TEST(in_second(join_and_record(q, second.order)) == other("queue::join"));
    BOOST_TEST(q.get_nowait() == 2);
    first.loop.run_until_complete(b);
    for (int i = 0; i < 3; ++i) q.task_done();
    first.loop.run_until_complete(joining);
    BOOST_TEST(first.order.text() == "a1 3 joined");
}

BOOST_AUTO_TEST_CASE(who_waits_for_one_that_is_destroyed_does_no_harm) {
    captured_log const log;
    virtual_loop v;
    std::optional<queue<int>> q(std::in_place);
    auto const woken = v.loop.create_task(get_and_record(*q, v.order, "never"));
    auto const waiting = v.loop.create_task(get_and_record(*q, v.order, "never"));
    v.run_once();
    q->put_nowait(1);
    q.reset();
    BOOST_TEST(log.text() == "error: queue::get: destroyed while 2 tasks wait; keep it alive until nobody does\n");
    std::string const expected = "queue::get: it was destroyed while this task waited; keep it alive until nobody does";
    BOOST_TEST(error_text<ordo::usage_error>([&] { v.loop.run_until_complete(woken); }) == expected);
    waiting.cancel();
    BOOST_TEST(error_text<ordo::usage_error>([&] { v.loop.run_until_complete(waiting); }) == expected);
}

BOOST_AUTO_TEST_CASE(a_closed_loop_leaves_its_items_to_the_next) {
    queue<int> q(1);
    {
        virtual_loop v;
        v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        q.put_nowait(1);
        auto const putting = v.loop.create_task(put_and_record(q, v.order, 2));
        auto const joining = v.loop.create_task(join_and_record(q, v.order));
        v.run_once();
    }
    virtual_loop next;
    next.loop.run_until_complete(get_and_record(q, next.order, "a"));
    BOOST_TEST(next.order.text() == "a1");
    BOOST_TEST(q.empty());
}

BOOST_AUTO_TEST_SUITE_END()
