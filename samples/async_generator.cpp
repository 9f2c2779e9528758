// ordo: a generator, which waits between the values that it yields, and cleans up when it is left half-way.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//   async def ticker(n):
//       try:
//           for i in range(n):
//               await asyncio.sleep(0.01)
//               yield i
//       finally:
//           print("the ticker ends")
//
//   async def main():
//       async for tick in ticker(2):
//           print("tick", tick)
//       endless = ticker(1000000)
//       print("first tick only:", await anext(endless))
//       await endless.aclose()
//
//   asyncio.run(main())
//
// Output:
//   tick 0
//   tick 1
//   the ticker ends
//   first tick only: 0
//   the ticker ends
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

struct end_of_ticker {
    ~end_of_ticker() { std::cout << "the ticker ends\n"; }
};

ordo::async_generator<int> ticker(int n) {
    end_of_ticker const ending;
    for (int i = 0; i < n; ++i) {
        co_await ordo::sleep(10ms);
        co_yield i;
    }
}

ordo::coro<> watch() {
    auto const print = [](int tick) { std::cout << "tick " << tick << '\n'; };
    co_await ordo::for_each(ticker(2), print);
    auto const endless = ticker(1'000'000);
    auto const tick = co_await endless.next();
    std::cout << "first tick only: " << *tick << '\n';
    co_await endless.aclose();
}

int main() {
    ordo::run(watch());
}
