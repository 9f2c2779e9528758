// ordo: context variables, and contexts.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"
#include "operation.hpp"

namespace conformance {
namespace {

using variable_pointer = std::shared_ptr<variable>;
using token_pointer = std::shared_ptr<variable::token>;

constexpr operation table[] = {
    {"context_variable", "variable:new:context_variable default:value",
     [](call& c) -> object { return std::make_shared<variable>(c.text(0), c.literal(1)); }},
    {"set_variable", "variable:context_variable value:value token:new:token?",
     [](call& c) {
         auto token = std::make_shared<variable::token>(c.object<variable_pointer>(0)->set(c.literal(1)));
         if (c.has(2)) c.rt.bind(c.text(2), std::move(token));
     }},
    {"get_variable", "variable:context_variable",
     [](call& c) -> value { return c.object<variable_pointer>(0)->get(); }},
    {"reset_variable", "variable:context_variable token:token",
     [](call& c) { c.object<variable_pointer>(0)->reset(*c.object<token_pointer>(1)); }},
    {"copy_context", "context:new:context", [](call&) -> object { return ordo::copy_context(); }},
    {"run_in_context", "context:context callback:callback",
     [](call& c) {
         c.object<ordo::context>(0).run([&] { run_callback(c.rt, c.text(1), "run " + c.text(1), c.text(1)); });
     }},
};

} // namespace

std::span<operation const> context_operations() {
    return table;
}

} // namespace conformance
