// ordo: chat_server: a Boost.Beast service on a plain io_context, with an ordo loop put on that context.
// SPDX-License-Identifier: BSL-1.0
//
// Where to look: server.cpp has the accept callbacks and the task per client, session.cpp what a client's coroutine
// does, archive.cpp the way to the blocking database and back, outbox.cpp the queue between two coroutines.
#include "archive.hpp"
#include "options.hpp"
#include "rooms.hpp"
#include "server.hpp"
#include "service.hpp"

#include <ordo/event_loop.hpp>
#include <ordo/inspector.hpp>
#include <ordo/log.hpp>
#include <ordo/task.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void set_up_logging(chat::options const& options) {
    spdlog::set_default_logger(spdlog::stderr_color_mt("chat_server"));
    spdlog::set_level(spdlog::level::from_str(options.log_level));
    ordo::set_logger(spdlog::default_logger());
}

std::string address_of(chat::options const& options) {
    std::ostringstream text;
    text << tcp::endpoint(asio::ip::make_address(options.bind), options.port);
    return text.str();
}

tcp::acceptor listen(asio::io_context& context, chat::options const& options) {
    try {
        return tcp::acceptor(context, tcp::endpoint(asio::ip::make_address(options.bind), options.port));
    } catch (boost::system::system_error const& error) {
        throw std::runtime_error("cannot listen on " + address_of(options) + ": " + error.code().message());
    }
}

ordo::coro<void> stop_all(ordo::event_loop& loop, chat::server& server, chat::archive& archive,
                          std::optional<ordo::inspector>& inspector) {
    co_await server.stop();
    co_await archive.close();
    inspector.reset();
    loop.remove_signal_handler(SIGINT);
    loop.remove_signal_handler(SIGTERM);
    spdlog::info("stopped");
}

void run(chat::options options) {
    asio::io_context context{1};
    auto acceptor = listen(context, options);
    options.port = acceptor.local_endpoint().port();

    ordo::event_loop loop{context}; // all that a service needs for tasks beside its callbacks
    chat::rooms rooms;
    chat::archive archive{loop, options.database, rooms};
    chat::server server{{loop, options, rooms, archive}, std::move(acceptor)};
    server.start();
    std::optional<ordo::inspector> inspector;
    if (options.inspect) inspector.emplace(loop);

    auto stop = [&, stopping = false]() mutable {
        if (std::exchange(stopping, true)) server.hurry();
        else loop.create_task(stop_all(loop, server, archive, inspector), "stop");
    };
    loop.add_signal_handler(SIGINT, std::ref(stop));
    loop.add_signal_handler(SIGTERM, std::ref(stop));

    std::cout << "chat_server: http://" << address_of(options) << "/ with its history in " << options.database
              << std::endl;
    if (inspector) std::cout << "chat_server: inspect it at " << inspector->url() << std::endl;
    context.run(); // until nothing is left to do: that is, after stop_all()
    loop.close();
}

} // namespace

int main(int argc, char** argv) {
    try {
        auto const options = chat::parse_options({argv + 1, argv + argc});
        if (options.help) {
            std::cout << chat::usage;
            return 0;
        }
        // Both are better met as errors of the call that caused them: a log that nobody reads, a file that may not grow.
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGXFSZ, SIG_IGN);
        set_up_logging(options);
        run(options);
        return 0;
    } catch (chat::usage_error const& error) {
        std::cerr << "chat_server: " << error.what() << '\n';
        return 2;
    } catch (std::exception const& error) {
        std::cerr << "chat_server: " << error.what() << '\n';
        return 1;
    }
}
