// ordo: tests of looking up names that every machine knows, and of one that nobody can have.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/getaddrinfo.hpp>

#include "error_text.hpp"
#include "nothing_left.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/stream.hpp>
#include <ordo/testing/test_case.hpp>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <optional>
#include <sched.h>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using ordo::address_family;
using ordo::coro;
using ordo::getaddrinfo;
using ordo::getaddrinfo_options;
using ordo::getnameinfo;
using ordo::socket_address;

namespace {

bool has(std::vector<ordo::address_info> const& all, std::string const& text) {
    return std::any_of(all.begin(), all.end(), [&](auto const& one) { return one.address.to_string() == text; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(getaddrinfo_, nothing_left)

OUTSIDE_TEST_CASE(a_name_has_addresses) {
    auto const all = co_await getaddrinfo("localhost", "80");
    BOOST_TEST((has(all, "127.0.0.1:80") || has(all, "[::1]:80")));
}

OUTSIDE_TEST_CASE(a_service_is_a_name_or_a_number_or_nothing) {
    auto const named = co_await getaddrinfo("127.0.0.1", "http");
    auto const none = co_await getaddrinfo("127.0.0.1");
    BOOST_TEST((named.size() == 1 && has(named, "127.0.0.1:80")));
    BOOST_TEST((none.size() == 1 && has(none, "127.0.0.1:0")));
}

OUTSIDE_TEST_CASE(the_family_can_be_chosen) {
    getaddrinfo_options const four{.family = address_family::ipv4};
    auto const all = co_await getaddrinfo("localhost", "1", four);
    BOOST_TEST((all.size() == 1 && all[0].address == socket_address{address_family::ipv4, "127.0.0.1", 1}));
    getaddrinfo_options const six{.family = address_family::ipv6};
    auto const other = co_await getaddrinfo("::1", "1", six);
    BOOST_TEST((other.size() == 1 && other[0].address == socket_address{address_family::ipv6, "::1", 1}));
}

OUTSIDE_TEST_CASE(an_empty_host_is_this_machine) {
    getaddrinfo_options const mine{.family = address_family::ipv4};
    auto const loopback = co_await getaddrinfo("", "7", mine);
    BOOST_TEST(has(loopback, "127.0.0.1:7"));
    getaddrinfo_options const any{.family = address_family::ipv4, .passive = true};
    auto const all = co_await getaddrinfo("", "7", any);
    BOOST_TEST(has(all, "0.0.0.0:7"));
}

OUTSIDE_TEST_CASE(the_canonical_name_comes_if_it_is_asked_for) {
    getaddrinfo_options const asked{.family = address_family::ipv4, .canonical_name = true};
    auto const with = co_await getaddrinfo("127.0.0.1", "1", asked);
    auto const without = co_await getaddrinfo("127.0.0.1", "1");
    BOOST_TEST(with.at(0).canonical_name == "127.0.0.1");
    BOOST_TEST(without.at(0).canonical_name == "");
}

OUTSIDE_TEST_CASE(the_flags_reach_the_system) {
    getaddrinfo_options const numbers{.numeric_host = true};
    auto const host = co_await failure_of(getaddrinfo("localhost", "1", numbers));
    BOOST_TEST(host == "getaddrinfo: no address of host 'localhost', service '1': Host not found (authoritative) "
                       "[asio.netdb:1]");
    getaddrinfo_options const numeric_service{.numeric_service = true};
    auto const service = co_await failure_of(getaddrinfo("127.0.0.1", "http", numeric_service));
    BOOST_TEST(service.starts_with("getaddrinfo: no address of host '127.0.0.1', service 'http': "));
    getaddrinfo_options const mapped{.family = address_family::ipv6, .address_configured = false, .v4_mapped = true};
    auto const all = co_await getaddrinfo("127.0.0.1", "1", mapped);
    BOOST_TEST(has(all, "[::ffff:127.0.0.1]:1"));
    getaddrinfo_options const configured{.family = address_family::ipv4, .address_configured = true};
    auto const local = co_await getaddrinfo("127.0.0.1", "1", configured);
    BOOST_TEST(has(local, "127.0.0.1:1"));
}

OUTSIDE_TEST_CASE(datagrams_have_services_of_their_own) {
    getaddrinfo_options const udp{.type = ordo::socket_type::datagram};
    auto const all = co_await getaddrinfo("127.0.0.1", "tftp", udp);
    BOOST_TEST(has(all, "127.0.0.1:69"));
}

OUTSIDE_TEST_CASE(a_service_that_does_not_exist_is_an_error_with_its_name) {
    auto const text = co_await failure_of(getaddrinfo("127.0.0.1", "no-such-service"));
    BOOST_TEST(text == "getaddrinfo: no address of host '127.0.0.1', service 'no-such-service': Service not found "
                       "[asio.addrinfo:-8]");
}

OUTSIDE_TEST_CASE(a_name_server_that_cannot_be_reached_is_a_temporary_failure) {
    auto& loop = ordo::get_running_loop();
    loop.set_default_executor(std::make_shared<ordo::thread_pool_executor>(1));
    auto leave_all_networks = [] {
        return ::unshare(CLONE_NEWNET) == 0;
    }; // the one thread on which names are looked up
    auto const alone = co_await loop.run_in_executor(leave_all_networks);
    if (!alone) {
        BOOST_TEST_MESSAGE("skipped: only root may be without a network");
        co_return;
    }
    auto const text = co_await failure_of(getaddrinfo("no-such-host.invalid", "80"));
    BOOST_TEST(text == "getaddrinfo: no address of host 'no-such-host.invalid', service '80': Host not found "
                       "(non-authoritative), try again later [asio.netdb:2]");
    auto const opening = co_await failure_of(ordo::open_connection("no-such-host.invalid", 80));
    BOOST_TEST(opening == "open_connection (no-such-host.invalid): Host not found (non-authoritative), try again later "
                          "[asio.netdb:2]");
    auto const all = co_await getaddrinfo("127.0.0.1", "80"); // it goes on
    BOOST_TEST(all.size() == 1u);
}

BOOST_AUTO_TEST_CASE(paths_are_not_looked_up) {
    getaddrinfo_options const local{.family = address_family::local};
    BOOST_TEST(error_text<ordo::value_error>([&] { static_cast<void>(getaddrinfo("/run/x", "", local)); }) ==
               "getaddrinfo: Unix sockets have paths and no names; use the path as it is");
}

// -- back

OUTSIDE_TEST_CASE(an_address_has_a_name_and_a_port_has_one) {
    socket_address const http{address_family::ipv4, "127.0.0.1", 80};
    auto const names = co_await getnameinfo(http);
    BOOST_TEST(names.host == "localhost");
    BOOST_TEST(names.service == "http");
    socket_address const tftp{address_family::ipv4, "127.0.0.1", 69};
    auto const udp = co_await getnameinfo(tftp, ordo::socket_type::datagram);
    BOOST_TEST(udp.service == "tftp");
}

OUTSIDE_TEST_CASE(only_addresses_have_names) {
    socket_address const name{.host = "localhost", .port = 80};
    auto const text = co_await failure_of<ordo::value_error>(getnameinfo(name));
    BOOST_TEST(text == "getnameinfo: 'localhost' is not an IPv4 or IPv6 address; getaddrinfo() gives those of a name");
    auto const path = co_await failure_of<ordo::value_error>(getnameinfo(socket_address::local("/run/x")));
    BOOST_TEST(path == "getnameinfo: '/run/x' is not an IPv4 or IPv6 address; getaddrinfo() gives those of a name");
}

// -- cancellation

OUTSIDE_TEST_CASE(a_cancelled_task_goes_on_at_once_and_the_answer_is_dropped) {
    auto const asking = ordo::create_task(getaddrinfo("localhost", "80"));
    co_await ordo::sleep(0s);
    auto const before = ordo::get_running_loop().iterations();
    asking.cancel();
    bool cancelled = false;
    try {
        co_await asking;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    BOOST_TEST(ordo::get_running_loop().iterations() - before <= 3u);
    auto const all = co_await getaddrinfo("127.0.0.1", "80");
    BOOST_TEST(all.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_while_a_name_is_looked_up) {
    for (int moment = 1; moment < 4; ++moment) {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        static_cast<void>(loop.create_task(getaddrinfo("localhost", "80")));
        for (int i = 0; i < moment; ++i) {
            loop.stop();
            loop.run_forever();
        }
        loop.close();
        BOOST_TEST(loop.is_closed());
    }
}

BOOST_AUTO_TEST_CASE(names_are_looked_up_on_the_hosts_context) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    auto const asking = loop.create_task(getaddrinfo("127.0.0.1", "80"));
    host.run();
    BOOST_TEST(asking.result().size() == 1u);
}

ORDO_TEST_CASE(virtual_time_waits_for_an_answer) {
    auto const before = ordo::get_running_loop().time();
    auto const all = co_await getaddrinfo("127.0.0.1", "80");
    BOOST_TEST(all.size() == 1u);
    BOOST_TEST((ordo::get_running_loop().time() == before));
}

BOOST_AUTO_TEST_SUITE_END()
