// ordo: tests of the inspector, by a client that speaks HTTP by hand; what the page shows is tested in a browser.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/inspector.hpp>

#include "error_text.hpp"
#include "nothing_left.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/runner.hpp>
#include <ordo/sleep.hpp>
#include <ordo/stream.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

/// What the inspector answers to these bytes, until it closes the connection.
ordo::coro<std::string> send(std::uint16_t port, std::string bytes) {
    auto [reader, writer] = co_await ordo::open_connection("127.0.0.1", port);
    co_await writer.write(bytes);
    co_return co_await reader.read();
}

std::string get(std::string const& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
}

std::string ask(std::uint16_t port, std::string const& bytes) {
    return ordo::run(send(port, bytes));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(inspector, nothing_left)

BOOST_AUTO_TEST_CASE(serves_the_state_of_a_loop_that_runs) {
    auto const main = []() -> ordo::coro<> {
        ordo::inspector const watching(ordo::get_running_loop());
        auto const sleeper = ordo::create_task(ordo::sleep(1h), "the sleeper");
        auto const request = get("/state.json");
        auto const answer = co_await send(watching.port(), request);
        BOOST_TEST(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        BOOST_TEST(answer.find(R"("name":"the sleeper","state":"waiting")") != std::string::npos);
        BOOST_TEST(answer.find(R"("waits_for":"sleep","remaining":3)") != std::string::npos);
        sleeper.cancel();
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(serves_the_page) {
    auto const main = []() -> ordo::coro<> {
        ordo::inspector const watching(ordo::get_running_loop());
        BOOST_TEST(watching.url() == "http://127.0.0.1:" + std::to_string(watching.port()) + "/");
        auto const request = get("/");
        auto const answer = co_await send(watching.port(), request);
        BOOST_TEST(answer.find("<title>ordo inspector</title>") != std::string::npos);
        BOOST_TEST(answer.ends_with("</html>\n"));
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(lists_callbacks_that_are_slow) {
    auto const main = []() -> ordo::coro<> {
        auto& loop = ordo::get_running_loop();
        ordo::inspector const watching(loop, {.slow_callback = 20ms});
        loop.call_soon([] { std::this_thread::sleep_for(30ms); });
        co_await ordo::sleep(0s);
        co_await ordo::sleep(0s);
        auto const request = get("/state.json");
        auto const answer = co_await send(watching.port(), request);
        auto const slow = answer.substr(answer.find("\"slow\":["));
        BOOST_TEST(slow.find(R"("took":0.03)") != std::string::npos);
        BOOST_TEST(slow.find(R"("kind":"callback","name":"","file":")") != std::string::npos);
        BOOST_TEST(slow.find("inspector.cpp") != std::string::npos);
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(watches_a_loop_on_the_context_of_a_host) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    ordo::inspector watching(loop);
    auto const port = watching.port();
    std::string answer;
    std::thread client([&] {
        answer = ask(port, get("/state.json"));
        loop.call_soon_threadsafe([&] { watching.close(); });
    });
    host.run(); // until it is closed
    client.join();
    BOOST_TEST(answer.starts_with("HTTP/1.1 200 OK\r\n"));
}

BOOST_AUTO_TEST_CASE(survives_what_is_no_http_or_too_much_of_it) {
    auto const main = []() -> ordo::coro<> {
        ordo::inspector const watching(ordo::get_running_loop());
        std::string const garbage = "\x16\x03\x01 this is no HTTP\r\n\r\n";
        auto const first = co_await send(watching.port(), garbage);
        BOOST_TEST(first == "");
        auto const endless = "GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n";
        try {
            auto const second = co_await send(watching.port(), endless);
            BOOST_TEST(second == "");
        } catch (boost::system::system_error const&) {} // it may reset the connection
        auto const request = get("/state.json");
        auto const third = co_await send(watching.port(), request);
        BOOST_TEST(third.starts_with("HTTP/1.1 200 OK\r\n"));
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(says_that_its_port_is_taken) {
    ordo::event_loop loop;
    ordo::inspector const first(loop);
    BOOST_CHECK_EXCEPTION((ordo::inspector(loop, {.port = first.port()})), boost::system::system_error,
                          [](auto const& error) { return error.code() == boost::asio::error::address_in_use; });
}

BOOST_AUTO_TEST_CASE(refuses_a_closed_loop) {
    ordo::event_loop loop;
    loop.close();
    BOOST_CHECK_THROW(ordo::inspector{loop}, ordo::loop_closed_error);
}

BOOST_AUTO_TEST_CASE(can_be_closed_twice_and_with_a_client_on_the_line) {
    auto const main = []() -> ordo::coro<> {
        ordo::inspector watching(ordo::get_running_loop());
        auto [reader, writer] = co_await ordo::open_connection("127.0.0.1", watching.port());
        std::string const part = "GET / HT";
        co_await writer.write(part);
        co_await ordo::sleep(10ms);
        watching.close();
        watching.close();
        auto const rest = co_await reader.read();
        BOOST_TEST(rest == "");
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_SUITE_END()
