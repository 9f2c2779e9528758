// ordo: a chat over TCP, one task per member. With a port it serves for ever, for `nc`; without, it shows itself at work.
// SPDX-License-Identifier: BSL-1.0
//
// The server, in Python:
//   async def chat(reader, writer):
//       name = (await reader.readline()).decode().strip()
//       members[name] = writer
//       writer.write(b"welcome\n")
//       while line := await reader.readline():
//           for other in [w for n, w in members.items() if n != name]:
//               other.write(f"{name}: ".encode() + line)
//   server = await asyncio.start_server(chat, "127.0.0.1", port)
//   await server.serve_forever()
//
// Output:
//   Bob hears Ada: hello
#include <ordo/ordo.hpp>
#include <ordo/server.hpp>

#include <cstdlib>
#include <iostream>
#include <map>

std::map<std::string, ordo::stream_writer> members;

ordo::coro<> chat(ordo::stream_reader reader, ordo::stream_writer writer) try {
    auto name = co_await reader.read_line();
    name.resize(name.find_last_not_of("\r\n") + 1);
    members[name] = writer;
    co_await writer.write("welcome\n");
    for (;;) {
        auto const line = co_await reader.read_line();
        if (line.empty()) break;
        auto const present = members; // others may come and go meanwhile
        for (auto const& [who, to] : present)
            if (who != name && !to.is_closing()) co_await to.write(name + ": " + line);
    }
    members.erase(name);
} catch (std::exception const& gone) {
    std::cerr << gone.what() << '\n'; // somebody has left without a word
}

ordo::coro<ordo::connection> join(ordo::server server, std::string name) {
    auto opened = co_await ordo::open_connection("127.0.0.1", server.port());
    co_await opened.writer.write(name + '\n');
    co_await opened.reader.read_line(); // the welcome
    co_return opened;
}

ordo::coro<> run_server(std::uint16_t port) {
    auto const server = co_await ordo::start_server(chat, "127.0.0.1", port);
    if (port != 0) co_await server.serve_forever();
    auto const ada = co_await join(server, "Ada"), bob = co_await join(server, "Bob");
    co_await ada.writer.write("hello\n");
    std::cout << "Bob hears " << co_await bob.reader.read_line();
}

int main(int argc, char** argv) {
    ordo::run(run_server(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0)));
}
