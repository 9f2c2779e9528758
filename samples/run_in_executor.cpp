// ordo: blocking functions on other threads, while the loop goes on; and one that is asked to stop.
// SPDX-License-Identifier: BSL-1.0
//
// In Python, where the job looks at a threading.Event:
//
//   import asyncio, hashlib, threading
//
//   def count(stop):
//       while not stop.wait(0.001): pass
//       print("stopped")
//
//   async def main():
//       digest = await asyncio.to_thread(lambda: hashlib.md5(b"ordo").hexdigest())
//       print(len(digest), "digits")
//       loop = asyncio.get_running_loop()
//       print(await loop.run_in_executor(None, max, 40, 42))
//       stop = threading.Event()
//       job = loop.run_in_executor(None, count, stop)
//       await asyncio.sleep(0.05)
//       stop.set()
//       await job
//
//   asyncio.run(main())
//
// Output:
//   32 digits
//   42
//   stopped
#include <ordo/ordo.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <stop_token>
#include <string>
#include <thread>

using namespace std::chrono_literals;

ordo::coro<> run() {
    auto const digest = [] { return std::string(32, '0'); }; // named first, for g++ 12
    auto const text = co_await ordo::to_thread(digest);
    std::cout << text.size() << " digits\n";
    auto& loop = ordo::get_running_loop();
    auto const larger = [](int a, int b) { return std::max(a, b); };
    auto const answer = co_await loop.run_in_executor(larger, 40, 42);
    std::cout << answer << '\n';

    auto const count = [](std::stop_token stop) {
        while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
        std::cout << "stopped\n";
    };
    auto const job = loop.run_in_executor(count);
    co_await ordo::sleep(50ms);
    job.cancel(); // asks it to stop; run() waits for its end
}

int main() {
    ordo::run(run());
}
