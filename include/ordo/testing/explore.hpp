// ordo: explore, which plays a test in the different orders in which things may come.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>
#include <ordo/loop_options.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace ordo::testing {

struct exploration_options {
    std::size_t runs = 100;              ///< at most
    bool exhaustive = false;             ///< every order, one after the other; else random ones
    std::optional<std::uint64_t> seed{}; ///< of the random ones; else ORDO_SEED of the environment; else by chance
    /// Called before each run, with the order it is about to take in words: for BOOST_TEST_MESSAGE() and the like.
    std::function<void(std::string const& order)> on_run{};
    loop_options loop{}; ///< with a null clock, on a virtual_clock
};

struct exploration {
    std::size_t runs = 0;
    bool complete = false; ///< there is no other order
};

/// Run a test body again and again, each time on a loop of its own, and let come in another order what asyncio promises no
/// order for: timers that are due at the same time, Asio operations that complete at once, and calls and results from
/// different threads that arrive together. What one thread sends keeps its order, and so does everything else.
///
/// The first run takes the order of things as they come. Whatever the run, the checks of the body must hold and it must
/// leave nothing behind: see run_test_case(). With ORDO_SEED=n in the environment there is one run, of that seed.
///
/// @code
/// ordo::coro<> the_second_deadline_is_no_surprise() {
///     ordo::queue<int> numbers;
///     auto put = [&](int number) -> ordo::coro<> {
///         co_await ordo::sleep(1s);
///         numbers.put_nowait(number);
///     };
///     co_await ordo::gather(put(1), put(2));
///     // numbers has 1 and 2, in either order
/// }
/// void test() { ordo::testing::explore(the_second_deadline_is_no_surprise, {.exhaustive = true}); }
/// @endcode
///
/// @throws std::runtime_error   if a run ends with an error or leaves something behind; the text says which, and the seed
///                              that plays it again.
/// @throws value_error          if ORDO_SEED is not a number.
/// @par Limits   What two threads said to each other is not seen: calls that one made after a word from the other count as
///               unordered, and so do operations whose order Asio promises, as posts to one strand. Orders of threads can
///               only be played again if the same calls arrive together.
ORDO_DECL exploration explore(std::function<coro<>()> const& body, exploration_options options = {});

} // namespace ordo::testing
