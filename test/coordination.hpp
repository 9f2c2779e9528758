// ordo: coordination_bodies, a test body for each object that coordinates tasks. Each holds whatever is cancelled, fails
// or comes in another order, and leaves nothing behind. In each of them things happen at the same moment.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "coordination_composing.hpp"
#include "coordination_sync.hpp"

namespace coordination {

struct named_body {
    char const* name;
    coro<> (*body)();
};

inline constexpr named_body bodies[] = {
    {"lock", lock},
    {"semaphore", semaphore},
    {"bounded_semaphore", bounded_semaphore},
    {"event", event},
    {"condition", condition},
    {"condition_notify", condition_notify},
    {"barrier", barrier},
    {"queue", queue},
    {"queue_passed_on", queue_passed_on},
    {"queue_handover", queue_handover},
    {"priority_queue", priority_queue},
    {"lifo_queue", lifo_queue},
    {"future", future},
    {"threads", threads},
    {"task_group", task_group},
    {"failing_group", failing_group},
    {"gather", gather},
    {"wait", wait},
    {"as_completed", as_completed},
    {"timeout", timeout},
    {"wait_for", wait_for},
    {"shield", shield},
    {"async_generator", async_generator},
    {"with_cleanup", with_cleanup},
    {"with_cancellation", with_cancellation},
};

} // namespace coordination
