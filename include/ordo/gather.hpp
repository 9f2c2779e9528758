// ordo: gather, all results of several awaitables, in the order given.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/as_future.hpp>
#include <ordo/detail/combinator.hpp>

#include <array>
#include <boost/system/result.hpp>
#include <cstddef>
#include <exception>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace ordo {
namespace detail {

/// Counts the children, and knows when all of it is over.
class ORDO_DECL gathering : public combinator {
public:
    /// Watch the children; those that are done already count at once.
    void begin();

protected:
    /// @param keep_errors   They are results as any other.
    gathering(future_base& self, bool keep_errors) noexcept : combinator(self), keep_errors_(keep_errors) {}
    ~gathering() = default;

    /// Without recursion into gathers of gathers, and of tasks that wait for gathers.
    bool cancel_children(std::string_view message);

    /// All children are done: complete the watching future with the results.
    virtual void succeed() = 0;

private:
    /// The children are being cancelled.
    struct descent {
        gathering* above; ///< which is being cancelled too, and whose child this is ...
        task_base* task;  ///< ... or this task, which waits for it ...
        task_base* last;  ///< ... or that one, for which the first waits
        std::size_t next = 0;
        bool any = false; ///< a child will end by it
    };

    static void perform(ready_node* node, node_action action);
    void child_done(child& which) override;
    void count(child& which);
    void let_go(child const* which) noexcept;
    void descend(gathering* above, task_base* task, task_base* last) noexcept;
    gathering* cancel_next(std::string_view message);
    descent ascend() noexcept;

    std::size_t left_ = 0; ///< children that have not ended, or were not counted yet
    std::optional<descent> descent_;
    bool const keep_errors_;
    bool cancel_requested_ = false;
};

/// The future of all results.
///
/// @tparam Children   A container of combinator::child.
/// @tparam Collect    Makes a Result of the children.
template <class Result, class Children, class Collect>
class gather_state final : public future_state<Result>, public gathering {
public:
    static future<Result> make(Children children, Collect collect, bool keep_errors, std::source_location where) {
        auto& core = common_core(children, "gather");
        core.check_open("gather");
        future_pointer<gather_state> state(::new (allocate(sizeof(gather_state))) gather_state(
            core, std::move(children), std::move(collect), keep_errors, where));
        state->begin();
        return future_access::adopt<future<Result>>(std::move(state));
    }

    void describe(wait_description& into) const override { into.what = "gather"; }
    gathering* as_gathering() noexcept override { return this->done() ? nullptr : this; }
    bool cancel(std::string_view message) override {
        if (this->done()) return future_base::cancel(message);
        return cancel_children(message);
    }

private:
    gather_state(loop_core& core, Children children, Collect collect, bool keep_errors, std::source_location where)
        : future_state<Result>(core, where), gathering(*this, keep_errors), children_(std::move(children)),
          collect_(std::move(collect)) {}
    ~gather_state() = default;

    std::span<combinator::child> children() noexcept override { return children_; }
    void succeed() override { this->set_result("gather", collect_(children_)); }

    void destroy() noexcept override {
        this->~gather_state();
        deallocate(this, sizeof(gather_state));
    }

