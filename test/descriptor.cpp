// ordo: tests of add_reader and add_writer, on real pipes.
// SPDX-License-Identifier: BSL-1.0
#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/context_var.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// Two descriptors, closed at the end.
struct channel {
    int ends[2];

    channel() { BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
    channel(channel const&) = delete;
    channel& operator=(channel const&) = delete;
    ~channel() {
        for (int const end : ends)
            if (end >= 0) ::close(end);
    }

    int reading() const { return ends[0]; }
    int writing() const { return ends[1]; }
    void send(std::string const& text) {
        BOOST_REQUIRE(::write(ends[1], text.data(), text.size()) == ssize_t(text.size()));
    }
    std::string receive(std::size_t most = 100) {
        std::string text(most, '\0');
        auto const n = ::read(ends[0], text.data(), most);
        BOOST_REQUIRE(n >= 0);
        text.resize(static_cast<std::size_t>(n));
        return text;
    }
    void close_end(int which) { ::close(std::exchange(ends[which], -1)); }
};

struct reading_loop : no_descriptors_left {
    ordo::event_loop loop;
    ordo::testing::order_recorder order;
    channel pipe;
    std::vector<std::string> reports;

    reading_loop() {
        loop.set_exception_handler([this](ordo::event_loop&, ordo::exception_context const& what) {
            reports.push_back(what.message + ": " +
                              error_text<std::exception>([&] { std::rethrow_exception(what.exception); }));
        });
    }

