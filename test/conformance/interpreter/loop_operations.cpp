// ordo: what is asked of the loop: callbacks, timers, running it.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"
#include "operation.hpp"

#include <ordo/exception_context.hpp>

namespace conformance {
namespace {

/// The code of a handle.
auto handle_code(call& c, std::size_t callback) {
    return [&rt = c.rt, handle = c.text(0), name = c.text(callback)] { run_callback(rt, handle, "run " + name, name); };
}

value milliseconds(ordo::time_point when) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

constexpr operation table[] = {
    {"call_soon", "handle:new:handle callback:callback",
     [](call& c) -> object { return handle_object{c.rt.loop().call_soon(c.context(), handle_code(c, 1))}; }, "context"},
    {"call_soon_threadsafe", "handle:new:handle callback:callback",
     [](call& c) -> object { return handle_object{c.rt.loop().call_soon_threadsafe(c.context(), handle_code(c, 1))}; },
     "context"},
    {"call_later", "handle:new:handle delay:delay callback:callback",
     [](call& c) -> object {
         auto const timer = c.rt.loop().call_later(c.time(1), c.context(), handle_code(c, 2));
         return handle_object{timer, timer.when()};
     },
     "context"},
    {"call_at", "handle:new:handle when:delay callback:callback",
     [](call& c) -> object {
         auto const timer = c.rt.loop().call_at(ordo::time_point(c.time(1)), c.context(), handle_code(c, 2));
         return handle_object{timer, timer.when()};
     },
     "context"},
    {"cancel_handle", "handle:handle", [](call& c) { c.object<handle_object>(0).handle.cancel(); }},
    {"handle_cancelled", "handle:handle",
     [](call& c) -> value { return c.object<handle_object>(0).handle.cancelled(); }},
    {"handle_when", "handle:handle",
     [](call& c) -> value { return milliseconds(c.object<handle_object>(0).when.value()); }},
    {"busy", "duration:ms", [](call& c) { c.rt.clock().advance(c.time(0)); }},
    {"stop", "", [](call& c) { c.rt.loop().stop(); }},
    {"close", "", [](call& c) { c.rt.loop().close(); }},
    {"is_running", "", [](call& c) -> value { return c.rt.loop().is_running(); }},
    {"is_closed", "", [](call& c) -> value { return c.rt.loop().is_closed(); }},
    {"run_until_complete", "target:awaitable",
     [](call& c) -> value {
         if (c.is_coroutine(0)) {
             c.rt.name_next_tasks({c.called(0)});
             return c.rt.loop().run_until_complete(c.coroutine(0));
         }
         auto const target = c.future(0);
         c.rt.loop().run_until_done(target->awaitable());
         return target->result();
     }},
    {"run_forever", "",
     [](call& c) -> value {
         c.rt.loop().run_forever();
         return {};
     }},
    {"run", "target:call",
     [](call& c) -> value {
         c.rt.name_next_tasks({c.called(0)});
         return c.rt.run_with_runner(c.coroutine(0));
     }},
    {"set_exception_handler", "mode:symbol", [](call& c) { c.rt.set_exception_handler(c.text(0)); }},
    {"call_exception_handler", "message:symbol",
     [](call& c) { c.rt.loop().call_exception_handler({.message = c.text(0)}); }},
    {"all_tasks", "", [](call& c) -> value { return c.rt.all_tasks(); }},
    {"current_task", "",
     [](call&) -> value {
         auto const task = ordo::current_task();
         return task ? value(task->name()) : value();
     }},
    {"cell", "cell:new:cell value:int", [](call& c) -> object { return std::make_shared<cell_object>(c.number(1)); }},
    {"add", "cell:cell value:int", [](call& c) { c.object<std::shared_ptr<cell_object>>(0)->number += c.number(1); }},
    {"get_cell", "cell:cell", [](call& c) -> value { return c.object<std::shared_ptr<cell_object>>(0)->number; }},
};

} // namespace

std::span<operation const> loop_operations() {
    return table;
}

} // namespace conformance
