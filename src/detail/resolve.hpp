// ordo: resolve, from what users give as an address to addresses that a socket takes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "native_address.hpp"

#include <ordo/coro.hpp>
#include <ordo/getaddrinfo.hpp>

#include <string>
#include <vector>

namespace ordo::detail {

/// An address means itself; else they are those of the name, in the order of the system, which is asked as by getaddrinfo().
///
/// @param where    With which the text of an error begins.
/// @param wanted   Of its own family, or else of that of the options.
/// @throws boost::system::system_error   with the host in its text, if there are none.
/// @throws value_error                   if a path is too long, or a text has a zero byte in it.
coro<std::vector<native_address>> resolve(char const* where, socket_address wanted, getaddrinfo_options options);

} // namespace ordo::detail
