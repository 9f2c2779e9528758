// ordo: a callback in a queue: the node, what it calls, and the context it runs in, in one block of memory.
//
// Shares are held by the queue and by every handle. The count and the flags are used atomically only in nodes which other
// threads may hold (`shared`).
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/context_data.hpp>
#include <ordo/detail/ready_queue.hpp>
#include <ordo/detail/recycling.hpp>
#include <ordo/detail/task_source.hpp>
#include <ordo/fwd.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <source_location>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// What the scheduled queue takes. (What derives from it has its own flags in the bytes behind this one.)
struct schedulable_node : ready_node {
    bool scheduled = false; ///< it is in there; of callbacks only a timer_node ever is
};

struct callback_node : schedulable_node {
    enum flag : std::uint16_t {
        cancelled = 1, ///< cancel() was called
        started = 2,   ///< it runs or has run
        cleared = 4,   ///< the callable is destroyed
    };

    bool shared = false; ///< it is a shared_node
    std::uint16_t flags = 0;
    std::uint32_t references = 1;
    context_data* context = nullptr; ///< owned
    std::source_location where;      ///< of the scheduling call

    bool has(flag which) noexcept {
        if (shared) return std::atomic_ref(flags).load(std::memory_order_relaxed) & which;
        return flags & which;
    }

    // Whoever knows whether the node is shared says so.

    /// Set a flag. @returns the flags before.
    std::uint16_t set(flag which) noexcept { return set(which, shared); }
    std::uint16_t set(flag which, bool atomically) noexcept {
        if (atomically) return std::atomic_ref(flags).fetch_or(which, std::memory_order_acq_rel);
        return std::exchange(flags, static_cast<std::uint16_t>(flags | which));
    }

    /// Its turn has come. @returns false if it was cancelled.
    bool start(bool atomically) noexcept {
        if (atomically) return !(set(started, true) & cancelled);
        if (flags & cancelled) return false;
        flags = started;
        return true;
    }

    void add_reference() noexcept {
        if (shared) std::atomic_ref(references).fetch_add(1, std::memory_order_relaxed);
        else ++references;
    }

    /// Give up a share. @returns true if it was the last.
    bool drop_reference() noexcept { return drop_reference(shared); }
    bool drop_reference(bool atomically) noexcept {
        if (atomically) return std::atomic_ref(references).fetch_sub(1, std::memory_order_acq_rel) == 1;
        return --references == 0;
    }

    /// The caller's share is the only one, so nobody else can use the node, or come to.
    bool is_sole_owner() noexcept { return std::atomic_ref(references).load(std::memory_order_acquire) == 1; }

    void release() noexcept {
        if (drop_reference()) act(this, node_action::free);
    }
};

/// A callback with a deadline, which the scheduled queue and the handle know. That queue has a share of it.
struct timer_node : callback_node {
    loop_core* loop = nullptr; ///< valid while scheduled
};

// Bytes 0 to 7 are the link in a list or the place in the heap, 8 act, 16 scheduled, 17 shared, 18 flags,
// 20 references, 24 context, 32 where, 40 loop. So a timer whose callable is a pointer takes 56, which is all that malloc
// has in a chunk of 64.
static_assert(sizeof(void*) != 8 || sizeof(timer_node) == 48);

/// A callback that other threads may hold.
struct shared_node : callback_node {
    shared_node() noexcept { shared = true; }
};

/// Fill in this_thread.introduction, or clear it if the callback is cancelled and will not run.
ORDO_DECL void introduce(callback_node& node, bool is_timer);

/// `Node` is one of the above, or derives from callback_node; F is called without arguments.
template <class F, class Node = callback_node>
struct callback final : Node {
    template <class G>
    explicit callback(G&& callable) : function_(std::forward<G>(callable)) {
        this->act = &callback::perform;
    }
    ~callback() {}

    /// A new one with one share, from recycled memory.
    template <class G>
    static callback* make(G&& callable) {
        static_assert(alignof(callback) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                      "ordo: callables with extended alignment are not supported");
        void* memory = allocate(sizeof(callback));
        if constexpr (std::is_nothrow_constructible_v<F, G>) {
            return ::new (memory) callback(std::forward<G>(callable));
        } else {
            try {
                return ::new (memory) callback(std::forward<G>(callable));
            } catch (...) {
                deallocate(memory, sizeof(callback));
                throw;
            }
        }
    }

private:
    union {
        F function_; ///< alive until `cleared`
    };

    static constexpr bool atomic = std::derived_from<Node, shared_node>;