    Children children_;
    Collect collect_;
};

/// The outcome of a future that is done, as a value.
template <class T, bool Take>
auto outcome_from(future_base& future) {
    using value = std::conditional_t<std::is_void_v<T>, void, element_t<T>>;
    using outcome = boost::system::result<value, std::exception_ptr>;
    if (future.cancelled()) return outcome(std::make_exception_ptr(cancelled_error(future.cancel_message())));
    if (auto error = future.exception()) return outcome(std::move(error));
    try {
        if constexpr (std::is_void_v<T>) return outcome();
        else return outcome(element_from<T, Take>(future, "gather_results"));
    } catch (...) {
        return outcome(std::current_exception());
    }
}

/// What there is of the future made of an A&&.
template <bool KeepErrors, class A>
auto gathered(future_base& future) {
    using value = result_of_future_t<future_of<A>>;
    constexpr bool take = !std::is_lvalue_reference_v<A> || !future_like<A>;
    if constexpr (KeepErrors) return outcome_from<value, take>(future);
    else return element_from<value, take>(future, "gather");
}

template <bool KeepErrors, class A>
using gathered_t = decltype(gathered<KeepErrors, A>(std::declval<future_base&>()));

template <bool KeepErrors, class... A, std::size_t... I>
auto gather_each(std::index_sequence<I...>, A&&... awaitables) {
    std::array<combinator::child, sizeof...(A)> children;
    ((children[I].future = future_access::state(as_future(std::forward<A>(awaitables)))), ...);
    auto collect = [](auto& from) {
        return std::tuple<gathered_t<KeepErrors, A>...>{gathered<KeepErrors, A>(*from[I].future)...};
    };
    using result = std::tuple<gathered_t<KeepErrors, A>...>;
    return gather_state<result, decltype(children), decltype(collect)>::make(std::move(children), collect, KeepErrors,
                                                                             {});
}

template <bool KeepErrors, class... A>
auto gather_all(A&&... awaitables) {
    if constexpr (sizeof...(A) == 0) {
        auto nothing = get_running_loop().create_future<std::tuple<>>();
        nothing.set_result(std::tuple<>());
        return nothing;
    } else {
        return gather_each<KeepErrors>(std::index_sequence_for<A...>(), std::forward<A>(awaitables)...);
    }
}

template <bool KeepErrors, class R>
auto gather_range(R&& awaitables, std::source_location where) {
    using given = given_by<R>;
    static_assert(awaitable<given>, "ordo: gather() makes tasks of these, so it must own them: "
                                    "gather(std::move(range))");
    std::vector<combinator::child> children;
    if constexpr (std::ranges::sized_range<R>) children.reserve(std::ranges::size(awaitables));
    for (auto&& one : awaitables)
        children.push_back({{}, future_access::state(as_future(static_cast<given&&>(one), where))});
    auto collect = [](auto& from) {
        std::vector<gathered_t<KeepErrors, given>> results;
        results.reserve(from.size());
        for (auto& child : from) results.push_back(gathered<KeepErrors, given>(*child.future));
        return results;
    };
    using result = std::vector<gathered_t<KeepErrors, given>>;
    if (children.empty()) {
        auto nothing = get_running_loop().create_future<result>(where);
        nothing.set_result(result());
        return nothing;
    }
    return gather_state<result, decltype(children), decltype(collect)>::make(std::move(children), collect, KeepErrors,
                                                                             where);
}

} // namespace detail

/// All results, in the order given, once there are all of them: `auto [a, b] = co_await gather(f(), g())`.
///
/// The arguments are coroutines and other awaitables, which become tasks of the running loop, and futures. The first that
/// fails or is cancelled completes the whole with its error; the others run on. Results are moved out of coroutines and
/// of futures given as rvalues, and copied from lvalues; of void there is a std::monostate, of T& a
/// std::reference_wrapper<T>.
///
/// @returns            A future of a std::tuple; done already if all arguments are. Whoever awaits it goes on two
///                     iterations after the last of them has ended.
/// @throws usage_error   if the futures belong to different loops, or there is a coroutine and no running loop.
/// @par Cancellation   Cancelling the future, or the task that awaits it, cancels every argument that is not done; it is
///                     completed by what they make of that, with a cancelled_error as its exception.
/// @par Thread safety  The loop's thread only.
/// @par Source         asyncio.gather.
template <awaitable... A>
auto gather(A&&... awaitables) {
    return detail::gather_all<false>(std::forward<A>(awaitables)...);
}

template <class... A>
    requires(!(awaitable<A> && ...) && !(detail::range_of_awaitables<A> || ...))
future<> gather(A&&...) {
    (detail::explain_unless_awaitable<A>(), ...);
    return {};
}
/// The same for a range of them: a future of a std::vector. To be moved out of, results need the range as an rvalue.
template <detail::range_of_awaitables R>
auto gather(R&& awaitables, std::source_location where = std::source_location::current()) {
    return detail::gather_range<false>(std::forward<R>(awaitables), where);
}

/// What became of each, in the order given, once all are done: a boost::system::result<T, std::exception_ptr> each.
///
/// A cancelled one has a cancelled_error there. Otherwise as gather().
///
/// @par Cancellation   As of gather(), but the future waits for all of them, and ends with a cancelled_error even if some
///                     have declined.
/// @par Source         asyncio.gather(return_exceptions=True).
template <awaitable... A>
auto gather_results(A&&... awaitables) {
    return detail::gather_all<true>(std::forward<A>(awaitables)...);
}
template <class... A>
    requires(!(awaitable<A> && ...) && !(detail::range_of_awaitables<A> || ...))
future<> gather_results(A&&...) {
    (detail::explain_unless_awaitable<A>(), ...);
    return {};
}
template <detail::range_of_awaitables R>
auto gather_results(R&& awaitables, std::source_location where = std::source_location::current()) {
    return detail::gather_range<true>(std::forward<R>(awaitables), where);
}

} // namespace ordo
