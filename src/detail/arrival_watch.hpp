// ordo: arrival_watch, who is told of what comes to a loop in an order that nobody has promised, and may change it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/detail/ready_queue.hpp>

namespace ordo::detail {

/// Of a test that explores orders.
class ORDO_DECL arrival_watch {
public:
    virtual ~arrival_watch() = default;
    arrival_watch(arrival_watch const&) = delete;
    arrival_watch& operator=(arrival_watch const&) = delete;

    /// Any thread: a node is about to be queued by call_soon_threadsafe(), or as that does.
    virtual void comes_from_thread(ready_node* node) noexcept = 0;
    /// A node is queued because an Asio operation has completed.
    virtual void completes(ready_node* node) noexcept = 0;
    /// A timer is queued because it is due.
    virtual void is_due(ready_node* node, time_point deadline) noexcept = 0;

    /// What the next iteration will run.
    virtual void arrange(node_list& batch) noexcept = 0;

protected:
    arrival_watch() = default;
};

} // namespace ordo::detail
