// ordo: bodies for coordination.hpp: what composes tasks, futures and generators.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "coordination_tools.hpp"

#include <ordo/as_completed.hpp>
#include <ordo/async_generator.hpp>
#include <ordo/cancellation.hpp>
#include <ordo/cleanup.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>
#include <ordo/gather.hpp>
#include <ordo/lock.hpp>
#include <ordo/queue.hpp>
#include <ordo/shield.hpp>
#include <ordo/wait.hpp>
#include <ordo/wait_for.hpp>

#include <algorithm>

namespace coordination {

/// It is completed as the patience of who waits for it ends.
inline coro<> future() {
    auto const answer = ordo::get_running_loop().create_future<int>();
    int got = 0;
    auto ask = [&]() -> coro<> { got = co_await answer; };
    auto ask_in_time = [&]() -> coro<> { co_await within(1s, ask); };
    at_moment const reply(1s, [&] {
        if (!answer.done()) answer.set_result(1);
    });
    co_await ask_in_time();
    expect(answer.done(), "it is completed or cancelled");
    expect(got == 0 || answer.result() == got, "what was got is the answer");
}

/// Two threads offer a result.
inline coro<> threads() {
    auto& loop = ordo::get_running_loop();
    auto const answer = loop.create_future<int>();
    callers others;
    for (int const value : {1, 2}) {
        auto const offer = [answer, value] {
            if (!answer.done()) answer.set_result(value);
        };
        others.call([&loop, &offer] { loop.call_soon_threadsafe(offer); });
    }
    int const got = co_await answer;
    expect(got == 1 || got == 2, "what was offered first is the answer");
}

inline coro<> task_group() {
    auto sleep = [] { return sleep_for(1s); };
    auto inner = [&]() -> coro<> {
        auto work = together({sleep, sleep});
        co_await std::move(work);
    };
    auto work = together({inner, sleep});
    co_await std::move(work);
}

/// Tasks fail as another one ends, and as the patience of who waits for them does.
inline coro<> failing_group() {
    int begun = 0;
    int ended = 0;
    auto sleep = [&]() -> coro<> {
        ++begun;
        scope_exit const over([&] { ++ended; });
        co_await ordo::sleep(1s);
    };
    auto fail = [&]() -> coro<> {
        co_await sleep();
        throw std::domain_error("expected");
    };
    auto group = [&]() -> coro<> {
        try {
            auto work = together({fail, sleep, fail});
            co_await std::move(work);
        } catch (ordo::exception_group const&) {}
    };
    auto check = [&] { expect(begun == ended, "a group waits for its tasks"); };
    auto group_in_time = [&]() -> coro<> { co_await within(1s, group); };
    auto work = then(check, group_in_time());
    co_await std::move(work);
}

/// So many tasks that take a second.
inline void fill(crew& tasks, int count) {
    for (int i = 0; i < count; ++i) tasks.push_back(ordo::create_task(sleep_for(1s)));
}

inline bool all_done(crew const& tasks) {
    return std::ranges::all_of(tasks, [](auto const& each) { return each.done(); });
}

inline coro<> gather() {
    auto body = [](crew& tasks) -> coro<> {
        fill(tasks, 3);
        auto all = [&]() -> coro<> { co_await ordo::gather(tasks); };
        bool const in_time = co_await within(1s, all);
        expect(!in_time || all_done(tasks), "it waits for all");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> wait() {
    auto body = [](crew& tasks) -> coro<> {
        fill(tasks, 3);
        auto const first = co_await ordo::wait(tasks, ordo::return_when::first_completed);
        expect(!first.done.empty(), "one is done");
        fill(tasks, 2);
        auto const some = co_await ordo::wait(tasks, 1s);
        expect(some.done.size() >= 3, "those from before are done");
        expect(some.done.size() + some.pending.size() == tasks.size(), "each is done or pending");
        auto const all = co_await ordo::wait(tasks, 10s);
        expect(all.pending.empty(), "all are done in time");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> as_completed() {
    auto body = [](crew& tasks) -> coro<> {
        fill(tasks, 3);
        auto const completed = ordo::as_completed(tasks, 1s);
        std::size_t asked = 0;
        for (bool more = true; more; ++asked) {
            try {
                auto const next = co_await completed.next();
                more = next.has_value();
                if (next) expect(next->done(), "what comes is done");
            } catch (ordo::timeout_error const&) {}
        }
        expect(asked == tasks.size() + 1, "each comes, or is late");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

/// Two deadlines, one in the other, and what they limit.
inline coro<> timeout() {
    bool late = false;
    auto sleep = []() -> coro<> { co_await ordo::sleep(2s); };
    auto limited = [&]() -> coro<> { co_await within(2s, sleep); };
    co_await within(2s, limited);
    try {
        co_await ordo::with_timeout(1s, sleep);
    } catch (ordo::timeout_error const&) {
        late = true;
    }
    expect(late, "two seconds are longer than one");
    co_await ordo::with_timeout(3s, sleep);
}

inline coro<> wait_for() {
    auto body = [](crew& tasks) -> coro<> {
        fill(tasks, 2);
        for (auto const& each : tasks) {
            try {
                co_await ordo::wait_for(each, 1s);
                expect(!each.cancelled(), "who is in time was not cancelled");
            } catch (ordo::timeout_error const&) {}
            expect(each.done(), "who is late was cancelled");
        }
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline coro<> shield() {
    auto body = [](crew& tasks) -> coro<> {
        fill(tasks, 2);
        auto shielded = [&]() -> coro<> { co_await ordo::shield(tasks[0]); };
        bool const in_time = co_await within(1s, shielded);
        expect(!in_time || tasks[0].done(), "what was shielded is done");
    };
    auto work = with_crew(body);
    co_await std::move(work);
}

inline ordo::async_generator<int> ticks(int& open) {
    ++open;
    scope_exit const closed([&] { --open; });
    for (int i = 0; i < 2; ++i) {
        co_await ordo::sleep(1s);
        co_yield i;
    }
}

/// The second value of one, and the patience of who asks for it, come as the values of another one do.
inline coro<> async_generator() {
    int open = 0;
    auto consume = [&]() -> coro<> {
        auto const numbers = ticks(open);
        auto take_all = [&]() -> coro<> {
            for (int expected = 0;; ++expected) {
                auto const number = co_await numbers.next();
                if (!number) break;
                expect(*number == expected, "values come in order");
            }
        };
        co_await within(2s, take_all);
        co_await numbers.aclose();
    };
    auto work = together({consume, consume});
    co_await std::move(work);
    expect(open == 0, "all are closed");
}

/// The body ends as the patience of who waits for it does, and the cleanup waits.
inline coro<> with_cleanup() {
    int begun = 0;
    int cleaned = 0;
    auto clean = [&]() -> coro<> {
        auto body = [&]() -> coro<> {
            ++begun;
            co_await ordo::sleep(1s);
        };
        auto cleanup = [&]() -> coro<> {
            ++cleaned;
            co_await ordo::sleep(1s);
        };
        co_await ordo::with_cleanup(body, cleanup);
    };
    auto clean_in_time = [&]() -> coro<> { co_await within(1s, clean); };
    auto work = together({clean_in_time, clean});
    co_await std::move(work);
    expect(begun <= cleaned, "what has begun is cleaned up");
}

/// An item comes as the patience of who wants it ends; and one that would not let itself be cancelled.
inline coro<> with_cancellation() {
    ordo::queue<int> numbers;
    int put = 0;
    int got = 0;
    auto get = [&]() -> coro<> {
        auto body = [&]() -> coro<> { got += co_await numbers.get(); };
        co_await ordo::with_cancellation(ordo::cancellation::keep_values, body);
    };
    auto refuse = [&]() -> coro<> {
        auto body = []() -> coro<> {
            for (int i = 0; i < 3; ++i) {
                try {
                    co_await ordo::sleep(1s);
                } catch (ordo::cancelled_error const&) {}
            }
        };
        co_await ordo::with_cancellation(ordo::cancellation::level_triggered, body);
    };
    auto get_in_time = [&]() -> coro<> { co_await within(1s, get); };
    auto refuse_in_time = [&]() -> coro<> { co_await within(1s, refuse); };
    at_moment const comes(1s, [&] {
        numbers.put_nowait(1);
        ++put;
    });
    auto check = [&] { expect(put == got + static_cast<int>(numbers.qsize()), "nothing is lost"); };
    auto work = then(check, together({get_in_time, refuse_in_time}));
    co_await std::move(work);
}

} // namespace coordination
