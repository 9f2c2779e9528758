// ordo: a server and its clients for ten minutes, in all that goes wrong between them; what they hold must not grow.
// SPDX-License-Identifier: BSL-1.0
//
// Clients connect over TCP and Unix sockets, send fast or byte by byte, half-close, reset, hang up in the middle, are
// cancelled and time out; the server echoes, answers late, loses patience, resets, floods, and is shut down and started
// again all the time. Whatever comes back must be what was sent, and all of it unless somebody broke off. The run is cut
// into rounds; after each everything has ended, and what the process holds then is compared.
//
// ORDO_SOAK_SECONDS and ORDO_SOAK_SEED in the environment replace the ten minutes and the random seed.
#include <ordo/server.hpp>

#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/gather.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/task_group.hpp>
#include <ordo/timeout.hpp>
#include <ordo/wait.hpp>

#include "../error_text.hpp"
#include "../temporary_folder.hpp"
#include "resources.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using boost::system::system_error;
using ordo::coro;
using ordo::stream_reader;
using ordo::stream_writer;

constexpr int clients = 64;              ///< at a time
constexpr std::size_t largest = 300'000; ///< bytes of an exchange: more than both buffers of a socket hold
constexpr std::size_t flood = 1'000'000; ///< bytes
constexpr auto longest_round = 30s;      ///< so that ten minutes have twenty

// Bytes that may come between the warm-up and the end: pages come and go with chance, and what recycling keeps depends on
// the busiest moment.
constexpr std::size_t resident_bound = std::size_t(16) << 20;
constexpr std::size_t heap_bound = std::size_t(256) << 10;

