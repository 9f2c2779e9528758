// ordo: what a project on ordo::inspector does: serves the page of its loop.
// SPDX-License-Identifier: BSL-1.0
//
// Exits with 0 if the page is there.
#include <ordo/inspector.hpp>
#include <ordo/ordo.hpp>

#include <iostream>
#include <string>

namespace {

ordo::coro<bool> is_served() {
    ordo::inspector const watching(ordo::get_running_loop());
    auto [reader, writer] = co_await ordo::open_connection("127.0.0.1", watching.port());
    std::string const request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    co_await writer.write(request);
    auto const answer = co_await reader.read();
    std::cout << watching.url() << " answers with " << answer.size() << " bytes\n";
    co_return answer.find("<title>ordo inspector</title>") != std::string::npos;
}

} // namespace

int main() {
    return ordo::run(is_served()) ? 0 : 1;
}
