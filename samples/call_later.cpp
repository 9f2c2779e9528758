// ordo: callbacks without coroutines, and the order in which a loop runs them.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   def first():
//       print("first: call_soon, in the order of the calls")
//       loop.call_soon(print, "third: scheduled by first, so in the next iteration")
//       loop.call_later(0, print, "fourth: due at once, so behind what is ready")
//
//   loop = asyncio.new_event_loop()
//   loop.call_later(0.2, print, "sixth: 200 ms")
//   loop.call_later(0.1, print, "fifth: 100 ms")
//   loop.call_later(0.3, loop.stop)
//   loop.call_soon(first)
//   loop.call_soon(print, "second")
//   loop.call_later(0.15, print, "never").cancel()
//   loop.run_forever()
//   loop.close()
//
// Output:
//   first: call_soon, in the order of the calls
//   second
//   third: scheduled by first, so in the next iteration
//   fourth: due at once, so behind what is ready
//   fifth: 100 ms
//   sixth: 200 ms
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

void print(std::string const& line) {
    std::cout << line << '\n';
}

int main() {
    ordo::event_loop loop;
    auto const first = [&loop] {
        print("first: call_soon, in the order of the calls");
        loop.call_soon(print, "third: scheduled by first, so in the next iteration");
        loop.call_later(0s, print, "fourth: due at once, so behind what is ready");
    };
    loop.call_later(200ms, print, "sixth: 200 ms");
    loop.call_later(100ms, print, "fifth: 100 ms");
    loop.call_later(300ms, [&loop] { loop.stop(); });
    loop.call_soon(first);
    loop.call_soon(print, "second");
    loop.call_later(150ms, print, "never").cancel();
    loop.run_forever();
}
