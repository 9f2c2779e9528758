// ordo: errors under the names that Python has for them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace conformance {

/// An error as Python has it: the type, and the message or the #tag that stands for a text of the library.
struct python_error {
    std::string type;
    std::string message;
};

/// What a scenario raises: an error of ordo where it has the type, else one of the interpreter's own.
std::exception_ptr make_error(std::string_view type, std::string message);

/// The end of a generator, which in C++ is an empty optional.
std::exception_ptr make_stop_async_iteration();

python_error classify(std::exception_ptr const& error);

/// `Type(message)`, and the members of a group in brackets.
std::string render(std::exception_ptr const& error);

/// Whether `except TYPE` catches it.
bool is_caught_by(std::exception_ptr const& error, std::string_view type);

/// Types that `raise` and the like take.
bool is_raisable(std::string_view type);
/// Types that `except` takes.
bool is_catchable(std::string_view type);

} // namespace conformance
