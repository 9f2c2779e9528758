// ordo: tests of queue: putting, getting, joining, and who waits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/queue.hpp>

#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"
#include "queue_users.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::queue;

BOOST_AUTO_TEST_SUITE(queue_)

ORDO_TEST_CASE(items_come_out_first_in_first_out) {
    queue<int> q;
    BOOST_TEST(q.empty());
    for (int i = 0; i < 100; ++i) q.put_nowait(i);
    BOOST_TEST(q.qsize() == 100u);
    BOOST_TEST(!q.full());
    for (int i = 0; i < 100; ++i) {
        auto const item = co_await q.get();
        BOOST_TEST(item == i);
        q.put_nowait(100 + i); // round and round in the memory that there is
    }
    for (int i = 100; i < 200; ++i) BOOST_TEST(q.get_nowait() == i);
    BOOST_TEST(q.empty());
}

ORDO_TEST_CASE(what_can_be_done_at_once_does_not_wait) {
    queue<int> q(1);
    auto const iteration = get_running_loop().iterations();
    co_await q.put(1);
    BOOST_TEST(q.full());
    auto const item = co_await q.get();
    BOOST_TEST(item == 1);
    q.task_done();
    co_await q.join();
    BOOST_TEST(get_running_loop().iterations() == iteration);
}

BOOST_AUTO_TEST_CASE(it_knows_its_sizes) {
    queue<int> const unlimited;
    BOOST_TEST(unlimited.maxsize() == 0u);
    BOOST_TEST(!unlimited.full());
    queue<int> q(2);
    BOOST_TEST(q.maxsize() == 2u);
    q.put_nowait(1);
    BOOST_TEST(!q.empty());
    BOOST_TEST(!q.full());
    q.put_nowait(2);
    BOOST_TEST(q.full());
    BOOST_TEST(q.qsize() == 2u);
}

ORDO_TEST_CASE(getters_are_served_in_the_order_in_which_they_came) {
    queue<int> q;
    ordo::testing::order_recorder order;
    auto const a = create_task(get_and_record(q, order, "a"));
    auto const b = create_task(get_and_record(q, order, "b"));
    auto const c = create_task(get_and_record(q, order, "c"));
    co_await ordo::sleep(0s);
    q.put_nowait(1);
    q.put_nowait(2);
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "a1 b2");
    co_await q.put(3);
    co_await c;
    BOOST_TEST(order.text() == "a1 b2 c3");
}

ORDO_TEST_CASE(putters_are_served_in_the_order_in_which_they_came) {
    queue<int> q(1);
    ordo::testing::order_recorder order;
    auto const a = create_task(put_and_record(q, order, 1));
    auto const b = create_task(put_and_record(q, order, 2));
    auto const c = create_task(put_and_record(q, order, 3));
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "1");
    BOOST_TEST(q.get_nowait() == 1);
    BOOST_TEST(order.text() == "1");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "1 2");
    BOOST_TEST(q.get_nowait() == 2);
    co_await c;
    BOOST_TEST(q.get_nowait() == 3);
    BOOST_TEST(order.text() == "1 2 3");
}

// queue_item_taken_before_the_woken_getter_runs.
ORDO_TEST_CASE(a_getter_that_finds_nothing_waits_again_at_the_end_of_the_line) {
    queue<int> q;
    ordo::testing::order_recorder order;
    auto const a = create_task(get_and_record(q, order, "a"));
    auto const b = create_task(get_and_record(q, order, "b"));
    co_await ordo::sleep(0s);
    q.put_nowait(1);
    BOOST_TEST(q.get_nowait() == 1);
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "");
    q.put_nowait(2);
    q.put_nowait(3);
    co_await a;
    BOOST_TEST(order.text() == "b2 a3");
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(a_putter_that_finds_no_room_waits_again_at_the_end_of_the_line) {
    queue<int> q(1);
    q.put_nowait(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(put_and_record(q, order, 1));
    auto const b = create_task(put_and_record(q, order, 2));
    co_await ordo::sleep(0s);
    BOOST_TEST(q.get_nowait() == 0);
    q.put_nowait(9);
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "");
    for (int const expected : {9, 2, 1}) {
        auto const item = co_await q.get();
        BOOST_TEST(item == expected);
    }
    BOOST_TEST(order.text() == "2 1");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(a_getter_that_waited_again_can_be_cancelled) {
    queue<int> q;
    ordo::testing::order_recorder order;
    auto const a = create_task(get_and_record(q, order, "a"));
    co_await ordo::sleep(0s);
    for (int i = 0; i < 3; ++i) {
        q.put_nowait(1);
        BOOST_TEST(q.get_nowait() == 1);
        co_await ordo::sleep(0s);
        BOOST_TEST(!a.done());
    }
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
}

// -- cancellation

ORDO_TEST_CASE(a_getter_that_is_cancelled_when_it_was_woken_passes_that_on) {
    queue<int> q;
    ordo::testing::order_recorder order;
    auto const a = create_task(get_and_record(q, order, "a"));
    auto const b = create_task(get_and_record(q, order, "b"));
    co_await ordo::sleep(0s);
    q.put_nowait(1);
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    BOOST_TEST(order.text() == "");
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "b1");
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(a_putter_that_is_cancelled_when_it_was_woken_passes_that_on) {
    queue<int> q(1);
    q.put_nowait(0);
    ordo::testing::order_recorder order;
    auto const a = create_task(put_and_record(q, order, 1));
    auto const b = create_task(put_and_record(q, order, 2));
    co_await ordo::sleep(0s);
    BOOST_TEST(q.get_nowait() == 0);
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(a.cancelled());
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "2");
    BOOST_TEST(b.done());
    BOOST_TEST(q.get_nowait() == 2);
    BOOST_TEST(q.empty());
}

