// ordo: asynchronous generators.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"
#include "operation.hpp"

namespace conformance {
namespace {

using generator_pointer = std::shared_ptr<generator_object>;

/// Python says by an error that there are no more items.
value item_or_stop(std::optional<value> item) {
    if (!item) std::rethrow_exception(make_stop_async_iteration());
    return *std::move(item);
}

constexpr operation table[] = {
    {"new_generator", "generator:new:generator call:generator_call",
     [](call& c) -> object {
         auto const mark = std::make_shared<int>();
         auto items = run_generator(c.rt, c.rt.definition_of(c.called(1)), mark);
         return std::make_shared<generator_object>(std::move(items), mark);
     }},
    {"next_item", "generator:generator",
     [](call c) -> ordo::coro<value> {
         auto const generator = c.object<generator_pointer>(0);
         co_return item_or_stop(co_await generator->items.next());
     }},
    {"send_item", "generator:generator value:value",
     [](call c) -> ordo::coro<value> {
         auto const generator = c.object<generator_pointer>(0);
         auto const sent = c.literal(1);
         if (std::holds_alternative<std::monostate>(sent.is)) co_return item_or_stop(co_await generator->items.next());
         co_return item_or_stop(co_await generator->items.asend(sent));
     }},
    {"throw_item", "generator:generator type:exception message:symbol?",
     [](call c) -> ordo::coro<value> {
         auto const generator = c.object<generator_pointer>(0);
         if (generator->body.expired()) co_return value(); // Python ignores it; ordo would throw it here
         co_return item_or_stop(co_await generator->items.athrow(make_error(c.text(1), c.text_or_empty(2))));
     }},
    {"close_generator", "generator:generator",
     [](call c) -> ordo::coro<value> {
         auto const generator = c.object<generator_pointer>(0);
         co_await generator->items.aclose();
         co_return value();
     }},
    {"drop_generator", "generator:generator", [](call& c) { c.rt.drop(c.text(0)); }},
    {"shutdown_generators", "",
     [](call c) -> ordo::coro<value> {
         co_await c.rt.loop().shutdown_asyncgens();
         co_return value();
     }},
};

} // namespace

std::span<operation const> generator_operations() {
    return table;
}

} // namespace conformance
