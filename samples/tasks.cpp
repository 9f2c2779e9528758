// ordo: tasks, which run at the same time, and what it takes to cancel one.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   async def brew(what, seconds):
//       try:
//           await asyncio.sleep(seconds)
//       except asyncio.CancelledError:
//           print("pours away the", what)
//           raise
//       return what
//
//   async def main():
//       tea = asyncio.create_task(brew("tea", 0), name="tea")
//       coffee = asyncio.create_task(brew("coffee", 3600))
//       print("has", await tea)
//       coffee.cancel()
//       await asyncio.sleep(0)
//       print("no coffee:", coffee.cancelled())
//
//   asyncio.run(main())
//
// Output:
//   has tea
//   pours away the coffee
//   no coffee: True
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

ordo::coro<std::string> brew(std::string what, std::chrono::seconds time) {
    try {
        co_await ordo::sleep(time);
    } catch (ordo::cancelled_error const&) {
        std::cout << "pours away the " << what << '\n';
        throw;
    }
    co_return what;
}

ordo::coro<> breakfast() {
    auto const tea = ordo::create_task(brew("tea", 0s), "tea");
    auto const coffee = ordo::create_task(brew("coffee", 1h));
    auto const& cup = co_await tea;
    std::cout << "has " << cup << '\n';
    coffee.cancel();
    co_await ordo::sleep(0s);
    std::cout << "no coffee: " << (coffee.cancelled() ? "True" : "False") << '\n';
}

int main() {
    ordo::run(breakfast());
}
