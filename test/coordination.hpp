// ordo: coordination_bodies, a test body for each object that coordinates tasks. Each holds whatever is cancelled, fails
// or comes in another order, and leaves nothing behind.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/as_completed.hpp>
#include <ordo/barrier.hpp>
#include <ordo/condition.hpp>
#include <ordo/coro.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/event.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/guard.hpp>
#include <ordo/lock.hpp>
#include <ordo/queue.hpp>
#include <ordo/semaphore.hpp>
#include <ordo/shield.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/task_group.hpp>
#include <ordo/timeout.hpp>
#include <ordo/wait.hpp>
#include <ordo/wait_for.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace coordination {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::detail::scope_exit;

inline void expect(bool holds, char const* what) {
    if (!holds) throw std::logic_error(std::string("it does not hold that ") + what);
}

/// Tasks that are over when the body is, and whose errors nobody has to look at.
using crew = std::vector<ordo::task<>>;

inline coro<> with_crew(std::function<coro<>(crew&)> body) {
    crew tasks;
    tasks.reserve(8);
    std::exception_ptr error;
    try {
        co_await body(tasks);
    } catch (...) {
        error = std::current_exception();
    }
    for (auto const& each : tasks) each.cancel();
    for (auto const& each : tasks)
        while (!each.done()) co_await ordo::sleep(1s);
    for (auto const& each : tasks)
        if (!each.cancelled()) static_cast<void>(each.exception());
    if (error) std::rethrow_exception(error);
}

/// So many tasks of the same kind in a group, and what the body of the group does meanwhile.
inline coro<> in_group(int count, std::function<coro<>()> each, std::function<coro<>()> meanwhile = nullptr) {
    auto body = [&](ordo::task_group& group) -> coro<> {
        for (int i = 0; i < count; ++i) static_cast<void>(group.create_task(each()));
        if (meanwhile) co_await meanwhile();
    };
    co_await ordo::with_task_group(body);
}

/// What must hold after the work, however it ended.
inline coro<> then(std::function<void()> check, coro<> work) {
    std::exception_ptr error;
    try {
        co_await std::move(work);
    } catch (...) {
        error = std::current_exception();
    }
    check();
    if (error) std::rethrow_exception(error);
}

inline coro<> sleep_for(ordo::duration length) {
    co_await ordo::sleep(length);
}

inline coro<> lock() {
    ordo::lock door;
    int inside = 0;
    auto enter = [&]() -> coro<> {
        auto const held = co_await door.scoped();
        scope_exit const left([&] { --inside; });
        expect(++inside == 1, "one is inside at a time");
        co_await ordo::sleep(1s);
    };
    auto check = [&] { expect(inside == 0 && !door.locked(), "nobody is inside in the end"); };
    auto work = then(check, in_group(3, enter));
    co_await std::move(work);
}

inline coro<> semaphore() {
    ordo::bounded_semaphore permits(2);
    int inside = 0;
    auto enter = [&]() -> coro<> {
        auto const held = co_await permits.scoped();
        scope_exit const left([&] { --inside; });
        expect(++inside <= 2, "two are inside at a time");
        co_await ordo::sleep(1s);
    };
    auto check = [&] { expect(inside == 0 && !permits.locked(), "nobody is inside in the end"); };
    auto work = then(check, in_group(4, enter));
    co_await std::move(work);
    co_await permits.acquire();
    co_await permits.acquire();
    permits.release();
    permits.release();
}

inline coro<> event() {
    ordo::event came;
    auto wait = [&]() -> coro<> {
        co_await came.wait();
        expect(came.is_set(), "who was woken finds the event set");
    };
    auto set = [&]() -> coro<> {
        co_await ordo::sleep(1s);
        came.set();
    };
    auto work = in_group(3, wait, set);
    co_await std::move(work);
}

