// ordo: a context variable, of which each task has its own value.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio, contextvars
//   request = contextvars.ContextVar("request", default="none")
//
//   def log(text):
//       print(f"[{request.get()}] {text}")
//   async def handle(name):
//       request.set(name)
//       log("begins")
//       await asyncio.sleep(0.01)
//       log("ends")
//   async def main():
//       tasks = [asyncio.create_task(handle(name)) for name in "ab"]
//       for task in tasks: await task
//       log("outside")
//
//   asyncio.run(main())
//
// Output:
//   [a] begins
//   [b] begins
//   [a] ends
//   [b] ends
//   [none] outside
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

ordo::context_var<std::string> request("request", "none");

void log(char const* text) {
    std::cout << "[" << request.get() << "] " << text << '\n';
}

ordo::coro<> handle(std::string name) {
    request.set(name);
    log("begins");
    co_await ordo::sleep(10ms);
    log("ends");
}

ordo::coro<> serve() {
    auto const a = ordo::create_task(handle("a"));
    auto const b = ordo::create_task(handle("b"));
    co_await a;
    co_await b;
    log("outside");
}

int main() {
    ordo::run(serve());
}
