// ordo: tests of start_server and start_unix_server: accepting, handlers that fail, limits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/server.hpp>

#include <ordo/event.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>

#include "server_case.hpp"
#include "temporary_folder.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

namespace asio = boost::asio;

namespace {

coro<ordo::connection> client_of(server of) {
    return ordo::open_connection("127.0.0.1", of.port());
}

/// Sends a text, ends, and gives what comes back.
coro<std::string> ask(server of, std::string text) {
    auto [reader, writer] = co_await client_of(of);
    co_await writer.write(text);
    writer.write_eof();
    co_return co_await reader.read();
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_suite)

STREAM_TEST_CASE(a_server_runs_its_handler_for_each_connection) {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    BOOST_TEST(serving.is_serving());
    BOOST_TEST(serving.endpoints() == std::vector{"127.0.0.1:" + std::to_string(serving.port())},
               boost::test_tools::per_element());
    std::vector<coro<std::string>> asking;
    for (int i = 0; i < 50; ++i) asking.push_back(ask(serving, "hello " + std::to_string(i)));
    auto const answers = co_await ordo::gather(std::move(asking));
    for (int i = 0; i < 50; ++i) BOOST_TEST(answers[std::size_t(i)] == "hello " + std::to_string(i));
    co_await end(serving);
    BOOST_TEST(serving.connections() == 0u);
}

STREAM_TEST_CASE(a_connection_is_closed_when_its_handler_returns) {
    auto greet = [](stream_reader, stream_writer writer) -> coro<> { co_await writer.write("hello"); };
    auto const serving = co_await ordo::start_server(greet, "127.0.0.1", 0);
    auto [reader, writer] = co_await client_of(serving);
    auto const text = co_await reader.read();
    BOOST_TEST(text == "hello");
    co_await end(serving);
}

#ifndef ORDO_BROKEN_COROUTINE_TEMPORARIES // which std::move() of a closure cannot be told from
STREAM_TEST_CASE(a_handler_that_can_only_be_moved_is_kept_until_the_last_connection_has_ended) {
    auto const greeting = std::make_shared<std::string>("hello");
    std::weak_ptr<std::string> const alive = greeting;
    auto handler = [kept = std::make_unique<std::shared_ptr<std::string>>(greeting)](stream_reader reader,
                                                                                     stream_writer writer) -> coro<> {
        co_await reader.read_line();
        co_await writer.write(**kept);
    };
    auto serving = co_await ordo::start_server(std::move(handler), "127.0.0.1", 0);
    auto [reader, writer] = co_await client_of(serving);
    co_await until([&] { return serving.connections() == 1; });
    serving = {};
    co_await writer.write("go on\n");
    auto const text = co_await reader.read();
    BOOST_TEST(text == "hello");
}
#endif

STREAM_TEST_CASE(an_error_of_a_handler_is_reported_and_the_server_goes_on) {
    auto fail = [](stream_reader reader, stream_writer) -> coro<> {
        auto const line = co_await reader.read_line();
        throw std::runtime_error("cannot do " + line);
    };
    auto const serving = co_await ordo::start_server(fail, "127.0.0.1", 0);
    auto const first = co_await ask(serving, "this");
    auto const second = co_await ask(serving, "that");
    BOOST_TEST(first == "");
    BOOST_TEST(second == "");
    co_await end(serving);
    BOOST_TEST(reports == (std::vector<std::string>{"the handler of a connection failed: cannot do this",
                                                    "the handler of a connection failed: cannot do that"}),
               boost::test_tools::per_element());
    reports.clear();
}

STREAM_TEST_CASE(a_handler_that_is_cancelled_ends_its_connection) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto [reader, writer] = co_await client_of(serving);
    co_await until([&] { return serving.connections() == 1; });
    for (auto const& task : ordo::all_tasks())
        if (task.name() == "connection 1 from " + writer.local_name()) task.cancel();
    auto const text = co_await reader.read();
    BOOST_TEST(text == "");
    co_await end(serving);
}

