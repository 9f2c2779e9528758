// ordo: what it takes to write JSON: Boost.JSON would have to be linked, for two functions.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <spdlog/fmt/fmt.h>
#include <string>
#include <string_view>

namespace ordo::detail {

/// How many bytes the character takes that the text begins with, by the table of well-formed UTF-8 in the Unicode standard;
/// 0 if it begins with none.
inline std::size_t utf8_length(std::string_view text) noexcept {
    auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto const first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    auto const length = first < 0xe0 ? 2u : first < 0xf0 ? 3u : 4u;
    // Not longer than need be, no surrogate, not past the last code point.
    auto const least = first == 0xe0 ? 0xa0u : first == 0xf0 ? 0x90u : 0x80u;
    auto const most = first == 0xed ? 0x9fu : first == 0xf4 ? 0x8fu : 0xbfu;
    if (byte(1) < least || byte(1) > most) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
    return length;
}

/// In quotation marks, with what must not stand in a JSON string escaped. A byte that is no UTF-8 becomes U+FFFD.
inline std::string json_string(std::string_view text) {
    std::string result = "\"";
    while (!text.empty()) {
        char const c = text.front();
        auto const length = utf8_length(text);
        if (length == 0) result += "\xef\xbf\xbd";
        else if (c == '"' || c == '\\') (result += '\\') += c;
        else if (static_cast<unsigned char>(c) < 0x20) result += fmt::format("\\u{:04x}", c);
        else result += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
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
