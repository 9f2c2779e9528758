// ordo: the FIFO of what is ready to run, and the inbox through which other threads reach it.
//
// Entries are linked through themselves, so queueing allocates nothing. The inbox is Treiber's stack: producers push
// with one compare-and-swap, the loop takes all at once and reverses. Its head doubles as the loop's state, so that the
// fast path of push() is a single relaxed load: null means that the pump runs or is posted and nobody has to wake it.
//
// Order is causal: the loop's thread empties the inbox before it queues anything itself, so what happened before an
// entry, on whichever thread, runs before it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace ordo::detail {

/// What can be done with an entry of the ready queue.
enum class node_action {
    run,          ///< it is its turn; what it throws is reported, and then it is disposed of
    dispose,      ///< it will never run, or it threw: release the queue's share in it
    clear,        ///< destroy the callable, keep the memory
    free,         ///< the last share is gone
    name_awaiter, ///< of one that waits for a future: fill in this_thread.awaiter, if a future or task waits by it
    introduce,    ///< fill in this_thread.introduction, or clear it if nothing will run
};

/// What is asked, and leaves the node as it is.
constexpr bool is_question(node_action action) noexcept {
    return action >= node_action::name_awaiter;
}

/// Where a timer stands in the scheduled queue.
struct timer_place {
    std::uint32_t index;    ///< in the heap
    std::uint32_t sequence; ///< order of scheduling, among equal deadlines
};

struct ready_node {
    union {
        ready_node* next;  ///< valid while it is in a list
        timer_place place; ///< valid while it is in the scheduled queue: it is never in both
    };
    void (*act)(ready_node*, node_action); ///< set by who derives from it
};

/// A FIFO of few nodes, in one pointer.
class node_ring {
public:
    node_ring() = default;
    node_ring(node_ring const&) = delete;
    node_ring& operator=(node_ring const&) = delete;

    bool empty() const noexcept { return !last_; }

    void push(ready_node* node) noexcept {
        node->next = last_ ? std::exchange(last_->next, node) : node;
        last_ = node;
    }

    ready_node* pop() noexcept {
        auto* const first = last_ ? last_->next : nullptr;
        if (first == last_) last_ = nullptr;
        else last_->next = first->next;
        return first;
    }

    /// The first one of which `is_it` is true, or null.
    template <class Predicate>
    ready_node* find(Predicate const& is_it) const {
        if (!last_) return nullptr;
        for (auto* at = last_->next;; at = at->next) {
            if (is_it(at)) return at;
            if (at == last_) return nullptr;
        }
    }

    /// Unlink one node; linear.
    bool remove(ready_node* node) noexcept {
        auto* const before = find([node](ready_node* at) { return at->next == node; });
        if (!before) return false;
        before->next = node->next;
        if (node == last_) last_ = before == node ? nullptr : before;
        return true;
    }

private:
    friend class node_list;
    ready_node* last_ = nullptr; ///< whose next is the first
};

/// A singly linked FIFO of nodes.
class node_list {
public:
    node_list() = default;
    /// Of nodes that are linked.
    node_list(ready_node* first, ready_node* last) noexcept : head_(first) {
        if (last) end_ = &last->next;
    }
    node_list(node_list&& other) noexcept { splice(std::move(other)); }
    node_list& operator=(node_list&& other) noexcept {
        forget();
        splice(std::move(other));
        return *this;
    }

    bool empty() const noexcept { return !head_; }

    void push(ready_node* node) noexcept {
        node->next = nullptr;
        *end_ = node;
        end_ = &node->next;
    }

    ready_node* pop() noexcept {
        auto* node = head_;
        if (node && !(head_ = node->next)) end_ = &head_;
        return node;
    }

    template <class F>
    void for_each(F f) const {
        for (auto* node = head_; node; node = node->next) f(node);
    }
    /// Linear.
    std::size_t size() const noexcept {
        std::size_t count = 0;
        for_each([&](ready_node*) { ++count; });
        return count;
    }

    /// Take out all; they are linked.
    ready_node* take() noexcept {
        auto* first = head_;
        forget();
        return first;
    }

    /// Append all of another list.
    void splice(node_list&& other) noexcept {
        if (other.empty()) return;
        *end_ = other.head_;
        end_ = other.end_;
        other.forget();
    }

    void splice(node_ring& other) noexcept {
        if (other.empty()) return;
        auto* const last = std::exchange(other.last_, nullptr);
        *end_ = std::exchange(last->next, nullptr);
        end_ = &last->next;
    }

    /// Put nodes that are linked in front of the others; linear.
    void prepend(ready_node* first) noexcept {
        node_list front;
        while (first) front.push(std::exchange(first, first->next));
        front.splice(std::move(*this));
        *this = std::move(front);
    }

private:
    void forget() noexcept {
        head_ = nullptr;
        end_ = &head_;
    }

    ready_node* head_ = nullptr;
    ready_node** end_ = &head_; ///< where the next one is linked
};

/// The stack through which other threads hand over nodes.
class ORDO_DECL inbox {
public:
    enum class outcome { queued, queued_and_asleep, closed };

    /// Any thread. After queued_and_asleep the caller has to wake the loop, once.
    outcome push(ready_node* node) noexcept;

    /// True when push() on the loop's own queue has nothing to look after.
    bool quiet() const noexcept { return head_.load(std::memory_order_relaxed) == nullptr; }

    /// Loop thread: append everything that has arrived, in order of arrival. A closed inbox stays closed.
    void drain(node_list& to) noexcept;

    /// Loop thread: say that the next push must wake the loop.
    /// @returns   False if something has arrived meanwhile.
    bool fall_asleep() noexcept;

    /// Any thread: take over the duty to wake the loop.
    /// @returns   False if it is awake already, or somebody else does it.
    bool wake_up() noexcept;

    /// Loop thread: refuse everything from now on; what had arrived is appended.
    void close(node_list& to) noexcept;

    bool closed() const noexcept;

private:
    static ready_node* asleep() noexcept;
    static ready_node* end() noexcept;
    static void append_reversed(ready_node* newest, node_list& to) noexcept;

    std::atomic<ready_node*> head_{nullptr};
};

} // namespace ordo::detail
