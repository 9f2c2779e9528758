// ordo: how the arguments of a completion handler become one result: of an await, or of a future.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <concepts>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// How the arguments of a completion become the result: an error that comes first is thrown, one argument is given as it
/// is, more as a tuple.
template <class... Results>
struct completion {
    static constexpr bool may_fail = false;
    using rest = std::tuple<Results...>;
    static rest take_rest(std::tuple<Results...>&& all) { return std::move(all); }
};
template <class... Results>
struct completion<boost::system::error_code, Results...> {
    static constexpr bool may_fail = true;
    using rest = std::tuple<Results...>;
    static rest take_rest(std::tuple<boost::system::error_code, Results...>&& all) {
        return std::apply([](auto&, auto&... others) { return rest(std::move(others)...); }, all);
    }
};
template <class... Results>
struct completion<std::exception_ptr, Results...> {
    static constexpr bool may_fail = true;
    using rest = std::tuple<Results...>;
    static rest take_rest(std::tuple<std::exception_ptr, Results...>&& all) {
        return std::apply([](auto&, auto&... others) { return rest(std::move(others)...); }, all);
    }
};

inline bool is_failure(boost::system::error_code const& error) noexcept {
    return error.failed();
}
inline bool is_failure(std::exception_ptr const& error) noexcept {
    return error != nullptr;
}
/// Without the place inside Asio that its codes carry, which takes a kilobyte of the text to name.
[[noreturn]] inline void throw_failure(boost::system::error_code const& error) {
    throw boost::system::system_error(boost::system::error_code(error.value(), error.category()));
}
[[noreturn]] inline void throw_failure(std::exception_ptr const& error) {
    std::rethrow_exception(error);
}

ORDO_DECL bool is_aborted(boost::system::error_code const& error) noexcept;
ORDO_DECL bool is_aborted(std::exception_ptr const& error) noexcept;

/// as_tuple gives the error among the results: a cancellation shows there, and is only thrown if nothing else does.
template <class T>
inline constexpr bool is_aborted_tuple(T const&) noexcept {
    return false;
}
template <class... Others>
bool is_aborted_tuple(std::tuple<boost::system::error_code, Others...> const& results) {
    auto const is_empty = []<class T>(T const& value) {
        if constexpr (std::equality_comparable<T> && std::default_initializable<T>) return value == T();
        else return true;
    };
    return std::apply(
        [&](auto const& error, auto const&... others) { return is_aborted(error) && (is_empty(others) && ...); },
        results);
}

template <class Rest>
struct value_of_rest {
    using type = Rest;
};
template <class T>
struct value_of_rest<std::tuple<T>> {
    using type = T;
};
template <>
struct value_of_rest<std::tuple<>> {
    using type = void;
};

template <class Signature>
struct operation_result;
template <class... Results>
struct operation_result<void(Results...)> {
    using arguments = std::tuple<std::decay_t<Results>...>;
    using shape = completion<std::decay_t<Results>...>;
    using value_type = typename value_of_rest<typename shape::rest>::type;

    /// It says that it was cancelled, and nothing is lost by saying so.
    static bool is_aborted(arguments const& results) {
        if constexpr (shape::may_fail)
            return is_failure(std::get<0>(results)) && detail::is_aborted(std::get<0>(results));
        else if constexpr (sizeof...(Results) == 1) return is_aborted_tuple(std::get<0>(results));
        else return false;
    }

    static void throw_if_failed(arguments const& results) {
        if constexpr (shape::may_fail)
            if (is_failure(std::get<0>(results))) throw_failure(std::get<0>(results));
    }

    static value_type take(arguments&& results) {
        auto rest = shape::take_rest(std::move(results));
        if constexpr (std::tuple_size_v<typename shape::rest> == 1) return std::get<0>(std::move(rest));
        else if constexpr (std::tuple_size_v<typename shape::rest> > 1) return rest;
    }
};

} // namespace ordo::detail
