// ordo: idle_watch, what a test has told when a loop has nothing to run.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/clock.hpp>
#include <ordo/event_loop.hpp>

#include <optional>

namespace ordo::detail {

/// Is asked, as long as it exists, when nothing is ready in a loop and Asio has nothing to deliver: before the clock is,
/// and the newest first, except for those who want to be the last.
///
/// It belongs to the loop's thread.
class ORDO_DECL idle_watch {
public:
    idle_watch(idle_watch const&) = delete;
    idle_watch& operator=(idle_watch const&) = delete;

    /// @param others   What those say that were asked before.
    /// @returns        How long to really wait at most, 0 if there is something to do now; nothing: the clock decides.
    virtual std::optional<duration> nothing_is_ready(std::optional<duration> others) noexcept = 0;

    /// @returns   The shortest of the answers.
    static std::optional<duration> ask(idle_watch* first) noexcept;

protected:
    enum class turn : bool { first, last };

    explicit idle_watch(event_loop& loop, turn asked = turn::first) noexcept;
    ~idle_watch();

private:
    pump& pump_;
    idle_watch* next_;
};

} // namespace ordo::detail
