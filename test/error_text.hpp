// ordo: error_text and says, for tests of what errors say: the text is part of the contract, word for word.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/exceptions.hpp>

#include <boost/test/unit_test.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

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

/// For BOOST_CHECK_EXCEPTION.
inline auto says(std::string expected) {
    return [expected = std::move(expected)](std::exception const& error) {
        BOOST_TEST(error.what() == expected);
        return error.what() == expected;
    };
}

/// A runtime_error, "failed", that lives as long as the program. Of another one that two threads share, whoever lets go
/// last destroys it, which the thread sanitizer takes for a race: the count is in libstdc++.so, where it does not look.
inline std::exception_ptr lasting_failure() {
    static auto const error = std::make_exception_ptr(std::runtime_error("failed"));
    return error;
}
