// ordo: wrap_future, which makes a future that can be awaited of a concurrent_future.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/concurrent_future.hpp>
#include <ordo/detail/future_chain.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/future.hpp>

#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

/// @tparam Move   Take the result out of the source, instead of copying it.
template <class T, bool Move>
class wrapping_chain_of final : public wrapping_chain {
public:
    static future<T> wrap(loop_core& core, concurrent_future<T> const& source, std::source_location where) {
        core.check_open("wrap_future");
        core.check_thread("wrap_future");
        future_pointer<> wrapped = future_state<T>::make(core, where);
        auto* chain = ::new (allocate(sizeof(wrapping_chain_of))) wrapping_chain_of(core);
        chain->begin(concurrent_access::state(source), wrapped);
        return future_access::adopt<future<T>>(std::move(wrapped));
    }

private:
    explicit wrapping_chain_of(loop_core& core) noexcept : wrapping_chain(core) {}

    void deliver(concurrent_base& from, future_base& to) override {
        auto& source = static_cast<concurrent_state<T>&>(from);
        auto& wrapped = static_cast<future_state<T>&>(to);
        if constexpr (Move) {
            source.claim_result("wrap_future");
            wrapped.set_result("wrap_future", std::move(source.value()));
        } else {
            source.check_result("wrap_future");
            wrapped.set_result("wrap_future", std::as_const(source.value()));
        }
    }

    void destroy() noexcept override {
        this->~wrapping_chain_of();
        deallocate(this, sizeof(wrapping_chain_of));
    }
};

} // namespace detail

/// A future of the running loop, or of the given one, that ends as the concurrent_future does, an iteration later.
///
/// Of an lvalue the result is copied; of an rvalue it is moved out, and later looks at the concurrent_future find it
/// gone. Cancelling the future cancels the concurrent_future, if that is pending still, in the next iteration.
///
/// @code
/// co_await ordo::wrap_future(ordo::run_coroutine_threadsafe(work(), other_loop)); // in a task of this loop
/// @endcode
///
/// @throws usage_error          if no loop is given, and none is running on this thread.
/// @throws loop_closed_error
/// @par Thread safety           The loop's thread. The concurrent_future may be completed on any.
/// @par Source                  asyncio.wrap_future.
template <class T>
    requires(std::is_void_v<T> || std::is_reference_v<T> || std::is_copy_constructible_v<T>)
future<T> wrap_future(concurrent_future<T> const& source, event_loop& loop,
                      std::source_location where = std::source_location::current()) {
    return detail::wrapping_chain_of<T, false>::wrap(detail::loop_access::core(loop), source, where);
}
template <class T>
future<T> wrap_future(concurrent_future<T>&& source, event_loop& loop,
                      std::source_location where = std::source_location::current()) {
    return detail::wrapping_chain_of<T, true>::wrap(detail::loop_access::core(loop), source, where);
}
template <class T>
    requires(std::is_void_v<T> || std::is_reference_v<T> || std::is_copy_constructible_v<T>)
future<T> wrap_future(concurrent_future<T> const& source,
                      std::source_location where = std::source_location::current()) {
    return detail::wrapping_chain_of<T, false>::wrap(detail::running_core("wrap_future"), source, where);
}
template <class T>
future<T> wrap_future(concurrent_future<T>&& source, std::source_location where = std::source_location::current()) {
    return detail::wrapping_chain_of<T, true>::wrap(detail::running_core("wrap_future"), source, where);
}

} // namespace ordo
