// ordo: scenarios of tasks that coordinate with each other, which are stopped half-way and torn down.
//
// What they coordinate with goes with the last frame that uses it, or before, while they wait for it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "scenarios.hpp"

namespace teardown {

/// One of each, and something to count.
struct tools {
    ordo::lock lock;
    ordo::semaphore semaphore{1};
    ordo::event event;
    ordo::condition condition;
    ordo::barrier barrier{2};
    ordo::queue<counted> queue{1};
    counted local{1};
};
using shared_tools = std::shared_ptr<tools>;

template <class... Coroutines>
void start_with_tools(house& h, Coroutines... coroutines) {
    auto const t = std::make_shared<tools>();
    (h.start(coroutines(t)), ...);
}

inline coro<> pass_lock(shared_tools t) {
    counted const local(1);
    auto const held = co_await t->lock.scoped();
    co_await ordo::sleep(0s);
    co_await ordo::sleep(1s);
}

inline coro<> use_permit(shared_tools t) {
    counted const local(1);
    auto const permit = co_await t->semaphore.scoped();
    co_await ordo::sleep(0s);
    co_await ordo::sleep(1s);
}

inline coro<> wait_for_event(shared_tools t) {
    counted const local(1);
    co_await t->event.wait();
}

inline coro<> set_event(shared_tools t) {
    co_await sleeping(2);
    t->event.set();
}

inline coro<> wait_for_condition(shared_tools t) {
    counted const local(1);
    auto const held = co_await t->condition.scoped();
    if (!t->event.is_set()) co_await t->condition.wait();
    co_await ordo::sleep(0s);
}

inline coro<> notify_condition(shared_tools t) {
    co_await sleeping(2);
    auto const held = co_await t->condition.scoped();
    t->event.set();
    t->condition.notify_all();
    co_await ordo::sleep(0s);
}

inline coro<> wait_at_barrier(shared_tools t) {
    counted const local(1);
    try {
        co_await t->barrier.wait();
        co_await t->barrier.wait();
    } catch (ordo::broken_barrier_error const&) {}
}

inline coro<> abort_barrier(shared_tools t) {
    counted const local(1);
    co_await sleeping(4);
    co_await t->barrier.abort();
}

inline coro<> put_items(shared_tools t) {
    counted const local(1);
    try {
        for (int i = 0; i < 3; ++i) {
            counted item(i);
            co_await t->queue.put(std::move(item));
        }
        co_await t->queue.join();
    } catch (ordo::queue_shut_down const&) {}
}

inline coro<> get_items(shared_tools t) {
    counted const local(1);
    try {
        for (int i = 0; i < 2; ++i) {
            auto const item = co_await t->queue.get();
            co_await ordo::sleep(1s);
            t->queue.task_done();
        }
    } catch (ordo::queue_shut_down const&) {}
}

inline coro<> shut_queue_down(shared_tools t) {
    co_await sleeping(6);
    t->queue.shutdown(true);
}

/// Waits for something that another task destroys.
template <class Wait>
coro<> wait_in_vain(Wait wait) {
    counted const local(1);
    try {
        co_await wait();
    } catch (ordo::usage_error const&) {}
}

template <class Wait>
void start_in_vain(house& h, Wait wait) {
    auto const t = std::make_shared<tools>();
    for (int i = 0; i < 3; ++i) h.start(wait_in_vain([wait, t = t.get()] { return wait(*t); }));
    auto destroy = [](shared_tools last) -> coro<> {
        co_await sleeping(1);
        last->lock.release();
        last->semaphore.release();
        last->event.set();
        auto const held = co_await last->condition.scoped();
        last->condition.notify();
    };
    auto begin = [destroy, last = t]() mutable { return destroy(std::move(last)); };
    h.start(begin);
}

inline scenario const sync_scenarios[] = {
    {"a lock that is handed on", [](house& h) { start_with_tools(h, pass_lock, pass_lock, pass_lock); }},
    {"a permit that is handed on", [](house& h) { start_with_tools(h, use_permit, use_permit, use_permit); }},
    {"an event", [](house& h) { start_with_tools(h, wait_for_event, wait_for_event, set_event); }},
    {"a condition", [](house& h) { start_with_tools(h, wait_for_condition, wait_for_condition, notify_condition); }},
    {"a barrier",
     [](house& h) { start_with_tools(h, wait_at_barrier, wait_at_barrier, wait_at_barrier, abort_barrier); }},
    {"a queue", [](house& h) { start_with_tools(h, get_items, put_items, get_items, shut_queue_down); }},
    {"a lock that goes first",
     [](house& h) {
         start_in_vain(h, [](tools& t) -> coro<> {
             auto const held = co_await t.lock.scoped();
             co_await ordo::sleep(5s);
         });
     }},
    {"a semaphore that goes first",
     [](house& h) {
         start_in_vain(h, [](tools& t) -> coro<> {
             auto const permit = co_await t.semaphore.scoped();
             co_await ordo::sleep(5s);
         });
     }},
    {"an event that goes first",
     [](house& h) { start_in_vain(h, [](tools& t) -> coro<> { co_await t.event.wait(); }); }},
    {"a condition that goes first",
     [](house& h) {
         start_in_vain(h, [](tools& t) -> coro<> {
             auto const held = co_await t.condition.scoped();
             co_await t.condition.wait();
         });
     }},
    {"a barrier that goes first",
     [](house& h) {
         start_in_vain(h, [](tools& t) -> coro<> {
             auto const place = co_await t.barrier.wait();
             if (place == 0) co_await t.queue.join();
         });
     }},
    {"a queue that goes first",
     [](house& h) {
         start_in_vain(h, [](tools& t) -> coro<> {
             for (int i = 0; i < 2; ++i) {
                 counted item(i);
                 co_await t.queue.put(std::move(item));
             }
         });
     }},
};

} // namespace teardown
