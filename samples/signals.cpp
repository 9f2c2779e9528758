// ordo: signals, which end a service in good order: what is under way is finished, then the loop stops.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio, os, signal
//
//   async def serve(stopping):
//       requests = 0
//       while not stopping.done():
//           requests += 1
//           await asyncio.sleep(0.01)
//       print("finishes what it is at, and ends")
//
//   async def main():
//       loop = asyncio.get_running_loop()
//       stopping = loop.create_future()
//       loop.add_signal_handler(signal.SIGTERM, stopping.set_result, "SIGTERM")
//       service = asyncio.create_task(serve(stopping))
//       loop.call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
//       print("stops because of", await stopping)
//       await service
//       loop.remove_signal_handler(signal.SIGTERM)
//
//   asyncio.run(main())
//
// Output:
//   stops because of SIGTERM
//   finishes what it is at, and ends
#include <ordo/ordo.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

ordo::coro<> serve(ordo::future<std::string> stopping) {
    while (!stopping.done()) co_await ordo::sleep(10ms);
    std::cout << "finishes what it is at, and ends\n";
}

ordo::coro<> supervise() {
    auto& loop = ordo::get_running_loop();
    auto const stopping = loop.create_future<std::string>();
    loop.add_signal_handler(SIGTERM, [stopping] { stopping.set_result("SIGTERM"); });
    auto const service = loop.create_task(serve(stopping));
    loop.call_later(50ms, [] { std::raise(SIGTERM); });
    auto const& name = co_await stopping;
    std::cout << "stops because of " << name << '\n';
    co_await service;
    loop.remove_signal_handler(SIGTERM);
}

int main() {
    ordo::run(supervise());
}
