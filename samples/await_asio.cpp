// ordo: Asio's operations in coroutines: deferred starts one when it is awaited, use_future starts it at once.
// SPDX-License-Identifier: BSL-1.0
//
// Output:
//   read: hello
//   both timers: 2
//   cancelled
#include <boost/asio.hpp>
#include <ordo/ordo.hpp>

#include <array>
#include <chrono>
#include <iostream>
#include <string_view>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using ordo::use_future;

ordo::coro<> run() {
    auto const executor = ordo::get_running_loop().get_executor();

    // One after the other: each operation begins where it is awaited.
    asio::local::stream_protocol::socket a(executor), b(executor);
    asio::local::connect_pair(a, b);
    co_await asio::async_write(a, asio::buffer("hello", 5), deferred);
    std::array<char, 16> text{};
    auto const size = co_await b.async_read_some(asio::buffer(text), deferred);
    std::cout << "read: " << std::string_view(text.data(), size) << '\n';

    // Side by side, without a task for each.
    asio::steady_timer first(executor, 20ms), second(executor, 20ms);
    auto const one = first.async_wait(use_future);
    auto const two = second.async_wait(use_future);
    co_await one;
    co_await two;
    std::cout << "both timers: " << one.done() + two.done() << '\n';

    // The socket is free again once the future is done.
    auto const never = b.async_read_some(asio::buffer(text), use_future);
    never.cancel();
    try {
        co_await never;
    } catch (ordo::cancelled_error const&) {
        std::cout << "cancelled\n";
    }
}

int main() {
    ordo::run(run());
}
