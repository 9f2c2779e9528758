// ordo: the load on the echo servers of the benchmark, from one thread.
// SPDX-License-Identifier: BSL-1.0
//
//   ordo_echo_load PORT CONNECTIONS SECONDS SERVER_PID
//
// Each connection sends 64 bytes, waits for them to come back, and so on. After 0.2 s to warm up it prints
// SERVER_CPU_US_PER_REQUEST REQUESTS_PER_SECOND P50_US P99_US CHECK.
//
//   ordo_echo_load PORT CONNECTIONS idle SERVER_PID
//
// Each connection has had an answer, and is idle. Prints BYTES CHECK: the growth of the server's resident memory per
// connection. The check is the number of connections all of whose answers were right.
#include "../clock.hpp"
#include "load_client.hpp"
#include "server_process.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <thread>
#include <vector>

namespace ordo_benchmark {
namespace {

using namespace std::chrono_literals;

constexpr double warm_up = 0.2e9; // ns
constexpr auto quiet = 200ms;     // after which the server has done what it does after an answer
constexpr int stalled = 10'000;   // ms without any answer

class load {
public:
    load(std::uint16_t port, std::size_t connections) {
        clients_.reserve(connections);
        for (std::size_t number = 0; number < connections; ++number) {
            clients_.emplace_back(port, number);
            clients_.back().exchange(); // so that the server has accepted it before the next one comes
        }
    }

    void run(double seconds, server_process const& server) {
        watch_all();
        for (auto& client : clients_) client.send();
        run_until(wall_ns() + warm_up);

        latencies_.clear();
        auto const cpu = server.cpu_ns();
        auto const begin = wall_ns();
        run_until(begin + seconds * 1e9);
        auto const elapsed = wall_ns() - begin;
        auto const count = static_cast<double>(latencies_.size());
        std::cout << (server.cpu_ns() - cpu) / count / 1e3 << ' ' << count / elapsed * 1e9 << ' ' << latency_us(0.5)
                  << ' ' << latency_us(0.99) << ' ' << right() << std::endl;
    }

    /// All of them, once.
    void exchange() {
        for (auto& client : clients_) client.exchange();
    }
    std::size_t right() const { return static_cast<std::size_t>(std::ranges::count_if(clients_, &load_client::right)); }

private:
    void watch_all() {
        for (auto& client : clients_) {
            epoll_event event{.events = EPOLLIN, .data = {.ptr = &client}};
            checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, client.socket(), &event), "epoll_ctl");
        }
    }

    void run_until(double end) {
        std::array<epoll_event, 1024> events;
        while (wall_ns() < end) {
            auto const count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), stalled);
            if (count == 0) throw std::runtime_error("the server has stopped to answer");
            for (int i = 0; i < count; ++i) {
                auto& client = *static_cast<load_client*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (!client.receive(MSG_DONTWAIT)) continue;
                latencies_.push_back(static_cast<float>(wall_ns() - client.sent_at()));
                client.send();
            }
        }
    }

    /// @param part   Of the requests, whose answers came at least as fast.
    double latency_us(double part) {
        if (latencies_.empty()) return 0;
        auto const place = static_cast<std::ptrdiff_t>(part * static_cast<double>(latencies_.size() - 1));
        std::ranges::nth_element(latencies_, latencies_.begin() + place);
        return static_cast<double>(latencies_[static_cast<std::size_t>(place)]) / 1e3;
    }

    descriptor epoll_{checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")};
    std::vector<load_client> clients_;
    std::vector<float> latencies_; // ns
};

void measure_idle(std::uint16_t port, std::size_t connections, server_process const& server) {
    load const warm(port, 1);
    std::this_thread::sleep_for(quiet);
    auto const before = server.resident_bytes();
    load idle(port, connections);
    std::this_thread::sleep_for(quiet);
    auto const grown = server.resident_bytes() - before;
    idle.exchange();
    std::cout << grown / static_cast<double>(connections) << ' ' << idle.right() << std::endl;
}

} // namespace
} // namespace ordo_benchmark

int main(int count, char** arguments) try {
    using namespace ordo_benchmark;
    if (count != 5) throw std::invalid_argument("usage: ordo_echo_load PORT CONNECTIONS SECONDS|idle SERVER_PID");
    allow_many_descriptors();
    auto const port = static_cast<std::uint16_t>(std::stoul(arguments[1]));
    auto const connections = std::stoul(arguments[2]);
    server_process const server(arguments[4]);
    if (std::string_view(arguments[3]) == "idle") measure_idle(port, connections, server);
    else load(port, connections).run(std::stod(arguments[3]), server);
    return 0;
} catch (std::exception const& error) {
    std::cerr << "ordo_echo_load: " << error.what() << '\n';
    return 1;
}
