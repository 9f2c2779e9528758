// ordo: a server of HTTP under wrk, a thousand connections at a time: no request may fail.
// SPDX-License-Identifier: BSL-1.0
//
// For three seconds, or as many as ORDO_LOAD_SECONDS in the environment says; the soak test has thirty.
#include <ordo/server.hpp>

#include "program_output.hpp"
#include "stream_case.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

using ordo::stream_reader;
using ordo::stream_writer;

namespace {

constexpr int connections = 1000;

struct programs {
    programs() { require_programs({"wrk"}); }
};
BOOST_TEST_GLOBAL_FIXTURE(programs);

std::string seconds() {
    char const* const given = std::getenv("ORDO_LOAD_SECONDS");
    return given ? given : "3";
}

/// Answers the requests of a connection one after the other, and ends it if one asks for that.
coro<> answer(stream_reader reader, stream_writer writer) {
    try {
        for (bool last = false; !last;) {
            auto const head = co_await reader.read_until("\r\n\r\n");
            last = head.find("Connection: close") != head.npos;
            std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n";
            if (last) response += "Connection: close\r\n";
            co_await writer.write(response + "\r\nhello");
        }
    } catch (ordo::incomplete_read_error const&) { // the client has gone, between two requests
    } catch (boost::system::system_error const&) { // or in the middle of one, as wrk does at its end
    }
}

coro<> hold_out(std::string arguments) {
    ordo::server_options options;
    options.backlog = connections; // they come all at once
    auto const server = co_await ordo::start_server(answer, "127.0.0.1", 0, options);
    auto const printed =
        co_await output_of("wrk --threads 1 --connections " + std::to_string(connections) + " --duration " + seconds() +
                           "s --timeout 10s --latency " + arguments + " http://" + server.endpoints()[0] + "/ 2>&1");
    std::cout << printed;
    BOOST_TEST(printed.find("Socket errors") == printed.npos);
    BOOST_TEST(printed.find("Non-2xx") == printed.npos);
    auto const in = printed.find(" requests in ");
    BOOST_TEST_REQUIRE(in != printed.npos);
    auto const requests = std::stol(printed.substr(printed.rfind('\n', in) + 1));
    BOOST_TEST(requests > 0); // how many is up to the machine, and to what else it does
    auto const report = co_await server.shutdown(5s);
    BOOST_TEST(report.clean());
    co_await ordo::get_running_loop().shutdown_default_executor();
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_load)

STREAM_TEST_CASE(a_thousand_connections_that_stay_get_every_answer) {
    co_await hold_out("");
}

STREAM_TEST_CASE(a_thousand_connections_that_are_made_anew_for_each_request_get_every_answer) {
    co_await hold_out("--header 'Connection: close'");
}

BOOST_AUTO_TEST_SUITE_END()