    /// Until nothing more can come: the descriptors of these tests are ready at once or never.
    void settle() {
        for (int i = 0; i < 20; ++i) {
            loop.stop();
            loop.run_forever();
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(descriptor, reading_loop)

BOOST_AUTO_TEST_CASE(a_reader_is_called_when_there_is_something_to_read) {
    loop.add_reader(pipe.reading(), [this] {
        order.record(pipe.receive());
        loop.stop();
    });
    settle();
    BOOST_TEST(order.difference({}) == "");
    pipe.send("a");
    loop.run_forever();
    pipe.send("b");
    loop.run_forever();
    BOOST_TEST(order.difference({"a", "b"}) == "");
}

BOOST_AUTO_TEST_CASE(a_reader_is_called_for_as_long_as_there_is_something_left) {
    pipe.send("abc");
    loop.add_reader(pipe.reading(), [this] { order.record(pipe.receive(1)); });
    settle();
    BOOST_TEST(order.difference({"a", "b", "c"}) == "");
}

BOOST_AUTO_TEST_CASE(a_reader_called_in_the_iteration_that_stops_is_not_called_again_once_removed) {
    // CPython: an event that a stopping iteration sees is delivered once, although the next run sees it again.
    pipe.send("a");
    loop.add_reader(pipe.reading(), [this] {
        order.record("ready");
        loop.call_soon([this] { loop.remove_reader(pipe.reading()); });
    });
    while (order.entries().empty()) { // the reactor is asked in some iteration from the second on
        loop.call_soon([this] { loop.stop(); });
        loop.run_forever();
    }
    for (int i = 0; i < 2; ++i) {
        loop.call_soon([this] { loop.stop(); });
        loop.run_forever();
    }
    BOOST_TEST(order.difference({"ready"}) == "");
}

BOOST_AUTO_TEST_CASE(the_end_of_the_stream_can_be_read) {
    pipe.close_end(1);
    loop.add_reader(pipe.reading(), [this] {
        order.record("end: '" + pipe.receive() + "'");
        loop.remove_reader(pipe.reading());
    });
    settle();
    BOOST_TEST(order.difference({"end: ''"}) == "");
}

BOOST_AUTO_TEST_CASE(a_writer_is_called_when_there_is_room) {
    loop.add_writer(pipe.writing(), [this] {
        order.record("room");
        loop.remove_writer(pipe.writing());
    });
    settle();
    BOOST_TEST(order.difference({"room"}) == "");
}

BOOST_AUTO_TEST_CASE(one_descriptor_may_have_a_reader_and_a_writer) {
    int const both = pipe.reading();
    pipe.send("a");
    loop.add_reader(both, [&] {
        order.record(pipe.receive());
        loop.remove_reader(both);
    });
    loop.add_writer(both, [&] {
        order.record("room");
        loop.remove_writer(both);
    });
    settle();
    auto calls = order.entries();
    std::ranges::sort(calls);
    BOOST_TEST((calls == std::vector<std::string>{"a", "room"}));
    BOOST_TEST(!loop.remove_reader(both));
    BOOST_TEST(!loop.remove_writer(both));
}

BOOST_AUTO_TEST_CASE(arguments_are_bound_and_given_each_time) {
    pipe.send("ab");
    loop.add_reader(
        pipe.reading(),
        [this](std::string const& name, int n) { order.record(name + pipe.receive(1) + std::to_string(n)); }, "read ",
        1);
    settle();
    BOOST_TEST(order.difference({"read a1", "read b1"}) == "");
}

BOOST_AUTO_TEST_CASE(a_second_reader_replaces_the_first) {
    pipe.send("a");
    loop.add_reader(pipe.reading(), [this] { order.record("first"); });
    loop.add_reader(pipe.reading(), [this] {
        order.record("second " + pipe.receive());
        loop.add_reader(pipe.reading(), [this] { order.record("third " + pipe.receive()); });
    });
    settle();
    pipe.send("b");
    settle();
    BOOST_TEST(order.difference({"second a", "third b"}) == "");
}

BOOST_AUTO_TEST_CASE(a_reader_that_removes_itself_can_add_another) {
    loop.add_reader(pipe.reading(), [this] {
        loop.remove_reader(pipe.reading());
        loop.add_reader(pipe.reading(), [this] { order.record("another " + pipe.receive()); });
    });
    pipe.send("a");
    settle();
    BOOST_TEST(order.difference({"another a"}) == "");
}

BOOST_AUTO_TEST_CASE(a_reader_that_an_earlier_callback_of_the_iteration_removes_does_not_run) {
    // CPython cancels the handle that is queued.
    channel other;
    pipe.send("a");
    other.send("b");
    auto const remove_both = [&](char const* name) {
        order.record(name);
        BOOST_TEST(loop.remove_reader(pipe.reading()));
        BOOST_TEST(loop.remove_reader(other.reading()));
    };
    loop.add_reader(pipe.reading(), remove_both, "one");
    loop.add_reader(other.reading(), remove_both, "one");
    settle();
    BOOST_TEST(order.difference({"one"}) == "");
}

BOOST_AUTO_TEST_CASE(removing_says_whether_there_was_one) {
    BOOST_TEST(!loop.remove_reader(pipe.reading()));
    loop.add_reader(pipe.reading(), [] {});
    BOOST_TEST(!loop.remove_writer(pipe.reading()));
    BOOST_TEST(loop.remove_reader(pipe.reading()));
    BOOST_TEST(!loop.remove_reader(pipe.reading()));
    BOOST_TEST(!loop.remove_reader(-1));
}

BOOST_AUTO_TEST_CASE(the_descriptor_stays_the_callers) {
    loop.add_reader(pipe.reading(), [] {});
    loop.remove_reader(pipe.reading());
    loop.add_reader(pipe.reading(), [] {});
    loop.close();
    pipe.send("still open");
    BOOST_TEST(pipe.receive() == "still open");
}

BOOST_AUTO_TEST_CASE(a_reader_that_throws_is_reported_and_stays) {
    pipe.send("ab");
    loop.add_reader(pipe.reading(), [this] { throw std::runtime_error("boom " + pipe.receive(1)); });
    settle();
    BOOST_TEST(
        (reports == std::vector<std::string>{"exception in a callback: boom a", "exception in a callback: boom b"}));
}

BOOST_AUTO_TEST_CASE(a_reader_runs_in_a_copy_of_the_context_it_was_added_in) {
    static ordo::context_var<std::string> variable("variable", "none");
    auto in = ordo::copy_context();
    pipe.send("a");
    in.run([&] {
        variable.set("of the adder");
        loop.add_reader(pipe.reading(), [this] { order.record(variable.get() + " " + pipe.receive()); });
        variable.set("changed since");
    });
    settle();
    BOOST_TEST(order.difference({"of the adder a"}) == "");
}

BOOST_AUTO_TEST_CASE(a_descriptor_closed_underneath_does_no_harm) {
    loop.add_reader(pipe.reading(), [this] { order.record("read"); });
    settle();
    pipe.close_end(0);
    settle();
    channel reused; // gets the number that was closed
    BOOST_TEST(reused.reading() < pipe.writing());
    reused.send("x");
    loop.add_reader(reused.reading(), [&] { order.record("reused " + reused.receive()); });
    settle();
    BOOST_TEST(order.difference({"reused x"}) == "");
    BOOST_TEST(loop.remove_reader(reused.reading()));
    BOOST_TEST(reports.empty());
}

BOOST_AUTO_TEST_CASE(a_callback_that_closes_its_descriptor_and_stays_is_called_no_more) {
    pipe.send("a");
    loop.add_reader(pipe.reading(), [this] {
        order.record("closing");
        pipe.close_end(0);
    });
    int const number = pipe.reading();
    settle();
    BOOST_TEST(order.difference({"closing"}) == "");
    bool const stays = loop.remove_reader(number);
#ifdef BOOST_ASIO_HAS_IO_URING // unlike epoll it is told of the descriptor after the callback, and finds that it is closed
    BOOST_TEST(!stays);
    BOOST_TEST(reports.size() == 1u);
#else
    BOOST_TEST(stays);
    BOOST_TEST(reports.empty());
#endif
}

BOOST_AUTO_TEST_CASE(what_cannot_be_waited_for_is_refused) {
    auto const code = [&](int number) {
        try {
            loop.add_reader(number, [] {});
        } catch (boost::system::system_error const& e) {
            return e.code().value();
        }
        return 0;
    };
    int const file = ::open("/proc/self/exe", O_RDONLY);
    BOOST_TEST(code(-1) == EBADF);
    BOOST_TEST(code(file) == EPERM);
    ::close(file);
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { loop.add_writer(pipe.writing(), [] {}); }) ==
               "event_loop::add_writer: the loop is closed; schedule on an open one");
    BOOST_TEST(!loop.remove_writer(pipe.writing()));
}

BOOST_AUTO_TEST_CASE(a_borrowed_loop_watches_descriptors_too) {
    boost::asio::io_context host;
    ordo::event_loop borrowed(host);
    pipe.send("a");
    borrowed.add_reader(pipe.reading(), [&] {
        order.record(pipe.receive());
        borrowed.remove_reader(pipe.reading()); // and so host.run() ends
    });
    host.run();
    BOOST_TEST(order.difference({"a"}) == "");
}

BOOST_AUTO_TEST_CASE(virtual_time_waits_for_a_descriptor) {
    ordo::event_loop virtual_loop(ordo::loop_options{.clock = std::make_shared<ordo::testing::virtual_clock>()});
    virtual_loop.add_reader(pipe.reading(), [&] {
        order.record(pipe.receive());
        virtual_loop.remove_reader(pipe.reading());
    });
    virtual_loop.call_soon([&] { pipe.send("a"); });
    virtual_loop.call_later(1h, [&] {
        order.record("an hour later");
        virtual_loop.stop();
    });
    virtual_loop.run_forever();
    BOOST_TEST(order.difference({"a", "an hour later"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
