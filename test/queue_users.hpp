// ordo: coroutines that use a queue, and record what they got.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/queue.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <string>

inline ordo::coro<> get_and_record(ordo::queue<int>& q, ordo::testing::order_recorder& order, std::string name) {
    auto const item = co_await q.get();
    order.record(name + std::to_string(item));
}

inline ordo::coro<> put_and_record(ordo::queue<int>& q, ordo::testing::order_recorder& order, int item) {
    co_await q.put(item);
    order.record(std::to_string(item));
}

inline ordo::coro<> join_and_record(ordo::queue<int>& q, ordo::testing::order_recorder& order) {
    co_await q.join();
    order.record("joined");
}
