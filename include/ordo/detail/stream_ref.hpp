// ordo: stream_ref, what a stream_reader and a stream_writer hold: the connection is closed when the last one is gone.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>

#include <memory>
#include <utility>

namespace ordo::detail {

class stream_core;

/// A share of a connection, on the loop's thread. The connection also lives on by itself, while it sends what is left.
class ORDO_DECL stream_ref {
public:
    stream_ref() noexcept = default;
    explicit stream_ref(std::shared_ptr<stream_core> core) noexcept;
    stream_ref(stream_ref const& other) noexcept;
    stream_ref(stream_ref&& other) noexcept : core_(std::move(other.core_)) {}
    stream_ref& operator=(stream_ref other) noexcept {
        core_.swap(other.core_);
        return *this;
    }
    ~stream_ref();

    /// @throws usage_error   if it is empty.
    stream_core& get(char const* where) const;
    std::shared_ptr<stream_core> const& share() const noexcept { return core_; }

private:
    std::shared_ptr<stream_core> core_; ///< null after it was moved from
};

} // namespace ordo::detail
