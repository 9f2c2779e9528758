// ordo: chat_server: a bound on how long a part of a coroutine may take.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>
#include <ordo/timer_handle.hpp>

#include <chrono>
#include <utility>

namespace chat {

/// Calls `expired` unless it is destroyed before. Arming and disarming it costs no system call.
///
/// ordo::with_timeout() would only cancel, which an operation of Beast may not hear; see connection::abort().
class deadline {
public:
    template <class Callback>
    deadline(ordo::event_loop& loop, std::chrono::milliseconds delay, Callback expired)
        : timer_(loop.call_later(delay, std::move(expired))) {}
    ~deadline() { timer_.cancel(); }
    deadline(deadline const&) = delete;
    deadline& operator=(deadline const&) = delete;

private:
    ordo::timer_handle timer_;
};

} // namespace chat
