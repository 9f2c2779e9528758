// ordo: counted, a type that turns rules about lifetimes into assertions.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <utility>

/// Counts its objects. (The idea is cppcoro's.)
class counted {
public:
    static inline int constructed = 0; ///< by whatever means
    static inline int copied = 0;
    static inline int moved = 0;
    static inline int destroyed = 0;

    static int alive() noexcept { return constructed - destroyed; }
    static void reset() noexcept { constructed = copied = moved = destroyed = 0; }

    explicit counted(int id = 0) noexcept : id(id) { ++constructed; }
    counted(counted const& other) noexcept : id(other.id) {
        ++constructed;
        ++copied;
    }
    counted(counted&& other) noexcept : id(std::exchange(other.id, -1)) {
        ++constructed;
        ++moved;
    }
    counted& operator=(counted const&) = default;
    counted& operator=(counted&& other) noexcept {
        id = std::exchange(other.id, -1);
        return *this;
    }
    ~counted() { ++destroyed; }

    int id; ///< -1 once it was moved from
};

/// Starts a test from zero.
struct counting {
    counting() noexcept { counted::reset(); }
};
