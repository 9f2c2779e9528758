// ordo: as_completed, tasks in the order in which they end.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/as_future.hpp>
#include <ordo/detail/combinator.hpp>

#include <cstddef>
#include <optional>
#include <ranges>
#include <source_location>
#include <span>
#include <utility>
#include <vector>

namespace ordo {
namespace detail {

/// Children that are done and were not asked for yet, and who waits for the next. Completed itself when all are done.
class ORDO_DECL completion_state final : public future_state<void>, public combinator {
public:
    /// @param futures   Each once.
    static future_pointer<completion_state> make(std::vector<future_pointer<>> futures, optional_duration timeout);

    /// The next one that is done; null when there is none left.
    /// @throws timeout_error
    coro<future_pointer<>> next();

private:
    completion_state(loop_core& core, std::vector<child> children);
    ~completion_state() = default;

    std::span<child> children() noexcept override { return children_; }
    void child_done(child& which) override;
    future_base* followed_by() noexcept override;
    void time_out();
    void put(future_pointer<> done);
    void wake_next();
    void destroy() noexcept override;

    std::vector<child> children_;
    std::vector<future_pointer<>> done_; ///< with room for all; a null one says that time ran out
    std::size_t given_ = 0;              ///< how many of these were given
    std::vector<future<>> getters_;
    timer_handle timer_;
    std::size_t todo_;   ///< children that are watched
    std::size_t to_ask_; ///< how often next() still gives something
};

} // namespace detail

/// What as_completed() gives: `co_await it.next()` is the next one that is done.
template <class Future>
class completion_iterator {
public:
    using value_type = Future;

    /// Wait for the next one: the original future or task, which is done; empty when all have been given.
    ///
    /// @throws timeout_error   in place of each one that was not done when time ran out.
    /// @par Cancellation       Ends the wait; one that was on its way goes to the next who asks, but the count of those
    ///                         to come has gone down, as in asyncio.
    coro<std::optional<Future>> next() const { return next_of(state_); }

private:
    template <detail::range_of_awaitables R>
    friend auto as_completed(R&& awaitables, optional_duration timeout, std::source_location where);
    explicit completion_iterator(detail::future_pointer<detail::completion_state> state) noexcept
        : state_(std::move(state)) {}

    static coro<std::optional<Future>> next_of(detail::future_pointer<detail::completion_state> state) {
        auto done = co_await state->next();
        if (!done) co_return std::nullopt;
        co_return detail::future_access::adopt<Future>(std::move(done));
    }

    detail::future_pointer<detail::completion_state> state_;
};

/// Go through several futures in the order in which they end.
///
/// @code
/// std::vector<ordo::coro<std::string>> fetches;
/// fetches.push_back(fetch("a"));
/// fetches.push_back(fetch("b"));
/// auto pages = ordo::as_completed(std::move(fetches), 5s);
/// for (;;) {
///     auto page = co_await pages.next();
///     if (!page) break;
///     std::cout << co_await *page;
/// }
/// @endcode
///
/// It begins at once: coroutines, and whatever else can be awaited, become tasks of the running loop. One that is given
/// twice is given back once; those that are done already come first, in the order of the arguments.
///
/// @param awaitables   A range of coroutines (as an rvalue), tasks or futures; any_task or any_future for different types.
/// @param timeout      For all of them together.
/// @returns            A completion_iterator of the tasks or futures themselves. Whoever waits for the next goes on two
///                     iterations after its end.
/// @par Source         asyncio.as_completed, the asynchronous iterator of Python 3.13.
template <detail::range_of_awaitables R>
auto as_completed(R&& awaitables, optional_duration timeout = std::nullopt,
                  std::source_location where = std::source_location::current()) {
    using given = detail::given_by<R>;
    static_assert(awaitable<given>, "ordo: as_completed() makes tasks of these, so it must own them: "
                                    "as_completed(std::move(range))");
    std::vector<detail::future_pointer<>> futures;
    for (auto&& one : awaitables)
        futures.push_back(detail::future_access::state(detail::as_future(static_cast<given&&>(one), where)));
    detail::remove_repeated(futures);
    return completion_iterator<detail::future_of<given>>(detail::completion_state::make(std::move(futures), timeout));
}
template <class R>
    requires(!detail::range_of_awaitables<R>)
completion_iterator<any_future> as_completed(R&&, optional_duration = std::nullopt) {
    static_assert(detail::never<R>,
                  "ordo: as_completed() takes a range of coroutines, tasks, futures or other awaitables");
    throw usage_error("as_completed");
}

} // namespace ordo
