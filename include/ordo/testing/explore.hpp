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
    std::optional<std::size_t> runs{};   ///< at most; without it 100, or all if they are exhaustive
    bool exhaustive = false;             ///< every order, one after the other; else random ones
    std::optional<std::uint64_t> seed{}; ///< of the first random run, from which the others count on; else by chance
    /// Called before each run, with the order it is about to take in words: for BOOST_TEST_MESSAGE() and the like.
    std::function<void(std::string const& order)> on_run{};
    /// With a null clock, on a virtual_clock of each run's own; one that is given goes on from run to run.
    loop_options loop{};
};

struct exploration {
    std::size_t runs = 0;
    bool complete = false; ///< there is no other order, as far as can be seen: see Limits
};

/// Run a test body again and again, each time on a loop of its own, and let come in another order what asyncio promises no
/// order for: timers that are due at the same time, Asio operations that complete at once, and calls and results from
/// different threads that arrive together. What one thread sends keeps its order, and so does everything else.
///
/// Random runs begin with one in the order of things as they come. Whatever the run, the checks of the body must hold and
/// it must leave nothing behind: see run_test_case().
///
/// Each run is logged, at level info, before it begins, so that also one that aborts, hangs or fails without an exception
/// can be told from the others. What is logged, and the text of the error, is what to put into the environment to play
/// that run again, and no other: ORDO_ORDER=0.2.1, a path through the tree of decisions, or ORDO_SEED=7. Either holds for
/// every call of the process, whatever its options say; the former goes before the latter.
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
/// @throws std::runtime_error   if a run ends with an error or leaves something behind; the text says which, and what plays
///                              it again.
/// @throws value_error          if ORDO_SEED is not a number, ORDO_ORDER not a path, or not one of this test.
/// @par Limits   Permuted are, among what one iteration finds ready, neighbours of one kind: timers of one deadline; steps
///               that go on because an Asio operation has completed; calls of call_soon_threadsafe() and results of
///               executors that come from different threads. What stands between them is a border.
///
///               Not tried are: what a thread sends against what the loop itself queues, against timers or completions,
///               or one iteration later; handlers that no task awaits, such as those of add_reader(), signals and
///               use_future; jobs that share a thread of a pool, which are one stream.
///
///               What two threads say to each other is not seen, nor what Asio promises, as for posts to one strand: calls
///               that have an order count as unordered, and an order may be played that cannot come.
///
///               A run is played again if the same things arrive together, in the same order. For timers that is so; for
///               threads and sockets it is as long as the test sees to it, by waiting until all has arrived. `complete` is
///               false if the tree was seen to change.
ORDO_DECL exploration explore(std::function<coro<>()> const& body, exploration_options options = {});

} // namespace ordo::testing
