// ordo: the untyped half of context variables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>
#include <ordo/detail/thread_state.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ordo {
class context;
}

namespace ordo::detail {

using variable_id = std::uint64_t;

struct context_values;

/// One context: a reference count, and the map it has at the moment.
struct context_data {
    std::atomic<std::uint32_t> references{1};
    bool entered = false; ///< somebody runs in it
    std::shared_ptr<context_values const> values;
};

ORDO_DECL void destroy_context(context_data* data) noexcept;

inline void add_reference(context_data* data) noexcept {
    if (data) data->references.fetch_add(1, std::memory_order_relaxed);
}

inline void release(context_data* data) noexcept {
    if (data && data->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy_context(data);
}

/// Owns a share of a context, or is null: the empty context.
class context_pointer {
public:
    context_pointer() = default;
    explicit context_pointer(context_data* owned) noexcept : data_(owned) {}
    context_pointer(context_pointer const& other) noexcept : data_(other.data_) { add_reference(data_); }
    context_pointer(context_pointer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
    context_pointer& operator=(context_pointer other) noexcept {
        swap(other);
        return *this;
    }
    ~context_pointer() { release(data_); }

    static context_pointer make() { return context_pointer(new context_data); }

    explicit operator bool() const noexcept { return data_; }
    void swap(context_pointer& other) noexcept { std::swap(data_, other.data_); }
    context_data* get() const noexcept { return data_; }
    context_data*& address() noexcept { return data_; }
    context_data* detach() noexcept { return std::exchange(data_, nullptr); }
    friend bool operator==(context_pointer const&, context_pointer const&) = default;

private:
    context_data* data_ = nullptr;
};

/// The context that the thread runs in; null is an empty one that nobody refers to.
inline context_data*& current_context() noexcept {
    return this_thread.context ? *this_thread.context : this_thread.base_context;
}

/// Runs in a context for the length of a scope. One that comes into being inside (an empty one that is written to) stays
/// with the holder, who must outlive the scope.
class context_scope {
public:
    explicit context_scope(context_data*& holder) : holder_(holder) {
        if (holder) enter(*holder);
        outer_ = std::exchange(this_thread.context, &holder);
    }
    context_scope(context_scope const&) = delete;
    context_scope& operator=(context_scope const&) = delete;
    ~context_scope() {
        this_thread.context = outer_;
        if (holder_) holder_->entered = false;
    }

private:
    friend class turn_scope;
    ORDO_DECL static void enter(context_data& data);

    context_data*& holder_;
    context_data** outer_;
};

/// The same for what the pump runs in turn: between two turns no context is current.
class turn_scope {
public:
    explicit turn_scope(context_data*& holder) : holder_(holder) {
        if (holder) [[unlikely]]
            context_scope::enter(*holder);
        this_thread.context = &holder;
    }
    turn_scope(turn_scope const&) = delete;
    turn_scope& operator=(turn_scope const&) = delete;
    ~turn_scope() {
        this_thread.context = nullptr;
        if (holder_) [[unlikely]]
            holder_->entered = false;
    }

private:
    context_data*& holder_;
};

/// A context of its own with the values of the current one, which the caller owns; null if that is empty.
ORDO_DECL context_data* share_current_context();

inline context_pointer copy_current_context() {
    auto const* const holder = this_thread.context;
    if (holder && !*holder) [[likely]]
        return {};
    return context_pointer(share_current_context());
}

/// Reaches the pointer inside a context.
struct ORDO_DECL context_access {
    static context_pointer const& data(context const& from) noexcept;
    /// The context of a holder, which from now on has one that somebody refers to.
    /// @param running   Whether the holder runs in it at the moment.
    static context share(context_data*& holder, bool running);
};

ORDO_DECL variable_id new_variable_id() noexcept;
ORDO_DECL void const* find_variable(variable_id id) noexcept;
ORDO_DECL std::pair<context_pointer, std::shared_ptr<void const>> set_variable(variable_id id,
                                                                               std::shared_ptr<void const> value);
ORDO_DECL void reset_variable(std::string const& name, variable_id id, variable_id of_token, context_pointer& where,
                              std::shared_ptr<void const> const& previous);

} // namespace ordo::detail
