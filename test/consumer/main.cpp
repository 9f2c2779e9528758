// ordo: what a project on ordo does: runs coroutines, awaits Asio, tests itself in virtual time, catches what is thrown.
// SPDX-License-Identifier: BSL-1.0
//
// Exits with 0 if all of it went well. Across the border of a shared library that takes one typeinfo for each exception,
// and one io_context: Asio knows its services by the addresses of objects that exist once in the process.
#include <ordo/ordo.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <iostream>
#include <memory>

using namespace std::chrono_literals;

namespace {

ordo::coro<int> wait_for_asio(boost::asio::io_context& host) {
    boost::asio::steady_timer timer(host, 1ms);
    co_await timer.async_wait(boost::asio::deferred);
    co_return 20;
}

int on_the_context_of_the_host() {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    auto const task = loop.create_task(wait_for_asio(host));
    host.run();
    return task.result();
}

ordo::coro<int> sleep_for_a_day() {
    auto const before = ordo::get_running_loop().time();
    co_await ordo::sleep(24h);
    co_return ordo::get_running_loop().time() - before == 24h ? 20 : 0;
}

int in_virtual_time() {
    ordo::runner runner({.clock = std::make_shared<ordo::testing::virtual_clock>()});
    return runner.run(sleep_for_a_day());
}

int catching_what_is_thrown() {
    ordo::event_loop loop;
    loop.close();
    try {
        loop.call_soon([] {});
    } catch (ordo::loop_closed_error const&) {
        return 1;
    }
    return 0;
}

ordo::coro<int> sleep_briefly() {
    co_return co_await ordo::sleep(1ms, 1);
}

} // namespace

int main() {
    int const sum =
        on_the_context_of_the_host() + in_virtual_time() + catching_what_is_thrown() + ordo::run(sleep_briefly());
    std::cout << sum << '\n';
    return sum == 42 ? 0 : 1;
}
