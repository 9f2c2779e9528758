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
/// how late callbacks run, and which of them are slow. Whatever it shows is also there as JSON, under /state.json; of many
/// tasks it lists the oldest 500, and with /state.json?filter=TEXT those among all in whose names, waits or places that text
/// is.
///
/// It runs beside the loop, on the executor of that, and has no tasks itself. Whoever may connect to the loopback interface
/// of the machine can read names, places in the source and times; nothing can be changed. Requests that a browser sends for
/// a page of another site are refused, by what it says in Host, Origin and Sec-Fetch-Site.
///
/// While a page is open it asks twice a second, and until the answer is written the loop runs nothing else: 0.5 ms with 100
/// tasks, 8 ms with 10,000, and 16 ms while these are filtered.
///
/// @code
/// ordo::inspector const inspector(loop);
/// std::cout << "watch me at " << inspector.url() << std::endl;
/// @endcode
///
/// @par Lifetime        Closed when its loop is, if not before; then it may outlive that and the context. Until it is closed
///                      it keeps the run() of a host alive.
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

    /// Serve no more: port, connections and all that it has in the context are given back. Idempotent.
    void close() noexcept;

private:
    class implementation;
    std::shared_ptr<implementation> implementation_;
};

} // namespace ordo
