// ordo: executors, other threads, and the futures between them.
// SPDX-License-Identifier: BSL-1.0
#include "interpreter.hpp"
#include "operation.hpp"

#include <ordo/run_coroutine_threadsafe.hpp>
#include <ordo/wrap_future.hpp>
#include <thread>

namespace conformance {
namespace {

using executor_pointer = std::shared_ptr<scenario_executor>;

template <class F>
void in_another_thread(F f) {
    std::jthread(std::move(f)).join();
}

constexpr operation table[] = {
    {"in_thread", "callback:callback",
     [](call& c) {
         in_another_thread([&] {
             try {
                 run_callback(c.rt, c.text(0), "run " + c.text(0), c.text(0));
             } catch (...) {} // as Python, which prints it
         });
     }},
    {"executor", "executor:new:executor mode:symbol",
     [](call& c) -> object { return std::make_shared<scenario_executor>(c.text(1) == "inline"); }},
    {"run_in_executor", "future:new:future executor:executor callback:callback",
     [](call& c) -> object {
         auto job = [&rt = c.rt, future = c.text(0), name = c.text(2)] {
             return run_callback(rt, future, "run " + name, name);
         };
         return make_object(c.rt.loop().run_in_executor(*c.object<executor_pointer>(1), job));
     }},
    {"run_jobs", "executor:executor count:int",
     [](call& c) { in_another_thread([&] { c.object<executor_pointer>(0)->run_jobs(c.number(1)); }); }},
    {"wrap_future", "future:new:future source:concurrent_future",
     [](call& c) -> object {
         auto const source = std::dynamic_pointer_cast<concurrent_object const>(c.future(1));
         return make_object(ordo::wrap_future(source->get(), c.rt.loop()));
     }},
    {"run_coroutine_threadsafe", "future:new:concurrent_future call:call",
     [](call& c) -> object {
         c.rt.name_task_from_thread(c.called(1));
         return make_object(ordo::run_coroutine_threadsafe(c.coroutine(1), c.rt.loop()));
     }},
};

} // namespace

std::span<operation const> thread_operations() {
    return table;
}

} // namespace conformance
