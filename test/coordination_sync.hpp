// ordo: bodies for coordination.hpp: locks, semaphores, events, conditions, barriers and queues.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "coordination_tools.hpp"

#include <ordo/barrier.hpp>
#include <ordo/condition.hpp>
#include <ordo/event.hpp>
#include <ordo/guard.hpp>
#include <ordo/lock.hpp>
#include <ordo/queue.hpp>
#include <ordo/semaphore.hpp>

namespace coordination {

/// The door opens as the patience of one ends.
template <class Door>
coro<> inside_at_most(int most, Door& door) {
    int inside = most;
    bool opened = false;
    for (int i = 0; i < most; ++i) co_await door.acquire();
    auto open = [&] {
        if (std::exchange(opened, true)) return;
        inside = 0;
        for (int i = 0; i < most; ++i) door.release();
    };
    auto enter = [&]() -> coro<> {
        auto const held = co_await door.scoped();
        scope_exit const left([&] { --inside; });
        expect(++inside <= most, "no more are inside at a time");
        co_await ordo::sleep(1s);
    };
    auto enter_in_time = [&]() -> coro<> { co_await within(1s, enter); };
    at_moment const opens(1s, open);
    auto check = [&] {
        open();
        expect(inside == 0 && !door.locked(), "nobody is inside in the end");
    };
    auto work = then(check, together({enter_in_time, enter, enter}));
    co_await std::move(work);
}

inline coro<> lock() {
    ordo::lock door;
    co_await inside_at_most(1, door);
}

inline coro<> semaphore() {
    ordo::semaphore permits(2);
    co_await inside_at_most(2, permits);
    permits.release();
    for (int i = 0; i < 3; ++i) co_await permits.acquire();
    expect(permits.locked(), "there are no more permits than were released");
}

inline coro<> bounded_semaphore() {
    ordo::bounded_semaphore permits(2);
    co_await inside_at_most(2, permits);
    for (int i = 0; i < 2; ++i) co_await permits.acquire();
    for (int i = 0; i < 2; ++i) permits.release();
}

/// It is set as the patience of one ends.
inline coro<> event() {
    ordo::event came;
    auto wait = [&]() -> coro<> {
        co_await came.wait();
        expect(came.is_set(), "who was woken finds the event set");
    };
    auto wait_in_time = [&]() -> coro<> { co_await within(1s, wait); };
    auto wait_long = [&]() -> coro<> { co_await within(3s, wait); };
    at_moment const comes(1s, [&] { came.set(); });
    auto work = together({wait_long, wait_in_time, wait_long});
    co_await std::move(work);
}

/// All are notified as the patience of one ends.
inline coro<> condition() {
    ordo::condition changed;
    bool ready = false;
    auto wait = [&]() -> coro<> {
        auto const held = co_await changed.scoped();
        auto const is_ready = [&] { return ready; };
        co_await changed.wait_for(is_ready);
        expect(changed.locked(), "who was notified holds the lock");
    };
    auto wait_in_time = [&]() -> coro<> { co_await within(1s, wait); };
    auto wait_long = [&]() -> coro<> { co_await within(3s, wait); };
    auto hold = [&]() -> coro<> {
        co_await ordo::sleep(500ms);
        auto const held = co_await changed.scoped();
        at_moment const changes(500ms, [&] {
            ready = true;
            changed.notify_all();
        });
        co_await ordo::sleep(1s);
    };
    auto check = [&] { expect(!changed.locked(), "nobody holds the lock in the end"); };
    auto work = then(check, together({wait_long, wait_in_time, wait_long, hold}));
    co_await std::move(work);
}

/// One is notified as the patience of one ends: whoever it was meant for, somebody goes on.
inline coro<> condition_notify() {
    ordo::condition changed;
    int items = 0;
    auto take = [&]() -> coro<> {
        auto const held = co_await changed.scoped();
        auto const is_there = [&] { return items > 0; };
        co_await changed.wait_for(is_there);
        --items;
    };
    auto take_in_time = [&]() -> coro<> { co_await within(1s, take); };
    bool patient = true;
    auto take_later = [&]() -> coro<> {
        try {
            co_await within(3s, take);
        } catch (...) {
            patient = false;
            throw;
        }
    };
    auto hold = [&]() -> coro<> {
        co_await ordo::sleep(500ms);
        auto const held = co_await changed.scoped();
        at_moment const puts(500ms, [&] {
            ++items;
            changed.notify();
        });
        co_await ordo::sleep(1s);
    };
    auto work = together({take_in_time, take_later, hold});
    co_await std::move(work);
    expect(items == 0 || !patient, "what was there when somebody was notified is taken");
}

/// The last ones arrive as the patience of the first ends.
inline coro<> barrier() {
    ordo::barrier all_here(3);
    int passed = 0;
    auto race = [&]() -> coro<> {
        std::exception_ptr cancelled;
        try {
            co_await all_here.wait();
            ++passed;
        } catch (ordo::broken_barrier_error const&) {
        } catch (...) {
            cancelled = std::current_exception();
        }
        if (!cancelled) co_return;
        co_await all_here.abort(); // or the others would wait for ever
        std::rethrow_exception(cancelled);
    };
    auto race_in_time = [&]() -> coro<> { co_await within(1s, race); };
    auto race_later = [&]() -> coro<> {
        std::exception_ptr cancelled;
        try {
            co_await ordo::sleep(1s);
        } catch (...) {
            cancelled = std::current_exception();
        }
        if (cancelled) co_await all_here.abort();
        if (cancelled) std::rethrow_exception(cancelled);
        co_await race();
    };
    auto work = together({race_in_time, race_later, race_later});
    co_await std::move(work);
    expect(passed == 3 || all_here.broken(), "all pass, or nobody waits any more");
}

inline coro<> queue() {
    ordo::queue<int> numbers(2);
    auto put = [&]() -> coro<> {
        scope_exit const ended([&] { numbers.shutdown(); });
        for (int i = 0; i < 5; ++i) co_await numbers.put(i);
        co_await ordo::sleep(1s);
    };
    auto get = [&]() -> coro<> {
        scope_exit const ended([&] { numbers.shutdown(true); });
        int last = -1;
        for (;;) {
            int const number = co_await numbers.get();
            expect(number > last, "numbers come in the order in which they were put");
            last = number;
        }
    };
    auto get_in_time = [&]() -> coro<> { co_await within(1s, get); }; // which is when the queue is shut down
    auto until_shut_down = [](coro<> body) -> coro<> {
        try {
            co_await std::move(body);
        } catch (ordo::queue_shut_down const&) {}
    };
    auto body = [&](ordo::task_group& group) -> coro<> {
        static_cast<void>(group.create_task(until_shut_down(get_in_time())));
        co_await until_shut_down(put());
    };
    co_await ordo::with_task_group(body);
}

/// Items come as the patience of those who want one ends, and are taken as the patience of who wants to put one does.
template <class Queue>
coro<> handed_over() {
    Queue numbers(1);
    int put = 0;
    int got = 0;
    auto get = [&]() -> coro<> {
        int const number = co_await numbers.get();
        got += number;
    };
    auto put_one = [&]() -> coro<> {
        co_await numbers.put(1);
        ++put;
    };
    auto get_in_time = [&]() -> coro<> { co_await within(1s, get); };
    auto get_long = [&]() -> coro<> { co_await within(3s, get); };
    auto put_in_time = [&]() -> coro<> {
        co_await ordo::sleep(1s);
        co_await within(1s, put_one);
    };
    at_moment const comes(1s, [&] {
        if (numbers.full()) return;
        numbers.put_nowait(1);
        ++put;
    });
    at_moment const goes(2s, [&] {
        if (!numbers.empty()) got += numbers.get_nowait();
    });
    auto check = [&] { expect(put == got + static_cast<int>(numbers.qsize()), "nothing is lost or comes twice"); };
    auto work = then(check, together({get_in_time, get_long, put_in_time, put_in_time, put_in_time}));
    co_await std::move(work);
}

/// One item comes, and then there is room for one, as the patience of the first who wants it ends: it is the other one's.
inline coro<> queue_passed_on() {
    ordo::queue<int> numbers(1);
    auto get = [&]() -> coro<> { co_await numbers.get(); };
    auto put = [&]() -> coro<> { co_await numbers.put(1); };
    auto get_in_time = [&]() -> coro<> { co_await within(1s, get); };
    auto put_in_time = [&]() -> coro<> { co_await within(1s, put); };
    auto get_long = [&]() -> coro<> {
        bool const in_time = co_await within(2s, get);
        expect(in_time || numbers.empty(), "nobody waits while there is something");
    };
    auto put_long = [&]() -> coro<> {
        bool const in_time = co_await within(2s, put);
        expect(in_time || numbers.full(), "nobody waits while there is room");
    };
    {
        at_moment const comes(1s, [&] { numbers.put_nowait(1); });
        auto work = together({get_in_time, get_long});
        co_await std::move(work);
    }
    if (numbers.empty()) numbers.put_nowait(1);
    at_moment const goes(1s, [&] { numbers.get_nowait(); });
    auto work = together({put_in_time, put_long});
    co_await std::move(work);
}

inline coro<> queue_handover() {
    co_await handed_over<ordo::queue<int>>();
}
inline coro<> priority_queue() {
    co_await handed_over<ordo::priority_queue<int>>();
}
inline coro<> lifo_queue() {
    co_await handed_over<ordo::lifo_queue<int>>();
}

} // namespace coordination
