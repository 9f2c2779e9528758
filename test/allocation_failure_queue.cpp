// ordo: queues, with every allocation failing in turn: nobody who waits is lost, and no item.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/queue.hpp>

#include "crew.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

/// Copied also where it should be moved, and that takes memory.
struct heavy {
    std::string value = std::string(100, 'x');

    heavy() = default;
    heavy(heavy const&) = default;
    heavy& operator=(heavy const&) = default;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(allocation_failure_queue, silent_log)

/// Producers, more of them than there is room, and consumers, more of them than there are items at a time.
template <class Queue>
coro<> produce_and_consume() {
    Queue items(2);
    crew producers;
    crew consumers;
    auto all_produced = producers.all_done();
    auto all_consumed = consumers.all_done();
    int put = 0;
    int got = 0;
    auto produce = [&]() -> coro<> {
        for (int i = 0; i < 3; ++i) {
            typename Queue::value_type item;
            co_await items.put(std::move(item));
            ++put;
        }
    };
    auto consume = [&]() -> coro<> {
        try {
            for (;;) {
                auto const item = co_await items.get();
                ++got;
                items.task_done();
            }
        } catch (ordo::queue_shut_down const&) {}
    };
    producers.start(4, produce);
    co_await ordo::sleep(0s);
    producers.cancel(3);
    consumers.start(3, consume);
    co_await std::move(all_produced);
    producers.expect_cancelled(1);
    co_await items.join();
    expect(got == put && items.empty(), "an item was lost");
    co_await ordo::sleep(0s);
    surely([&] { items.put_nowait({}); });
    consumers.cancel(0); // the item is its own already
    co_await items.join();
    expect(got == put + 1, "an item was lost with who was cancelled");
    items.shutdown();
    co_await std::move(all_consumed);
    consumers.expect_cancelled(1);
}

BOOST_AUTO_TEST_CASE(queue) {
    in_virtual_time(produce_and_consume<ordo::queue<std::string>>);
}

BOOST_AUTO_TEST_CASE(priority_queue) {
    in_virtual_time(produce_and_consume<ordo::priority_queue<std::string>>);
}

BOOST_AUTO_TEST_CASE(lifo_queue) {
    in_virtual_time(produce_and_consume<ordo::lifo_queue<std::string>>);
}

BOOST_AUTO_TEST_CASE(queues_of_what_takes_memory_to_be_moved) {
    in_virtual_time(produce_and_consume<ordo::queue<heavy>>);
    in_virtual_time(produce_and_consume<ordo::lifo_queue<heavy>>);
}

template <class Queue>
coro<> get_in_turn() {
    Queue items;
    crew c;
    auto all_done = c.all_done();
    std::vector<int> got;
    got.reserve(4);
    for (int i = 0; i < 3; ++i) {
        c.start(1, [&items, &got, i]() -> coro<> {
            co_await items.get();
            got.push_back(i);
        });
    }
    co_await ordo::sleep(0s);
    for (int put = 0; put < 3;) {
        try {
            items.put_nowait({});
            ++put;
        } catch (std::bad_alloc const&) {}
        for (int i = 0; i < 3; ++i) co_await ordo::sleep(0s);
    }
    co_await std::move(all_done);
    expect(std::ranges::is_sorted(got), "somebody has lost its place in the line");
}

BOOST_AUTO_TEST_CASE(an_item_that_cannot_be_put_costs_nobody_its_place_in_the_line) {
    in_virtual_time(get_in_turn<ordo::queue<int>>);
    in_virtual_time(get_in_turn<ordo::priority_queue<int>>);
    in_virtual_time(get_in_turn<ordo::lifo_queue<int>>);
}

BOOST_AUTO_TEST_CASE(a_queue_that_is_shut_down) {
    in_virtual_time([]() -> coro<> {
        ordo::queue<heavy> items(1);
        crew c;
        auto all_done = c.all_done();
        int refused = 0;
        auto put = [&]() -> coro<> {
            try {
                heavy item;
                co_await items.put(std::move(item));
            } catch (ordo::queue_shut_down const&) {
                ++refused;
            }
        };
        auto join = [&]() -> coro<> { co_await items.join(); };
        surely([&] { items.put_nowait({}); });
        c.start(2, put);
        c.start(1, join);
        co_await ordo::sleep(0s);
        surely([&] { items.shutdown(true); });
        co_await std::move(all_done);
        expect(items.empty() && refused + c.failed + c.came_through >= 3, "somebody was let in");
    });
}

BOOST_AUTO_TEST_SUITE_END()
