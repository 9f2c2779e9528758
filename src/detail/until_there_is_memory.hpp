// ordo: trying again, for whom nobody can be told that there is no memory.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/detail/constants.hpp>

#include <new>
#include <thread>

namespace ordo::detail {

/// What f() returns, once it does not throw bad_alloc; it must not throw anything else.
template <class F>
auto until_there_is_memory(F const& f) noexcept {
    for (;; std::this_thread::sleep_for(memory_retry_interval)) {
        try {
            return f();
        } catch (std::bad_alloc const&) {}
    }
}

} // namespace ordo::detail
