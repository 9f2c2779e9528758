// ordo: what is asked of futures.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"
#include "operation.hpp"

namespace conformance {
namespace {

void add_done_callback(call& c) {
    auto const& name = c.text(1);
    auto const future = c.future(0);
    auto callback = [&rt = c.rt, name, task = future->task() ? future->task().name() : ""](auto const& done) {
        run_callback(rt, name, "done " + (task.empty() ? rt.name_of(*done) : task) + " " + done->state(), name);
    };
    c.rt.done_callbacks.emplace(name, future->add_done_callback(c.context(), std::move(callback)));
}

/// Every registration of a callback with a future; handles of other futures count as 0.
value remove_done_callback(call& c) {
    std::size_t removed = 0;
    auto const [first, last] = c.rt.done_callbacks.equal_range(c.text(1));
    for (auto at = first; at != last; ++at) removed += c.future(0)->awaitable().remove_done_callback(at->second);
    return static_cast<std::int64_t>(removed);
}

constexpr operation table[] = {
    {"future", "future:new:future", [](call& c) -> object { return make_object(c.rt.loop().create_future<value>()); }},
    {"set_result", "future:future|task|concurrent_future value:value",
     [](call& c) { c.future(0)->set_result(c.literal(1)); }},
    {"set_exception", "future:future|task|concurrent_future type:exception message:symbol?",
     [](call& c) { c.future(0)->set_exception(make_error(c.text(1), c.text_or_empty(2))); }},
    {"cancel", "future:future|task|concurrent_future message:symbol?",
     [](call& c) -> value { return c.future(0)->cancel(c.text_or_empty(1)); }},
    {"done", "future:future|task|concurrent_future", [](call& c) -> value { return c.future(0)->done(); }},
    {"cancelled", "future:future|task|concurrent_future", [](call& c) -> value { return c.future(0)->cancelled(); }},
    {"result", "future:future|task|concurrent_future", [](call& c) -> value { return c.future(0)->result(); }},
    {"exception", "future:future|task|concurrent_future",
     [](call& c) -> value {
         auto const error = c.future(0)->exception();
         return error ? value(error) : value();
     }},
    {"add_done_callback", "future:future|task|concurrent_future callback:callback", add_done_callback, "context"},
    {"remove_done_callback", "future:future|task callback:callback", remove_done_callback},
    {"drop", "future:future", [](call& c) { c.rt.drop(c.text(0)); }},
    {"concurrent_future", "future:new:concurrent_future",
     [](call&) -> object { return make_object(ordo::concurrent_future<value>::make()); }},
};

} // namespace

std::span<operation const> future_operations() {
    return table;
}

} // namespace conformance
