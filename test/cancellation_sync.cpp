// ordo: tests of with_cancellation around waits for locks, events, conditions, semaphores, barriers and queues.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "composing.hpp"

#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

using ordo::cancellation;
using ordo::with_cancellation;

namespace {

constexpr auto edge = cancellation::edge_triggered;
constexpr auto level = cancellation::level_triggered;
constexpr auto keep = cancellation::keep_values;

// Of each kind of wait: prepare() sees to it that wait() waits, and wake() that it goes on, in the iteration of the call.
// left() says what there is afterwards.

struct lock_wait {
    ordo::lock door{};
    coro<> prepare() { co_await door.acquire(); }
    coro<> wait() { co_await door.acquire(); }
    coro<> wake() {
        door.release();
        co_return;
    }
    std::string left() const { return door.locked() ? "held" : "free"; }
    static constexpr auto when_given = "held", when_not = "free";
};

struct guard_wait : lock_wait {
    std::vector<ordo::guard<ordo::lock>> guards{};
    coro<> wait() {
        auto held = co_await door.scoped();
        guards.push_back(std::move(held));
    }
};

template <class Semaphore>
struct permit_wait {
    Semaphore permits{1};
    coro<> prepare() { co_await permits.acquire(); }
    coro<> wait() { co_await permits.acquire(); }
    coro<> wake() {
        permits.release();
        co_return;
    }
    std::string left() const { return permits.locked() ? "none" : "one"; }
    static constexpr auto when_given = "none", when_not = "one";
};

struct nothing_left {
    coro<> prepare() { co_return; }
    std::string left() const { return ""; }
    static constexpr auto when_given = "", when_not = "";
};

struct event_wait : nothing_left {
    ordo::event ready{};
    coro<> wait() { co_await ready.wait(); }
    coro<> wake() {
        ready.set();
        ready.clear();
        co_return;
    }
};

struct condition_wait : nothing_left {
    ordo::condition changed{};
    coro<> wait() {
        auto const held = co_await changed.scoped();
        co_await changed.wait();
    }
    coro<> wake() {
        auto const held = co_await changed.scoped();
        changed.notify();
    }
};

struct predicate_wait : condition_wait {
    bool ready = false;
    coro<> wait() {
        auto const held = co_await changed.scoped();
        auto is_ready = [this] { return ready; };
        co_await changed.wait_for(is_ready);
    }
    coro<> wake() {
        ready = true;
        co_await condition_wait::wake();
    }
};

/// Who was notified must wait for the lock, too.
struct contended_wait : condition_wait {
    coro<> wake() {
        co_await changed.acquire();
        changed.notify();
        get_running_loop().call_later(5s, [this] { changed.release(); });
    }
};

struct barrier_wait : nothing_left {
    ordo::barrier gate{2};
    coro<> wait() { co_await gate.wait(); }
    coro<> wake() { co_await gate.wait(); }
};

struct reset_wait : nothing_left {
    ordo::barrier gate{2};
    coro<> wait() {
        try {
            co_await gate.wait();
        } catch (ordo::broken_barrier_error const&) {}
    }
    coro<> wake() { co_await gate.reset(); }
};

template <class Queue>
struct get_wait {
    Queue items{};
    coro<> prepare() { co_return; }
    coro<> wait() { co_await items.get(); }
    coro<> wake() {
        items.put_nowait(1);
        co_return;
    }
    std::string left() const { return std::to_string(items.qsize()); }
    static constexpr auto when_given = "0", when_not = "1";
};

template <class Queue>
struct put_wait {
    Queue items{1};
    coro<> prepare() { co_await items.put(1); }
    coro<> wait() { co_await items.put(2); }
    coro<> wake() {
        items.get_nowait();
        co_return;
    }
    std::string left() const { return std::to_string(items.qsize()); }
    static constexpr auto when_given = "1", when_not = "0";
};

struct join_wait : nothing_left {
    ordo::queue<int> items{};
    coro<> prepare() { co_await items.put(1); }
    coro<> wait() { co_await items.join(); }
    coro<> wake() {
        items.task_done();
        items.put_nowait(2);
        co_return;
    }
};

struct shutdown_wait : nothing_left {
    ordo::queue<int> items{};
    coro<> wait() {
        try {
            co_await items.get();
        } catch (ordo::queue_shut_down const&) {}
    }
    coro<> wake() {
        items.shutdown();
        co_return;
    }
};

template <class... T>
struct types {};

using all_waits =
    types<lock_wait, guard_wait, permit_wait<ordo::semaphore>, permit_wait<ordo::bounded_semaphore>, event_wait,
          condition_wait, predicate_wait, contended_wait, barrier_wait, reset_wait, get_wait<ordo::queue<int>>,
          get_wait<ordo::priority_queue<int>>, get_wait<ordo::lifo_queue<int>>, put_wait<ordo::queue<int>>,
          put_wait<ordo::priority_queue<int>>, put_wait<ordo::lifo_queue<int>>, join_wait, shutdown_wait>;

template <class F, class... Wait>
void for_each(types<Wait...>, F f) {
    (
        [&] {
            BOOST_TEST_CONTEXT(typeid(Wait).name()) {
                f(std::type_identity<Wait>());
            }
        }(),
        ...);
}

coro<> in_mode(cancellation mode, coro<> body) {
    auto run = [&] { return std::move(body); };
    co_await with_cancellation(mode, run);
}

/// What comes of the wait, and of one behind it.
coro<> wait_twice(virtual_loop& v, coro<> first) {
    auto const one = co_await error_of(std::move(first));
    auto const other = co_await error_of(sleep(1s));
    v.order.record(one + ", " + other);
}

/// A task is woken, and cancelled in the same iteration.
/// @returns   What came of that, and what is left.
template <class Wait>
std::string woken_and_cancelled(cancellation mode) {
    virtual_loop v;
    Wait w;
    v.loop.run_until_complete(w.prepare());
    auto const task = v.loop.create_task(in_mode(mode, wait_twice(v, w.wait())));
    auto wake = [&]() -> coro<> {
        co_await w.wake();
        task.cancel("stop");
    };
    v.run_once();
    auto const waking = v.loop.create_task(wake);
    v.run_for(20s);
    BOOST_TEST(waking.done());
    return v.order.text() + "; " + w.left();
}

} // namespace

