// ordo: misuse of a lock.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/lock.hpp>

namespace ordo {

void lock::throw_not_held() {
    throw usage_error("lock::release: the lock is not held; release it once for each acquire()");
}

} // namespace ordo
