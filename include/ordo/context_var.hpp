// ordo: variables that follow callbacks and tasks, as Python's contextvars (PEP 567).
//
// A context is a pointer to a map that is never changed, only replaced. To copy one is to share the map; to leave one
// unused costs nothing, because the empty context is a null pointer. Each callback runs in a copy of the context in
// which it was scheduled, each task in a copy of the one in which it was created.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/context_data.hpp>
#include <ordo/exceptions.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace ordo {

template <class T>
class context_var;

/// A set of values of context variables that code can be run in.
///
/// Cheap to copy: copies of the object denote the same context. copy_context() makes an independent one.
///
/// @par Thread safety   One thread at a time may run in a context; the handle may be passed between threads.
/// @par Source          contextvars.Context.
class context {
public:
    /// A new, empty context.
    context() : data_(detail::context_pointer::make()) {}

    /// Call f(args...) in this context: what it sets is set here, and gone outside.
    ///
    /// @throws usage_error   if the context is being run in already.
    template <class F, class... Args>
    std::invoke_result_t<F, Args...> run(F&& f, Args&&... args) {
        auto held = data_;
        detail::context_scope entered(held.address());
        return std::invoke(std::forward<F>(f), std::forward<Args>(args)...);
    }

    friend bool operator==(context const&, context const&) = default;

private:
    friend context copy_context();
    friend struct detail::context_access;
    explicit context(detail::context_pointer data) : data_(std::move(data)) {}

    detail::context_pointer data_; ///< never null
};

/// An independent copy of the context that the caller runs in.
inline context copy_context() {
    auto data = detail::copy_current_context();
    return context(data ? std::move(data) : detail::context_pointer::make());
}

/// A variable with one value per context.
///
/// Declare it at namespace scope, or keep it alive as long as anything runs that uses it: each object is a variable of
/// its own, whatever its name.
///
/// @code
/// ordo::context_var<std::string> request_id("request_id", "none");
/// auto previous = request_id.set("17");
/// request_id.reset(previous);
/// @endcode
///
/// @par Thread safety   Any thread: it reads and changes the calling thread's context.
/// @par Source          contextvars.ContextVar.
template <class T>
class context_var {
    static_assert(std::is_copy_constructible_v<T>,
                  "ordo: get() gives a copy of the value; keep a std::shared_ptr to what cannot be copied");

public:
    /// What set() gives, to undo it with reset().
    class token {
    public:
        token(token&&) noexcept = default;
        token& operator=(token&&) noexcept = default;

    private:
        friend context_var;
        token(detail::context_pointer where, detail::variable_id variable, std::shared_ptr<void const> previous)
            : where_(std::move(where)), variable_(variable), previous_(std::move(previous)) {}

        detail::context_pointer where_; ///< null once used
        detail::variable_id variable_;
        std::shared_ptr<void const> previous_; ///< null if it had no value
    };

    explicit context_var(std::string name) : name_(std::move(name)) {}
    context_var(std::string name, T default_value) : name_(std::move(name)), default_(std::move(default_value)) {}
    context_var(context_var const&) = delete;
    context_var& operator=(context_var const&) = delete;

    std::string const& name() const noexcept { return name_; }

    /// The value in the current context, else the default.
    ///
    /// @returns              A copy, because the context may change.
    /// @throws usage_error   if there is neither.
    T get() const {
        if (auto* value = static_cast<T const*>(detail::find_variable(id_))) return *value;
        if (!default_)
            throw usage_error("context_var::get: '" + name_ + "' has no value and no default; set() it first");
        return *default_;
    }

    /// The value in the current context, else `otherwise`.
    T get(T otherwise) const {
        if (auto* value = static_cast<T const*>(detail::find_variable(id_))) return *value;
        return otherwise;
    }

    /// Give it a value in the current context.
    token set(T value) {
        auto [where, previous] = detail::set_variable(id_, std::make_shared<T const>(std::move(value)));
        return token(std::move(where), id_, std::move(previous));
    }

    /// Undo the set() that gave the token.
    ///
    /// @throws usage_error   if the token was used already, or comes from another variable or another context.
    void reset(token& from) { detail::reset_variable(name_, id_, from.variable_, from.where_, from.previous_); }

private:
    detail::variable_id id_ = detail::new_variable_id();
    std::string name_;
    std::optional<T> default_;
};

} // namespace ordo