inline coro<> condition() {
    ordo::condition changed;
    bool ready = false;
    auto wait = [&]() -> coro<> {
        auto const held = co_await changed.scoped();
        auto const is_ready = [&] { return ready; };
        co_await changed.wait_for(is_ready);
        expect(changed.locked(), "who was notified holds the lock");
    };
    auto notify = [&]() -> coro<> {
        co_await ordo::sleep(1s);
        auto const held = co_await changed.scoped();
        ready = true;
        changed.notify_all();
    };
    auto check = [&] { expect(!changed.locked(), "nobody holds the lock in the end"); };
    auto work = then(check, in_group(3, wait, notify));
    co_await std::move(work);
}

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
    auto work = in_group(3, race);
    co_await std::move(work);
    expect(passed == 3 || all_here.broken(), "all pass, or nobody waits any more");
}

inline coro<> queue() {
    ordo::queue<int> numbers(2);
    auto put = [&]() -> coro<> {
        scope_exit const ended([&] { numbers.shutdown(); });
        for (int i = 0; i < 5; ++i) co_await numbers.put(i);
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
    auto until_shut_down = [](coro<> body) -> coro<> {
        try {
            co_await std::move(body);
        } catch (ordo::queue_shut_down const&) {}
    };
    auto body = [&](ordo::task_group& group) -> coro<> {
        static_cast<void>(group.create_task(until_shut_down(get())));
        co_await until_shut_down(put());
    };
    co_await ordo::with_task_group(body);
}

inline coro<> task_group() {
    auto inner = []() -> coro<> {
        auto work = in_group(2, [] { return sleep_for(1s); });
        co_await std::move(work);
    };
    auto work = in_group(2, inner, [] { return sleep_for(2s); });
    co_await std::move(work);
}

inline coro<> gather() {
    auto body = [](crew& tasks) -> coro<> {
        for (int i = 1; i <= 3; ++i) tasks.push_back(ordo::create_task(sleep_for(i * 1s)));
        co_await ordo::gather(tasks);
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> wait() {
    auto body = [](crew& tasks) -> coro<> {
        for (int i = 1; i <= 3; ++i) tasks.push_back(ordo::create_task(sleep_for(i * 1s)));
        auto const first = co_await ordo::wait(tasks, ordo::return_when::first_completed);
        expect(!first.done.empty(), "one is done");
        auto const all = co_await ordo::wait(tasks, 10s);
        expect(all.pending.empty(), "all are done in time");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> as_completed() {
    auto body = [](crew& tasks) -> coro<> {
        for (int i = 1; i <= 3; ++i) tasks.push_back(ordo::create_task(sleep_for(1s)));
        auto const completed = ordo::as_completed(tasks, 10s);
        std::size_t count = 0;
        for (;;) {
            auto const next = co_await completed.next();
            if (!next) break;
            expect(next->done(), "what comes is done");
            ++count;
        }
        expect(count == tasks.size(), "all come");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> timeout() {
    bool late = false;
    auto body = []() -> coro<> { co_await ordo::sleep(2s); };
    try {
        co_await ordo::with_timeout(1s, body);
    } catch (ordo::timeout_error const&) {
        late = true;
    }
    expect(late, "two seconds are longer than one");
    co_await ordo::with_timeout(3s, body);
}

inline coro<> wait_for() {
    auto body = [](crew& tasks) -> coro<> {
        for (int i = 1; i <= 2; ++i) tasks.push_back(ordo::create_task(sleep_for(i * 2s)));
        co_await ordo::wait_for(tasks[0], 3s);
        bool late = false;
        try {
            co_await ordo::wait_for(tasks[1], 1s);
        } catch (ordo::timeout_error const&) {
            late = true;
        }
        expect(late, "the second is late");
        expect(tasks[1].cancelled(), "who is late was cancelled");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> shield() {
    auto body = [](crew& tasks) -> coro<> {
        tasks.push_back(ordo::create_task(sleep_for(1s)));
        co_await ordo::shield(tasks[0]);
        expect(tasks[0].done(), "what was shielded is done");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

struct named_body {
    char const* name;
    coro<> (*body)();
};

inline constexpr named_body bodies[] = {
    {"lock", lock},
    {"semaphore", semaphore},
    {"event", event},
    {"condition", condition},
    {"barrier", barrier},
    {"queue", queue},
    {"task_group", task_group},
    {"gather", gather},
    {"wait", wait},
    {"as_completed", as_completed},
    {"timeout", timeout},
    {"wait_for", wait_for},
    {"shield", shield},
};

} // namespace coordination
