// ordo: room for the result of a coroutine or future: of a value, a reference or nothing.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

namespace ordo::detail {

/// How a T is kept: a reference as a pointer, nothing as an empty object.
template <class T>
struct storage {
    static_assert(!std::is_rvalue_reference_v<T>,
                  "ordo: a result that is an rvalue reference would refer to what is gone; return the value");
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__,
                  "ordo: results with extended alignment are not supported; return a pointer");
    using type = T;
    using reference = T const&;
    static reference look(type const& value) noexcept { return value; }
    static T take(type& value) { return std::move(value); }
};
template <class T>
struct storage<T&> {
    using type = T*;
    using reference = T&;
    static reference look(type value) noexcept { return *value; }
    static T& take(type value) noexcept { return *value; }
};
template <>
struct storage<void> {
    using type = std::monostate;
    using reference = void;
    static void look(type) noexcept {}
    static void take(type) noexcept {}
};

template <class T>
using storage_t = typename storage<std::remove_cv_t<T>>::type;

/// What looking at a result gives: T const&, T& or void.
template <class T>
using look_t = typename storage<std::remove_cv_t<T>>::reference;

/// Whether a T is a reference that, made of a From, would refer to a temporary.
template <class From, class T>
inline constexpr bool binds_temporary =
    std::is_reference_v<T> && !(std::is_lvalue_reference_v<From> &&
                                std::is_convertible_v<std::remove_reference_t<From>*, std::remove_reference_t<T>*>);

/// Empty, a value, or an exception.
template <class T>
class result {
public:
    result() noexcept {}
    result(result const&) = delete;
    result& operator=(result const&) = delete;
    ~result() {
        if (state_ == state::value) value_.~stored();
        else if (state_ == state::exception) exception_.~exception_ptr();
    }

    template <class... Args>
    void emplace(Args&&... args) {
        ::new (static_cast<void*>(std::addressof(value_))) stored(std::forward<Args>(args)...);
        state_ = state::value;
    }
    void set_exception(std::exception_ptr exception) noexcept {
        ::new (static_cast<void*>(std::addressof(exception_))) std::exception_ptr(std::move(exception));
        state_ = state::exception;
    }

    bool has_exception() const noexcept { return state_ == state::exception; }
    std::exception_ptr& exception() noexcept { return exception_; }
    storage_t<T>& value() noexcept { return value_; }

    /// The value, moved out; or throws the exception.
    T take() {
        if (state_ == state::exception) [[unlikely]]
            std::rethrow_exception(std::move(exception_));
        return storage<T>::take(value_);
    }

private:
    using stored = storage_t<T>;
    enum class state : unsigned char { empty, value, exception };

    union {
        stored value_;
        std::exception_ptr exception_;
    };
    state state_ = state::empty;
};

} // namespace ordo::detail
