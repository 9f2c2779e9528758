// ordo: what puts the futures and coroutines of a program together: gather, wait, timeouts, groups and the like.
// SPDX-License-Identifier: BSL-1.0
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace fuzz {
namespace {

using ordo::coro;
using std::chrono::milliseconds;

/// Those of the running loop that the program names, as long as there is one; the futures count as awaited.
std::vector<ordo::any_future> named_futures(world& w, program& code, std::size_t most) {
    std::vector<ordo::any_future> named;
    for (std::size_t i = 0; i < most; ++i) {
        auto const& slot = slot_of(w.futures, code);
        if (!slot.model || slot.model->home != &w.running_house()) continue;
        slot.model->awaited = true;
        named.push_back(slot.any());
    }
    return named;
}

coro<> gather_futures(world* w, std::vector<ordo::any_future> futures) {
    counted const local(1);
    auto const all = ordo::gather(futures);
    co_await all;
    demand(std::ranges::all_of(futures, [](auto const& one) { return one.done() && !one.cancelled(); }),
           "gather() gives results that are not there");
    w->look();
}

coro<> gather_coroutines(world* w, program first, program second, int depth) {
    counted const local(1);
    std::vector<coro<int>> coroutines;
    coroutines.push_back(body(w, first, depth));
    coroutines.push_back(body(w, second, depth));
    auto all = ordo::gather_results(std::move(coroutines));
    auto const results = co_await std::move(all);
    demand(results.size() == 2, "gather_results() does not give as many results as there are arguments");
}

coro<> wait_for_futures(world* w, std::vector<ordo::any_future> futures, unsigned how) {
    counted const local(1);
    if (futures.empty()) co_return;
    auto const when = how & 1 ? ordo::return_when::first_completed : ordo::return_when::all_completed;
    ordo::optional_duration limit = std::nullopt;
    if (how & 2) limit = milliseconds(how & 7);
    auto const begun = w->running_house().loop->iterations();
    auto const some = co_await ordo::wait(futures, when, limit);
    w->look();
    demand(w->running_house().loop->iterations() > begun, "wait() does not wait");
    for (auto const& one : some.done) demand(one.done(), "wait() says of what is pending that it is done");
    for (auto const& one : some.pending) demand(!one.done(), "wait() says of what is done that it is pending");
    for (auto const& one : futures)
        demand(std::ranges::count(some.done, one) + std::ranges::count(some.pending, one) == 1,
               "wait() does not give each future back once");
    if (limit) co_return;
    demand(!some.done.empty(), "wait() ends although nothing is done");
    demand((how & 1) || some.pending.empty(), "wait() ends although not all are done");
}

coro<> shield_future(world* w, std::vector<ordo::any_future> futures) {
    counted const local(1);
    if (futures.empty()) co_return;
    auto const inner = futures.front();
    auto const outer = ordo::shield(inner);
    co_await outer;
    w->look();
    demand(inner.done() && !inner.cancelled(), "shield() gives a result that is not there");
}

coro<> go_through(world* w, std::vector<ordo::any_future> futures, unsigned how) {
    counted const local(1);
    ordo::optional_duration limit = std::nullopt;
    if (how & 2) limit = milliseconds(how & 7);
    auto const next = ordo::as_completed(futures, limit);
    std::vector<ordo::any_future> seen;
    try {
        for (;;) {
            auto const one = co_await next.next();
            if (!one) break;
            demand(one->done(), "as_completed() gives what is pending");
            demand(std::ranges::find(seen, *one) == seen.end(), "as_completed() gives a future twice");
            seen.push_back(*one);
        }
        for (auto const& one : futures)
            demand(std::ranges::find(seen, one) != seen.end(), "as_completed() forgets a future");
    } catch (ordo::timeout_error const&) {
        demand(static_cast<bool>(limit), "as_completed() has a timeout that it was not given");
    }
    w->look();
}

coro<> limit_time(world* w, program part, unsigned how, int depth) {
    counted const local(1);
    auto const& at = w->running_house();
    auto const begun = at.clock->now();
    auto const delay = milliseconds(how & 7);
    ++w->cancels; // the deadline may be one
    ordo::timeout limit(delay);
    bool const limited_before = ordo::current_task()->cancelling() > 0;
    auto run = [w, part, depth, held = counted(1)]() -> coro<> {
        auto inner = body(w, part, depth);
        static_cast<void>(co_await std::move(inner));
    };
    try {
        co_await ordo::with_timeout(limit, run);
    } catch (ordo::timeout_error const&) {
        demand(limit.expired(), "a timeout is an error although it has not expired");
        demand(at.clock->now() >= begun + delay, "a timeout expires early");
        demand(limited_before || ordo::current_task()->cancelling() == 0, "a timeout leaves its request behind");
    }
}

/// The errors of a group are planned ones, so that is what comes of them.
coro<> run_group(world* w, program* code, unsigned how, int depth) {
    counted const local(1);
    ordo::task_group group;
    std::vector<ordo::any_task> children;
    ++w->cancels; // an error is one, for the others
    auto const requests = ordo::current_task()->cancelling();
    std::vector<program> parts;
    for (unsigned i = 0; i <= (how & 1); ++i) parts.push_back(code->part());
    auto const own = code->part();
    auto run = [&, own, parts, held = counted(1)]() -> coro<> {
        for (auto const& part : parts) {
            ordo::task_options options;
            if (how & 2) options.eager_start = true;
            auto child = body(w, part, depth);
            try {
                children.emplace_back(group.create_task(std::move(child), options));
            } catch (ordo::usage_error const&) {
                demand((how & 4) != 0, "a group refuses a task although nobody has cancelled it");
            }
        }
        if (how & 4) group.cancel();
        auto inner = body(w, own, depth);
        static_cast<void>(co_await std::move(inner));
    };
    bool failed = false;
    try {
        co_await ordo::with_task_group(group, run);
    } catch (ordo::exception_group const& errors) {
        failed = true;
        for (auto const& error : errors.exceptions()) {
            try {
                std::rethrow_exception(error);
            } catch (planned const&) { // by the program
            } catch (...) {
                fail("a group collects what its tasks did not throw");
            }
        }
    } catch (ordo::cancelled_error const&) {
        for (auto const& child : children) demand(child.done(), "a group that is cancelled leaves a task running");
        throw;
    }
    for (auto const& child : children) demand(child.done(), "a group ends while a task of it runs");
    demand(ordo::current_task()->cancelling() >= std::min(requests, 0), "cancelling() is negative");
    if (failed) throw planned();
}

coro<> clean_up(world* w, program part, program rest, int depth) {
    counted const local(1);
    bool cleaned = false;
    auto run = [w, part, depth, held = counted(1)]() -> coro<> {
        auto inner = body(w, part, depth);
        static_cast<void>(co_await std::move(inner));
    };
    auto cleanup = [w, rest, depth, &cleaned, held = counted(1)]() -> coro<> {
        cleaned = true;
        auto inner = body(w, rest, depth);
        static_cast<void>(co_await std::move(inner));
    };
    std::exception_ptr failure;
    try {
        co_await ordo::with_cleanup(run, cleanup);
    } catch (...) {
        failure = std::current_exception();
    }
    demand(cleaned, "a cleanup does not run");
    if (failure) std::rethrow_exception(failure);
}

coro<> cancel_strictly(world* w, program part, unsigned how, int depth) {
    counted const local(1);
    auto run = [w, part, depth, held = counted(1)]() -> coro<> {
        auto inner = body(w, part, depth);
        static_cast<void>(co_await std::move(inner));
    };
    co_await ordo::with_cancellation(static_cast<ordo::cancellation>(how & 3), run);
}

} // namespace

coro<> compose(world* w, unsigned how, program* code, int depth) {
    auto const kind = how >> 2 & 7;
    auto const more = code->byte();
    bool const deep = depth >= 4;
    if (kind < 4 || deep) {
        auto futures = named_futures(*w, *code, 1 + (more >> 4 & 1) + (more >> 5 & 1));
        switch (kind & 3) {
        case 0: return gather_futures(w, std::move(futures));
        case 1: return wait_for_futures(w, std::move(futures), more);
        case 2: return shield_future(w, std::move(futures));
        default: return go_through(w, std::move(futures), more);
        }
    }
    auto const part = kind == 5 ? program() : code->part();
    switch (kind) {
    case 4: return limit_time(w, part, more, depth + 1);
    case 5: return run_group(w, code, more, depth + 1);
    case 6:
        return more & 1 ? clean_up(w, part, code->part(), depth + 1)
                        : gather_coroutines(w, part, code->part(), depth + 1);
    default: return cancel_strictly(w, part, more, depth + 1);
    }
}

} // namespace fuzz
