// ordo: a loop inside somebody's io_context, and one on a strand of a pool that four threads run.
// SPDX-License-Identifier: BSL-1.0
// Python has no twin: asyncio owns its thread, while Asio's handlers and a loop of ordo take turns on one.
//
// Output:
//   on the context: the host's handler starts a task
//   on the context: the task runs
//   on the context: the task has slept
//   on the context: nothing is left to do, so run() has returned, after 3 ticks of the host
//   on the strand: 4000 callbacks counted, one at a time
#include <ordo/ordo.hpp>

#include <boost/asio.hpp>
#include <chrono>
#include <functional>
#include <iostream>

namespace asio = boost::asio;
using namespace std::chrono_literals;

void on_a_context() {
    asio::io_context host; // the service that was there before
    ordo::event_loop loop(host);

    int ticks = 0;
    asio::steady_timer timer(host);
    std::function<void()> const tick = [&] {
        timer.expires_after(5ms);
        timer.async_wait([&](boost::system::error_code) {
            if (++ticks < 3) tick();
        });
    };
    auto const work = [&]() -> ordo::coro<> {
        std::cout << "on the context: the task runs\n";
        co_await ordo::sleep(10ms);
        std::cout << "on the context: the task has slept\n";
    };
    asio::post(host, [&] {
        std::cout << "on the context: the host's handler starts a task\n";
        loop.create_task(work); // the lambda itself, which the loop keeps as long as the task
        tick();
    });
    host.run(); // the loop needs no call of its own
    std::cout << "on the context: nothing is left to do, so run() has returned, after " << ticks
              << " ticks of the host\n";
}

void on_a_strand() {
    asio::thread_pool pool(4);
    ordo::event_loop loop(asio::make_strand(pool));
    int count = 0; // needs no mutex: the strand runs one callback at a time, on whichever thread
    for (int i = 0; i < 4000; ++i) asio::post(pool, [&] { loop.call_soon_threadsafe([&] { ++count; }); });
    pool.join();
    std::cout << "on the strand: " << count << " callbacks counted, one at a time\n";
}

int main() {
    on_a_context();
    on_a_strand();
}
