// ordo: misuses of locks, semaphores, events, conditions and queues that do not compile.
//
// Each #ifdef is a misuse, with what the compiler must say about it; each #else is how it is written instead.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <memory>
#include <utility>

using ordo::coro;

coro<> a_lock_is_not_awaited(ordo::lock& l) {
#ifdef A_LOCK_IS_NOT_AWAITED // acquire() does nothing until it is awaited
    l.acquire();
#elif defined A_GUARD_IS_NOT_AWAITED  // scoped() does nothing until it is awaited
    l.scoped();
#elif defined A_GUARD_IS_NOT_KEPT     // a guard that nobody keeps releases at once; give it a name
    co_await l.scoped();
#elif defined A_GUARD_IS_MADE_AT_ONCE // a guard that nobody keeps releases at once; give it a name
    ordo::guard<ordo::lock>{l};
#else
    auto const held = co_await l.scoped();
#endif
    co_return;
}

coro<> a_guard_is_copied(ordo::lock& l) {
    auto held = co_await l.scoped();
#ifdef A_GUARD_IS_COPIED // deleted
    auto const other = held;
#else
    auto const other = std::move(held);
#endif
}

void a_lock_is_copied(ordo::lock const& l) {
#ifdef A_LOCK_IS_COPIED // deleted
    auto const other = l;
#else
    auto const& other = l;
#endif
    static_cast<void>(other);
}

coro<> others_are_not_awaited(ordo::semaphore& s, ordo::event& e, ordo::condition& c, ordo::barrier& b) {
#ifdef A_SEMAPHORE_IS_NOT_AWAITED // acquire() does nothing until it is awaited
    s.acquire();
#elif defined AN_EVENT_IS_NOT_AWAITED                // wait() does nothing until it is awaited
    e.wait();
#elif defined A_CONDITION_IS_NOT_AWAITED             // a coro does nothing until it is awaited
    c.wait();
#elif defined THE_LOCK_OF_A_CONDITION_IS_NOT_AWAITED // acquire() does nothing until it is awaited
    c.acquire();
#elif defined A_BARRIER_IS_NOT_AWAITED               // a coro does nothing until it is awaited
    b.wait();
#else
    co_await s.acquire();
    co_await e.wait();
    co_await c.acquire();
    co_await c.wait();
    co_await b.wait();
#endif
    co_return;
}

coro<bool> coroutine_predicate() {
    co_return true;
}
bool predicate() {
    return true;
}
coro<> a_predicate_is_a_coroutine(ordo::condition& c) {
#ifdef A_PREDICATE_IS_A_COROUTINE // the predicate of condition::wait_for() is a function
    co_await c.wait_for(coroutine_predicate);
#else
    co_await c.wait_for(predicate);
#endif
}

coro<> a_queue_is_not_awaited(ordo::queue<int>& q) {
#ifdef A_PUT_IS_NOT_AWAITED // put() does nothing until it is awaited
    q.put(1);
#elif defined A_GET_IS_NOT_AWAITED  // get() does nothing until it is awaited
    q.get();
#elif defined A_JOIN_IS_NOT_AWAITED // join() does nothing until it is awaited
    q.join();
#else
    co_await q.put(1);
    static_cast<void>(co_await q.get());
    co_await q.join();
#endif
    co_return;
}

void a_queue_of_references() {
#ifdef A_QUEUE_OF_REFERENCES // a queue holds values; put pointers into it instead of references
    ordo::queue<int&> q;
#else
    ordo::queue<int*> q;
#endif
    static_cast<void>(q);
}

coro<> a_move_only_item_is_copied(ordo::queue<std::unique_ptr<int>>& q, std::unique_ptr<int> item) {
#ifdef A_MOVE_ONLY_ITEM_IS_COPIED // deleted
    co_await q.put(item);
#else
    co_await q.put(std::move(item));
#endif
}