BOOST_AUTO_TEST_SUITE(cancellation_sync)

BOOST_AUTO_TEST_CASE(what_was_handed_over_reaches_the_task_and_the_next_wait_is_cancelled) {
    for_each(all_waits(), []<class Wait>(std::type_identity<Wait>) {
        auto const given = std::string("(no error), cancelled: stop; ") + Wait::when_given;
        BOOST_TEST(woken_and_cancelled<Wait>(keep) == given);
        BOOST_TEST(woken_and_cancelled<Wait>(keep | level) == given);
    });
}

BOOST_AUTO_TEST_CASE(without_keep_values_it_is_left_for_others) {
    for_each(all_waits(), []<class Wait>(std::type_identity<Wait>) {
        BOOST_TEST(woken_and_cancelled<Wait>(edge) == std::string("cancelled: stop, (no error); ") + Wait::when_not);
        BOOST_TEST(woken_and_cancelled<Wait>(level) ==
                   std::string("cancelled: stop, cancelled: stop; ") + Wait::when_not);
    });
}

BOOST_AUTO_TEST_CASE(level_triggered_cancellation_raises_in_every_wait_and_the_object_can_be_used_afterwards) {
    for_each(all_waits(), []<class Wait>(std::type_identity<Wait>) {
        for (auto const mode : {level, level | keep}) {
            virtual_loop v;
            Wait w;
            v.loop.run_until_complete(w.prepare());
            auto body = [&]() -> coro<> {
                for (int i = 0; i < 3; ++i) {
                    auto const text = co_await error_of(w.wait());
                    v.order.record(text.substr(0, text.find(':')));
                }
            };
            auto const task = v.loop.create_task(in_mode(mode, body()));
            v.run_for(1s);
            BOOST_TEST(task.cancel("stop"));
            v.run_for(1s);
            BOOST_TEST(task.done());
            BOOST_TEST(v.order.text() == "cancelled cancelled cancelled");

            auto const other = v.loop.create_task(w.wait());
            v.run_for(1s);
            BOOST_TEST(!other.done());
            auto const waking = v.loop.create_task(w.wake());
            v.run_for(20s);
            BOOST_TEST(outcome_of(other) == "value");
            BOOST_TEST(w.left() == Wait::when_given);
        }
    });
}

BOOST_AUTO_TEST_SUITE_END()
