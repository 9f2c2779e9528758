// ordo: the names that the code blocks of README.md and of the doc comments take for granted.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <ordo/datagram.hpp>
#include <ordo/inspector.hpp>
#include <ordo/ordo.hpp>
#include <ordo/subprocess.hpp>
#include <ordo/testing/explore.hpp>
#include <ordo/testing/inject_cancellation.hpp>
#include <ordo/testing/inject_failures.hpp>
#include <ordo/testing/memory_stream.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/sequencer.hpp>
#include <ordo/testing/stepping.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/testing/virtual_clock.hpp>
#include <ordo/testing/wait_all_tasks_blocked.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

extern ordo::event_loop loop;
extern ordo::event_loop other_loop;
extern tcp::acceptor acceptor;
extern tcp::socket a;
extern tcp::socket b;
extern boost::asio::mutable_buffer buffer_a;
extern boost::asio::mutable_buffer buffer_b;
extern std::string url;

struct some_database {
    ordo::coro<int> count();
    ordo::coro<> disconnect();
};
extern some_database database;

struct some_window {
    void call_soon(std::function<void()> call);
    void run();
};
extern some_window window;

ordo::coro<int> ask();
ordo::coro<> body();
ordo::coro<std::string> fetch(std::string url);
ordo::coro<int> serve(int port);
ordo::coro<> serve(tcp::socket peer);
ordo::coro<> work();
