// ordo: misuse of a semaphore.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/semaphore.hpp>

#include <string>

namespace ordo {

semaphore::semaphore(std::ptrdiff_t permits, std::ptrdiff_t bound) : permits_(permits), bound_(bound) {
    if (permits < 0)
        throw value_error("semaphore: " + std::to_string(permits) +
                          " permits; their number is 0 at least, and 1 if not given");
}

void semaphore::throw_all_there() const {
    throw value_error("semaphore::release: all " + std::to_string(bound_) +
                      " permits are there; release one for each acquire()");
}

} // namespace ordo
