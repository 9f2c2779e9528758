// ordo: `ordo_echo PEER PORT`: an echo server on 127.0.0.1. Prints `ready` when it listens.
// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"
#include "sockets.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

int main(int count, char** arguments) try {
    using namespace ordo_benchmark;
    std::string_view const peer = count == 3 ? arguments[1] : "";
    auto const found = std::ranges::find(echo_servers(), peer, &listed_server::peer);
    if (found == echo_servers().end()) {
        std::cerr << "usage: ordo_echo PEER PORT, PEER one of";
        for (auto const& listed : echo_servers()) std::cerr << ' ' << listed.peer;
        std::cerr << '\n';
        return 3;
    }
    allow_many_descriptors();
    auto const server = found->make();
    server->listen(static_cast<std::uint16_t>(std::atoi(arguments[2])));
    std::cout << "ready" << std::endl;
    server->run();
    return 0;
} catch (std::exception const& error) {
    std::cerr << "ordo_echo: " << error.what() << '\n';
    return 1;
}
