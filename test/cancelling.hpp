// ordo: what the tests of cancellation begin with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>

using namespace std::chrono_literals;
using ordo::cancelled_error;
using ordo::coro;
using ordo::create_task;
using ordo::future;
using ordo::get_running_loop;

/// Counts the cancellations that it survives.
inline coro<int> survive(future<int> f, int& survived) {
    for (;;) {
        try {
            co_return co_await f;
        } catch (cancelled_error const&) {
            ++survived;
            f = get_running_loop().create_future<int>();
            get_running_loop().call_later(1s, [f] { f.set_result(7); });
        }
    }
}
