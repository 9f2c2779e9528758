// ordo: sequencer, which lets tasks of a test take turns in an order that the test says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/event.hpp>

#include <cstddef>
#include <map>
#include <optional>

namespace ordo::testing {

/// Forces an order on blocks of different tasks: number n begins when number n-1 has ended.
///
/// @code
/// ordo::testing::sequencer seq;
/// auto first = [&]() -> ordo::coro<> {
///     auto const turn = co_await seq(0);
///     std::cout << "first\n";
/// };
/// auto second = [&]() -> ordo::coro<> {
///     co_await seq(1);                  // its turn ends at once, so 2 may begin
///     std::cout << "second\n";
/// };
/// co_await ordo::gather(second(), first()); // writes first, then second
/// @endcode
///
/// @par Ownership       Must outlive the turns and the tasks that wait for theirs.
/// @par Thread safety   The loop's thread only.
/// @par Source          trio.testing.Sequencer.
class ORDO_DECL sequencer {
public:
    /// Ends a block in its destructor.
    class turn {
    public:
        turn(turn&& other) noexcept;
        turn& operator=(turn&&) = delete;
        ~turn();

    private:
        friend class sequencer;
        turn(sequencer& of, std::size_t position) noexcept : of_(&of), position_(position) {}
        sequencer* of_; ///< null once it was moved from
        std::size_t position_;
    };

    /// Wait for a turn.
    ///
    /// @throws usage_error   if the position was taken before, or a task was cancelled while it waited for its turn: then
    ///                       the others would wait for ever.
    /// @par Cancellation     Ends the wait, and everybody else's.
    coro<turn> operator()(std::size_t position);

private:
    struct place {
        event begins;
        bool taken = false;
    };
    void check_intact(std::size_t position) const;
    void break_up(std::size_t position) noexcept;
    void begin(std::size_t position) noexcept;

    std::map<std::size_t, place> places_;  ///< also the one behind each that is taken
    std::optional<std::size_t> broken_at_; ///< the position of a task that was cancelled
};

} // namespace ordo::testing
