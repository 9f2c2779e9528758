// ordo: tasks that hand work to each other through a queue, and wait until all of it is done.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   async def sell(oven, name):
//       while True:
//           bread = await oven.get()
//           await asyncio.sleep(0.01)
//           print(name, "sold", bread)
//           oven.task_done()
//
//   async def main():
//       oven = asyncio.Queue(maxsize=2)
//       shops = [asyncio.create_task(sell(oven, name)) for name in ("Ada", "Bob")]
//       for bread in ("rye", "wheat", "spelt"):
//           await oven.put(bread)
//       await oven.join()
//       for shop in shops:
//           shop.cancel()
//       await asyncio.wait(shops)
//
//   asyncio.run(main())
//
// Output:
//   Ada sold rye
//   Bob sold wheat
//   Ada sold spelt
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

ordo::coro<> sell(ordo::queue<std::string>& oven, std::string name) {
    for (;;) {
        auto const bread = co_await oven.get();
        co_await ordo::sleep(std::chrono::milliseconds(10));
        std::cout << name << " sold " << bread << '\n';
        oven.task_done();
    }
}

ordo::coro<> bake() {
    ordo::queue<std::string> oven(2);
    std::vector const shops{ordo::create_task(sell(oven, "Ada")), ordo::create_task(sell(oven, "Bob"))};
    for (std::string const bread : {"rye", "wheat", "spelt"}) co_await oven.put(bread);
    co_await oven.join();
    for (auto const& shop : shops) shop.cancel();
    co_await ordo::wait(shops); // they use the oven until they have ended
}

int main() {
    ordo::run(bake());
}
