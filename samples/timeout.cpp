// ordo: timeouts: a deadline for a part of a coroutine, and one for a single call that is shielded from it.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   async def download(what, seconds):
//       return await asyncio.sleep(seconds, what)
//
//   async def main():
//       async with asyncio.timeout(5) as limit:
//           print(await download("head", 0.01))
//           limit.reschedule(asyncio.get_running_loop().time() + 60)
//           print(await download("body", 0.03))
//       song = asyncio.create_task(download("song", 0.5))
//       try:
//           await asyncio.wait_for(asyncio.shield(song), 0.01)
//       except TimeoutError:
//           print("not yet")
//       print("later:", await song)
//
//   asyncio.run(main())
//
// Output:
//   head
//   body
//   not yet
//   later: song
#include <ordo/ordo.hpp>

#include <iostream>

using namespace std::chrono_literals;

ordo::coro<char const*> download(char const* what, std::chrono::milliseconds time) {
    co_return co_await ordo::sleep(time, what);
}

ordo::coro<> visit() {
    co_await ordo::with_timeout(5s, [](ordo::timeout& limit) -> ordo::coro<> {
        std::cout << co_await download("head", 10ms) << '\n';
        limit.reschedule(ordo::get_running_loop().time() + 60s);
        std::cout << co_await download("body", 30ms) << '\n';
    });
    auto const song = ordo::create_task(download("song", 500ms));
    try {
        co_await ordo::wait_for(ordo::shield(song), 10ms);
    } catch (ordo::timeout_error const&) {
        std::cout << "not yet\n";
    }
    std::cout << "later: " << co_await song << '\n';
}

int main() {
    ordo::run(visit());
}
