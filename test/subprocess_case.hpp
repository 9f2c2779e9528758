// ordo: what the tests of subprocesses begin with: OUTSIDE_TEST_CASE, and the usual pipes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/subprocess.hpp>

#include "nothing_left.hpp"

#include <boost/system/system_error.hpp>

using boost::system::system_error;
using ordo::coro;
using ordo::create_subprocess_exec;
using ordo::create_subprocess_shell;
using ordo::create_task;
using ordo::stdio;
using ordo::subprocess_options;

inline subprocess_options const in_and_out{.std_in = stdio::pipe, .std_out = stdio::pipe};
inline subprocess_options const all_pipes{.std_in = stdio::pipe, .std_out = stdio::pipe, .std_err = stdio::pipe};
