// ordo: tests of connecting to a host with several addresses: whose turn it is, who wins, and what becomes of the others.
// SPDX-License-Identifier: BSL-1.0
#include "detail/connecting.hpp"

#include "ports.hpp"
#include "stream_case.hpp"

#include <chrono>
#include <vector>

namespace asio = boost::asio;
using ordo::detail::connect_to_any;

namespace {

using addresses = std::vector<ordo::detail::stream_endpoint>;

tcp::endpoint v4(std::uint16_t port) {
    return {asio::ip::address_v4::loopback(), port};
}

std::string name_of(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

/// Connects, and gives the port that has won.
coro<std::uint16_t> winner_of(addresses all, ordo::optional_duration delay) {
    auto const socket = co_await connect_to_any("host", std::move(all), delay);
    tcp::endpoint peer;
    auto const generic = socket.remote_endpoint();
    peer.resize(generic.size());
    std::memcpy(peer.data(), generic.data(), generic.size());
    co_return peer.port();
}

} // namespace

BOOST_AUTO_TEST_SUITE(happy_eyeballs)

STREAM_TEST_CASE(the_first_address_wins_if_it_answers_before_the_delay) {
    auto const first = listen(), second = listen();
    addresses const all{first.local_endpoint(), second.local_endpoint()};
    auto const won = co_await winner_of(all, 1h);
    BOOST_TEST(won == first.local_endpoint().port());
}

STREAM_TEST_CASE(an_address_that_refuses_gives_way_at_once) {
    closed_port const refusing;
    auto const answering = listen();
    addresses const all{v4(refusing.number()), answering.local_endpoint()};
    auto const started = std::chrono::steady_clock::now();
    auto const won = co_await winner_of(all, 1h);
    BOOST_TEST(won == answering.local_endpoint().port());
    BOOST_TEST((std::chrono::steady_clock::now() - started < 10s));
}

STREAM_TEST_CASE(an_address_that_is_silent_gives_way_after_the_delay_and_is_cancelled_when_another_wins) {
    silent_port const silent;
    auto const answering = listen();
    addresses const all{v4(silent.number()), answering.local_endpoint()};
    auto const started = std::chrono::steady_clock::now();
    auto const won = co_await winner_of(all, 10ms);
    BOOST_TEST(won == answering.local_endpoint().port());
    BOOST_TEST((std::chrono::steady_clock::now() - started >= 10ms));
    BOOST_TEST(ordo::all_tasks().size() == 1u); // this one
}

STREAM_TEST_CASE(without_a_delay_a_silent_address_is_waited_for) {
    silent_port const silent;
    auto const answering = listen();
    addresses const all{v4(silent.number()), answering.local_endpoint()};
    auto const connecting = ordo::create_task(winner_of(all, std::nullopt));
    co_await ordo::sleep(20ms);
    BOOST_TEST(!connecting.done());
    connecting.cancel();
    co_await until([&] { return connecting.done(); });
    BOOST_TEST(connecting.cancelled());
}

STREAM_TEST_CASE(without_a_delay_an_address_that_refuses_gives_way) {
    closed_port const refusing;
    auto const answering = listen();
    addresses const all{v4(refusing.number()), answering.local_endpoint()};
    auto const won = co_await winner_of(all, std::nullopt);
    BOOST_TEST(won == answering.local_endpoint().port());
}

STREAM_TEST_CASE(cancelling_ends_all_attempts) {
    silent_port const one, two;
    addresses const all{v4(one.number()), v4(two.number())};
    auto const connecting = ordo::create_task(winner_of(all, 1ms));
    co_await until([] { return ordo::all_tasks().size() == 4; }); // this one, that, and an attempt for each
    connecting.cancel();
    co_await until([&] { return connecting.done(); });
    BOOST_TEST(connecting.cancelled());
    BOOST_TEST(ordo::all_tasks().size() == 1u);
}

STREAM_TEST_CASE(if_all_fail_the_error_names_each_with_the_families_in_turns) {
    closed_port const a, b;
    tcp::endpoint const c(asio::ip::address_v6::loopback(), a.number());
    addresses const all{v4(a.number()), v4(b.number()), c};
    auto const text = co_await failure_of(winner_of(all, 1h));
    auto const of_c = text.find("[::1]:" + std::to_string(a.number()) + ": ");
    auto const of_b = text.find("; " + name_of(b.number()) + ": Connection refused");
    BOOST_TEST(text.starts_with("open_connection (host): none of its 3 addresses can be reached: " +
                                name_of(a.number()) + ": Connection refused; [::1]"));
    BOOST_TEST(text.ends_with(": Connection refused [system:111]"));
    BOOST_TEST(of_c < of_b);
    BOOST_TEST(of_b != text.npos);
}

BOOST_AUTO_TEST_SUITE_END()
