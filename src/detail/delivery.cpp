// ordo: what does not depend on the handler in the way from a future to Asio code.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/delivery.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace ordo::detail {

std::exception_ptr aborted() {
    return std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted));
}

std::exception_ptr error_for_asio(future_base& from) {
    if (from.ended_by_cancelled_error()) {
        if (!from.cancelled()) from.exception(); // it counts as retrieved
        return aborted();
    }
    return from.exception();
}

void cancellation_relay::connect(std::function<void()> cancel) {
    cancel_ = std::move(cancel);
    link(*core_);
    if (requested_) deliver();
}

void cancellation_relay::disconnect() noexcept {
    if (!cancel_) return;
    unlink(*core_);
    auto const last = std::exchange(cancel_, nullptr); // whose end may come back here
}

void cancellation_relay::request() {
    if (core_->at_home()) return deliver();
    auto call = [self = shared_from_this()] { self->deliver(); };
    auto* const node = callback<decltype(call)>::make(std::move(call));
    if (!core_->push_threadsafe(node)) node->release();
}

void cancellation_relay::deliver() {
    requested_ = true;
    if (auto const cancel = cancel_) cancel(); // a copy, because the end of the operation disconnects
}

} // namespace ordo::detail
