// ordo: the smallest program: a coroutine that waits, on a loop that run() makes and cleans up.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   async def main():
//       print("hello")
//       await asyncio.sleep(0.1)
//       print("world")
//
//   asyncio.run(main())
//
// Output:
//   hello
//   world
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

ordo::coro<> greet() {
    std::cout << "hello\n";
    co_await ordo::sleep(100ms);
    std::cout << "world\n";
}

int main() {
    ordo::run(greet());
}
