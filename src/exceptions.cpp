// ordo: one home for the vtable of each error, so that it can be caught across shared libraries.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/exceptions.hpp>

namespace ordo {

cancelled_error::~cancelled_error() = default;
generator_exit::~generator_exit() = default;
error::~error() = default;
invalid_state_error::~invalid_state_error() = default;
usage_error::~usage_error() = default;
loop_closed_error::~loop_closed_error() = default;
wrong_thread_error::~wrong_thread_error() = default;
timeout_error::~timeout_error() = default;
keyboard_interrupt::~keyboard_interrupt() = default;

} // namespace ordo
