// ordo: switches in the environment.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdlib>
#include <string_view>

namespace ordo::detail {

/// Whether a variable is set, and not to 0.
inline bool is_set_in_environment(char const* variable) {
    auto const* const value = std::getenv(variable);
    return value && *value && std::string_view(value) != "0";
}

} // namespace ordo::detail
