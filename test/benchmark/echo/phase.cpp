// ordo: W9 and W9b in the benchmark program: the phase of an echo server alone, with all its connections ready.
//
// Server and clients are one thread. The clients write a request each, and only then does the server run until it has
// sent all answers, which alone counts: no wake-up, no other core, no noise of these. It never waits, so the CPU time
// of the thread is the time that passes, but for what other programs take away.
// SPDX-License-Identifier: BSL-1.0
#include "../clock.hpp"
#include "../workload.hpp"
#include "server.hpp"
#include "sockets.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ordo_benchmark {
namespace {

constexpr std::size_t requests = 5000; // in one repeat, and at least three rounds

class phase {
public:
    phase(std::size_t size, std::unique_ptr<echo_server> server) : server_(std::move(server)), right_(size, true) {
        allow_many_descriptors();
        auto const acceptor = listen_on(0);
        for (std::size_t i = 0; i < size; ++i) {
            clients_.push_back(connect_to(port_of(acceptor.get())));
            auto const connection = accept4(acceptor.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            server_->serve(checked(connection, "accept4"));
        }
    }
    phase(phase const&) = delete;
    phase& operator=(phase const&) = delete;
    ~phase() {
        auto const size = clients_.size();
        clients_.clear();
        server_->run_for(size); // the end of each
    }

    outcome run() {
        auto const rounds = option("rounds", std::max<std::size_t>(requests / clients_.size(), 3));
        run_round(0); // in which memory is allocated
        std::vector<double> times;
        for (std::size_t round = 1; round <= rounds; ++round) times.push_back(run_round(round));
        auto const middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::ranges::nth_element(times, middle);
        auto const right = static_cast<std::uint64_t>(std::ranges::count(right_, true));
        return {*middle / static_cast<double>(clients_.size()), right};
    }

private:
    using message = std::array<std::uint64_t, 8>; // 64 bytes

    static message request_of(std::size_t client, std::size_t round) {
        message result;
        result.fill(client << 32 | round);
        return result;
    }

    /// @returns   ns of the thread in which the server answered all requests.
    double run_round(std::size_t round) {
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            auto const request = request_of(i, round);
            checked(write(clients_[i].get(), &request, sizeof request), "write");
        }
        auto const begin = thread_cpu_ns();
        server_->run_for(clients_.size());
        auto const elapsed = thread_cpu_ns() - begin;
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            message answer{};
            auto const size = recv(clients_[i].get(), &answer, sizeof answer, MSG_WAITALL);
            if (size != sizeof answer || answer != request_of(i, round)) right_[i] = false;
        }
        return elapsed;
    }

    std::unique_ptr<echo_server> server_;
    std::vector<descriptor> clients_;
    std::vector<bool> right_; ///< by client: all its answers so far
};

template <auto Make>
outcome run(std::size_t size) {
    return phase(size, Make()).run();
}

template <auto Make>
struct listed {
    explicit listed(char const* peer) : w9(peer, "W9", run<Make>), w9b(peer, "W9b", run<Make>) {}
    registration w9;
    registration w9b;
};

listed<make_ordo_server> const ordo("ordo");
listed<make_embedded_server> const ordo_embedded("ordo_embedded");
listed<make_ready_server> const ordo_ready("ordo_ready");
listed<make_floor_server> const floor("floor");
listed<make_asio_server> const asio("asio");
listed<make_awaitable_server> const asio_awaitable("asio_awaitable");
#ifdef ORDO_BENCHMARK_LIBUV
listed<make_libuv_server> const libuv("libuv");
#endif

} // namespace
} // namespace ordo_benchmark
