// ordo: tests that waiting for locks, events, semaphores and queues allocates nothing on the heap.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "allocation_counter.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;

BOOST_AUTO_TEST_SUITE(sync_allocations)

BOOST_AUTO_TEST_CASE(a_lock_that_is_handed_over) {
    ordo::lock l;
    auto take = [&]() -> coro<> { auto const held = co_await l.scoped(); };
    auto const count = count_in_task([&]() -> coro<> {
        co_await l.acquire();
        auto const a = create_task(take);
        auto const b = create_task(take);
        co_await ordo::sleep(0s);
        l.release();
        co_await b;
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_permit_that_is_handed_over) {
    ordo::semaphore s(0);
    auto take = [&]() -> coro<> { co_await s.acquire(); };
    auto const count = count_in_task([&]() -> coro<> {
        auto const a = create_task(take);
        co_await ordo::sleep(0s);
        s.release();
        co_await a;
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(an_event_that_is_set) {
    ordo::event e;
    auto wait = [&]() -> coro<> { co_await e.wait(); };
    auto const count = count_in_task([&]() -> coro<> {
        auto const a = create_task(wait);
        co_await ordo::sleep(0s);
        e.set();
        e.clear();
        co_await a;
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_condition_that_is_notified) {
    ordo::condition c;
    auto wait = [&]() -> coro<> {
        auto const held = co_await c.scoped();
        co_await c.wait();
    };
    auto const count = count_in_task([&]() -> coro<> {
        auto const a = create_task(wait);
        co_await ordo::sleep(0s);
        {
            auto const held = co_await c.scoped();
            c.notify();
        }
        co_await a;
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_round_at_a_barrier) {
    ordo::barrier b(2);
    auto wait = [&]() -> coro<> { co_await b.wait(); };
    auto const count = count_in_task([&]() -> coro<> {
        auto const a = create_task(wait);
        co_await ordo::sleep(0s);
        co_await b.wait();
        co_await a;
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(items_that_go_through_a_queue) {
    ordo::queue<int> q(1);
    ordo::priority_queue<int> sorted(1);
    ordo::lifo_queue<int> stack(1);
    auto put = [&]() -> coro<> {
        for (int i = 0; i < 3; ++i) {
            co_await q.put(i);
            co_await sorted.put(i);
            co_await stack.put(i);
        }
    };
    auto const count = count_in_task([&]() -> coro<> {
        auto const producer = create_task(put);
        for (int i = 0; i < 3; ++i) {
            co_await q.get();
            q.task_done();
            co_await sorted.get();
            co_await stack.get();
        }
        co_await q.join();
        co_await producer;
    });
    BOOST_TEST(count == 0u);
}

BOOST_AUTO_TEST_CASE(a_waiter_that_is_cancelled_costs_only_its_exception) {
    ordo::lock l;
    auto take = [&]() -> coro<> { co_await l.acquire(); };
    auto const count = count_in_task([&]() -> coro<> {
        if (!l.locked()) co_await l.acquire();
        auto const a = create_task(take);
        co_await ordo::sleep(0s);
        a.cancel();
        co_await ordo::sleep(0s);
    });
    BOOST_TEST(count == 0u); // what is thrown is allocated elsewhere, by the language
}

BOOST_AUTO_TEST_SUITE_END()
