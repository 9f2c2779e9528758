// ordo: an echo server over TLS, and a client that checks its certificate.
// SPDX-License-Identifier: BSL-1.0
//
// The server, in Python:
//   context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
//   context.load_cert_chain("localhost.pem")
//   server = await asyncio.start_server(echo, "localhost", 0, ssl=context)
// Output:
//   hello
//   not trusted
#include <ordo/ordo.hpp>
#include <ordo/tls.hpp>

#include <boost/asio/ssl/context.hpp>
#include <iostream>

namespace ssl = boost::asio::ssl;

std::string const pem = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPUw+3UWmczKeKt7z15JSAY4ABZ8g
N77vt+xpAO8viqqhRANCAAR7jAMAbBnujBTxfzglsZ2wEVOg8HzDSIOahThh4YmIkms/5E6OXt6y
zc9mLys6yh/1fuHZLsT7x2VhkxzaBZiV
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIUf2w3uHn5zs8SmKajBUH6JXGu4N4wCgYIKoZIzj0EAwIwDDEKMAgGA1UE
AwwBbzAgFw0yNjExMjgxMjA2MTRaGA8yMTI2MTEwNDEyMDYxNFowDDEKMAgGA1UEAwwBbzBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABHuMAwBsGe6MFPF/OCWxnbARU6DwfMNIg5qFOGHhiYiSaz/k
To5e3rLNz2YvKzrKH/V+4dkuxPvHZWGTHNoFmJWjaTBnMB0GA1UdDgQWBBR00qxCjGAECpYb7heX
017ILjP2gjAfBgNVHSMEGDAWgBR00qxCjGAECpYb7heX017ILjP2gjAUBgNVHREEDTALgglsb2Nh
bGhvc3QwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAodp7/+ZIyJOmNDHfmOhMy
cq42IqL7N2cgZtjtSEUztwIhAJKZV69gEgDlmljwe1/QzKubMoMcly2/ZIoeQHVALo+M
-----END CERTIFICATE-----)";

ordo::coro<> echo(ordo::stream_reader reader, ordo::stream_writer writer) {
    co_await writer.write(co_await reader.read_line());
}

ordo::coro<> greet(ordo::server server, ssl::context& context) {
    auto client = co_await ordo::open_tls_connection("localhost", server.port(), context);
    co_await client.writer.write("hello\n");
    std::cout << co_await client.reader.read();
}

ordo::coro<> run() {
    ssl::context own(ssl::context::tls_server), trusting(ssl::context::tls_client), wary(ssl::context::tls_client);
    own.use_private_key(boost::asio::buffer(pem), ssl::context::pem);
    own.use_certificate_chain(boost::asio::buffer(pem));
    trusting.add_certificate_authority(boost::asio::buffer(pem));
    auto const server = co_await ordo::start_tls_server(echo, "localhost", 0, own);
    co_await greet(server, trusting);
    try {
        co_await greet(server, wary);
    } catch (boost::system::system_error const&) {
        std::cout << "not trusted\n";
    }
}

int main() {
    ordo::run(run);
}
