// ordo: tests of server::shutdown: who ends in peace, who is cancelled, who is stuck, and what the report says.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/server.hpp>

#include <ordo/event.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/executor.hpp>

#include "server_case.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <source_location>
#include <string_view>
#include <thread>

namespace asio = boost::asio;

namespace {

bool is_here(std::source_location const& where) {
    return std::string_view(where.file_name()).ends_with("server_shutdown.cpp");
}

/// Does not take a cancellation for an answer.
coro<> insist(stream_reader reader, stream_writer) {
    for (;;) {
        try {
            co_await reader.read();
            co_return;
        } catch (ordo::cancelled_error const&) { // the wrong thing to do
        }
    }
}

coro<ordo::connection> client_of(server of) {
    auto const before = of.connections();
    auto opened = co_await ordo::open_connection("127.0.0.1", of.port());
    co_await until([&] { return of.connections() > before; });
    co_return opened;
}

} // namespace

BOOST_AUTO_TEST_SUITE(server_shutdown)

STREAM_TEST_CASE(a_server_without_connections_is_down_at_once) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto const report = co_await serving.shutdown(1h);
    BOOST_TEST(report.clean());
    BOOST_TEST(!serving.is_serving());
    auto const again = co_await serving.shutdown(1h);
    BOOST_TEST(again.clean());
}

STREAM_TEST_CASE(handlers_that_end_before_the_deadline_are_left_alone) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const stopping = ordo::create_task(serving.shutdown(1h));
    co_await ordo::sleep(1ms);
    BOOST_TEST(!stopping.done());
    client.writer.close();
    auto const report = co_await stopping;
    BOOST_TEST(report.clean());
    BOOST_TEST(report.stuck.empty());
}

STREAM_TEST_CASE(without_a_deadline_it_waits) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const stopping = ordo::create_task(serving.shutdown(std::nullopt));
    co_await ordo::sleep(5ms);
    BOOST_TEST(!stopping.done());
    client.writer.close();
    auto const report = co_await stopping;
    BOOST_TEST(report.clean());
}

STREAM_TEST_CASE(a_handler_that_runs_after_the_deadline_is_cancelled_and_named) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const report = co_await serving.shutdown(1ms);
    BOOST_TEST(!report.clean());
    BOOST_TEST(report.cancelled.size() == 1u);
    BOOST_TEST(report.cancelled[0].name == "connection 1 from " + client.writer.local_name());
    BOOST_TEST(report.stuck.empty());
    BOOST_TEST(report.aborted == 0u);
    BOOST_TEST(report.jobs == "");
    BOOST_TEST(serving.connections() == 0u);
    auto const text = co_await client.reader.read();
    BOOST_TEST(text == "");
}

