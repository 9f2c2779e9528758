// ordo: an HTTP proxy, as curl -x uses one. With a port it serves for ever; without, it shows itself at work.
// SPDX-License-Identifier: BSL-1.0
// Its twin in Python would be as long, with asyncio.start_server and asyncio.open_connection.
//
// Output:
//   the proxy forwards: HTTP/1.1 200 OK, "you asked for /page"
//   the proxy refuses: HTTP/1.1 400 Bad Request
//   the proxy refuses 100 fields: HTTP/1.1 400 Bad Request
//   the proxy tunnels: HTTP/1.1 200 Connection established, "ping"
#include <ordo/ordo.hpp>
#include <ordo/server.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

struct bad_request {};
struct request_head {
    std::string method, target, fields;
};

/// Where a target leads: "http://host:port/path", or "host:port" of CONNECT.
struct destination {
    std::string host, path = "/";
    std::uint16_t port = 0;
};

destination parse(std::string target, bool absolute) {
    destination to;
    if (absolute && !target.starts_with("http://")) throw bad_request();
    if (absolute) target.erase(0, 7);
    auto const slash = std::min(target.find('/'), target.size());
    if (slash < target.size()) to.path = target.substr(slash);
    target.resize(slash);
    auto const colon = target.rfind(':');
    to.host = target.substr(0, colon);
    auto const port = colon == target.npos ? 80 : std::strtoul(target.c_str() + colon + 1, nullptr, 10);
    if (to.host.empty() || port == 0 || port > 65535) throw bad_request();
    to.port = static_cast<std::uint16_t>(port);
    return to;
}

/// At most 99 fields and the end, each within the limit of the stream. What concerns this connection alone is left out.
ordo::coro<request_head> read_head(ordo::stream_reader reader) {
    request_head head;
    std::istringstream line(co_await reader.read_line());
    if (!(line >> head.method >> head.target)) throw bad_request();
    for (int lines = 0; lines < 100; ++lines) {
        auto const field = co_await reader.read_line();
        if (field == "\r\n" || field == "\n") co_return head;
        if (!field.starts_with("Proxy-") && !field.starts_with("Connection:")) head.fields += field;
    }
    throw bad_request();
}

ordo::coro<> copy(ordo::stream_reader from, ordo::stream_writer to) try {
    for (auto data = co_await from.read(16384); !data.empty(); data = co_await from.read(16384))
        co_await to.write(data);
    to.write_eof();
} catch (std::exception const&) {
    to.abort(); // one side has gone
}

ordo::coro<> forward(ordo::stream_reader reader, ordo::stream_writer writer) {
    auto const read = [reader] { return read_head(reader); };
    auto const head = co_await ordo::with_timeout(std::chrono::seconds(10), read);
    auto const to = parse(head.target, head.method != "CONNECT");
    auto [from_server, to_server] = co_await ordo::open_connection(to.host, to.port);
    auto const line = head.method + ' ' + to.path + " HTTP/1.1\r\n";
    if (head.method == "CONNECT") co_await writer.write("HTTP/1.1 200 Connection established\r\n\r\n");
    else co_await to_server.write(line + head.fields + "Connection: close\r\n\r\n");
    co_await ordo::gather(copy(reader, to_server), copy(from_server, writer));
}

ordo::coro<> serve(ordo::stream_reader reader, ordo::stream_writer writer) {
    std::string refusal;
    try {
        co_await forward(reader, writer);
    } catch (bad_request const&) {
        refusal = "400 Bad Request";
    } catch (std::exception const& error) {
        refusal = std::string("502 Bad Gateway: ") + error.what();
    }
    if (!refusal.empty() && !writer.is_closing()) co_await writer.write("HTTP/1.1 " + refusal + "\r\n\r\n");
}

ordo::coro<> origin(ordo::stream_reader reader, ordo::stream_writer writer) {
    std::istringstream line(co_await reader.read_line());
    std::string method, path;
    if (line >> method >> path) co_await writer.write("HTTP/1.1 200 OK\r\n\r\nyou asked for " + path);
    else co_await writer.write("ping");
}

ordo::coro<> show(std::string what, std::uint16_t proxy, std::string request) {
    auto const [reader, writer] = co_await ordo::open_connection("127.0.0.1", proxy);
    co_await writer.write(request);
    auto const status = co_await reader.read_until("\r\n\r\n");
    auto const body = co_await reader.read();
    std::cout << "the proxy " << what << ": " << status.substr(0, status.size() - 4);
    std::cout << (body.empty() ? "\n" : ", \"" + body + "\"\n");
}

ordo::coro<> run(std::uint16_t port) {
    auto const proxy = co_await ordo::start_server(serve, "127.0.0.1", port);
    if (port != 0) co_await proxy.serve_forever();
    auto const server = co_await ordo::start_server(origin, "127.0.0.1", 0);
    auto const there = "127.0.0.1:" + std::to_string(server.port());
    co_await show("forwards", proxy.port(), "GET http://" + there + "/page HTTP/1.1\r\nHost: x\r\n\r\n");
    co_await show("refuses", proxy.port(), "GET nonsense HTTP/1.1\r\nHost: x\r\n\r\n");
    std::string fields;
    for (int i = 0; i < 100; ++i) fields += "A: field\r\n";
    co_await show("refuses 100 fields", proxy.port(), "GET http://" + there + "/ HTTP/1.1\r\n" + fields + "\r\n");
    co_await show("tunnels", proxy.port(), "CONNECT " + there + " HTTP/1.1\r\n\r\n\n");
}

int main(int argc, char** argv) {
    ordo::run(run(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0)));
}
