// ordo: error_text, for tests of what errors say.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/exceptions.hpp>

#include <string>

/// What the Error says that f() throws. Other exceptions come through.
template <class Error, class F>
std::string error_text(F&& f) {
    try {
        f();
    } catch (Error const& e) {
        return e.what();
    }
    return "(nothing was thrown)";
}

/// The message of the cancelled_error that f() throws.
template <class F>
std::string cancel_message(F&& f) {
    try {
        f();
    } catch (ordo::cancelled_error const& e) {
        return e.message();
    }
    return "(nothing was thrown)";
}
