// ordo: byte_queue, bytes on their way: put in at one end, taken from the other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ordo::detail {

/// Has no memory of its own while it is empty. Each byte is moved once, on average, however they come and go.
class byte_queue {
public:
    bool empty() const noexcept { return size() == 0; }
    std::size_t size() const noexcept { return bytes_.size() - taken_; }
    std::string_view view() const noexcept { return std::string_view(bytes_).substr(taken_); }
    /// Bytes of memory.
    std::size_t capacity() const noexcept { return bytes_.capacity(); }

    void append(std::string_view data) {
        if (taken_ > bytes_.size() / 2) bytes_.erase(0, std::exchange(taken_, 0));
        bytes_.append(data);
    }
    /// In place of what is there.
    void assign(std::string&& data) noexcept {
        bytes_ = std::move(data);
        taken_ = 0;
    }

    /// The first ones; all are given out as they are, without a copy.
    std::string take(std::size_t size) {
        if (taken_ == 0 && size == bytes_.size()) return std::exchange(bytes_, {});
        std::string taken(view().substr(0, size));
        drop(size);
        return taken;
    }
    void drop(std::size_t size) noexcept {
        taken_ += size;
        if (empty()) clear();
    }
    void clear() noexcept {
        std::string().swap(bytes_); // assigning an empty one would keep the memory
        taken_ = 0;
    }

private:
    std::string bytes_;
    std::size_t taken_ = 0; ///< of them, at the front
};

} // namespace ordo::detail
