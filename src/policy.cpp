// ordo: the loop of a thread, and the factory of loops.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/policy.hpp>

#include <ordo/exceptions.hpp>

#include <mutex>
#include <utility>

namespace ordo {
namespace {

/// Refers to the core of the loop, which says whether the loop is still there.
thread_local detail::core_share loop_of_this_thread;

std::mutex factory_mutex;
event_loop_factory& factory() {
    static event_loop_factory current;
    return current;
}

} // namespace

event_loop& get_event_loop() {
    auto* core = detail::this_thread.loop;
    if (!core && loop_of_this_thread) core = &*loop_of_this_thread;
    if (core && core->owner()) return *core->owner();
    throw usage_error("get_event_loop: no loop is running on this thread, and set_event_loop() has given it none");
}

void set_event_loop(event_loop* loop) {
    loop_of_this_thread = loop ? detail::core_share(detail::loop_access::core(*loop)) : detail::core_share();
}

std::unique_ptr<event_loop> new_event_loop() {
    event_loop_factory make;
    {
        std::lock_guard lock(factory_mutex);
        make = factory();
    }
    if (!make) return std::make_unique<event_loop>();
    auto loop = make();
    if (!loop) throw usage_error("new_event_loop: the factory of set_event_loop_factory() gave no loop");
    return loop;
}

event_loop_factory set_event_loop_factory(event_loop_factory replacement) {
    std::lock_guard lock(factory_mutex);
    return std::exchange(factory(), std::move(replacement));
}

} // namespace ordo
