// ordo: which loop a thread uses, and how loops are made: asyncio's event loop policy, reduced to what it is for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <functional>
#include <memory>

namespace ordo {

/// The running loop; where none is running, the one that set_event_loop() has given to this thread.
///
/// @throws usage_error   if there is neither.
/// @par Thread safety    Any thread.
/// @par Source           asyncio.get_event_loop, as of Python 3.14: it never makes a loop.
ORDO_DECL event_loop& get_event_loop();

/// Make a loop the one of this thread; nullptr takes it back. The caller owns it; its end takes it back, too.
///
/// @par Thread safety    Any thread.
/// @par Source           asyncio.set_event_loop.
ORDO_DECL void set_event_loop(event_loop* loop);

/// A new loop from the factory. It is not made the one of this thread.
///
/// @throws usage_error   if the factory gives none.
/// @throws anything      that the factory throws.
/// @par Thread safety    Any thread.
/// @par Source           asyncio.new_event_loop.
ORDO_DECL std::unique_ptr<event_loop> new_event_loop();

using event_loop_factory = std::function<std::unique_ptr<event_loop>()>;

/// Replace what makes loops, run() included, in the whole program: loops on virtual time, for example, or with hooks.
///
/// @param factory   Empty: the default, which makes an event_loop with a context of its own.
/// @returns         The factory before.
/// @par Thread safety    Any thread.
/// @par Source           asyncio.set_event_loop_policy.
ORDO_DECL event_loop_factory set_event_loop_factory(event_loop_factory factory);

} // namespace ordo
