// ordo: a future that watches others: what gather(), wait(), as_completed() and shield() share.
//
// Each child has a node among those that wait for it, as a done callback would be: it is queued when the child is done,
// and runs one iteration later. The nodes are part of the block; no child costs an allocation.
//
// What is watched holds a share of the watching future, and that of its children. So that a future which nobody will ever
// complete does not hold both for ever, what watches is outstanding in the loop, which gives it up when it is closed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/future_base.hpp>

#include <cstddef>
#include <exception>
#include <span>
#include <vector>

namespace ordo::detail {

class ORDO_DECL combinator : outstanding {
public:
    struct child : ready_node {
        future_pointer<> future;
        combinator* owner = nullptr; ///< while it is watched
    };

    combinator(combinator const&) = delete;
    combinator& operator=(combinator const&) = delete;

protected:
    /// @param self   The future that this is a part of.
    explicit combinator(future_base& self) noexcept : self_(self) {}
    ~combinator() = default;

    /// Call child_done() when it is done; by call_soon if it is already.
    /// @throws loop_closed_error   if it is done and the loop is closed.
    void watch(child& which);
    /// @param act   Does what perform() does.
    void watch_pending(child& which, void (*act)(ready_node*, node_action)) noexcept {
        which.act = act;
        which.future->add_waiter(&which);
        note_watched(which);
    }
    /// @returns   False if it was not watched, or it is done and child_done() will be called.
    bool unwatch(child& which) noexcept;

    virtual std::span<child> children() noexcept = 0;
    virtual void child_done(child& which) = 0;
    /// Who waits for that waits for the children; may be null.
    virtual future_base* followed_by() noexcept { return &self_; }
    /// Call it; what it throws becomes the outcome of the watching future.
    void settle(child& which) noexcept;

    /// Complete the watching future with an error, unless it is done.
    void fail(std::exception_ptr error) noexcept;

    future_base& self() const noexcept { return self_; }

    /// Its turn has come: call child_done(), and watch it no more.
    static void perform(ready_node* node, node_action action);
    void forget(child& which) noexcept {
        which.owner = nullptr;
        if (--watched_ == 0) watch_none();
    }

private:
    void abandon() noexcept override;
    void note_watched(child& which) noexcept {
        which.owner = this;
        if (watched_++ == 0) watch_some();
    }
    void watch_some() noexcept;
    void watch_none() noexcept;

    future_base& self_;
    std::size_t watched_ = 0;
};

/// Throws unless all belong to one loop.
/// @returns   That loop's core.
ORDO_DECL loop_core& common_core(std::span<combinator::child const> children, char const* where);

/// Leave each future once, where it came first.
ORDO_DECL void remove_repeated(std::vector<future_pointer<>>& futures);

} // namespace ordo::detail
