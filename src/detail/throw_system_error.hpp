// ordo: throw_system_error, for what the system refuses.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/system/system_error.hpp>
#include <string>

namespace ordo::detail {

/// @param number   An errno.
[[noreturn]] inline void throw_system_error(int number, std::string const& what) {
    throw boost::system::system_error(boost::system::error_code(number, boost::system::system_category()), what);
}

/// Without the place inside Asio that its error codes carry, which takes a kilobyte of the text to name.
[[noreturn]] inline void throw_system_error(boost::system::error_code const& error, std::string const& what) {
    throw boost::system::system_error(boost::system::error_code(error.value(), error.category()), what);
}

} // namespace ordo::detail