STREAM_TEST_CASE(a_handler_that_is_cancelled_is_shown_where_it_waits_and_what_for) {
    std::uint_least32_t line = 0;
    auto doze = [&]() -> coro<> {
        line = std::source_location::current().line() + 1;
        co_await ordo::sleep(1h);
    };
    auto handle = [&](stream_reader, stream_writer) -> coro<> { co_await doze(); };
    auto const serving = co_await ordo::start_server(handle, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const report = co_await serving.shutdown(1ms);
    BOOST_REQUIRE(report.cancelled.size() == 1u);
    auto const& handler = report.cancelled[0];
    BOOST_TEST(handler.waits_for == "sleep");
    BOOST_REQUIRE(handler.stack.size() >= 2u);
    BOOST_TEST(is_here(handler.stack[0]));
    BOOST_TEST(handler.stack[0].line() == line);
    BOOST_TEST(is_here(handler.stack[1]));
    BOOST_TEST(handler.stack[1].line() == line + 2);
}

STREAM_TEST_CASE(a_handler_that_survives_its_cancellation_is_named_and_its_connection_aborted) {
    auto const serving = co_await ordo::start_server(insist, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const report = co_await serving.shutdown(1ms);
    BOOST_TEST(report.cancelled.size() == 1u);
    BOOST_TEST(report.stuck.size() == 1u);
    BOOST_TEST(report.stuck[0].name == "connection 1 from " + client.writer.local_name());
    BOOST_TEST(report.stuck[0].waits_for == "async_wait");
    BOOST_TEST(std::ranges::count_if(report.stuck[0].stack, is_here) == 1);
    BOOST_TEST(report.aborted == 1u);
    auto const error = co_await error_of(client.reader.read());
    BOOST_TEST(error == asio::error::connection_reset);
    co_await serving.wait_closed(); // it reads the end now
}

STREAM_TEST_CASE(a_client_that_takes_nothing_does_not_hold_up_the_end) {
    auto flood = [](stream_reader, stream_writer writer) -> coro<> {
        co_await writer.write(std::string(std::size_t(16) << 20, 'x'));
    };
    auto const serving = co_await ordo::start_server(flood, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const report = co_await serving.shutdown(1ms);
    BOOST_TEST(report.cancelled.size() == 1u);
    BOOST_TEST(report.stuck.empty());
    BOOST_TEST(report.aborted == 1u);
    BOOST_TEST(serving.connections() == 0u);
}

STREAM_TEST_CASE(what_a_handler_has_written_is_sent_before_the_end) {
    auto answer = [](stream_reader reader, stream_writer writer) -> coro<> {
        auto const line = co_await reader.read_line();
        co_await writer.write("you said " + line);
    };
    auto const serving = co_await ordo::start_server(answer, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const stopping = ordo::create_task(serving.shutdown(1h));
    co_await client.writer.write("hello\n");
    auto const text = co_await client.reader.read();
    auto const report = co_await stopping;
    BOOST_TEST(text == "you said hello\n");
    BOOST_TEST(report.clean());
}

STREAM_TEST_CASE(jobs_that_are_not_done_are_named) {
    std::atomic<bool> begun = false, over = false;
    auto& loop = ordo::get_running_loop();
    auto work = [&] {
        begun = true;
        while (!over) std::this_thread::sleep_for(1ms);
    };
    auto const job = loop.run_in_executor(work);
    co_await until([&] { return begun.load(); });
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto const report = co_await serving.shutdown(0s);
    over = true;
    co_await job;
    co_await loop.shutdown_default_executor();
    BOOST_TEST(report.jobs.find("server_shutdown.cpp") != std::string::npos);
    BOOST_TEST(!report.clean());
}

STREAM_TEST_CASE(a_handler_cannot_wait_for_its_own_server) {
    std::optional<server> serving;
    std::string text;
    auto stop = [&](stream_reader, stream_writer) -> coro<> {
        text = co_await failure_of<ordo::usage_error>(serving->shutdown(1h));
    };
    serving = co_await ordo::start_server(stop, "127.0.0.1", 0);
    auto client = co_await ordo::open_connection("127.0.0.1", serving->port());
    co_await client.reader.read();
    BOOST_TEST(text ==
               "server::shutdown: a handler of this server calls it, for which it would wait; let another task do "
               "it");
    auto const report = co_await serving->shutdown(1h);
    BOOST_TEST(report.clean());
}

STREAM_TEST_CASE(a_shutdown_that_is_cancelled_leaves_the_server_closed) {
    auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
    auto client = co_await client_of(serving);
    auto const stopping = ordo::create_task(serving.shutdown(1h));
    co_await ordo::sleep(0s);
    stopping.cancel();
    co_await until([&] { return stopping.done(); });
    BOOST_TEST(stopping.cancelled());
    BOOST_TEST(!serving.is_serving());
    BOOST_TEST(serving.connections() == 1u);
    client.writer.close();
    co_await serving.wait_closed();
}

// -- loops that end before

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_takes_server_and_connections_with_it) {
    auto const before = open_descriptors();
    std::optional<server> serving;
    std::optional<ordo::connection> client;
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto body = [&]() -> coro<> {
            serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
            client = co_await client_of(*serving);
            co_await client->writer.write(std::string(100, 'x'));
        };
        loop.run_until_complete(loop.create_task(body));
    }
    BOOST_TEST(open_descriptors() == before);
    BOOST_TEST(!serving->is_serving());
    BOOST_TEST(client->writer.is_closing());
    BOOST_TEST(client->writer.local_name() == "");
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_while_a_server_waits_for_its_last_connection_takes_both_with_it) {
    auto const before = open_descriptors();
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto body = [&]() -> coro<> {
            auto const serving = co_await ordo::start_server(wait_for_end, "127.0.0.1", 0);
            auto const client = co_await client_of(serving);
            serving.close();
        };
        loop.run_until_complete(loop.create_task(body));
    }
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_while_much_is_buffered_drops_it) {
    auto const before = open_descriptors();
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto body = [&]() -> coro<> {
            auto l = co_await connect();
            co_await l.writer.write(std::string(std::size_t(16) << 20, 'x')); // which waits for ever
        };
        auto const writing = loop.create_task(body);
        auto const waiting = [&writing]() -> coro<> {
            for (int i = 0; i < 100 && !writing.done(); ++i) co_await ordo::sleep(1ms);
        };
        loop.run_until_complete(loop.create_task(waiting));
        BOOST_TEST(!writing.done());
    }
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_server_on_a_borrowed_context_keeps_it_running_and_ends_with_its_loop) {
    auto const before = open_descriptors();
    {
        asio::io_context host;
        ordo::event_loop loop(host);
        std::optional<server> serving;
        std::string text;
        auto echo_once = [](stream_reader reader, stream_writer writer) -> coro<> {
            co_await writer.write(co_await reader.read_line());
        };
        auto body = [&]() -> coro<> {
            serving = co_await ordo::start_server(echo_once, "127.0.0.1", 0);
            auto client = co_await ordo::open_connection("127.0.0.1", serving->port());
            co_await client.writer.write("hello\n");
            text = co_await client.reader.read();
            serving->close();
        };
        loop.create_task(body);
        host.run();
        BOOST_TEST(text == "hello\n");
    }
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_SUITE_END()