STREAM_TEST_CASE(a_handler_that_is_cancelled_before_it_begins_ends_its_connection) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto [reader, writer] = co_await client_of(serving);
    while (serving.connections() == 0) co_await ordo::sleep(0s);
    for (auto const& task : ordo::all_tasks())
        if (task.name().starts_with("connection 1")) task.cancel();
    auto const text = co_await reader.read();
    BOOST_TEST(text == "");
    co_await end(serving);
}

BOOST_AUTO_TEST_CASE(a_handler_that_exits_ends_the_run) {
    auto exit = [](stream_reader, stream_writer) -> coro<> {
        throw ordo::system_exit(3);
        co_return;
    };
    ordo::event_loop loop;
    std::optional<server> serving;
    auto body = [&]() -> coro<> {
        serving = co_await ordo::start_server(exit, "127.0.0.1", 0);
        auto const client = co_await client_of(*serving);
        co_await serving->serve_forever();
    };
    auto const serve = loop.create_task(body);
    int code = 0;
    try {
        loop.run_forever();
    } catch (ordo::system_exit const& e) {
        code = e.code();
    }
    BOOST_TEST(code == 3);
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {}); // of what is left pending
}

// -- closing

STREAM_TEST_CASE(after_close_nobody_can_connect_and_connections_go_on) {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const port = serving.port();
    auto [reader, writer] = co_await client_of(serving);
    co_await until([&] { return serving.connections() == 1; });
    serving.close();
    serving.close(); // nothing
    BOOST_TEST(!serving.is_serving());
    BOOST_TEST(serving.port() == 0u);
    BOOST_TEST(serving.endpoints().empty());
    auto const error = co_await error_of(ordo::open_connection("127.0.0.1", port));
    auto const waiting = ordo::create_task(serving.wait_closed());
    co_await writer.write("still there?");
    auto const text = co_await reader.read(100);
    BOOST_TEST(error == asio::error::connection_refused);
    BOOST_TEST(text == "still there?");
    BOOST_TEST(!waiting.done());
    writer.close();
    co_await waiting;
}

STREAM_TEST_CASE(the_last_handle_closes_the_server) {
    auto serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const port = serving.port();
    auto const copy = serving;
    serving = {};
    BOOST_TEST(copy.is_serving());
    static_cast<void>(server(std::move(const_cast<server&>(copy)))); // NOLINT
    auto const error = co_await error_of(ordo::open_connection("127.0.0.1", port));
    BOOST_TEST(error == asio::error::connection_refused);
}

STREAM_TEST_CASE(close_clients_lets_handlers_read_the_end) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto [reader, writer] = co_await client_of(serving);
    co_await until([&] { return serving.connections() == 1; });
    serving.close();
    serving.close_clients();
    co_await serving.wait_closed();
    auto const text = co_await reader.read();
    BOOST_TEST(text == "");
}

STREAM_TEST_CASE(abort_clients_resets_connections) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto [reader, writer] = co_await client_of(serving);
    co_await until([&] { return serving.connections() == 1; });
    serving.close();
    serving.abort_clients();
    co_await serving.wait_closed();
    auto const error = co_await error_of(reader.read());
    BOOST_TEST(error == asio::error::connection_reset);
}

STREAM_TEST_CASE(wait_closed_waits_for_close) {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const waiting = ordo::create_task(serving.wait_closed());
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
    BOOST_TEST(!waiting.done());
    serving.close();
    co_await waiting;
}

STREAM_TEST_CASE(serve_forever_ends_when_somebody_closes_the_server) {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const forever = ordo::create_task(serving.serve_forever());
    co_await ordo::sleep(0s);
    auto const second = co_await failure_of<ordo::usage_error>(serving.serve_forever());
    BOOST_TEST(!forever.done());
    serving.close();
    co_await forever;
    auto const closed = co_await failure_of<ordo::usage_error>(serving.serve_forever());
    BOOST_TEST(second == "server::serve_forever: another task is in it; await that one");
    BOOST_TEST(closed == "server::serve_forever: the server is closed; start another one");
}

STREAM_TEST_CASE(cancelling_serve_forever_closes_the_server) {
    // CPython: test_server.py, test_start_server_1.
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const forever = ordo::create_task(serving.serve_forever());
    co_await ordo::sleep(0s);
    forever.cancel();
    co_await until([&] { return forever.done(); });
    BOOST_TEST(forever.cancelled());
    BOOST_TEST(!serving.is_serving());
}

