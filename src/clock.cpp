// ordo: one home for the vtable of clock.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/clock.hpp>

namespace ordo {

clock::~clock() = default;

} // namespace ordo
