// ordo: tests of servers against clients that are not ours, and end their half of a connection first: socat and netcat.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/server.hpp>

#include "program_output.hpp"
#include "server_case.hpp"
#include "temporary_folder.hpp"

#include <fstream>
#include <functional>
#include <string>

namespace {

struct programs {
    programs() { require_programs({"socat", "nc", "cmp"}); }
};
BOOST_TEST_GLOBAL_FIXTURE(programs);

/// A folder for sockets and files.
class folder : public temporary_folder {
public:
    /// A file of megabytes.
    std::string much() const {
        std::ofstream file(path("much"));
        for (int line = 0; line < 400'000; ++line) file << "line " << line << '\n';
        return path("much");
    }
};

/// Says nothing before the client has ended its half.
coro<> count(stream_reader reader, stream_writer writer) {
    auto const all = co_await reader.read();
    co_await writer.write(std::to_string(all.size()) + " bytes, then the end\n");
}

/// Ends its half at once, makes a file to say so, and keeps what the client goes on to say.
std::string said_goodbye, heard;
coro<> end_first(stream_reader reader, stream_writer writer) {
    co_await writer.write("goodbye\n");
    writer.write_eof();
    std::ofstream const made(said_goodbye);
    heard = co_await reader.read();
}

coro<ordo::server> start(std::function<coro<>(stream_reader, stream_writer)> handler, std::string path) {
    if (path.empty()) co_return co_await ordo::start_server(handler, "127.0.0.1", 0);
    co_return co_await ordo::start_unix_server(handler, path);
}

/// All handlers have ended by themselves.
coro<> end_in_peace(server which) {
    auto const report = co_await which.shutdown(5s);
    BOOST_TEST(report.clean());
    co_await ordo::get_running_loop().shutdown_default_executor();
}

/// As socat writes the address of a server.
std::string address(ordo::server const& server) {
    return (server.port() == 0 ? "UNIX-CONNECT:" : "TCP:") + server.endpoints()[0];
}

coro<> socat_half_closes(ordo::server server) {
    auto const printed = co_await output_of("printf hello | socat -t 30 - " + address(server));
    BOOST_TEST(printed == "5 bytes, then the end\n");
    co_await end_in_peace(server);
}

coro<> socat_gets_megabytes_back(ordo::server server, std::string file) {
    auto const printed =
        co_await output_of("socat -t 30 - " + address(server) + " <" + file + " | cmp - " + file + " && echo the same");
    BOOST_TEST(printed == "the same\n");
    co_await end_in_peace(server);
}

/// Without its -t socat would close what it has half an answer of.
coro<> socat_talks_on_after_the_end(ordo::server server, std::string file) {
    heard.clear();
    said_goodbye = file;
    auto const printed = co_await output_of("(until [ -e " + file + " ]; do sleep 0.01; done; printf 'still here') | " +
                                            "socat -t 30 - " + address(server));
    BOOST_TEST(printed == "goodbye\n");
    co_await until([] { return !heard.empty(); });
    BOOST_TEST(heard == "still here");
    co_await end_in_peace(server);
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_peers)

STREAM_TEST_CASE(socat_ends_its_half_over_tcp_and_gets_the_answer) {
    auto const server = co_await start(count, "");
    co_await socat_half_closes(server);
}

STREAM_TEST_CASE(socat_ends_its_half_over_a_unix_socket_and_gets_the_answer) {
    folder const here;
    auto const server = co_await start(count, here.path("socket"));
    co_await socat_half_closes(server);
}

STREAM_TEST_CASE(socat_gets_megabytes_back_over_tcp) {
    folder const here;
    auto const server = co_await start(echo, "");
    co_await socat_gets_megabytes_back(server, here.much());
}

STREAM_TEST_CASE(socat_gets_megabytes_back_over_a_unix_socket) {
    folder const here;
    auto const server = co_await start(echo, here.path("socket"));
    co_await socat_gets_megabytes_back(server, here.much());
}

STREAM_TEST_CASE(a_server_that_ends_its_half_first_still_hears_socat_over_tcp) {
    folder const here;
    auto const server = co_await start(end_first, "");
    co_await socat_talks_on_after_the_end(server, here.path("goodbye"));
}

STREAM_TEST_CASE(a_server_that_ends_its_half_first_still_hears_socat_over_a_unix_socket) {
    folder const here;
    auto const server = co_await start(end_first, here.path("socket"));
    co_await socat_talks_on_after_the_end(server, here.path("goodbye"));
}

STREAM_TEST_CASE(netcat_gets_megabytes_back_over_a_unix_socket) {
    folder const here;
    auto const file = here.much();
    auto const server = co_await start(echo, here.path("socket"));
    auto const printed = co_await output_of("nc -N -U " + server.endpoints()[0] + " <" + file + " | cmp - " + file +
                                            " && echo the same");
    BOOST_TEST(printed == "the same\n");
    co_await end_in_peace(server);
}

STREAM_TEST_CASE(netcat_that_ends_its_half_gets_the_answer_over_a_unix_socket) {
    folder const here;
    auto const server = co_await start(count, here.path("socket"));
    auto const printed = co_await output_of("printf hello | nc -N -U " + server.endpoints()[0]);
    BOOST_TEST(printed == "5 bytes, then the end\n");
    co_await end_in_peace(server);
}

STREAM_TEST_CASE(netcat_that_only_looks_whether_somebody_listens_is_no_error) {
    folder const here;
    auto const server = co_await start(echo, here.path("socket"));
    auto const printed = co_await output_of("nc -z -U " + server.endpoints()[0] + " && echo listening");
    BOOST_TEST(printed == "listening\n");
    co_await end_in_peace(server);
}

BOOST_AUTO_TEST_SUITE_END()
