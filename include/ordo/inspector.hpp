// ordo: inspector, a page that shows a loop at work.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace ordo {

struct inspector_options {
    std::uint16_t port = 0; ///< of 127.0.0.1; 0 takes a free one
    /// Callbacks that take at least this long are listed and drawn. While there is an inspector each callback is timed, which
    /// costs some 100 ns.
    duration slow_callback = std::chrono::milliseconds(1);
};

/// Serves a page on the loopback interface that shows, live, what the tasks of a loop wait for, what stands in its queues,
/// how late callbacks run, and which of them are slow. Whatever it shows is also there as JSON, under /state.json.
///
/// It runs beside the loop, on the executor of that, and has no tasks itself. Whoever may connect to the loopback interface
/// of the machine can read names, places in the source and times; nothing can be changed. Requests that a page of another
/// site sends through a browser are refused.
///
/// @code
/// ordo::inspector const inspector(loop);
/// std::cout << "watch me at " << inspector.url() << std::endl;
/// @endcode
///
/// @par Lifetime        Must be closed or destroyed before its loop, on the loop's thread. Until then it keeps the run() of a
///                      host alive.
/// @par Thread safety   The loop's thread only.
class ORDO_DECL inspector {
public:
    /// @throws boost::system::system_error   if the port is taken.
    /// @throws loop_closed_error
    explicit inspector(event_loop& loop, inspector_options const& options = {});
    ~inspector();
    inspector(inspector const&) = delete;
    inspector& operator=(inspector const&) = delete;

    std::uint16_t port() const noexcept;
    /// "http://127.0.0.1:port/"
    std::string url() const;

    /// Serve no more. Idempotent.
    void close() noexcept;

private:
    class implementation;
    std::shared_ptr<implementation> implementation_;
};

} // namespace ordo
