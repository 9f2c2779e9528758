// ordo: ten thousand connections that are idle: what each costs, and that every one of them still answers.
// SPDX-License-Identifier: BSL-1.0
//
// The clients are another process, because both ends together need twice as many descriptors as one is allowed.
#include <ordo/server.hpp>

#include "server_case.hpp"
#include "soak/resources.hpp"

#include <boost/asio.hpp>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <netinet/in.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr int connections = 10'000;
constexpr int at_once = 1000;          ///< fit into the backlog
constexpr int spare_descriptors = 100; ///< for everything else that a process has open

/// Bytes that each connection may cost: its task, its stream and what Asio keeps of its socket, unoptimised; no buffer. The
/// kernel's part comes on top and is not counted.
constexpr std::size_t heap_per_connection = 4096;

/// The limit of descriptors is raised, or the test counts as skipped.
struct enough_descriptors {
    enough_descriptors() {
        ::rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = connections + spare_descriptors;
        if (limit.rlim_cur > limit.rlim_max || ::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            std::cerr << "skipped: the hard limit of descriptors is " << limit.rlim_max << ", and not "
                      << limit.rlim_cur << "\n";
            std::_Exit(77);
        }
    }
};
BOOST_TEST_GLOBAL_FIXTURE(enough_descriptors);

/// The clients, in a process of their own, which does as it is told by a byte, and answers with one: plain blocking sockets.
class crowd {
public:
    explicit crowd(std::uint16_t port) {
        int ends[2];
        BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
        process_ = ::fork();
        BOOST_REQUIRE(process_ >= 0);
        if (process_ == 0) {
            ::close(ends[0]);
            ::_exit(run(ends[1], port) ? 0 : 1);
        }
        ::close(ends[1]);
        told_.assign(boost::asio::local::stream_protocol(), ends[0]);
    }
    crowd(crowd const&) = delete;
    crowd& operator=(crowd const&) = delete;
    ~crowd() {
        told_.close();
        int status = 0;
        ::waitpid(process_, &status, 0);
        BOOST_TEST(status == 0);
    }

    /// 'c': connect a thousand more. 'x': send a byte over each, and receive it.
    coro<> tell(char what) {
        co_await boost::asio::async_write(told_, boost::asio::buffer(&what, 1), deferred);
        char answer = 0;
        co_await boost::asio::async_read(told_, boost::asio::buffer(&answer, 1), deferred);
        BOOST_TEST(answer == what);
    }

private:
    static bool run(int orders, std::uint16_t port) {
        std::vector<int> all;
        for (char what = 0; ::read(orders, &what, 1) == 1;) {
            if (!(what == 'c' ? connect_more(all, port) : exchange(all))) return false;
            if (::write(orders, &what, 1) != 1) return false;
        }
        return true;
    }

    static bool connect_more(std::vector<int>& all, std::uint16_t port) {
        ::sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < at_once; ++i) {
            all.push_back(::socket(AF_INET, SOCK_STREAM, 0));
            if (::connect(all.back(), reinterpret_cast<::sockaddr const*>(&to), sizeof to) != 0) return false;
        }
        return true;
    }

    static bool exchange(std::vector<int> const& all) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            char const sent = static_cast<char>(i);
            if (::send(all[i], &sent, 1, MSG_NOSIGNAL) != 1) return false;
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            char received = 0;
            if (::recv(all[i], &received, 1, 0) != 1 || received != static_cast<char>(i)) return false;
        }
        return true;
    }

    ::pid_t process_ = -1;
    boost::asio::local::stream_protocol::socket told_{ordo::get_running_loop().host_executor()};
};

void print(char const* what, resources const& before, resources const& now) {
    std::cout << what << ": " << (now.resident - before.resident) / connections << " bytes resident and "
              << (now.heap - before.heap) / connections << " of heap for each of " << connections << " connections\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(idle_connections)

STREAM_TEST_CASE(ten_thousand_are_held_and_each_still_answers) {
    ordo::server_options options;
    options.backlog = at_once;
    auto const server = co_await ordo::start_server(echo, "127.0.0.1", 0, options);
    crowd clients(server.port());
    resources const before;
    while (server.connections() < connections) {
        auto const expected = server.connections() + at_once;
        co_await clients.tell('c');
        co_await until([&] { return server.connections() == expected; });
    }
    resources const idle;
    print("idle since they were made", before, idle);
    BOOST_TEST((idle.heap - before.heap) / connections <= heap_per_connection);

    co_await clients.tell('x');
    co_await clients.tell('x');
    resources const again;
    print("idle after two exchanges", before, again);
    BOOST_TEST((again.heap - before.heap) / connections <= heap_per_connection);
    BOOST_TEST(server.connections() == std::size_t(connections));

    auto const report = co_await server.shutdown(0s);
    BOOST_TEST(report.cancelled.size() == std::size_t(connections));
    BOOST_TEST(report.stuck.empty());
    BOOST_TEST(server.connections() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
