// ordo: misuse of a semaphore.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/semaphore.hpp>

#include <string>

namespace ordo {

semaphore::semaphore(std::ptrdiff_t permits, std::ptrdiff_t bound) : permits_(permits), bound_(bound) {
    if (permits < 0) throw value_error("semaphore: " + std::to_string(permits) + " permits; give 0 or more");
}

void semaphore::throw_all_there() const {
    throw value_error("semaphore::release: all permits are there (" + std::to_string(permits_) +
                      "); release one for each acquire()");
}

} // namespace ordo