STREAM_TEST_CASE(a_server_whose_accepting_task_is_cancelled_is_closed) {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const name = "server on " + serving.endpoints()[0];
    for (auto const& task : ordo::all_tasks())
        if (task.name() == name) task.cancel();
    co_await serving.wait_closed();
    BOOST_TEST(!serving.is_serving());
}

// -- where it listens

STREAM_TEST_CASE(a_name_with_several_addresses_is_listened_on_at_each) {
    auto const serving = co_await ordo::start_server(echo, "localhost", 0);
    auto const all = serving.endpoints();
    BOOST_TEST(all[0] == "127.0.0.1:" + std::to_string(serving.port()));
    co_await end(serving);
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(no_host_means_every_address_of_the_machine) {
    auto const serving = co_await ordo::start_server(echo, "", 0);
    auto const all = serving.endpoints();
    auto const answer = co_await ask(serving, "hello");
    BOOST_TEST(all[0] == "0.0.0.0:" + std::to_string(serving.port()));
    BOOST_TEST(answer == "hello");
    co_await end(serving);
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(a_port_that_is_taken_is_an_error_with_the_address_in_it) {
    auto const serving = co_await ordo::start_server(echo, "127.0.0.1", 0);
    auto const text = co_await failure_of(ordo::start_server(echo, "127.0.0.1", serving.port()));
    BOOST_TEST(text ==
               "start_server (127.0.0.1:" + std::to_string(serving.port()) + "): Address already in use [system:98]");
    co_await end(serving);
}

STREAM_TEST_CASE(reuse_port_lets_two_servers_listen_on_the_same_port) {
    ordo::server_options const options{.reuse_port = true};
    auto const one = co_await ordo::start_server(echo, "127.0.0.1", 0, options);
    auto const two = co_await ordo::start_server(echo, "127.0.0.1", one.port(), options);
    BOOST_TEST(one.port() == two.port());
    co_await end(one);
    co_await end(two);
}

STREAM_TEST_CASE(a_host_that_nobody_has_is_an_error) {
    auto const text = co_await failure_of(ordo::start_server(echo, "no-such-host.invalid", 0));
    BOOST_TEST(text.starts_with("start_server (no-such-host.invalid): "));
    co_await ordo::get_running_loop().shutdown_default_executor();
}

STREAM_TEST_CASE(an_address_that_is_not_of_this_machine_is_an_error) {
    auto const text = co_await failure_of(ordo::start_server(echo, "192.0.2.1", 0));
    BOOST_TEST(text == "start_server (192.0.2.1:0): Cannot assign requested address [system:99]");
}

STREAM_TEST_CASE(a_unix_server_removes_its_socket_when_it_is_closed) {
    temporary_folder const folder;
    auto const path = folder.path("server");
    auto const serving = co_await ordo::start_unix_server(echo, path);
    BOOST_TEST(serving.endpoints() == std::vector{path}, boost::test_tools::per_element());
    BOOST_TEST(serving.port() == 0u);
    auto [reader, writer] = co_await ordo::open_unix_connection(path);
    co_await writer.write("hello");
    auto const text = co_await reader.read(100);
    writer.close();
    BOOST_TEST(text == "hello");
    co_await end(serving);
    BOOST_TEST(!std::filesystem::exists(path));
}

STREAM_TEST_CASE(a_unix_server_takes_over_a_path_that_was_left_behind) {
    temporary_folder const folder;
    auto const path = folder.path("stale");
    { asio::local::stream_protocol::acceptor const left(ordo::get_running_loop().host_executor(), path); }
    BOOST_TEST(std::filesystem::exists(path));
    auto const serving = co_await ordo::start_unix_server(echo, path);
    std::filesystem::remove(path);
    asio::local::stream_protocol::acceptor const other(ordo::get_running_loop().host_executor(), path);
    co_await end(serving);
    BOOST_TEST(std::filesystem::exists(path)); // it is not this server's any more
}

STREAM_TEST_CASE(a_unix_server_that_refuses_its_options_leaves_the_path_alone) {
    temporary_folder const folder;
    auto const path = folder.path("of another");
    asio::local::stream_protocol::acceptor const other(ordo::get_running_loop().host_executor(), path);
    ordo::server_options const no_limit{.limit = 0};
    auto const limit = co_await failure_of<ordo::value_error>(ordo::start_unix_server(echo, path, no_limit));
    ordo::server_options const nobody{.max_connections = 0};
    auto const most = co_await failure_of<ordo::value_error>(ordo::start_unix_server(echo, path, nobody));
    ordo::server_options const never{.keep_alive = 0s};
    auto const silence = co_await failure_of<ordo::value_error>(ordo::start_unix_server(echo, path, never));
    BOOST_TEST(limit == "start_unix_server: the limit is 0 bytes; give at least 1");
    BOOST_TEST(most == "start_unix_server: max_connections is 0; give at least 1");
    BOOST_TEST(silence ==
               "start_unix_server: keep_alive is 0 s; give more than 0 s and at most 32767 s, or std::nullopt");
    BOOST_TEST(std::filesystem::exists(path));
}

STREAM_TEST_CASE(a_path_that_is_no_socket_is_an_error) {
    auto const text = co_await failure_of(ordo::start_unix_server(echo, "/dev/null"));
    BOOST_TEST(text == "start_unix_server (/dev/null): Address already in use [system:98]");
}

STREAM_TEST_CASE(an_empty_server_says_so) {
    server const none;
    BOOST_CHECK_EXCEPTION(none.close(), ordo::usage_error,
                          says("server::close: the handle is empty; it was moved from, or never assigned"));
    co_return;
}

// -- limits

STREAM_TEST_CASE(while_there_are_max_connections_further_ones_wait) {
    int most = 0;
    ordo::event go_on;
    std::optional<server> serving;
    auto count = [&](stream_reader, stream_writer writer) -> coro<> {
        most = std::max(most, static_cast<int>(serving->connections()));
        co_await writer.write("x");
        co_await go_on.wait();
    };
    serving = co_await ordo::start_server(count, "127.0.0.1", 0, {.max_connections = 2});
    std::vector<ordo::connection> clients;
    for (int i = 0; i < 6; ++i) clients.push_back(co_await client_of(*serving));
    auto const first = co_await clients[0].reader.read(1);
    auto const second = co_await clients[1].reader.read(1);
    auto const third = ordo::create_task(clients[2].reader.read(1));
    co_await ordo::sleep(5ms);
    BOOST_TEST(!third.done());
    BOOST_TEST(serving->connections() == 2u);
    go_on.set();
    auto greeting = co_await third;
    BOOST_TEST(greeting == "x");
    for (std::size_t i = 3; i < 6; ++i) {
        greeting = co_await clients[i].reader.read(1);
        BOOST_TEST(greeting == "x");
    }
    BOOST_TEST(most == 2);
    co_await end(*serving);
}

STREAM_TEST_CASE(limits_of_nothing_are_refused) {
    // Before the name is looked up, which nobody has.
    ordo::server_options const no_limit{.limit = 0};
    auto const limit =
        co_await failure_of<ordo::value_error>(ordo::start_server(echo, "no-such-host.invalid", 0, no_limit));
    ordo::server_options const nobody{.max_connections = 0};
    auto const most =
        co_await failure_of<ordo::value_error>(ordo::start_server(echo, "no-such-host.invalid", 0, nobody));
    BOOST_TEST(limit == "start_server: the limit is 0 bytes; give at least 1");
    BOOST_TEST(most == "start_server: max_connections is 0; give at least 1");
}

STREAM_TEST_CASE(the_limit_of_a_server_is_that_of_its_readers) {
    std::size_t limit = 0;
    auto look = [&](stream_reader reader, stream_writer) -> coro<> {
        limit = reader.limit();
        co_return;
    };
    auto const serving = co_await ordo::start_server(look, "127.0.0.1", 0, {.limit = 77});
    co_await ask(serving, "");
    BOOST_TEST(limit == 77u);
    co_await end(serving);
}

BOOST_AUTO_TEST_SUITE_END()
