// ordo: future::async_wait, the way of a result to a completion token of Asio.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/delivery.hpp>
#include <ordo/future.hpp>

#include <boost/asio/async_result.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace ordo::detail {

/// Somebody in Asio code waits for a future. Its done callback has a share of this.
template <class Handler, class T, bool Take>
class async_wait_operation {
public:
    template <class Given>
    static void start(Given&& handler, future<T> const& from) {
        auto& loop = from.get_loop();
        auto const self = std::make_shared<async_wait_operation>(std::forward<Given>(handler), loop, from);
        self->callback_ = from.add_done_callback(
            [self](any_future const& done) { self->to_.template deliver<Take>(*future_access::state(done)); });
        if (auto* const relay = self->to_.relay())
            relay->connect([waiting = std::weak_ptr(self)] {
                if (auto const still = waiting.lock()) still->give_up();
            });
    }

    template <class Given>
    async_wait_operation(Given&& handler, event_loop& loop, future<T> const& from)
        : to_(std::forward<Given>(handler), loop, loop.get_executor()), from_(from) {}

private:
    /// Too late if the done callback is queued.
    void give_up() {
        if (from_.remove_done_callback(callback_) == 0) return;
        auto call = [to = std::move(to_)]() mutable { to.fail(aborted()); };
        from_.get_loop().call_soon(std::move(call));
    }

    delivery<Handler, T> to_;
    any_future from_;
    handle callback_;
};

template <class T, class Token>
struct async_waiting {
    template <bool Take>
    static auto start(future<T> const& from, Token& token) {
        auto initiate = [](auto&& handler, future<T> const& waited_for) {
            using operation = async_wait_operation<std::decay_t<decltype(handler)>, T, Take>;
            operation::start(std::forward<decltype(handler)>(handler), waited_for);
        };
        return boost::asio::async_initiate<Token, delivery_signature<T>>(initiate, token, from);
    }
};

} // namespace ordo::detail
