// ordo: what it takes to write JSON: Boost.JSON would have to be linked, for two functions.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <spdlog/fmt/fmt.h>
#include <string>
#include <string_view>

namespace ordo::detail {

/// In quotation marks, with what must not stand in a JSON string escaped.
inline std::string json_string(std::string_view text) {
    std::string result = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') (result += '\\') += c;
        else if (static_cast<unsigned char>(c) < 0x20) result += fmt::format("\\u{:04x}", c);
        else result += c;
    }
    return result += '"';
}

/// The elements, each by `write`, as an array.
template <class Range, class Write>
std::string json_array(Range const& elements, Write write) {
    std::string result = "[";
    for (auto const& element : elements) {
        if (result.size() > 1) result += ',';
        result += write(element);
    }
    return result += ']';
}

} // namespace ordo::detail
