// ordo: unique_descriptor, which closes a file descriptor.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <unistd.h>
#include <utility>

namespace ordo::detail {

class unique_descriptor {
public:
    unique_descriptor() = default;
    explicit unique_descriptor(int owned) noexcept : number_(owned) {}
    unique_descriptor(unique_descriptor&& other) noexcept : number_(other.release()) {}
    unique_descriptor& operator=(unique_descriptor other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~unique_descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int get() const noexcept { return number_; }
    int release() noexcept { return std::exchange(number_, -1); }
    explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_ = -1; ///< negative: none
};

} // namespace ordo::detail
