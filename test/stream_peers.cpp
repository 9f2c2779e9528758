// ordo: tests of streams and servers against programs that are not ours: curl, and the client and server of OpenSSL.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/tls.hpp>

#include "identity.hpp"
#include "program_output.hpp"
#include "server_case.hpp"
#include "temporary_folder.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <openssl/pem.h>
#include <string>
#include <unistd.h>

namespace {

struct programs {
    programs() { require_programs({"curl", "openssl"}); }
};
BOOST_TEST_GLOBAL_FIXTURE(programs);

/// A folder with the certificate and its key, for the programs.
class files : public temporary_folder {
public:
    files() {
        auto const open = [](std::string const& path) {
            return std::unique_ptr<std::FILE, int (*)(std::FILE*)>(std::fopen(path.c_str(), "w"), &std::fclose);
        };
        PEM_write_X509(open(certificate()).get(), ours().certificate.get());
        PEM_write_PrivateKey(open(key()).get(), ours().key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }
    std::string certificate() const { return path("certificate.pem"); }
    std::string key() const { return path("key.pem"); }
};

/// Answers a request of HTTP with the path that it asks for and the body that it brings.
coro<> answer(stream_reader reader, stream_writer writer) {
    auto const head = co_await reader.read_until("\r\n\r\n");
    auto body = head.substr(0, head.find(" HTTP"));
    std::string const name = "Content-Length: ";
    auto const length = head.find(name);
    if (length != head.npos) body += ' ' + co_await reader.read_exactly(std::stoul(head.substr(length + name.size())));
    co_await writer.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                          "\r\n\r\n" + body);
}

coro<> echo_line(stream_reader reader, stream_writer writer) {
    auto const line = co_await reader.read_line();
    co_await writer.write("you said " + line);
}

coro<> end_all(server which) {
    co_await end(which);
    co_await ordo::get_running_loop().shutdown_default_executor();
}

} // namespace

BOOST_AUTO_TEST_SUITE(stream_peers)

STREAM_TEST_CASE(curl_gets_an_answer_over_tcp) {
    auto const server = co_await ordo::start_server(answer, "127.0.0.1", 0);
    auto const printed = co_await output_of("curl -s http://" + server.endpoints()[0] + "/over/tcp");
    BOOST_TEST(printed == "GET /over/tcp");
    co_await end_all(server);
}

STREAM_TEST_CASE(curl_sends_and_gets_megabytes) {
    files const here;
    std::string const much(std::size_t(5) << 20, 'm');
    auto const path = here.path("much");
    std::unique_ptr<std::FILE, int (*)(std::FILE*)>(std::fopen(path.c_str(), "w"), &std::fclose);
    std::filesystem::resize_file(path, much.size());
    auto const server = co_await ordo::start_server(answer, "127.0.0.1", 0);
    auto const command = "curl -s -H Expect: --data-binary @" + path + " http://" + server.endpoints()[0] + "/ | wc -c";
    auto const printed = co_await output_of(command);
    BOOST_TEST(printed == std::to_string(much.size() + std::string("POST / ").size()) + "\n");
    co_await end_all(server);
}

STREAM_TEST_CASE(curl_gets_an_answer_over_a_unix_socket) {
    files const here;
    auto const server = co_await ordo::start_unix_server(answer, here.path("socket"));
    auto const printed =
        co_await output_of("curl -s --unix-socket " + server.endpoints()[0] + " http://localhost/over/a/path");
    BOOST_TEST(printed == "GET /over/a/path");
    co_await end_all(server);
}

STREAM_TEST_CASE(curl_gets_an_answer_over_tls_and_trusts_it) {
    files const here;
    auto context = server_context();
    auto const server = co_await ordo::start_tls_server(answer, "127.0.0.1", 0, context);
    auto const printed = co_await output_of("curl -s --cacert " + here.certificate() + " https://" +
                                            server.endpoints()[0] + "/over/tls");
    BOOST_TEST(printed == "GET /over/tls");
    co_await end_all(server);
}

STREAM_TEST_CASE(the_client_of_openssl_gets_an_answer_and_the_end) {
    files const here;
    auto context = server_context();
    auto const server = co_await ordo::start_tls_server(echo_line, "127.0.0.1", 0, context);
    for (std::string const version : {"-tls1_2", "-tls1_3"}) {
        auto const printed =
            co_await output_of("echo hello | openssl s_client -quiet -verify_return_error " + version + " -CAfile " +
                               here.certificate() + " -connect " + server.endpoints()[0] + " 2>/dev/null");
        BOOST_TEST(printed == "you said hello\n");
    }
    co_await end_all(server);
}

STREAM_TEST_CASE(the_server_of_openssl_gives_an_answer_and_the_end) {
    files const here;
    for (std::string const version : {"-tls1_2", "-tls1_3"}) {
        program const server("openssl s_server -www -naccept 1 -accept 127.0.0.1:0 " + version + " -cert " +
                             here.certificate() + " -key " + here.key() + " 2>&1");
        std::string line = "?";
        while (!line.empty() && !line.starts_with("ACCEPT ")) line = server.line();
        auto const port = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
        auto context = client_context();
        auto client = co_await ordo::open_tls_connection("127.0.0.1", port, context);
        co_await client.writer.write("GET / HTTP/1.0\r\n\r\n");
        auto const page = co_await client.reader.read();
        BOOST_TEST(page.starts_with("HTTP/1.0 200 ok"));
        BOOST_TEST(page.ends_with("</pre></BODY></HTML>\r\n\r\n"));
        client.writer.close();
        co_await client.writer.wait_closed();
        server.rest();
    }
}

BOOST_AUTO_TEST_SUITE_END()
