// ordo: barrier, at which tasks wait for each other.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/condition.hpp>
#include <ordo/coro.hpp>

#include <cstddef>
#include <cstdint>

namespace ordo {

/// Lets so many tasks go on together: each waits until all have come. Then the next round can begin.
///
/// @code
/// ordo::barrier start(2);
/// auto run_race = [&]() -> ordo::coro<> {
///     auto const place = co_await start.wait();
///     if (place == 0) std::cout << "go";
/// };
/// auto const one = loop.create_task(run_race);
/// auto const other = loop.create_task(run_race);
/// @endcode
///
/// @par Ownership       Must outlive the tasks that use it. If it is destroyed while tasks wait at it, an error is logged,
///                      and they are not woken any more.
/// @par Thread safety   The loop's thread only, and the tasks of one loop at a time.
/// @par Source          asyncio.Barrier.
class barrier {
public:
    /// @param parties   How many tasks wait for each other.
    /// @throws value_error   if they are 0.
    ORDO_DECL explicit barrier(std::size_t parties);

    /// Wait until as many tasks wait as there are parties; who comes while those of the round before have not all gone on
    /// waits until they have.
    ///
    /// @returns   How many had come before in this round. The last one goes on at once.
    /// @throws broken_barrier_error   if it is aborted, before or meanwhile, or is reset meanwhile.
    /// @throws usage_error            if tasks of another loop wait at it.
    /// @par Cancellation              The cancelled_error comes as soon as nobody else is changing the barrier; the others wait
    ///                                for one more.
    ORDO_DECL coro<std::size_t> wait();

    /// Send those that wait away, with a broken_barrier_error. One that was aborted is mended.
    ORDO_DECL coro<> reset();

    /// Break it: those that wait, and those that come, get a broken_barrier_error.
    ORDO_DECL coro<> abort();

    std::size_t parties() const noexcept { return parties_; }

    /// How many tasks wait for the others of their round.
    std::size_t n_waiting() const noexcept { return state_ == state::filling ? inside_ : 0; }

    /// Whether it was aborted, and not reset since.
    bool broken() const noexcept { return state_ == state::broken; }

private:
    enum class state : std::uint8_t {
        filling,   ///< tasks come and wait for the last one
        draining,  ///< all have come, and not all have gone on
        resetting, ///< those that wait go away with an error
        broken,    ///< until reset()
    };

    coro<> enter();
    void leave();

    condition changed_{"barrier::wait"};
    std::size_t const parties_;
    std::size_t inside_ = 0; ///< tasks that have come and not gone on
    state state_ = state::filling;
};

} // namespace ordo
