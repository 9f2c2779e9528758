// ordo: shield, to wait for something without passing a cancellation on to it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/as_future.hpp>
#include <ordo/detail/combinator.hpp>

#include <optional>
#include <source_location>
#include <span>
#include <type_traits>
#include <utility>

namespace ordo {
namespace detail {

/// Follows the inner future; after the outer one was cancelled it stays to report an error that nobody would see.
class ORDO_DECL shielding : public combinator {
protected:
    shielding(future_base& outer, future_pointer<> inner) noexcept;
    ~shielding();

    void begin();

    /// The inner one has a result: give it to the outer one.
    virtual void succeed(future_base& inner) = 0;

private:
    struct outer_node : ready_node {
        shielding* owner;
        std::optional<done_callback_share> outer; ///< while it waits
    };

    std::span<child> children() noexcept override { return {&inner_, 1}; }
    void child_done(child& which) override;
    void report(future_base& inner);
    void outer_is_done();
    static void perform(ready_node* node, node_action action);

    child inner_;
    outer_node outer_done_;
    bool reports_ = false;
};

template <class Outer, class Convert>
class shield_state final : public future_state<Outer>, public shielding {
public:
    static future<Outer> make(future_pointer<> inner, std::source_location where) {
        auto& core = inner->core();
        core.check_open("shield");
        future_pointer<shield_state> state(::new (allocate(sizeof(shield_state)))
                                               shield_state(core, std::move(inner), where));
        state->begin();
        return future_access::adopt<future<Outer>>(std::move(state));
    }

    void describe(wait_description& into) const override { into.what = "shield"; }

private:
    shield_state(loop_core& core, future_pointer<> inner, std::source_location where) noexcept
        : future_state<Outer>(core, where), shielding(*this, std::move(inner)) {}
    ~shield_state() = default;

    void succeed(future_base& inner) override {
        if constexpr (std::is_void_v<Outer>) {
            inner.check_success("shield");
            this->set_result("shield");
        } else {
            this->set_result("shield", Convert()(inner));
        }
    }

    void destroy() noexcept override {
        this->~shield_state();
        deallocate(this, sizeof(shield_state));
    }
};

/// Moves the result of the inner future out.
template <class T>
struct take_inner {
    auto operator()(future_base& inner) const {
        inner.check_result("shield");
        inner.mark_moved_out();
        return std::move(value_of<T>(inner));
    }
};
/// Refers to it.
template <class T>
struct look_at_inner {
    auto operator()(future_base& inner) const {
        inner.check_result("shield");
        return std::addressof(storage<T>::look(value_of<T>(inner)));
    }
};

} // namespace detail

/// Wait for something that is not to be cancelled when the one who waits is.
///
/// @code
/// auto const saving = ordo::create_task(work());
/// co_await ordo::shield(saving); // cancelled here, the work goes on
/// @endcode
///
/// Keep a handle of the task, or its loop may be closed while it runs. If the future that this gives was cancelled
/// and the inner one fails later, its error goes to the loop's exception handler.
///
/// @param inner   A coroutine or another awaitable, which becomes a task, a task or a future.
/// @returns       A future. Of an rvalue it is that of the result itself; of an lvalue task<T> a future<T const&>, which
///                refers to the result in the task; of an any_future an any_future, which is the inner one itself if
///                that is done. Whoever awaits it goes on two iterations after the end of the inner one; one that is done
///                already costs none.
/// @par Cancellation   Cancelling the returned future leaves the inner one alone. If the inner one is cancelled, so is
///                     the returned one.
/// @par Source         asyncio.shield, as of Python 3.14.
template <awaitable A>
auto shield(A&& inner, std::source_location where = std::source_location::current()) {
    using value = detail::result_of_future_t<detail::future_of<A>>;
    auto future = detail::as_future(std::forward<A>(inner), where);
    auto state = detail::future_access::state(future);
    if constexpr (detail::future_like<A> && !detail::typed_future<std::remove_cvref_t<A>>) {
        if (state->done()) return any_future(future);
        return any_future(detail::shield_state<void, detail::take_inner<void>>::make(std::move(state), where));
    } else if constexpr (std::is_lvalue_reference_v<A> && !std::is_void_v<value>) {
        return detail::shield_state<detail::look_t<value>, detail::look_at_inner<value>>::make(std::move(state), where);
    } else {
        return detail::shield_state<value, detail::take_inner<value>>::make(std::move(state), where);
    }
}
template <class A>
    requires(!awaitable<A>)
future<> shield(A&&) {
    detail::explain_unless_awaitable<A>();
    return {};
}

} // namespace ordo
