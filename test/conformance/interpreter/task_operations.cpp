// ordo: tasks, and waiting.
// SPDX-License-Identifier: BSL-1.0
#include "operation.hpp"

#include <ordo/sleep.hpp>

namespace conformance {
namespace {

constexpr operation table[] = {
    {"create_task", "task:new:task call:call",
     [](call& c) -> object {
         return make_object(
             c.rt.loop().create_task(c.coroutine(1), ordo::task_options{.name = c.text(0), .context = c.context()}));
     },
     "context"},
    {"uncancel", "task:task", [](call& c) -> value { return std::int64_t(c.future(0)->task().uncancel()); }},
    {"cancelling", "task:task", [](call& c) -> value { return std::int64_t(c.future(0)->task().cancelling()); }},
    {"await", "target:awaitable",
     [](call c) -> ordo::coro<value> {
         if (c.is_coroutine(0)) co_return co_await c.coroutine(0);
         auto const target = c.future(0);
         auto const awaitable = target->awaitable();
         co_await awaitable;
         co_return target->result();
     }},
    {"sleep", "delay:delay result:value?",
     [](call c) -> ordo::coro<value> {
         auto const result = c.has(1) ? c.literal(1) : value();
         co_return co_await ordo::sleep(c.time(0), result);
     }},
};

} // namespace

std::span<operation const> task_operations() {
    return table;
}

} // namespace conformance
