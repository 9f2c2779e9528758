// ordo: subprocesses: what they print, what they are given to read, and one that takes too long.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio, asyncio.subprocess as subprocess
//
//   async def main():
//       upper = await asyncio.create_subprocess_exec("tr", "a-z", "A-Z", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
//       text, _ = await upper.communicate(b"hello\n")
//       print(text.decode(), end="")
//       shell = await asyncio.create_subprocess_shell("echo 1; echo 2; exit 3", stdout=subprocess.PIPE)
//       while line := await shell.stdout.readline():
//           print("line", line.decode(), end="")
//       print("exit code", await shell.wait())
//       sleep = await asyncio.create_subprocess_shell("exec sleep 1000")
//       try:
//           await asyncio.wait_for(sleep.wait(), 0.05)
//       except asyncio.TimeoutError:
//           sleep.kill()
//       print("ended by signal", -await sleep.wait())
//
//   asyncio.run(main())
//
// Output:
//   HELLO
//   line 1
//   line 2
//   exit code 3
//   ended by signal 9
#include <ordo/ordo.hpp>
#include <ordo/subprocess.hpp>

#include <chrono>
#include <iostream>

using ordo::stdio;

ordo::coro<> run() {
    ordo::subprocess_options const both{.std_in = stdio::pipe, .std_out = stdio::pipe};
    std::vector<std::string> const args{"a-z", "A-Z"};
    auto const upper = co_await ordo::create_subprocess_exec("tr", args, both);
    auto const text = co_await upper.communicate("hello\n");
    std::cout << text.std_out;

    auto const shell = co_await ordo::create_subprocess_shell("echo 1; echo 2; exit 3", both);
    for (std::string line; !(line = co_await shell.std_out().read_line()).empty();) std::cout << "line " << line;
    std::cout << "exit code " << co_await shell.wait() << '\n';

    ordo::subprocess_options const limited{.kill_on_cancel = true};
    auto const sleep = co_await ordo::create_subprocess_shell("exec sleep 1000", limited);
    try {
        co_await ordo::wait_for(sleep.wait(), std::chrono::milliseconds(50));
    } catch (ordo::timeout_error const&) {}
    std::cout << "ended by signal " << -co_await sleep.wait() << '\n';
}

int main() {
    ordo::run(run());
}
