// ordo: the names of kinds of callbacks.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/callback_info.hpp>

namespace ordo {

char const* to_string(callback_kind kind) noexcept {
    switch (kind) {
    case callback_kind::callback: return "callback";
    case callback_kind::timer: return "timer";
    case callback_kind::threadsafe: return "threadsafe";
    case callback_kind::step: return "step";
    case callback_kind::internal: break;
    }
    return "internal";
}

} // namespace ordo
