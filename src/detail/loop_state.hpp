// ordo: the cold parts of a loop.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/event_loop.hpp>

#include <memory>

namespace ordo {

namespace detail {

class job_roster;

/// What a loop owns without knowing what it is.
class loop_part {
public:
    virtual ~loop_part() = default;
};

} // namespace detail

struct event_loop::state {
    exception_handler on_exception; ///< empty: the default one
    std::shared_ptr<executor> default_executor;
    std::shared_ptr<detail::job_roster> default_jobs; ///< those of the default executor; null until the first
    bool default_executor_is_shut_down = false;
    std::shared_ptr<detail::loop_part> signals;     ///< the handlers; null until the first
    std::shared_ptr<detail::loop_part> descriptors; ///< that are watched; null until the first
    std::shared_ptr<detail::loop_part> hooks;       ///< null if there are none
};

} // namespace ordo
