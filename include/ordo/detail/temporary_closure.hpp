// ordo: a warning for temporary closures, which g++ 12 destroys twice where their expression contains co_await.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <type_traits>

#if defined(ORDO_BROKEN_COROUTINE_TEMPORARIES) && defined(__GNUC__) && !defined(__clang__)
// GCC does not warn in system headers, and an installed ordo is one. This line marker says that what follows is none.
#pragma GCC system_header
# 14 "ordo/detail/temporary_closure.hpp"
#endif

namespace ordo::detail {

template <class F>
[[deprecated(
    "ordo: this compiler destroys a temporary closure twice where the expression contains co_await; name it first: "
    "auto f = [...] { ... }; and pass f (not std::move(f), which cannot be told from a temporary)")]]
constexpr void temporary_closure() noexcept {}

/// For a function that takes a callable F&& and whose result is awaited.
template <class F>
constexpr void warn_of_temporary_closure() noexcept {
#ifdef ORDO_BROKEN_COROUTINE_TEMPORARIES
    if constexpr (!std::is_reference_v<F> && !std::is_trivially_destructible_v<F>) temporary_closure<F>();
#endif
}

} // namespace ordo::detail
