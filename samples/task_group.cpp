// ordo: task groups: tasks that have ended when the group has, and one error that ends them all.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   async def cook(dish, seconds):
//       try:
//           await asyncio.sleep(seconds)
//       except asyncio.CancelledError:
//           print("takes the", dish, "off the fire")
//           raise
//       if seconds == 0.02:
//           raise ValueError("burnt")
//       print(dish)
//
//   async def main():
//       try:
//           async with asyncio.TaskGroup() as kitchen:
//               kitchen.create_task(cook("salad", 0.01))
//               kitchen.create_task(cook("toast", 0.02))
//               kitchen.create_task(cook("eggs", 3600))
//       except* ValueError as errors:
//           print("no breakfast,", len(errors.exceptions), "error")
//
//   asyncio.run(main())
//
// Output:
//   salad
//   takes the eggs off the fire
//   no breakfast, 1 error
#include <ordo/ordo.hpp>

#include <iostream>

using namespace std::chrono_literals;

ordo::coro<> cook(char const* dish, std::chrono::milliseconds time) {
    try {
        co_await ordo::sleep(time);
    } catch (ordo::cancelled_error const&) {
        std::cout << "takes the " << dish << " off the fire\n";
        throw;
    }
    if (time == 20ms) throw std::runtime_error("burnt");
    std::cout << dish << '\n';
}

ordo::coro<> cook_breakfast(ordo::task_group& kitchen) {
    kitchen.create_task(cook("salad", 10ms));
    kitchen.create_task(cook("toast", 20ms));
    kitchen.create_task(cook("eggs", 1h));
    co_return;
}

int main() try { ordo::run(ordo::with_task_group(cook_breakfast)); } catch (ordo::exception_group const& errors) {
    std::cout << "no breakfast, " << errors.exceptions().size() << " error\n";
}
