// ordo: tests of datagrams, over loopback and Unix sockets.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/datagram.hpp>

#include "error_text.hpp"
#include "nothing_left.hpp"
#include "temporary_folder.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using boost::system::system_error;
using ordo::address_family;
using ordo::coro;
using ordo::create_datagram_endpoint;
using ordo::create_task;
using ordo::datagram_endpoint;
using ordo::datagram_options;
using ordo::socket_address;

namespace {

socket_address loopback(std::uint16_t port = 0) {
    return {address_family::ipv4, "127.0.0.1", port};
}

datagram_options bound(socket_address to) {
    datagram_options options;
    options.local = std::move(to);
    return options;
}

datagram_options connected(socket_address to) {
    datagram_options options;
    options.remote = std::move(to);
    return options;
}

/// Sends to and fro between two that are bound.
coro<> converse(socket_address a, socket_address b) {
    auto const one = co_await create_datagram_endpoint(bound(a));
    auto const two = co_await create_datagram_endpoint(bound(b));
    co_await one.send_to("ping", two.local_address());
    auto const ping = co_await two.receive();
    BOOST_TEST(ping.data == "ping");
    BOOST_TEST(ping.sender.to_string() == one.local_address().to_string());
    BOOST_TEST(!ping.truncated);
    co_await two.send_to("pong", ping.sender);
    auto const pong = co_await one.receive();
    BOOST_TEST(pong.data == "pong");
    BOOST_TEST((pong.sender == two.local_address()));
}

coro<> wait_for(ordo::task<ordo::datagram> task) {
    static_cast<void>(co_await task);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(datagram, nothing_left)

// -- families

OUTSIDE_TEST_CASE(ipv4) {
    co_await converse(loopback(), loopback());
}

OUTSIDE_TEST_CASE(ipv6) {
    socket_address const any{address_family::ipv6, "::1", 0};
    co_await converse(any, any);
}

OUTSIDE_TEST_CASE(unix_sockets) {
    temporary_folder const folder;
    co_await converse(socket_address::local(folder.path("a")), socket_address::local(folder.path("b")));
}

OUTSIDE_TEST_CASE(abstract_unix_sockets) {
    auto const name = std::string(1, '\0') + "ordo-test-" + std::to_string(::getpid());
    co_await converse(socket_address::local(name + "a"), socket_address::local(name + "b"));
}

OUTSIDE_TEST_CASE(names_are_resolved) {
    socket_address const name{.host = "localhost"};
    auto options = bound(name);
    options.family = address_family::ipv4;
    auto const one = co_await create_datagram_endpoint(options);
    BOOST_TEST(one.local_address().host == "127.0.0.1");
    BOOST_TEST(one.local_address().port != 0);
    socket_address const remote{.host = "localhost", .port = one.local_address().port};
    auto towards = connected(remote);
    towards.family = address_family::ipv4;
    auto const two = co_await create_datagram_endpoint(towards);
    co_await two.send("hello");
    auto const received = co_await one.receive();
    BOOST_TEST(received.data == "hello");
}

OUTSIDE_TEST_CASE(an_empty_host_means_all_addresses) {
    auto options = bound(socket_address());
    options.family = address_family::ipv4;
    auto const endpoint = co_await create_datagram_endpoint(options);
    BOOST_TEST(endpoint.local_address().host == "0.0.0.0");
}

OUTSIDE_TEST_CASE(a_family_alone_gives_a_socket_that_can_send) {
    auto const receiver = co_await create_datagram_endpoint(bound(loopback()));
    datagram_options options;
    options.family = address_family::ipv4;
    auto const sender = co_await create_datagram_endpoint(options);
    BOOST_TEST(!sender.remote_address().has_value());
    co_await sender.send_to("hello", receiver.local_address());
    auto const received = co_await receiver.receive();
    BOOST_TEST(received.data == "hello");
    BOOST_TEST(received.sender.port == sender.local_address().port);
}

OUTSIDE_TEST_CASE(a_unix_socket_that_is_not_bound_has_no_name) {
    temporary_folder const folder;
    auto const path = socket_address::local(folder.path("a"));
    auto const receiver = co_await create_datagram_endpoint(bound(path));
    auto const sender = co_await create_datagram_endpoint(connected(path));
    co_await sender.send("hello");
    auto const received = co_await receiver.receive();
    BOOST_TEST(received.data == "hello");
    BOOST_TEST(received.sender.host == "");
    BOOST_TEST(received.sender.to_string() == "(unnamed)");
}

// -- connected

OUTSIDE_TEST_CASE(a_connected_endpoint_talks_to_one_address) {
    auto const server = co_await create_datagram_endpoint(bound(loopback()));
    auto const client = co_await create_datagram_endpoint(connected(server.local_address()));
    BOOST_TEST((client.remote_address() == server.local_address()));
    co_await client.send("one");
    co_await client.send_to("two", server.local_address());
    auto const one = co_await server.receive();
    auto const two = co_await server.receive();
    BOOST_TEST(one.data == "one");
    BOOST_TEST(two.data == "two");
    co_await server.send_to("answer", one.sender);
    auto const answer = co_await client.receive();
    BOOST_TEST(answer.data == "answer");
    BOOST_TEST((answer.sender == server.local_address()));
}

OUTSIDE_TEST_CASE(local_and_remote_may_both_be_given) {
    auto const server = co_await create_datagram_endpoint(bound(loopback()));
    auto options = connected(server.local_address());
    options.local = loopback();
    auto const client = co_await create_datagram_endpoint(options);
    co_await client.send("hello");
    auto const received = co_await server.receive();
    BOOST_TEST((received.sender == client.local_address()));
}

OUTSIDE_TEST_CASE(a_refused_datagram_is_an_error_that_does_not_end_the_endpoint) {
    auto server = std::make_optional(co_await create_datagram_endpoint(bound(loopback())));
    auto const address = server->local_address();
    auto const client = co_await create_datagram_endpoint(connected(address));
    server.reset();
    co_await client.send("nobody hears this");
    auto const text = co_await failure_of(client.receive());
    BOOST_TEST(text == "datagram_endpoint::receive: from " + address.to_string() + ": Connection refused [system:111]");
    server.emplace(co_await create_datagram_endpoint(bound(address)));
    co_await client.send("again");
    auto const received = co_await server->receive();
    BOOST_TEST(received.data == "again");
    co_await server->send_to("and back", received.sender);
    auto const back = co_await client.receive();
    BOOST_TEST(back.data == "and back");
}

OUTSIDE_TEST_CASE(a_refusal_is_also_told_to_who_sends) {
    auto server = std::make_optional(co_await create_datagram_endpoint(bound(loopback())));
    auto const address = server->local_address();
    auto const client = co_await create_datagram_endpoint(connected(address));
    server.reset();
    co_await client.send("one");
    auto const text = co_await failure_of(client.send("two"));
    BOOST_TEST(text ==
               "datagram_endpoint::send: 3 bytes to " + address.to_string() + ": Connection refused [system:111]");
}

// -- sizes

OUTSIDE_TEST_CASE(a_datagram_may_be_empty) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    co_await endpoint.send_to("", endpoint.local_address());
    auto const received = co_await endpoint.receive();
    BOOST_TEST(received.data == "");
    BOOST_TEST(!received.truncated);
}

OUTSIDE_TEST_CASE(the_largest_datagram_comes_whole) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    co_await endpoint.send_to(std::string(65'507, 'x'), endpoint.local_address());
    auto const received = co_await endpoint.receive();
    BOOST_TEST(received.data.size() == 65'507u);
    BOOST_TEST(!received.truncated);
}

OUTSIDE_TEST_CASE(a_datagram_that_is_too_large_to_send_is_an_error) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    auto const address = endpoint.local_address();
    auto const text = co_await failure_of(endpoint.send_to(std::string(65'508, 'x'), address));
    BOOST_TEST(text ==
               "datagram_endpoint::send_to: 65508 bytes to " + address.to_string() + ": Message too long [system:90]");
}

OUTSIDE_TEST_CASE(a_datagram_that_is_larger_than_the_limit_is_reported_as_truncated) {
    auto options = bound(loopback());
    options.limit = 4;
    auto const endpoint = co_await create_datagram_endpoint(options);
    for (auto const* text : {"1234", "12345", "1"}) co_await endpoint.send_to(text, endpoint.local_address());
    auto const whole = co_await endpoint.receive();
    auto const cut = co_await endpoint.receive();
    auto const next = co_await endpoint.receive();
    BOOST_TEST(whole.data == "1234");
    BOOST_TEST(!whole.truncated);
    BOOST_TEST(cut.data == "1234");
    BOOST_TEST(cut.truncated);
    BOOST_TEST(next.data == "1");
    BOOST_TEST(!next.truncated);
}

// -- options

OUTSIDE_TEST_CASE(a_port_can_be_shared) {
    auto options = bound(loopback());
    options.reuse_port = true;
    auto const one = co_await create_datagram_endpoint(options);
    options.local = one.local_address();
    auto const two = co_await create_datagram_endpoint(options);
    BOOST_TEST((two.local_address() == one.local_address()));
}

OUTSIDE_TEST_CASE(broadcast_needs_permission) {
    socket_address const everybody{address_family::ipv4, "127.255.255.255", 9};
    auto options = bound(loopback());
    auto const endpoint = co_await create_datagram_endpoint(options);
    auto const text = co_await failure_of(endpoint.send_to("x", everybody));
    BOOST_TEST(text == "datagram_endpoint::send_to: 1 bytes to 127.255.255.255:9: Permission denied [system:13]");
    options.allow_broadcast = true;
    auto const allowed = co_await create_datagram_endpoint(options);
    co_await allowed.send_to("x", everybody);
}

OUTSIDE_TEST_CASE(a_stale_unix_socket_is_replaced_and_anything_else_is_not) {
    temporary_folder const folder;
    auto const path = socket_address::local(folder.path("a"));
    { auto const first = co_await create_datagram_endpoint(bound(path)); }
    BOOST_TEST(std::filesystem::exists(path.host));
    auto const second = co_await create_datagram_endpoint(bound(path));
    BOOST_TEST((second.local_address() == path));
    auto const text = co_await failure_of(create_datagram_endpoint(bound(socket_address::local(folder.path()))));
    BOOST_TEST(text ==
               "create_datagram_endpoint: cannot bind to " + folder.path() + ": Address already in use [system:98]");
}

OUTSIDE_TEST_CASE(a_socket_is_not_inherited) {
    auto const before = open_descriptors();
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    BOOST_TEST(open_descriptors() > before);
    for (int number = 3; number < 50; ++number)
        if (int const flags = ::fcntl(number, F_GETFD); flags >= 0) {
            socklen_t size = sizeof(int);
            int type = 0;
            if (::getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM)
                BOOST_TEST((flags & FD_CLOEXEC) != 0);
        }
}

// -- cancellation and closing

OUTSIDE_TEST_CASE(a_cancelled_receive_loses_nothing) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    auto const receiving = create_task(endpoint.receive());
    co_await ordo::sleep(0s);
    receiving.cancel();
    bool cancelled = false;
    try {
        co_await receiving;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    co_await endpoint.send_to("hello", endpoint.local_address());
    auto const received = co_await endpoint.receive();
    BOOST_TEST(received.data == "hello");
}

OUTSIDE_TEST_CASE(several_tasks_receive_in_the_order_of_their_calls) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    auto const one = create_task(endpoint.receive());
    auto const two = create_task(endpoint.receive());
    co_await ordo::sleep(0s);
    co_await endpoint.send_to("1", endpoint.local_address());
    co_await endpoint.send_to("2", endpoint.local_address());
    auto const& first = co_await one;
    auto const& second = co_await two;
    BOOST_TEST(first.data == "1");
    BOOST_TEST(second.data == "2");
}

OUTSIDE_TEST_CASE(closing_ends_a_receive_under_way) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    auto const receiving = create_task(endpoint.receive());
    co_await ordo::sleep(0s);
    endpoint.close();
    auto const text = co_await failure_of(wait_for(receiving));
    BOOST_TEST(text == "datagram_endpoint::receive: it was closed meanwhile: Operation canceled [system:125]");
}

OUTSIDE_TEST_CASE(a_closed_endpoint_cannot_be_used) {
    auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
    endpoint.close();
    endpoint.close();
    BOOST_TEST(endpoint.is_closed());
    auto const receiving = co_await failure_of<ordo::usage_error>(endpoint.receive());
    auto const sending = co_await failure_of<ordo::usage_error>(endpoint.send("x"));
    auto const sending_to = co_await failure_of<ordo::usage_error>(endpoint.send_to("x", loopback(9)));
    BOOST_TEST(receiving == "datagram_endpoint::receive: the endpoint is closed; use it before close()");
    BOOST_TEST(sending == "datagram_endpoint::send: the endpoint is closed; use it before close()");
    BOOST_TEST(sending_to == "datagram_endpoint::send_to: the endpoint is closed; use it before close()");
    BOOST_TEST(error_text<system_error>([&] { static_cast<void>(endpoint.local_address()); }) ==
               "datagram_endpoint::local_address: Bad file descriptor [system:9]");
}

BOOST_AUTO_TEST_CASE(an_endpoint_may_outlive_its_loop) {
    std::optional<ordo::event_loop> loop(std::in_place);
    loop->set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    auto const endpoint = loop->run_until_complete(create_datagram_endpoint(bound(loopback())));
    static_cast<void>(loop->create_task(endpoint.receive()));
    loop->stop();
    loop->run_forever();
    loop.reset();
    BOOST_TEST(endpoint.is_closed());
}

// -- misuse and failures

OUTSIDE_TEST_CASE(an_address_in_use_is_named) {
    auto const one = co_await create_datagram_endpoint(bound(loopback()));
    auto const address = one.local_address();
    auto const text = co_await failure_of(create_datagram_endpoint(bound(address)));
    BOOST_TEST(text == "create_datagram_endpoint: cannot bind to " + address.to_string() +
                           ": Address already in use [system:98]");
}

OUTSIDE_TEST_CASE(a_unix_socket_where_nobody_is_cannot_be_connected_to) {
    auto const nobody = socket_address::local("/tmp/ordo-no-such-socket");
    auto const text = co_await failure_of(create_datagram_endpoint(connected(nobody)));
    BOOST_TEST(text ==
               "create_datagram_endpoint: cannot connect to /tmp/ordo-no-such-socket: No such file or directory "
               "[system:2]");
}

OUTSIDE_TEST_CASE(a_path_that_is_too_long_is_refused) {
    auto const far = socket_address::local("/tmp/" + std::string(200, 'x'));
    auto const text = co_await failure_of<ordo::value_error>(create_datagram_endpoint(bound(far)));
    BOOST_TEST(text == "create_datagram_endpoint: the path of a Unix socket has less than 108 bytes, and this one 205");
}

OUTSIDE_TEST_CASE(a_zero_byte_does_not_hide_the_rest_of_an_address) {
    auto const path = socket_address::local(std::string("/tmp/a\0b", 8));
    auto const first = co_await failure_of<ordo::value_error>(create_datagram_endpoint(bound(path)));
    BOOST_TEST(first ==
               "create_datagram_endpoint: the path of a Unix socket has a zero byte in it, where C ends a text");
    socket_address const host{.host = std::string("127.0.0.1\0.example", 17)};
    auto const second = co_await failure_of<ordo::value_error>(create_datagram_endpoint(bound(host)));
    BOOST_TEST(second == "create_datagram_endpoint: a host or service has a zero byte in it, where C ends a text");
}

OUTSIDE_TEST_CASE(there_must_be_an_address_or_a_family) {
    auto const none = co_await failure_of<ordo::value_error>(create_datagram_endpoint(datagram_options()));
    auto const expected = "create_datagram_endpoint: there is no family that all of the options can have; give a local "
                          "or remote address, or a family";
    BOOST_TEST(none == expected);
    auto options = bound(loopback());
    options.remote = socket_address{address_family::ipv6, "::1", 9};
    auto const different = co_await failure_of<ordo::value_error>(create_datagram_endpoint(options));
    BOOST_TEST(different == expected);
    auto other = bound(loopback());
    other.family = address_family::ipv6;
    auto const contradicted = co_await failure_of<ordo::value_error>(create_datagram_endpoint(other));
    BOOST_TEST(contradicted == expected);
}

OUTSIDE_TEST_CASE(sending_where_it_cannot_go_is_refused) {
    auto const server = co_await create_datagram_endpoint(bound(loopback()));
    auto const address = server.local_address();
    auto const client = co_await create_datagram_endpoint(connected(address));
    auto const unconnected = co_await failure_of<ordo::usage_error>(server.send("x"));
    BOOST_TEST(unconnected == "datagram_endpoint::send: it is not connected; use send_to(), or give a remote address");
    auto const elsewhere = co_await failure_of<ordo::usage_error>(client.send_to("x", loopback(9)));
    BOOST_TEST(elsewhere ==
               "datagram_endpoint::send_to: it is connected to " + address.to_string() + ", and not to 127.0.0.1:9");
    socket_address const name{.host = "localhost", .port = 9};
    auto const unresolved = co_await failure_of<ordo::value_error>(server.send_to("x", name));
    BOOST_TEST(unresolved == "datagram_endpoint::send_to: 'localhost' is no address of the endpoint's family; resolve "
                             "names with getaddrinfo()");
    socket_address const other_family{address_family::ipv6, "::1", 9};
    auto const wrong = co_await failure_of<ordo::value_error>(server.send_to("x", other_family));
    BOOST_TEST(wrong == "datagram_endpoint::send_to: '::1' is no address of the endpoint's family; resolve names with "
                        "getaddrinfo()");
}

// -- addresses as text

BOOST_AUTO_TEST_CASE(addresses_have_their_usual_spelling) {
    BOOST_TEST((socket_address{.host = "127.0.0.1", .port = 80}.to_string()) == "127.0.0.1:80");
    BOOST_TEST((socket_address{.host = "::1", .port = 80}.to_string()) == "[::1]:80");
    BOOST_TEST(socket_address::local("/run/x").to_string() == "/run/x");
    BOOST_TEST(socket_address::local(std::string("\0x", 2)).to_string() == "@x");
}

// -- loops

BOOST_AUTO_TEST_CASE(datagrams_work_on_the_hosts_context) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    std::string received;
    auto const talk = [&]() -> coro<> {
        auto const endpoint = co_await create_datagram_endpoint(bound(loopback()));
        co_await endpoint.send_to("hello", endpoint.local_address());
        auto const one = co_await endpoint.receive();
        received = one.data;
    };
    auto const talking = loop.create_task(talk);
    host.run();
    BOOST_TEST(talking.done());
    BOOST_TEST(received == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
