// ordo: failure_of, what an error says that awaiting something throws.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/coro.hpp>

#include <boost/system/system_error.hpp>
#include <string>
#include <utility>

/// The text of the Error; others come through.
template <class Error = boost::system::system_error, class A>
ordo::coro<std::string> failure_of(A awaitable) {
    try {
        static_cast<void>(co_await std::move(awaitable));
    } catch (Error const& e) {
        co_return e.what();
    }
    co_return "(nothing was thrown)";
}
