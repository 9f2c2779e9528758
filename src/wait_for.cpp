// ordo: the untyped part of wait_for().
// SPDX-License-Identifier: BSL-1.0
#include <ordo/wait_for.hpp>

#include <ordo/detail/scope_exit.hpp>

namespace ordo::detail {
namespace {

coro<> wait_until_done(any_future future) {
    auto const over = get_running_loop().create_future();
    auto const callback = future.add_done_callback([over] {
        if (!over.done()) over.set_result();
    });
    scope_exit const take_back([&] { future.remove_done_callback(callback); });
    co_await over; // not the future itself, so that a cancellation of this wait is not lost in it
}

} // namespace

coro<> cancel_and_wait(any_future future) {
    future.cancel(); // first, because there may be no memory for the wait
    return wait_until_done(std::move(future));
}

} // namespace ordo::detail
