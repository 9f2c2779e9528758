// ordo: counting the children of a gather.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/gather.hpp>

#include <ordo/detail/scope_exit.hpp>

namespace ordo::detail {

void gathering::begin() {
    for (auto& one : children())
        if (!one.future->done()) watch(one);
    for (auto& one : children())
        if (one.future->done()) settle(one);
}

bool gathering::cancel_children(std::string_view message) {
    if (cancelling_) { // a child waits for this, in a circle that nothing else would ever end
        fail(std::make_exception_ptr(cancelled_error(std::string(message))));
        return true;
    }
    auto const keep = share(self());
    cancelling_ = true;
    scope_exit const no_longer([this] { cancelling_ = false; });
    bool any = false;
    for (auto& one : children())
        if (one.future && one.future->cancel(message)) any = true; // there is none after the loop was closed
    if (any) cancel_requested_ = true;
    return any;
}

void gathering::child_done(child& which) {
    ++finished_;
    auto& future = *which.future;
    if (!keep_errors_ || self().done()) {
        auto const error = future.cancelled() ? nullptr : future.exception();
        if (self().done()) return;
        if (future.cancelled()) return fail(future.take_cancelled_error());
        if (error) return fail(error);
    }
    if (finished_ < children().size()) return;
    if (!cancel_requested_) return succeed();
    for (auto& one : children())
        if (!one.future->cancelled()) one.future->exception(); // nobody will ask for it
    auto& last = *children().back().future;
    fail(last.cancelled() ? last.take_cancelled_error()
                          : std::make_exception_ptr(cancelled_error(last.cancel_message())));
}

} // namespace ordo::detail
