// ordo: program, bytes that are read as operations.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fuzz {

/// A part of the input. A callback or a coroutine has a part of its own, cut out of that of who made it, so that a byte
/// more or less in one changes nothing in the others.
class program {
public:
    program() = default;
    explicit program(std::span<std::uint8_t const> bytes) noexcept : bytes_(bytes) {}

    bool over() const noexcept { return bytes_.empty(); }

    /// The next byte; 0 behind the end.
    unsigned byte() noexcept {
        if (over()) return 0;
        unsigned const value = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return value;
    }

    /// The next byte says how long the part is that follows it.
    program part() noexcept {
        std::size_t const wanted = byte() & 31;
        auto const length = std::min(wanted, bytes_.size());
        program const cut(bytes_.first(length));
        bytes_ = bytes_.subspan(length);
        return cut;
    }

private:
    std::span<std::uint8_t const> bytes_;
};

} // namespace fuzz
