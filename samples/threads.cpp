// ordo: a thread without a loop asks the loop of another thread to run coroutines, and waits for what they give.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio, concurrent.futures, threading
//
//   async def double(n):
//       await asyncio.sleep(0.01)
//       return 2 * n
//
//   loop = asyncio.new_event_loop()
//   threading.Thread(target=loop.run_forever).start()
//   slow = asyncio.run_coroutine_threadsafe(asyncio.sleep(3600), loop)
//   try:
//       slow.result(timeout=0.05)
//   except concurrent.futures.TimeoutError:
//       print("gave up")
//   slow.cancel()
//   print("cancelled:", slow.cancelled())
//   print(asyncio.run_coroutine_threadsafe(double(21), loop).result())
//   loop.call_soon_threadsafe(loop.stop)
//
// Output:
//   gave up
//   cancelled: True
//   42
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

ordo::coro<int> twice(int n) {
    co_await ordo::sleep(10ms);
    co_return 2 * n;
}

ordo::coro<> sleep_long() {
    co_await ordo::sleep(1h);
}

int main() {
    ordo::event_loop loop;
    std::thread thread([&] { loop.run_forever(); });
    auto const slow = ordo::run_coroutine_threadsafe(sleep_long(), loop);
    try {
        slow.get(50ms);
    } catch (ordo::timeout_error const&) {
        std::cout << "gave up\n";
    }
    slow.cancel();
    std::cout << "cancelled: " << (slow.cancelled() ? "True" : "False") << '\n';
    std::cout << ordo::run_coroutine_threadsafe(twice(21), loop).get() << '\n';
    loop.call_soon_threadsafe([&] { loop.stop(); });
    thread.join();
}