std::uint64_t from_environment(char const* name, std::uint64_t otherwise) {
    char const* const text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// What a client asks for, in the first byte that it sends.
enum request : char { echo = 'e', late_echo = 'l', idle = 'i', reset = 'r', half_close = 'h', flooding = 'f' };

struct tally {
    std::uint64_t connections = 0, echoed = 0, broken = 0, resets = 0, cancelled = 0, timed_out = 0, servers = 0;

    friend std::ostream& operator<<(std::ostream& out, tally const& t) {
        return out << t.connections << " connections, " << (t.echoed >> 20) << " MiB echoed, " << t.broken
                   << " broken off, " << t.resets << " resets, " << t.cancelled << " tasks cancelled, " << t.timed_out
                   << " timed out, " << t.servers << " servers";
    }
};

class soak {
public:
    explicit soak(std::uint64_t seed) : random_(seed) {}

    /// Clients against servers for a while; at the end nothing of it is left.
    coro<> round(ordo::duration length);

    void complain(std::string what) {
        if (complaints_.size() < 4000) complaints_ += what + "; ";
    }
    std::string const& complaints() const { return complaints_; }
    tally const& counted() const { return counted_; }

private:
    coro<> serve(stream_reader reader, stream_writer writer);
    coro<> answer(stream_reader reader, stream_writer writer);
    coro<> run_servers(ordo::time_point end);
    coro<> end_server(ordo::server server);

    coro<> run_client(ordo::time_point end);
    coro<> visit(std::uint64_t generation);
    coro<ordo::connection> connect();
    coro<> exchange(ordo::connection with, request what, std::string text, std::uint64_t generation);
    coro<> send(stream_writer writer, request what, std::string text);
    coro<std::string> receive(stream_reader reader, bool& broken);
    coro<> break_off(ordo::connection with, std::string text);

    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    ordo::duration up_to(std::chrono::microseconds most) {
        return std::chrono::microseconds(below(static_cast<std::uint64_t>(most.count()) + 1));
    }
    std::string some_text();

    std::mt19937_64 random_;
    std::string complaints_;
    tally counted_;
    temporary_folder const folder_;
    std::string const path_ = folder_.path("server");
    std::uint16_t port_ = 0;
    bool serving_ = false;
    std::uint64_t generation_ = 0; ///< servers that have begun to end: an exchange in which it changes may break off
};

/// Of random length, mostly short, and such that a wrong piece of it shows.
std::string soak::some_text() {
    std::string text(below(one_in(8) ? largest : 2000), '\0');
    auto value = random_();
    for (auto& c : text) c = static_cast<char>((value = value * 6364136223846793005U + 1442695040888963407U) >> 56U);
    return text;
}

// -- the server

coro<> soak::serve(stream_reader reader, stream_writer writer) {
    try {
        co_await answer(reader, writer);
    } catch (system_error const&) {
        ++counted_.broken;
    } catch (ordo::timeout_error const&) {
        ++counted_.timed_out;
    }
}

coro<> soak::answer(stream_reader reader, stream_writer writer) {
    auto const what = co_await reader.read(1);
    if (what.empty()) co_return;
    if (what[0] == late_echo) co_await ordo::sleep(up_to(20ms));
    if (what[0] == half_close) writer.write_eof();
    if (what[0] == flooding) co_await writer.write(std::string(flood, 'f'));
    if (what[0] == idle) {
        auto const wait = [&]() -> coro<> { co_await reader.read(1); };
        co_await ordo::with_timeout(5ms, wait);
    }
    for (auto data = co_await reader.read(20'000); !data.empty(); data = co_await reader.read(20'000)) {
        if (writer.is_closing()) co_return; // the server has closed it meanwhile
        if (what[0] != half_close) co_await writer.write(std::move(data));
        if (what[0] == reset && one_in(2)) writer.abort();
    }
}

coro<> soak::run_servers(ordo::time_point end) {
    auto const handler = [this](stream_reader reader, stream_writer writer) { return serve(reader, writer); };
    auto& loop = ordo::get_running_loop();
    while (loop.time() < end) {
        ordo::server_options options;
        options.backlog = 2 * clients;
        auto const over_tcp = co_await ordo::start_server(handler, "127.0.0.1", 0, options);
        auto const over_unix = co_await ordo::start_unix_server(handler, path_, options);
        port_ = over_tcp.port();
        serving_ = true;
        ++counted_.servers;
        co_await ordo::sleep(std::min<ordo::duration>(300ms + up_to(1500ms), end - loop.time()));
        serving_ = false;
        ++generation_;
        co_await ordo::gather(end_server(over_tcp), end_server(over_unix));
    }
}

coro<> soak::end_server(ordo::server server) {
    if (one_in(4)) {
        server.close();
        if (one_in(2)) server.close_clients();
        co_await ordo::sleep(up_to(50ms));
        server.abort_clients(); // for who takes nothing would never get the end
        co_await server.wait_closed();
    } else {
        auto const report = co_await server.shutdown(up_to(50ms));
        if (!report.stuck.empty()) complain("stuck: " + report.stuck[0].name);
    }
    if (server.connections() != 0) complain("a server that has ended has connections");
}

// -- the clients

coro<> soak::run_client(ordo::time_point end) {
    while (ordo::get_running_loop().time() < end) {
        if (!serving_) {
            co_await ordo::sleep(2ms);
            continue;
        }
        auto const task = ordo::create_task(visit(generation_));
        auto const wait = [&]() -> coro<> { co_await task; };
        try {
            if (one_in(8)) {
                co_await ordo::sleep(up_to(5ms));
                task.cancel();
                co_await task;
            } else {
                ordo::duration const limit = one_in(8) ? up_to(5ms) : 20s;
                co_await ordo::with_timeout(limit, wait);
            }
        } catch (ordo::cancelled_error const&) {
            ++counted_.cancelled;
        } catch (ordo::timeout_error const&) {
            ++counted_.timed_out;
        }
        if (!task.done()) complain("a visit was not over");
    }
}

/// One connection, from its beginning to its end.
coro<> soak::visit(std::uint64_t generation) {
    try {
        auto const with = co_await connect();
        ++counted_.connections;
        auto const text = some_text();
        if (one_in(4)) co_await break_off(with, text);
        else {
            constexpr request all[] = {echo, echo, echo, late_echo, idle, reset, half_close};
            co_await exchange(with, all[below(std::size(all))], text, generation);
        }
    } catch (system_error const& e) {
        if (generation == generation_) complain(std::string("a visit failed: ") + e.what());
        ++counted_.broken;
    }
}

coro<ordo::connection> soak::connect() {
    if (one_in(2)) co_return co_await ordo::open_unix_connection(path_);
    co_return co_await ordo::open_connection("127.0.0.1", port_);
}

/// Send, and receive meanwhile until the server ends; check what has come.
coro<> soak::exchange(ordo::connection with, request what, std::string text, std::uint64_t generation) {
    std::string got;
    bool broken = false;
    auto const both = [&](ordo::task_group& group) -> coro<> {
        group.create_task(send(with.writer, what, what == idle ? std::string() : text));
        got = co_await receive(with.reader, broken);
    };
    co_await ordo::with_task_group(both);
    counted_.echoed += got.size();
    bool const excused = generation != generation_ || what == reset;
    if (!text.starts_with(got)) complain("what came back is not what was sent");
    if (broken && !excused) complain("an exchange broke off");
    if ((what == echo || what == late_echo) && !excused && got.size() != text.size()) complain("an echo is incomplete");
    if ((what == idle || what == half_close) && !got.empty()) complain("an answer to nothing");
    if (one_in(2)) co_return; // the last handle closes it
    with.writer.close();
    if (broken || excused) co_return;
    co_await with.writer.wait_closed();
}

coro<> soak::send(stream_writer writer, request what, std::string text) {
    bool const slow = text.size() < 40;
    std::size_t const piece = slow ? 1 : 1 + below(50'000);
    try {
        co_await writer.write(std::string(1, what));
        if (what == idle) co_return; // it is the server that ends it
        for (std::size_t at = 0; at < text.size(); at += piece) {
            co_await writer.write(text.substr(at, piece));
            if (slow) co_await ordo::sleep(up_to(2ms));
        }
        writer.write_eof();
    } catch (system_error const&) { // receive() sees that, too
        ++counted_.broken;
    }
}

coro<std::string> soak::receive(stream_reader reader, bool& broken) {
    std::string got;
    try {
        for (auto data = co_await reader.read(10'000); !data.empty(); data = co_await reader.read(10'000)) got += data;
    } catch (system_error const&) {
        broken = true;
    }
    co_return got;
}

/// Hang up in the middle, in one of the ways that there are.
coro<> soak::break_off(ordo::connection with, std::string text) {
    auto const what = one_in(2) ? flooding : echo;
    text.resize(std::min<std::size_t>(text.size(), 50'000)); // as it reads nothing, more might wait for ever
    co_await with.writer.write(std::string(1, what) + text);
    if (one_in(2)) co_await ordo::sleep(up_to(3ms));
    if (what == flooding) co_await with.reader.read(1 + below(10'000));
    ++counted_.resets;
    switch (below(4)) {
    case 0: with.writer.abort(); break;
    case 1: {
        ::linger const at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(with.writer.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        with.writer.close();
        break;
    }
    case 2: with.writer.close(); break; // with what has come unread
    default: break;                     // so does the last handle
    }
}

// -- the rounds

coro<> soak::round(ordo::duration length) {
    auto const end = ordo::get_running_loop().time() + length;
    std::vector<coro<>> all;
    all.push_back(run_servers(end));
    for (int i = 0; i < clients; ++i) all.push_back(run_client(end));
    co_await ordo::gather(std::move(all));
    for (int i = 0; i < 100 && ordo::all_tasks().size() > 1; ++i) co_await ordo::sleep(10ms); // what ends by itself
}

/// What the process held when it was warm, and at the end.
struct outcome {
    resources warm, end;
};

coro<outcome> run_rounds(soak& all, std::chrono::seconds total) {
    auto const length = std::min<std::chrono::milliseconds>(total / 10, longest_round);
    auto const rounds = std::max(5L, static_cast<long>(total / length));
    auto const warm_up = 1 + rounds / 5;
    resources const cold;
    outcome result{.warm = cold, .end = cold};
    for (long i = 1; i <= rounds; ++i) {
        co_await all.round(length);
        result.end = resources();
        if (i <= warm_up) result.warm = result.end;
        std::cout << "round " << i << (i <= warm_up ? " (warming up)" : "") << ": " << result.end << "; "
                  << all.counted() << std::endl;
        if (result.end.tasks != 1) all.complain("tasks are left after a round");
        if (result.end.descriptors != result.warm.descriptors) all.complain("descriptors are left after a round");
    }
    co_return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(soak_connections)

BOOST_AUTO_TEST_CASE(memory_is_flat_and_nothing_is_lost_whatever_peers_do) {
    auto const seed = from_environment("ORDO_SOAK_SEED", std::random_device()());
    std::chrono::seconds const total(from_environment("ORDO_SOAK_SECONDS", 600));
    std::cout << "seed " << seed << ", " << total.count() << " s" << std::endl;

    soak all(seed);
    ordo::event_loop loop;
    loop.set_exception_handler(
        [&](ordo::event_loop&, ordo::exception_context const& what) { all.complain("reported: " + what.message); });
    auto const held = loop.run_until_complete(run_rounds(all, total));
    loop.close();

    std::cout << "after the warm-up: " << held.warm << "\nat the end: " << held.end << std::endl;
    BOOST_TEST(all.complaints() == "");
    BOOST_TEST(held.end.tasks == 1u); // the one that counts them
    BOOST_TEST(held.end.descriptors == held.warm.descriptors);
    BOOST_TEST(held.end.heap <= held.warm.heap + heap_bound);
    BOOST_TEST(held.end.resident <= held.warm.resident + resident_bound);
    auto const& counted = all.counted();
    BOOST_TEST(counted.echoed > 0u);
    BOOST_TEST(counted.resets > 0u);
    BOOST_TEST(counted.cancelled > 0u);
    BOOST_TEST(counted.timed_out > 0u);
    BOOST_TEST(counted.servers > 1u);
}

BOOST_AUTO_TEST_SUITE_END()
