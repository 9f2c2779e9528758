// ordo: loop_probe, what the test kit sees of a loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <cstddef>
#include <memory>

namespace ordo::detail {

struct ORDO_DECL loop_probe {
    /// Callbacks and steps that the next iteration will run, as far as that is known now.
    static std::size_t ready(event_loop& loop);

    /// Let somebody arrange what comes, from now on; null: nobody. No other thread may use the loop now.
    static void watch_arrivals(event_loop& loop, std::shared_ptr<arrival_watch> by);

    /// Asio operations and jobs that can still produce work.
    static std::size_t outstanding(event_loop const& loop) noexcept;
};

} // namespace ordo::detail
