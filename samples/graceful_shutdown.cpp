// ordo: a server that a signal ends in good order: who is nearly done may finish, the others are cancelled and named.
// SPDX-License-Identifier: BSL-1.0
//
// What server.shutdown(100ms) does, in Python:
//   server.close()
//   done, late = await asyncio.wait(handlers, timeout=0.1)
//   for handler in late:
//       handler.cancel()
//   await asyncio.wait(late, timeout=1)
//   server.abort_clients()
//
// Output:
//   stopping
//   quick: done
//   slow: (nothing)
//   cancelled while it waited for sleep
#include <ordo/ordo.hpp>
#include <ordo/server.hpp>

#include <csignal>
#include <iostream>

using namespace std::chrono_literals;

ordo::coro<> answer(ordo::stream_reader reader, ordo::stream_writer writer) {
    auto const request = co_await reader.read_line();
    auto const takes = request == "quick\n" ? 20ms : 3'600'000ms;
    co_await writer.write("working\n");
    co_await ordo::sleep(takes);
    co_await writer.write("done");
}

ordo::coro<> show(ordo::connection client, std::string name) {
    auto const text = co_await client.reader.read();
    std::cout << name << ": " << (text.empty() ? "(nothing)" : text) << '\n';
}

ordo::coro<ordo::task<>> ask(ordo::server server, std::string what) {
    auto client = co_await ordo::open_connection("127.0.0.1", server.port());
    co_await client.writer.write(what + '\n');
    co_await client.reader.read_line(); // it has begun
    co_return ordo::create_task(show(client, what));
}

ordo::coro<> run() {
    ordo::event stop;
    auto const server = co_await ordo::start_server(answer, "127.0.0.1", 0);
    ordo::get_running_loop().add_signal_handler(SIGTERM, [&] { stop.set(); });
    auto const slow = co_await ask(server, "slow"), quick = co_await ask(server, "quick");
    std::raise(SIGTERM);
    co_await stop.wait();
    std::cout << "stopping\n";
    auto const report = co_await server.shutdown(100ms);
    co_await slow;
    for (auto const& late : report.cancelled) std::cout << "cancelled while it waited for " << late.waits_for << '\n';
}

int main() {
    ordo::run(run);
}
