// ordo: handle, what scheduling a callback returns.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/context_var.hpp>
#include <ordo/detail/callback.hpp>

#include <source_location>
#include <utility>

namespace ordo {
namespace detail {
struct handle_access;
}

/// A callback that was scheduled. Dropping the handle does not cancel.
///
/// Cheap to copy. On an empty (default constructed, moved from) handle cancel() does nothing.
///
/// @par Thread safety   The loop's thread only, except for one that call_soon_threadsafe() returned: that may be copied,
///                      cancelled and dropped on any thread.
/// @par Source          asyncio.Handle.
class handle {
public:
    handle() = default;
    handle(handle const& other) noexcept : node_(other.node_) {
        if (node_) node_->add_reference();
    }
    handle(handle&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    handle& operator=(handle other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~handle() {
        if (node_) node_->release();
    }

    /// See to it that the callback does not run; too late once it has begun. What it holds is destroyed at once on the
    /// loop's thread, and by the loop otherwise.
    ORDO_DECL void cancel() noexcept;

    /// Whether cancel() was called.
    bool cancelled() const noexcept { return node_ && node_->has(detail::callback_node::cancelled); }

    /// The context it runs in; the handle must not be empty.
    ///
    /// @par Source   asyncio.Handle.get_context.
    context get_context() const {
        using node = detail::callback_node;
        return detail::context_access::share(node_->context, node_->has(node::started) && !node_->has(node::cleared));
    }

    /// Where it was scheduled; the handle must not be empty.
    std::source_location const& created_at() const noexcept { return node_->where; }

    explicit operator bool() const noexcept { return node_; }
    friend bool operator==(handle const&, handle const&) = default;

protected:
    friend struct detail::handle_access;
    explicit handle(detail::callback_node* owned) noexcept : node_(owned) {}

    detail::callback_node* node_ = nullptr;
};

namespace detail {

/// Makes handles of nodes and nodes of handles.
struct handle_access {
    static handle adopt(callback_node* node) noexcept { return handle(node); }
    static handle share(callback_node* node) noexcept {
        node->add_reference();
        return handle(node);
    }
    static callback_node* node(handle const& of) noexcept { return of.node_; }
};

} // namespace detail
} // namespace ordo
