// ordo: what composes futures and tasks.
// SPDX-License-Identifier: BSL-1.0
#include "operation.hpp"

#include <algorithm>
#include <ordo/gather.hpp>
#include <ordo/shield.hpp>
#include <ordo/wait.hpp>
#include <ordo/wait_for.hpp>

namespace conformance {
namespace {

/// Futures of a scenario differ in type, so the library is given what they have in common; their results stay with them.
std::vector<ordo::any_future> awaitables_of(std::vector<future_pointer> const& futures) {
    std::vector<ordo::any_future> result;
    for (auto const& future : futures) result.push_back(future->awaitable());
    return result;
}

future_pointer find(std::vector<future_pointer> const& in, ordo::any_future const& wanted) {
    return *std::ranges::find(in, wanted, [](auto const& future) { return future->awaitable(); });
}

object gather(call& c) {
    auto const children = c.futures_from(1);
    if (c.option("return_exceptions") != "true")
        return make_object(ordo::gather(awaitables_of(children)), [children](auto const& all) {
            all.result();
            value::list values;
            for (auto const& child : children) values.push_back(child->result());
            return values;
        });
    return make_object(ordo::gather_results(awaitables_of(children)), [children](auto const& all) {
        value::list values;
        auto child = children.begin();
        for (auto const& one : all.result()) {
            values.push_back(one ? (*child)->result() : value(one.error()));
            ++child;
        }
        return values;
    });
}

object shield(call& c) {
    if (c.is_coroutine(1)) {
        c.rt.name_next_tasks({c.called(1)});
        return make_object(ordo::shield(c.coroutine(1)));
    }
    auto const inner = c.future(1);
    auto const awaitable = inner->awaitable();
    auto const outer = ordo::shield(awaitable);
    if (outer == awaitable) return inner;
    return make_object(outer, [inner](ordo::any_future const& shielded) {
        if (!shielded.done()) throw ordo::invalid_state_error("shield: no result yet (pending)");
        if (auto const error = shielded.exception()) std::rethrow_exception(error);
        return inner->result();
    });
}

ordo::return_when when_to_return(std::string_view option) {
    if (option == "FIRST_COMPLETED") return ordo::return_when::first_completed;
    if (option == "FIRST_EXCEPTION") return ordo::return_when::first_exception;
    return ordo::return_when::all_completed;
}

std::string names_of(runtime const& rt, std::vector<future_pointer> const& known,
                     std::vector<ordo::any_future> const& futures) {
    std::vector<std::string> names;
    for (auto const& future : futures) names.push_back(rt.name_of(*find(known, future)));
    std::ranges::sort(names);
    return render(value::list(names.begin(), names.end()));
}

ordo::coro<value> wait(call c) {
    auto const futures = c.futures_from(0);
    auto const [done, pending] =
        co_await ordo::wait(awaitables_of(futures), when_to_return(c.option("return_when")), c.time_option("timeout"));
    co_return "done=" + names_of(c.rt, futures, done) + ";pending=" + names_of(c.rt, futures, pending);
}

ordo::coro<value> wait_for(call c) {
    auto const delay = c.maybe_time(1);
    if (c.is_coroutine(0)) {
        // It runs in this task; only without any time is a task made of it, to be cancelled.
        if (delay && delay->count() <= 0) c.rt.name_next_tasks({c.called(0)});
        co_return co_await ordo::wait_for(c.coroutine(0), delay);
    }
    auto const target = c.future(0);
    auto const awaitable = target->awaitable();
    co_await ordo::wait_for(awaitable, delay);
    co_return target->result();
}

object as_completed(call& c) {
    auto const futures = c.futures_from(1);
    auto items = ordo::as_completed(awaitables_of(futures), c.time_option("timeout"));
    return std::make_shared<completion_object>(std::move(items), futures);
}

ordo::coro<value> next_completed(call c) {
    auto const iterator = c.object<std::shared_ptr<completion_object>>(0);
    auto const next = co_await iterator->items.next();
    if (!next) co_return "exhausted";
    co_return find(iterator->of, *next)->result();
}

using timeout_pointer = std::shared_ptr<ordo::timeout>;
using group_pointer = std::shared_ptr<ordo::task_group>;

constexpr operation table[] = {
    {"gather", "group:new:future children:awaitables", gather, "return_exceptions"},
    {"gather_nothing", "group:new:future",
     [](call&) -> object { return make_object(ordo::gather(), [](auto const&) { return value::list(); }); }},
    {"shield", "outer:new:future inner:awaitable", shield},
    {"wait", "targets:awaitables", wait, "timeout return_when"},
    {"wait_for", "target:awaitable delay:timeout", wait_for},
    {"as_completed", "iterator:new:completion_iterator targets:awaitables", as_completed, "timeout"},
    {"next_completed", "iterator:completion_iterator", next_completed},
    {"reschedule", "timeout:timeout_block delay:timeout",
     [](call& c) {
         auto const delay = c.maybe_time(1);
         c.object<timeout_pointer>(0)->reschedule(delay ? std::optional(c.rt.loop().time() + *delay) : std::nullopt);
     }},
    {"expired", "timeout:timeout_block", [](call& c) -> value { return c.object<timeout_pointer>(0)->expired(); }},
    {"cancel_group", "group:task_group", [](call& c) { c.object<group_pointer>(0)->cancel(); }},
    {"group_task", "group:task_group task:new:task call:call",
     [](call& c) -> object {
         auto const options = ordo::task_options{.name = c.text(1), .context = c.context()};
         return make_object(c.object<group_pointer>(0)->create_task(c.coroutine(2), options));
     },
     "context"},
};

} // namespace

std::span<operation const> composing_operations() {
    return table;
}

} // namespace conformance
