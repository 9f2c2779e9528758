// ordo: what puts tasks together, for the tests in this folder.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "scenarios.hpp"

namespace teardown {

/// Each of its waits is one of those that follow, and none of them ends the same way.
inline coro<> gathering() {
    counted const local(1);
    auto all = ordo::gather(sleeping(3), nested(1), sleeping(1));
    auto const results = co_await std::move(all);
    auto kept = ordo::create_task(sleeping(2));
    auto outcomes = ordo::gather_results(kept, failing());
    co_await std::move(outcomes);
}

/// Others hold the future that nobody completes.
inline coro<> gathering_in_vain(ordo::future<counted> f) {
    counted const local(1);
    std::vector<ordo::future<counted>> const futures{f, f};
    co_await ordo::gather(futures);
}

inline coro<> waiting_for_some() {
    counted const local(1);
    std::vector<ordo::task<counted>> const tasks{ordo::create_task(sleeping(3)), ordo::create_task(sleeping(1))};
    auto const first = co_await ordo::wait(tasks, ordo::return_when::first_completed);
    co_await ordo::wait(first.pending, 1s);
    co_await ordo::wait(tasks);
}

inline coro<> going_through() {
    counted const local(1);
    std::vector<coro<counted>> coroutines;
    coroutines.push_back(sleeping(4));
    coroutines.push_back(sleeping(1));
    auto const next = ordo::as_completed(std::move(coroutines), 1500ms);
    try {
        for (;;) {
            auto const one = co_await next.next();
            if (!one) break;
        }
    } catch (ordo::timeout_error const&) {} // it may take longer than that
}

inline coro<> shielding(ordo::task<counted> inner) {
    counted const local(1);
    auto const outer = ordo::shield(inner);
    co_await outer;
}

inline coro<> limited() {
    counted const local(1);
    auto body = [held = counted(1)]() -> coro<> {
        auto inner = [held = counted(1)]() -> coro<> { co_await sleeping(9); };
        co_await ordo::with_timeout(10s, inner);
    };
    try {
        co_await ordo::with_timeout(1s, body);
    } catch (ordo::timeout_error const&) {} // as planned
    auto result = co_await ordo::wait_for(sleeping(2), 5s);
    auto task = ordo::create_task(sleeping(2));
    try {
        co_await ordo::wait_for(std::move(task), 0s);
    } catch (ordo::timeout_error const&) {} // as planned
}

inline coro<> grouping() {
    counted const local(1);
    auto server = [held = counted(1)](ordo::task_status<counted> status) -> coro<> {
        co_await ordo::sleep(0s);
        status.started(counted(2));
        co_await ordo::sleep(1s);
    };
    auto body = [&, held = counted(1)](ordo::task_group& group) -> coro<counted> {
        group.create_task(sleeping(2));
        group.create_task(sleeping(1), {.eager_start = true});
        auto result = co_await group.start<counted>(server);
        co_return result;
    };
    auto result = co_await ordo::with_task_group(body);
}

inline coro<> failing_group() {
    counted const local(1);
    auto body = [held = counted(1)](ordo::task_group& group) -> coro<> {
        group.create_task(stubborn());
        group.create_task(failing());
        co_await sleeping(9);
    };
    co_await ordo::with_task_group(body);
}

inline coro<> cleaning_up() {
    counted const local(1);
    auto body = [held = counted(1)]() -> coro<counted> {
        auto result = co_await sleeping(2);
        co_return result;
    };
    auto cleanup = [held = counted(1)]() -> coro<> { co_await sleeping(2); };
    auto result = co_await ordo::with_cleanup(body, cleanup);
}

inline coro<> strictly_cancelled() {
    counted const local(1);
    auto body = [held = counted(1)]() -> coro<> { co_await sleeping(3); };
    co_await ordo::with_cancellation(ordo::cancellation::level_triggered | ordo::cancellation::keep_values, body);
}

inline scenario const composed_scenarios[] = {
    {"gather", [](house& h) { h.start(gathering()); }},
    {"a gather that nobody awaits",
     [](house& h) {
         h.loop->call_soon([&h] { h.futures.emplace_back(ordo::gather(sleeping(2), failing())); });
         h.start(sleeping(4));
     }},
    {"a gather of what nobody completes",
     [](house& h) {
         auto const f = h.loop->create_future<counted>();
         h.start(gathering_in_vain(f));
         h.start(gathering_in_vain(f));
     }},
    {"wait", [](house& h) { h.start(waiting_for_some()); }},
    {"as_completed", [](house& h) { h.start(going_through()); }},
    {"shields around one task",
     [](house& h) {
         auto const inner = h.loop->create_task(sleeping(3));
         h.start(shielding(inner));
         h.start(shielding(inner));
         h.start(cancelling(h.tasks.front()));
     }},
    {"a shield around a future that nobody completes",
     [](house& h) {
         h.futures.emplace_back(ordo::shield(h.loop->create_future<counted>()));
         h.start(sleeping(3));
     }},
    {"timeouts", [](house& h) { h.start(limited()); }},
    {"a task group", [](house& h) { h.start(grouping()); }},
    {"a task group that fails", [](house& h) { h.start(failing_group()); }},
    {"a cleanup", [](house& h) { h.start(cleaning_up()); }},
    {"strict cancellation", [](house& h) { h.start(strictly_cancelled()); }},
};

} // namespace teardown