ORDO_TEST_CASE(an_item_is_not_lost_with_the_getter_it_woke) {
    queue<int> q;
    ordo::testing::order_recorder order;
    auto const a = create_task(get_and_record(q, order, "a"));
    co_await ordo::sleep(0s);
    q.put_nowait(1);
    a.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(q.get_nowait() == 1);
}

// -- values

ORDO_TEST_CASE(items_may_be_move_only) {
    queue<std::unique_ptr<int>> q(1);
    auto one = std::make_unique<int>(1);
    co_await q.put(std::move(one));
    auto two = std::make_unique<int>(2);
    auto putting = [&]() -> coro<> { co_await q.put(std::move(two)); };
    auto const t = create_task(putting);
    co_await ordo::sleep(0s);
    auto const first = co_await q.get();
    BOOST_TEST(*first == 1);
    co_await t;
    auto const second = q.get_nowait();
    BOOST_TEST(*second == 2);
}

BOOST_FIXTURE_TEST_CASE(an_item_is_destroyed_with_the_put_that_is_cancelled, counting) {
    virtual_loop v;
    queue<counted> q(1);
    q.put_nowait(counted(1));
    auto put = [&]() -> coro<> {
        counted item(2);
        co_await q.put(std::move(item));
    };
    auto const t = v.loop.create_task(put);
    v.run_once();
    t.cancel();
    v.run_once();
    BOOST_TEST(t.cancelled());
    BOOST_TEST(counted::alive() == 1);
    BOOST_TEST(q.get_nowait().id == 1);
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(counted::copied == 0);
}

BOOST_FIXTURE_TEST_CASE(items_are_destroyed_with_the_queue, counting) {
    {
        queue<counted> q;
        for (int i = 0; i < 20; ++i) q.put_nowait(counted(i));
        for (int i = 0; i < 5; ++i) BOOST_TEST(q.get_nowait().id == i);
        BOOST_TEST(counted::alive() == 15);
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(counted::copied == 0);
}

namespace {

/// Can be copied and moved, but not always.
struct moody {
    static inline int moves_left = 1000;

    int id;

    explicit moody(int number) : id(number) {}
    moody(moody const&) = default;
    moody(moody&& other) : id(other.id) {
        if (--moves_left < 0) throw std::runtime_error("no mood");
    }
};

} // namespace

BOOST_AUTO_TEST_CASE(an_item_that_cannot_be_moved_in_or_out_changes_nothing) {
    queue<moody> q(100);
    for (int i = 0; i < 8; ++i) q.put_nowait(moody(i)); // it is about to grow
    moody const item(8);
    moody::moves_left = 0;
    BOOST_TEST(error_text<std::runtime_error>([&] { q.put_nowait(item); }) == "no mood");
    BOOST_TEST(q.qsize() == 8u);
    BOOST_TEST(error_text<std::runtime_error>([&] { q.get_nowait(); }) == "no mood");
    BOOST_TEST(q.qsize() == 8u);
    moody::moves_left = 1000;
    q.put_nowait(item);
    for (int i = 0; i <= 8; ++i) BOOST_TEST(q.get_nowait().id == i);
}

// -- task_done and join

ORDO_TEST_CASE(join_waits_until_all_work_is_done) {
    queue<int> q;
    ordo::testing::order_recorder order;
    q.put_nowait(1);
    q.put_nowait(2);
    auto const a = create_task(join_and_record(q, order));
    auto const b = create_task(join_and_record(q, order));
    co_await ordo::sleep(1s);
    q.get_nowait();
    q.get_nowait();
    q.task_done();
    co_await ordo::sleep(1s);
    BOOST_TEST(order.text() == "");
    q.task_done();
    co_await ordo::sleep(0s);
    BOOST_TEST(order.text() == "joined joined");
    BOOST_TEST(a.done());
    BOOST_TEST(b.done());
}

ORDO_TEST_CASE(who_joins_goes_on_though_there_is_new_work_meanwhile) {
    queue<int> q;
    ordo::testing::order_recorder order;
    q.put_nowait(1);
    auto const a = create_task(join_and_record(q, order));
    co_await ordo::sleep(0s);
    q.task_done();
    q.put_nowait(2);
    auto const b = create_task(join_and_record(q, order));
    co_await a;
    BOOST_TEST(!b.done());
    q.task_done();
    co_await b;
    BOOST_TEST(order.text() == "joined joined");
}

ORDO_TEST_CASE(who_joins_can_be_cancelled) {
    queue<int> q;
    ordo::testing::order_recorder order;
    q.put_nowait(1);
    auto const a = create_task(join_and_record(q, order));
    auto const b = create_task(join_and_record(q, order));
    co_await ordo::sleep(0s);
    a.cancel();
    q.task_done();
    co_await b;
    BOOST_TEST(a.cancelled());
    BOOST_TEST(order.text() == "joined");
}

BOOST_AUTO_TEST_SUITE_END()
