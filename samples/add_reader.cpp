// ordo: add_reader, which calls a function whenever a descriptor can be read: here, a pipe that a timer writes to.
// SPDX-License-Identifier: BSL-1.0
//
// In Python:
//
//   import asyncio, os
//
//   reading, writing = os.pipe()
//   loop = asyncio.new_event_loop()
//
//   def read():
//       line = os.read(reading, 100).decode()
//       print("read:", line or "the end")
//       if not line:
//           loop.remove_reader(reading)
//           loop.stop()
//
//   loop.add_reader(reading, read)
//   loop.call_later(0.02, os.write, writing, b"hello")
//   loop.call_later(0.06, os.close, writing)
//   loop.run_forever()
//   loop.close()
//   os.close(reading)
//
// Output:
//   read: hello
//   read: the end
#include <ordo/ordo.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <unistd.h>

using namespace std::chrono_literals;

int main() {
    int ends[2];
    if (::pipe(ends) != 0) return 1;
    auto const [reading, writing] = ends;
    ordo::event_loop loop;
    loop.add_reader(reading, [&, from = reading] {
        std::string line(100, '\0');
        auto const length = ::read(from, line.data(), line.size());
        line.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
        std::cout << "read: " << (line.empty() ? "the end" : line) << '\n';
        if (!line.empty()) return;
        loop.remove_reader(from);
        loop.stop();
    });
    loop.call_later(20ms, [to = writing] { static_cast<void>(!::write(to, "hello", 5)); });
    loop.call_later(60ms, ::close, writing);
    loop.run_forever();
    loop.close();
    ::close(reading);
}
