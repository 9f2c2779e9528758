// ordo: tests of cancelling whoever reads a stream: at whichever moment that is, every byte arrives, once.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/stream.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/testing/memory_stream.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/timeout.hpp>
#include <ordo/wait_for.hpp>

#include "stream_case.hpp"

#include <string>
#include <string_view>

namespace {

std::string const text = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

/// Reads until the end, whatever happens to it on the way.
template <class Read>
struct stubborn_reader {
    wire& from;
    Read read;
    std::string received{};
    int cancellations = 0;

    coro<> run() {
        for (;;) {
            try {
                auto const part = co_await read(from.reader);
                if (part.empty()) co_return;
                received += part;
            } catch (ordo::cancelled_error const&) {
                ++cancellations;
            } catch (ordo::incomplete_read_error const& e) {
                received += e.partial();
                co_return;
            }
        }
    }
};

/// The text is sent byte by byte, with `pause` iterations between two of them; the reader is cancelled every `period`
/// iterations, from the iteration `phase` on.
template <class Read>
coro<> cancel_while_reading(Read read, int pause, int period, int phase) {
    auto l = co_await connect();
    stubborn_reader<Read> reader{l, read};
    auto const reading = ordo::create_task(reader.run());
    auto send = [&]() -> coro<> {
        for (char const one : text) {
            l.send({&one, 1});
            for (int i = 0; i < pause; ++i) co_await ordo::sleep(0s);
        }
        l.end();
    };
    co_await ordo::sleep(0s); // a task that is cancelled before it begins never does
    auto const sending = ordo::create_task(send);
    for (int i = 1; !reading.done(); ++i) {
        if (i % period == phase && !sending.done()) reading.cancel();
        co_await ordo::sleep(0s);
    }
    co_await sending; // the reader may have been cancelled in its last step
    BOOST_TEST(reader.received == text);
    BOOST_TEST((sending.done() && reader.cancellations > 0));
}

template <class Read>
coro<> cancel_at_every_moment(Read read) {
    for (int pause = 0; pause < 4; ++pause)
        for (int period = 2; period < 7; ++period)
            for (int phase = 0; phase < period; ++phase) co_await cancel_while_reading(read, pause + 1, period, phase);
}

} // namespace

BOOST_AUTO_TEST_SUITE(stream_cancel)

STREAM_TEST_CASE(nothing_is_lost_when_read_is_cancelled_at_every_moment) {
    auto const read = [](ordo::stream_reader const& from) { return from.read(3); };
    co_await cancel_at_every_moment(read);
}

STREAM_TEST_CASE(nothing_is_lost_when_read_line_is_cancelled_at_every_moment) {
    auto const read = [](ordo::stream_reader const& from) { return from.read_line(); };
    co_await cancel_at_every_moment(read);
}

STREAM_TEST_CASE(nothing_is_lost_when_read_until_is_cancelled_at_every_moment) {
    auto const read = [](ordo::stream_reader const& from) { return from.read_until("e\n"); };
    co_await cancel_at_every_moment(read);
}

STREAM_TEST_CASE(nothing_is_lost_when_read_exactly_is_cancelled_at_every_moment) {
    auto const read = [](ordo::stream_reader const& from) { return from.read_exactly(7); };
    co_await cancel_at_every_moment(read);
}

STREAM_TEST_CASE(nothing_is_lost_when_read_to_the_end_is_cancelled_at_every_moment) {
    auto const read = [](ordo::stream_reader const& from) { return from.read(); };
    co_await cancel_at_every_moment(read);
}

STREAM_TEST_CASE(a_read_that_times_out_has_lost_nothing) {
    auto l = co_await connect();
    l.send("partial");
    auto const failure = co_await failure_of<ordo::timeout_error>(ordo::wait_for(l.reader.read_line(), 5ms));
    l.send(" no more\n");
    auto const line = co_await l.reader.read_line();
    BOOST_TEST(failure != "(nothing was thrown)");
    BOOST_TEST(line == "partial no more\n");
}

ORDO_TEST_CASE(a_deadline_ends_the_wait_for_a_peer_that_sends_one_byte_a_second_and_what_came_is_kept) {
    auto const [client, server] = ordo::testing::memory_stream_pair();
    auto trickle = [writer = client.writer]() -> coro<> {
        for (char const one : std::string_view("GET / HTTP/1.1\r\n")) {
            co_await writer.write(std::string(1, one));
            co_await ordo::sleep(1s);
        }
    };
    auto const sending = ordo::create_task(trickle);
    auto const before = ordo::get_running_loop().time();
    auto const error = co_await failure_of<ordo::timeout_error>(ordo::wait_for(server.reader.read_line(), 10s));
    BOOST_TEST(error != "(nothing was thrown)");
    BOOST_TEST((ordo::get_running_loop().time() - before == 10s));
    BOOST_TEST(!sending.done());
    auto const line = co_await server.reader.read_line();
    BOOST_TEST(line == "GET / HTTP/1.1\r\n");
    co_await sending;
}

STREAM_TEST_CASE(a_cancelled_reader_makes_room_for_the_next) {
    auto l = co_await connect();
    auto const first = ordo::create_task(l.reader.read(1));
    co_await ordo::sleep(0s);
    first.cancel();
    co_await until([&] { return first.done(); });
    l.send("x");
    auto const text = co_await l.reader.read(1);
    BOOST_TEST(first.cancelled());
    BOOST_TEST(text == "x");
}

STREAM_TEST_CASE(wait_closed_can_be_cancelled) {
    auto l = co_await connect();
    auto const waiting = ordo::create_task(l.writer.wait_closed());
    co_await ordo::sleep(0s);
    waiting.cancel();
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
    BOOST_TEST(waiting.cancelled());
}

BOOST_AUTO_TEST_SUITE_END()
