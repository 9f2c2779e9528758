// ordo: calls something when a scope is left. (Boost.Scope has it from 1.85 on.)
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <utility>

namespace ordo::detail {

template <class F>
class [[nodiscard]] scope_exit {
public:
    explicit scope_exit(F function) : function_(std::move(function)) {}
    scope_exit(scope_exit const&) = delete;
    scope_exit& operator=(scope_exit const&) = delete;
    ~scope_exit() { function_(); }

private:
    F function_;
};

} // namespace ordo::detail