    static void perform(ready_node* node, node_action action) {
        auto* self = static_cast<callback*>(node);
        if (action != node_action::run) [[unlikely]]
            return self->perform_seldom(action);
        // Most handles that other threads get are dropped at once: then nothing of the rest need be atomic.
        bool const contended = atomic && !self->is_sole_owner();
        if (self->start(contended)) [[likely]] {
            turn_scope const entered(self->context);
            self->function_();
        }
        self->dispose(contended);
    }

    [[gnu::cold]] void perform_seldom(node_action action) noexcept {
        switch (action) {
        case node_action::run: break;
        case node_action::dispose: dispose(atomic); break;
        case node_action::clear: clear(atomic); break;
        case node_action::free:
            clear(atomic);
            free();
            break;
        case node_action::name_awaiter: break;
        case node_action::introduce: introduce(*this, std::derived_from<Node, timer_node>); break;
        }
    }

    /// Nothing is called any more: give up the queue's share.
    void dispose(bool contended) noexcept {
        if (!contended && this->references == 1) [[likely]] {
            if (!(this->flags & callback_node::cleared)) function_.~F(); // and nobody can see that
            return free();
        }
        clear(contended);
        if (this->drop_reference(contended)) free();
    }

    void clear(bool contended) noexcept {
        if (!(this->set(callback_node::cleared, contended) & callback_node::cleared)) function_.~F();
    }

    void free() noexcept {
        ordo::detail::release(this->context);
        this->~callback();
        deallocate(this, sizeof(callback));
    }
};

/// Stands for an argument that was not given to one of the call_…() functions.
struct nothing {};

template <class F, class... Args>
struct job_binding;
/// What a job of an executor returns.
template <class F, class... Args>
using job_result = typename job_binding<std::decay_t<F>, std::decay_t<Args>...>::result_type;

/// A callable with its arguments, which it is given as rvalues, because it is called once.
template <class F, class... Bound>
struct bound_call {
    F function;
    std::tuple<Bound...> arguments;

    void operator()() { std::apply(std::move(function), std::move(arguments)); }
};

/// Says why an F cannot be called back with these arguments, if it cannot.
template <class F, class... Args>
constexpr void check_callback() {
    static_assert(!is_coro<std::remove_cvref_t<F>>,
                  "ordo: a coro is not a callback, nobody would await it; give it to create_task()");
    if constexpr (std::is_invocable_v<F, Args...>)
        static_assert(!is_coro<std::invoke_result_t<F, Args...>>,
                      "ordo: a callback must not be a coroutine, nobody would await it; give it to create_task()");
    else static_assert(is_coro<std::remove_cvref_t<F>>, "ordo: this callable cannot be called with these arguments");
}

template <class F, class... Args>
auto bind_to_callable(F&& f, Args&&... args) {
    constexpr auto given = (std::size_t(0) + ... + std::size_t(!std::is_same_v<std::decay_t<Args>, nothing>));
    auto references = std::forward_as_tuple(std::forward<Args>(args)...);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        using decayed = std::tuple<std::decay_t<Args>...>;
        check_callback<std::decay_t<F>, std::tuple_element_t<I, decayed>...>();
        if constexpr (given == 0) {
            return std::decay_t<F>(std::forward<F>(f));
        } else {
            return bound_call<std::decay_t<F>, std::tuple_element_t<I, decayed>...>{
                std::forward<F>(f), {std::get<I>(std::move(references))...}};
        }
    }(std::make_index_sequence<given>());
}

/// The context that a call_…() function was given in front of the callable, else a copy of the caller's.
template <class F>
context_pointer context_for(F const& f) {
    if constexpr (std::is_same_v<F, context>) return context_access::data(f);
    else return copy_current_context();
}

/// `f` bound to those of `args` that are not `nothing`; the others come last. If f is a context the callable is the
/// next of them.
template <class F, class... Args>
auto bind_arguments(F&& f, Args&&... args) {
    if constexpr (std::is_same_v<std::remove_cvref_t<F>, context>) return bind_arguments(std::forward<Args>(args)...);
    else return bind_to_callable(std::forward<F>(f), std::forward<Args>(args)...);
}

/// The node of a call_…() function that was given f, args, and called there. It has one share, of the caller.
template <class Node, class F, class... Args>
[[gnu::always_inline]] inline Node* make_callback(std::source_location where, F&& f, Args&&... args) {
    auto in = context_for(f);
    using bound = decltype(bind_arguments(std::forward<F>(f), std::forward<Args>(args)...));
    Node* const node = callback<bound, Node>::make(bind_arguments(std::forward<F>(f), std::forward<Args>(args)...));
    node->context = in.detach();
    node->where = where;
    return node;
}

} // namespace ordo::detail
