// ordo: events, locks, conditions, semaphores, barriers and queues.
// SPDX-License-Identifier: BSL-1.0
#include "operation.hpp"

#include <algorithm>
#include <cstddef>

namespace conformance {
namespace {

std::size_t count(std::int64_t number) {
    return static_cast<std::size_t>(std::max<std::int64_t>(number, 0));
}

// -- locks, conditions and semaphores: what can be acquired

template <class Lockable>
ordo::coro<value> acquire(std::shared_ptr<Lockable> lockable) {
    co_await lockable->acquire();
    co_return true;
}

using lock_pointer = std::shared_ptr<ordo::lock>;
using condition_pointer = std::shared_ptr<ordo::condition>;
using event_pointer = std::shared_ptr<ordo::event>;
using barrier_pointer = std::shared_ptr<ordo::barrier>;

object make_condition(call& c) {
    if (!c.has(1)) return std::make_shared<ordo::condition>();
    auto const shared = c.object<lock_pointer>(1);
    return condition_pointer(new ordo::condition(*shared), [shared](auto* condition) { delete condition; });
}

ordo::coro<value> wait_condition_for(call c) {
    auto const condition = c.object<condition_pointer>(0);
    auto const reached = [cell = c.object<std::shared_ptr<cell_object>>(1), minimum = c.number(2)] {
        return cell->number >= minimum;
    };
    co_return co_await condition->wait_for(reached);
}

// -- queues

template <class Queue>
ordo::coro<value> put(std::shared_ptr<Queue> queue, value item) {
    co_await queue->put(std::move(item));
    co_return value();
}
template <class Queue>
ordo::coro<value> get(std::shared_ptr<Queue> queue) {
    co_return co_await queue->get();
}
template <class Queue>
ordo::coro<value> join(std::shared_ptr<Queue> queue) {
    co_await queue->join();
    co_return value();
}

/// Call f(queue) with a std::shared_ptr of its type.
template <class F>
auto with_queue(call const& c, F f) {
    return std::visit(f, c.object<queue_object>(0));
}

template <class Queue>
object make_queue(call& c) {
    return queue_object(std::make_shared<Queue>(count(c.number(1))));
}

constexpr operation table[] = {
    {"event", "event:new:event", [](call&) -> object { return std::make_shared<ordo::event>(); }},
    {"set_event", "event:event", [](call& c) { c.object<event_pointer>(0)->set(); }},
    {"clear_event", "event:event", [](call& c) { c.object<event_pointer>(0)->clear(); }},
    {"is_set", "event:event", [](call& c) -> value { return c.object<event_pointer>(0)->is_set(); }},
    {"wait_event", "event:event",
     [](call c) -> ordo::coro<value> {
         auto const event = c.object<event_pointer>(0);
         co_await event->wait();
         co_return true;
     }},

    {"lock", "lock:new:lock", [](call&) -> object { return std::make_shared<ordo::lock>(); }},
    {"condition", "condition:new:condition lock:lock?", make_condition},
    {"semaphore", "semaphore:new:semaphore value:int",
     [](call& c) -> object { return std::make_shared<ordo::semaphore>(c.number(1)); }},
    {"bounded_semaphore", "semaphore:new:semaphore value:int",
     [](call& c) -> object { return std::make_shared<ordo::bounded_semaphore>(c.number(1)); }},
    {"acquire", "lock:lock|condition|semaphore",
     [](call c) -> ordo::coro<value> {
         co_return co_await std::visit([](auto const& lockable) { return acquire(lockable); }, c.lockable(0));
     }},
    {"release", "lock:lock|condition|semaphore",
     [](call& c) { std::visit([](auto const& lockable) { lockable->release(); }, c.lockable(0)); }},
    {"locked", "lock:lock|condition|semaphore",
     [](call& c) -> value {
         return std::visit([](auto const& lockable) { return lockable->locked(); }, c.lockable(0));
     }},

    {"wait_condition", "condition:condition",
     [](call c) -> ordo::coro<value> {
         auto const condition = c.object<condition_pointer>(0);
         co_await condition->wait();
         co_return true;
     }},
    {"wait_condition_for", "condition:condition cell:cell minimum:int", wait_condition_for},
    {"notify", "condition:condition count:int",
     [](call& c) { c.object<condition_pointer>(0)->notify(count(c.number(1))); }},
    {"notify_all", "condition:condition", [](call& c) { c.object<condition_pointer>(0)->notify_all(); }},

    {"barrier", "barrier:new:barrier parties:int",
     [](call& c) -> object { return std::make_shared<ordo::barrier>(count(c.number(1))); }},
    {"wait_barrier", "barrier:barrier",
     [](call c) -> ordo::coro<value> {
         auto const barrier = c.object<barrier_pointer>(0);
         co_return static_cast<std::int64_t>(co_await barrier->wait());
     }},
    {"reset_barrier", "barrier:barrier",
     [](call c) -> ordo::coro<value> {
         auto const barrier = c.object<barrier_pointer>(0);
         co_await barrier->reset();
         co_return value();
     }},
    {"abort_barrier", "barrier:barrier",
     [](call c) -> ordo::coro<value> {
         auto const barrier = c.object<barrier_pointer>(0);
         co_await barrier->abort();
         co_return value();
     }},
    {"waiting_at_barrier", "barrier:barrier",
     [](call& c) -> value { return static_cast<std::int64_t>(c.object<barrier_pointer>(0)->n_waiting()); }},
    {"barrier_broken", "barrier:barrier", [](call& c) -> value { return c.object<barrier_pointer>(0)->broken(); }},

    {"queue", "queue:new:queue capacity:int", make_queue<ordo::queue<value>>},
    {"priority_queue", "queue:new:queue capacity:int", make_queue<ordo::priority_queue<value>>},
    {"lifo_queue", "queue:new:queue capacity:int", make_queue<ordo::lifo_queue<value>>},
    {"put", "queue:queue value:value",
     [](call c) -> ordo::coro<value> {
         co_return co_await with_queue(c, [&](auto const& queue) { return put(queue, c.literal(1)); });
     }},
    {"get", "queue:queue",
     [](call c) -> ordo::coro<value> {
         co_return co_await with_queue(c, [](auto const& queue) { return get(queue); });
     }},
    {"put_nowait", "queue:queue value:value",
     [](call& c) { with_queue(c, [&](auto const& queue) { queue->put_nowait(c.literal(1)); }); }},
    {"get_nowait", "queue:queue",
     [](call& c) -> value { return with_queue(c, [](auto const& queue) { return queue->get_nowait(); }); }},
    {"task_done", "queue:queue", [](call& c) { with_queue(c, [](auto const& queue) { queue->task_done(); }); }},
    {"join", "queue:queue",
     [](call c) -> ordo::coro<value> {
         co_return co_await with_queue(c, [](auto const& queue) { return join(queue); });
     }},
    {"queue_size", "queue:queue",
     [](call& c) -> value {
         return with_queue(c, [](auto const& queue) { return static_cast<std::int64_t>(queue->qsize()); });
     }},
};

} // namespace

std::span<operation const> sync_operations() {
    return table;
}

} // namespace conformance
