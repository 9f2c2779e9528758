// ordo: guest_mode, with which a loop runs on an event loop that is not Asio's.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/config.hpp>
#include <ordo/fwd.hpp>

#include <functional>
#include <memory>

namespace ordo {

/// Makes a host of Qt's, GLib's or a game's event loop, of which it needs one thing: that it calls a function soon, on its
/// own thread, whichever thread asks for it.
///
/// A thread of this waits in Asio's reactor; callbacks, tasks and handlers run on the host's thread only. Time and order
/// are those of any loop.
///
/// @code
/// auto const call_soon = [](std::function<void()> call) { window.call_soon(std::move(call)); };
/// ordo::guest_mode guest(call_soon);
/// ordo::event_loop loop(guest.get_executor());
/// loop.create_task(work);
/// window.run();
/// @endcode
///
/// @par Lifetime        Longer than that of its loops and of the Asio objects on it. Calls that the host makes later do
///                      nothing.
/// @par Thread safety   The host's thread, get_executor() any.
/// @par Source          trio.lowlevel.start_guest_run.
class ORDO_DECL guest_mode {
public:
    using call_soon = std::function<void(std::function<void()>)>;

    /// @param schedule   Called on any thread. It has the host call the function, once and on one thread, in the order of
    ///                   the calls. It must not call the function itself, nor throw anything but bad_alloc, after
    ///                   which Asio's thread tries again.
    /// @throws usage_error         if it is empty.
    /// @throws std::system_error   if no thread can be started.
    explicit guest_mode(call_soon schedule);
    guest_mode(guest_mode const&) = delete;
    guest_mode& operator=(guest_mode const&) = delete;

    /// Closes the loops that are left, and waits for its thread, which waits for nobody.
    ~guest_mode();

    /// For event_loop, and for Asio's objects.
    boost::asio::any_io_executor get_executor() const;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace ordo
