// ordo: the chains between a future of a loop and a concurrent_future: as one ends so does the other, and cancelling the
// one that was made of the other cancels that.
//
// Each chain is one block, counted with atomics: by the loop, while it is outstanding there, by the concurrent_future as
// a callback, and by the nodes that are queued or wait. What it holds of the loop is touched on the loop's thread only.
// The order of everything is that of CPython's futures._chain_future.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/concurrent_future.hpp>
#include <ordo/detail/future_base.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace ordo::detail {

class ORDO_DECL future_chain : public outstanding, public concurrent_base::callback {
public:
    future_chain(future_chain const&) = delete;
    future_chain& operator=(future_chain const&) = delete;

protected:
    struct node : ready_node {
        explicit node(future_chain& owner) noexcept : owner(owner) {}
        future_chain& owner;
    };

    explicit future_chain(loop_core& core) noexcept : core_(core) {}
    virtual ~future_chain() = default;

    /// Give the memory back.
    virtual void destroy() noexcept = 0;

    void add_share() noexcept { shares_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
    }

    core_share core_;
    future_pointer<> future_;    ///< of the loop, while the chain is outstanding
    node entry_{*this};          ///< comes to the loop from other threads
    node future_is_done_{*this}; ///< waits in the future

private:
    std::atomic<int> shares_{1};
};

/// Runs a coroutine in the loop, and gives its result to a concurrent_future.
class ORDO_DECL coroutine_chain : public future_chain {
public:
    /// Any thread, once: gives the share of the maker to the loop.
    /// @throws loop_closed_error
    void submit();

    void call() noexcept override;
    void drop() noexcept override { release(); }
    void abandon() noexcept override;

protected:
    explicit coroutine_chain(loop_core& core) noexcept : future_chain(core) {}

    virtual future_pointer<> start() = 0;
    /// It will never be started: let go of the coroutine.
    virtual void discard() noexcept = 0;
    virtual concurrent_base& target() noexcept = 0;
    /// Give the result of the task to the target.
    virtual void deliver(future_base& from) = 0;

private:
    static void on_entry(ready_node* at, node_action action);
    static void on_cancelled(ready_node* at, node_action action);
    static void on_done(ready_node* at, node_action action);
    void begin() noexcept;
    void end() noexcept;
    void end_with_loop() noexcept;
};

/// Makes a future of the loop follow a concurrent_future.
class ORDO_DECL wrapping_chain : public future_chain {
public:
    /// Loop's thread, once; takes over the share of the maker.
    void begin(std::shared_ptr<concurrent_base> const& source, future_pointer<> future);

    void call() noexcept override;
    void drop() noexcept override;
    void abandon() noexcept override;

protected:
    explicit wrapping_chain(loop_core& core) noexcept : future_chain(core) {}

    /// Give the result of the source to the future.
    virtual void deliver(concurrent_base& from, future_base& to) = 0;

private:
    static void on_arrival(ready_node* at, node_action action);
    static void on_done(ready_node* at, node_action action);
    void go_home() noexcept;
    void leave_loop() noexcept;
    void copy_state() noexcept;

    std::weak_ptr<concurrent_base> source_; // not a cycle: it holds the chain
    std::shared_ptr<concurrent_base> done_; ///< the source again, on its way home
};

} // namespace ordo::detail
