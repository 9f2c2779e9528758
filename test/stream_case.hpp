// ordo: STREAM_TEST_CASE, a test case whose body is a coroutine on real time, and wire, a stream with a bare socket as its
// peer. A case that leaves a task, a report or a file descriptor behind fails.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ordo/asio_operation.hpp>
#include <ordo/coro.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>
#include <ordo/stream.hpp>
#include <ordo/task.hpp>
#include <ordo/wait_for.hpp>

#include "error_text.hpp"
#include "failure_of.hpp"
#include "open_descriptors.hpp"

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using boost::asio::deferred;
using boost::asio::ip::tcp;
using ordo::coro;

/// What was reported to the exception handler of the loop that runs the case, for it to look at and clear.
inline std::vector<std::string> reports;
/// Called before that.
inline std::function<void()> on_report;

inline void run_stream_case(std::function<coro<>()> const& body) {
    reports.clear();
    on_report = nullptr;
    no_descriptors_left const counted;
    {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const& what) {
            if (on_report) on_report();
            auto const error = [&] {
                if (what.exception) std::rethrow_exception(what.exception);
            };
            reports.push_back(what.message + ": " + error_text<std::exception>(error));
        });
        loop.run_until_complete(ordo::wait_for(body(), 60s));
        for (int i = 0; i < 20; ++i) { // what ends by itself
            loop.call_soon([&] { loop.stop(); });
            loop.run_forever();
        }
        for (auto const& task : ordo::all_tasks(loop)) BOOST_ERROR("left pending: " + task.name());
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {}); // of what was just named
    }
    for (auto const& report : reports) BOOST_ERROR("reported: " + report);
}

#define STREAM_TEST_CASE(name)                                                                                         \
    static ordo::coro<> name##_body();                                                                                 \
    BOOST_AUTO_TEST_CASE(name) {                                                                                       \
        run_stream_case(&name##_body);                                                                                 \
    }                                                                                                                  \
    static ordo::coro<> name##_body()

/// A stream, and its peer.
struct wire {
    ordo::stream_reader reader;
    ordo::stream_writer writer;
    tcp::socket peer;

    void send(std::string_view text) { boost::asio::write(peer, boost::asio::buffer(text.data(), text.size())); }
    void end() { peer.shutdown(tcp::socket::shutdown_send); }
    void reset() {
        peer.set_option(boost::asio::socket_base::linger(true, 0));
        peer.close();
    }
    /// All that comes until the end, or the error in place of it.
    coro<std::string> receive_all() {
        std::string text;
        auto const [error, size] =
            co_await boost::asio::async_read(peer, boost::asio::dynamic_buffer(text), boost::asio::as_tuple(deferred));
        if (error != boost::asio::error::eof) text += " and " + error.message();
        co_return text;
    }
};

inline tcp::acceptor listen() {
    return {ordo::get_running_loop().host_executor(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
}

inline coro<wire> connect(ordo::connection_options options = {}) {
    auto acceptor = listen();
    auto [reader, writer] = co_await ordo::open_connection("127.0.0.1", acceptor.local_endpoint().port(), options);
    auto peer = co_await acceptor.async_accept(deferred);
    co_return wire{std::move(reader), std::move(writer), std::move(peer)};
}

template <class A>
coro<boost::system::error_code> error_of(A awaitable) {
    try {
        co_await std::move(awaitable);
    } catch (boost::system::system_error const& e) {
        co_return e.code();
    }
    co_return boost::system::error_code();
}

/// One iteration after the other, until something holds that will by itself.
template <class Condition>
coro<> until(Condition condition) {
    while (!condition()) co_await ordo::sleep(1ms);
}
