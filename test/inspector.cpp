// ordo: tests of the inspector, by a client that speaks HTTP by hand; what the page shows is tested in a browser.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/inspector.hpp>

#include "error_text.hpp"
#include "nothing_left.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/call_graph.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/runner.hpp>
#include <ordo/sleep.hpp>
#include <ordo/stream.hpp>
#include <ordo/task.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// What the inspector answers to these bytes, until it closes the connection.
ordo::coro<std::string> send(std::uint16_t port, std::string bytes) {
    auto [reader, writer] = co_await ordo::open_connection("127.0.0.1", port);
    co_await writer.write(bytes);
    co_return co_await reader.read();
}

std::string get(std::string const& path, std::string const& headers = "", std::string const& method = "GET") {
    return method + ' ' + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n";
}

/// What it answers to one request after the other, each on a connection of its own.
std::vector<std::string> answers(std::vector<std::string> const& requests) {
    std::vector<std::string> all;
    auto const main = [&]() -> ordo::coro<> {
        ordo::inspector const watching(ordo::get_running_loop());
        for (auto const& request : requests) {
            auto answer = co_await send(watching.port(), request);
            all.push_back(std::move(answer));
        }
    };
    ordo::run(main());
    return all;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

/// The number behind these words, or -1.
double number_after(std::string const& text, std::string const& words) {
    auto const at = text.find(words);
    return at == text.npos ? -1 : std::stod(text.substr(at + words.size()));
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
        BOOST_TEST(number_after(slow, R"("took":)") >= 0.03);
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
        std::string const request = "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        co_await writer.write(request);
        auto const answer = co_await reader.read_until("\r\n\r\n");
        BOOST_TEST(contains(answer, "200 OK"));
        watching.close();
        watching.close();
        auto const rest = co_await reader.read();
        BOOST_TEST(rest == "");
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(is_closed_by_its_loop_and_gives_its_port_back) {
    boost::asio::io_context host;
    std::optional<ordo::event_loop> loop(host);
    ordo::inspector watching(*loop);
    boost::asio::ip::tcp::socket client(host);
    client.connect({boost::asio::ip::address_v4::loopback(), watching.port()});
    host.poll();
    loop->close();
    loop.reset();
    host.restart();
    host.run(); // nothing keeps it
    boost::system::error_code error;
    char byte = 0;
    client.read_some(boost::asio::buffer(&byte, 1), error);
    BOOST_TEST(error == boost::asio::error::eof);
    BOOST_TEST(watching.url() == "http://127.0.0.1:" + std::to_string(watching.port()) + "/");
    watching.close();
    ordo::event_loop second;
    ordo::inspector const again(second, {.port = watching.port()});
}

BOOST_AUTO_TEST_CASE(may_outlive_the_context_of_its_loop) {
    for (bool const closed : {false, true}) {
        std::optional<boost::asio::io_context> host(std::in_place);
        std::optional<ordo::event_loop> loop(*host);
        ordo::inspector watching(*loop);
        boost::asio::io_context other;
        boost::asio::ip::tcp::socket client(other);
        client.connect({boost::asio::ip::address_v4::loopback(), watching.port()});
        host->poll();
        if (closed) watching.close();
        host.reset();
        boost::system::error_code error;
        char byte = 0;
        client.read_some(boost::asio::buffer(&byte, 1), error);
        BOOST_TEST(error == boost::asio::error::eof);
    }
}

BOOST_AUTO_TEST_CASE(refuses_what_a_browser_sends_for_other_sites) {
    std::vector<std::string> requests;
    for (auto const* const header : {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: null",
                                     "Origin: http://evil.example", "Origin: http://localhost:1234"})
        requests.push_back(get("/state.json", header + std::string("\r\n")));
    for (auto const& answer : answers(requests)) BOOST_TEST(answer.starts_with("HTTP/1.1 403 "), answer);
    requests.clear();
    for (auto const* const header : {"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Origin: http://localhost"})
        requests.push_back(get("/state.json", header + std::string("\r\n")));
    for (auto const& answer : answers(requests)) BOOST_TEST(answer.starts_with("HTTP/1.1 200 "), answer);
}

BOOST_AUTO_TEST_CASE(closes_the_connection_of_another_site) {
    auto const refused = answers({"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"}); // and its end comes at once
    BOOST_TEST(contains(refused.at(0), "\r\nConnection: close\r\n"));
}

BOOST_AUTO_TEST_CASE(answers_head_without_a_body_and_says_which_methods_there_are) {
    auto const all = answers({get("/", "", "HEAD"), get("/"), get("/none", "", "HEAD"), get("/", "", "DELETE")});
    BOOST_TEST(all.at(0).starts_with("HTTP/1.1 200 OK\r\n"));
    BOOST_TEST(all.at(0).ends_with("\r\n\r\n"));
    BOOST_TEST(all.at(0) == all.at(1).substr(0, all.at(1).find("\r\n\r\n") + 4));
    BOOST_TEST(all.at(2).starts_with("HTTP/1.1 404 "));
    BOOST_TEST(all.at(2).ends_with("\r\n\r\n"));
    BOOST_TEST(all.at(3).starts_with("HTTP/1.1 405 "));
    BOOST_TEST(contains(all.at(3), "\r\nAllow: GET, HEAD\r\n"));
}

BOOST_AUTO_TEST_CASE(has_no_more_than_64_clients_at_a_time) {
    auto const main = []() -> ordo::coro<> {
        ordo::inspector const watching(ordo::get_running_loop());
        std::string const request = "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        std::vector<ordo::connection> clients;
        for (int i = 0; i < 64; ++i) {
            auto client = co_await ordo::open_connection("127.0.0.1", watching.port());
            co_await client.writer.write(request);
            auto const answer = co_await client.reader.read_until("\r\n\r\n");
            BOOST_TEST(contains(answer, "200 OK"));
            clients.push_back(std::move(client));
        }
        auto one_more = co_await ordo::open_connection("127.0.0.1", watching.port());
        auto const nothing = co_await one_more.reader.read();
        BOOST_TEST(nothing == "");
        clients.clear();
        auto const again = get("/");
        std::string answer;
        while (answer.empty()) { // until it has noticed
            try {
                answer = co_await send(watching.port(), again);
            } catch (boost::system::system_error const&) {}
        }
        BOOST_TEST(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(finds_each_of_ten_thousand_tasks) {
    auto const main = []() -> ordo::coro<> {
        auto& loop = ordo::get_running_loop();
        ordo::inspector const watching(loop);
        std::vector<ordo::task<>> tasks;
        for (int i = 0; i < 10'000; ++i)
            tasks.push_back(loop.create_task(ordo::sleep(1h), "sleeper " + std::to_string(i)));
        auto const wait = [&]() -> ordo::coro<> { co_await tasks[9'876]; };
        auto const above = loop.create_task(wait, "above");
        auto const wait_again = [&]() -> ordo::coro<> { co_await above; };
        auto const top = loop.create_task(wait_again, "top");
        co_await ordo::sleep(0s);
        co_await ordo::sleep(0s);
        auto const everything = get("/state.json");
        auto const all = co_await send(watching.port(), everything);
        BOOST_TEST(contains(all, R"(,"tasks":10003,"matching":10003,)"));
        BOOST_TEST(contains(all, R"("name":"sleeper 498")"));
        BOOST_TEST(!contains(all, R"("name":"sleeper 500")"));
        BOOST_TEST(contains(all, R"("scheduled":{"length":10000,"matching":10000,)"));
        BOOST_TEST(!contains(all, R"("position":201,)"));
        auto const question = get("/state.json?from=test&filter=SLEEPER%209876");
        auto const one = co_await send(watching.port(), question);
        BOOST_TEST(contains(one, R"("filter":"SLEEPER 9876")"));
        BOOST_TEST(contains(one, R"(,"tasks":10003,"matching":2,)")); // it, and who waits for task 'sleeper 9876'
        BOOST_TEST(contains(one, R"({"tasks":[{"name":"sleeper 9876",)"));
        BOOST_TEST(contains(one, R"("awaits":[],"awaited_by":[1]},{"name":"above",)"));
        BOOST_TEST(contains(one, R"("awaits":[0],"awaited_by":[2]},{"name":"top",)"));
        BOOST_TEST(contains(one, R"("awaits":[1],"awaited_by":[]}]},"numbers":[9878,10002,10003],)"));
        BOOST_TEST(
            contains(one, R"("scheduled":{"length":10000,"matching":1,"callbacks":[{"position":9877,"remaining":3)"));
        for (auto const& task : tasks) task.cancel();
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(filters_by_what_the_page_shows) {
    auto const main = []() -> ordo::coro<> {
        auto& loop = ordo::get_running_loop();
        ordo::inspector const watching(loop);
        auto const wait = []() -> ordo::coro<> { co_await ordo::sleep(1h); };
        auto const sleeper = loop.create_task(wait, "100% %4");
        co_await ordo::sleep(0s);
        for (auto const* const filter :
             {"100%25%20%254", "Waits%20for%20Sleep", "100%", "%4", "inspector.cpp:", "%zz"}) {
            auto const question = get("/state.json?filter=" + std::string(filter));
            auto const answer = co_await send(watching.port(), question);
            bool const found = contains(answer, R"("name":"100% %4")");
            BOOST_TEST(found == (filter != std::string_view("%zz")), filter);
        }
        sleeper.cancel();
    };
    ordo::run(main());
}

BOOST_AUTO_TEST_CASE(writes_json_whatever_the_names_are) {
    ordo::call_graph graph;
    auto const json_of = [&](std::string name) {
        graph.tasks.assign(1, {.name = std::move(name)});
        auto const text = ordo::to_json(graph);
        auto const begin = text.find(R"("name":)") + 7;
        return text.substr(begin, text.find(R"(,"state")") - begin);
    };
    BOOST_TEST(json_of("<b>\"x\"</b>\\\n\x01") == R"("<b>\"x\"</b>\\\u000a\u0001")");
    BOOST_TEST(json_of("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x86") == "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x86\"");
    std::string const replaced = "\xef\xbf\xbd";
    for (std::string const bad : {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",
                                  "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x9a"}) {
        auto const text = json_of('a' + bad + 'b');
        std::string::size_type count = 0;
        auto rest = text.substr(2, text.size() - 4);
        for (; rest.starts_with(replaced); rest.erase(0, replaced.size())) ++count;
        BOOST_TEST((rest.empty() && count > 0 && text.starts_with("\"a") && text.ends_with("b\"")), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
