// ordo: gather, several things at once, and all their results in the order in which they were given.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio
//
//   async def fetch(page, seconds):
//       await asyncio.sleep(seconds)
//       if page == "c":
//           raise ValueError("no page c")
//       print("fetched", page)
//       return page.upper()
//
//   async def main():
//       a, b = await asyncio.gather(fetch("a", 0.02), fetch("b", 0.01))
//       print(a, b)
//       for r in await asyncio.gather(*(fetch(p, 0) for p in "bc"), return_exceptions=True):
//           print("no page" if isinstance(r, Exception) else "got " + r)
//
//   asyncio.run(main())
//
// Output:
//   fetched b
//   fetched a
//   A B
//   fetched b
//   got B
//   no page
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

ordo::coro<std::string> fetch(char page, std::chrono::milliseconds time) {
    co_await ordo::sleep(time);
    if (page == 'c') throw std::runtime_error("no page c");
    std::cout << "fetched " << page << '\n';
    co_return std::string(1, static_cast<char>(page - 'a' + 'A'));
}

ordo::coro<> read() {
    auto const [a, b] = co_await ordo::gather(fetch('a', 20ms), fetch('b', 10ms));
    std::cout << a << ' ' << b << '\n';
    std::vector<ordo::coro<std::string>> more;
    for (char const page : {'b', 'c'}) more.push_back(fetch(page, 0ms));
    for (auto const& r : co_await ordo::gather_results(std::move(more))) {
        if (r.has_value()) std::cout << "got " << *r << '\n';
        else std::cout << "no page\n";
    }
}

int main() {
    ordo::run(read());
}
