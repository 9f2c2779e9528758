// ordo: tests of stream_writer, over loopback, with a bare socket as the peer.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/stream.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/timeout.hpp>

#include "stream_case.hpp"

#include <filesystem>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace asio = boost::asio;

namespace {

/// More than the kernel takes.
std::string const much(std::size_t(16) << 20, 'm');

/// What a write gives when the peer has hung up, which the system tells at once or later.
coro<std::string> failure_of_writing(ordo::stream_writer writer) {
    std::string const some(1000, 'x');
    for (;;) {
        auto const text = co_await failure_of(writer.write(some));
        if (text != "(nothing was thrown)") co_return text;
        co_await ordo::sleep(1ms);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(stream_write)

// -- write

STREAM_TEST_CASE(what_is_written_arrives_without_waiting) {
    auto l = co_await connect();
    auto const before = ordo::get_running_loop().iterations();
    co_await l.writer.write("hello, ");
    co_await l.writer.write(std::string("wor"));
    std::string const text = "ld";
    co_await l.writer.write(text);
    BOOST_TEST(ordo::get_running_loop().iterations() == before);
    l.writer.close();
    auto const received = co_await l.receive_all();
    BOOST_TEST(received == "hello, world");
}

STREAM_TEST_CASE(write_waits_while_too_much_is_buffered) {
    auto l = co_await connect();
    auto const writing = ordo::create_task(l.writer.write(std::string(much)));
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
    BOOST_TEST(!writing.done());
    BOOST_TEST(l.writer.buffered() > 65536u);
    auto const receiving = ordo::create_task(l.receive_all());
    co_await writing;
    BOOST_TEST(l.writer.buffered() <= 16384u);
    l.writer.close();
    auto const received = co_await receiving;
    BOOST_TEST((received == much));
}

STREAM_TEST_CASE(what_is_buffered_up_to_the_mark_does_not_make_a_writer_wait) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    BOOST_TEST(l.writer.buffered() > 0u);
    co_await l.writer.write("!"); // copied behind it
    co_await l.writer.drain();
    l.writer.close();
    auto const received = co_await l.receive_all();
    BOOST_TEST((received == much + "!"));
}

STREAM_TEST_CASE(what_several_tasks_write_arrives_in_order_and_in_whole) {
    auto l = co_await connect({.high_water = 1000});
    std::string expected;
    std::vector<ordo::task<>> writers;
    auto write = [&](char which) -> coro<> {
        std::string const block(std::size_t(1) << 20, which);
        co_await l.writer.write(block);
    };
    for (char const which : std::string("abcdefgh")) {
        expected += std::string(std::size_t(1) << 20, which);
        writers.push_back(ordo::create_task(write(which)));
    }
    auto const receiving = ordo::create_task(l.receive_all());
    for (auto const& one : writers) co_await one;
    l.writer.close();
    auto const received = co_await receiving;
    BOOST_TEST((received == expected));
}

STREAM_TEST_CASE(a_write_that_is_cancelled_while_it_waits_is_sent_all_the_same) {
    auto l = co_await connect();
    auto const writing = ordo::create_task(l.writer.write(std::string_view(much)));
    co_await ordo::sleep(0s);
    writing.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(writing.cancelled());
    l.writer.close();
    auto const received = co_await l.receive_all();
    BOOST_TEST((received == much));
}

// -- the end of a stream

STREAM_TEST_CASE(write_eof_ends_one_direction) {
    auto l = co_await connect();
    BOOST_TEST(l.writer.can_write_eof());
    co_await l.writer.write("request");
    l.writer.write_eof();
    l.writer.write_eof(); // nothing
    auto const received = co_await l.receive_all();
    l.send("answer");
    auto const answer = co_await l.reader.read(100);
    auto const text = co_await failure_of<ordo::usage_error>(l.writer.write("more"));
    BOOST_TEST(received == "request");
    BOOST_TEST(answer == "answer");
    BOOST_TEST(text == "stream_writer::write: write_eof() was called; write before it");
}

STREAM_TEST_CASE(write_eof_comes_behind_what_is_buffered) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    l.writer.write_eof();
    auto const received = co_await l.receive_all();
    BOOST_TEST((received == much));
    BOOST_TEST(!l.writer.is_closing());
}

STREAM_TEST_CASE(close_sends_what_is_buffered_and_then_closes) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    BOOST_TEST(!l.writer.is_closing());
    l.writer.close();
    l.writer.close(); // nothing
    l.writer.write_eof();
    BOOST_TEST(l.writer.is_closing());
    BOOST_TEST(!l.writer.can_write_eof());
    auto const closed = ordo::create_task(l.writer.wait_closed());
    auto const received = co_await l.receive_all();
    co_await closed;
    BOOST_TEST((received == much));
    BOOST_TEST(l.writer.native_handle() == -1);
    BOOST_TEST(l.writer.local_name() == "");
    BOOST_TEST(l.writer.buffered() == 0u);
    co_await l.writer.wait_closed();
}

STREAM_TEST_CASE(write_after_close_is_refused) {
    auto l = co_await connect();
    l.writer.close();
    auto const text = co_await failure_of<ordo::usage_error>(l.writer.write("x"));
    BOOST_TEST(text == "stream_writer::write: the stream was closed; write before close()");
    co_await l.writer.drain(); // there is nothing to wait for
}

STREAM_TEST_CASE(reading_after_close_gives_what_was_read_before_and_then_the_end) {
    auto l = co_await connect();
    l.send("one\ntwo\n");
    auto const first = co_await l.reader.read_line();
    l.writer.close();
    auto const second = co_await l.reader.read_line();
    auto const end = co_await l.reader.read_line();
    BOOST_TEST(first == "one\n");
    BOOST_TEST(second == "two\n");
    BOOST_TEST(end == "");
}

STREAM_TEST_CASE(a_task_that_reads_gets_the_end_when_another_one_closes) {
    auto l = co_await connect();
    auto const reading = ordo::create_task(l.reader.read(100));
    co_await ordo::sleep(0s);
    l.writer.close();
    auto const text = co_await reading;
    BOOST_TEST(text == "");
}

STREAM_TEST_CASE(the_last_handle_closes_the_connection_once_all_is_sent) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    l.writer = {};
    l.reader = {};
    auto const received = co_await l.receive_all();
    BOOST_TEST((received == much));
}

STREAM_TEST_CASE(a_copy_of_a_handle_keeps_the_connection) {
    auto l = co_await connect();
    auto const copy = l.reader;
    l.writer = {};
    l.reader = {};
    l.send("still here");
    auto const text = co_await copy.read(100);
    BOOST_TEST(text == "still here");
}

STREAM_TEST_CASE(a_task_that_reads_keeps_the_connection) {
    auto l = co_await connect();
    auto const reading = ordo::create_task(l.reader.read(100));
    l.writer = {};
    l.reader = {};
    co_await ordo::sleep(0s);
    l.send("still here");
    auto const text = co_await reading;
    BOOST_TEST(text == "still here");
}

// -- abort

STREAM_TEST_CASE(abort_resets_the_connection_and_drops_what_is_buffered) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    l.writer.abort();
    l.writer.abort(); // nothing
    BOOST_TEST(l.writer.is_closing());
    BOOST_TEST(l.writer.buffered() == 0u);
    co_await l.writer.wait_closed();
    auto const received = co_await l.receive_all();
    BOOST_TEST(received.ends_with(" and Connection reset by peer"));
}

STREAM_TEST_CASE(abort_ends_a_write_that_waits) {
    auto l = co_await connect();
    auto const writing = ordo::create_task(failure_of(l.writer.write(std::string_view(much))));
    co_await ordo::sleep(0s);
    l.writer.abort();
    auto const text = co_await writing;
    BOOST_TEST(text ==
               "stream_writer::write (" + l.writer.peer_name() + "): Software caused connection abort [system:103]");
}

// -- a peer that goes away

STREAM_TEST_CASE(a_peer_that_has_closed_makes_writing_fail_for_good) {
    auto l = co_await connect();
    auto const peer = l.writer.peer_name();
    l.peer.close();
    auto const text = co_await failure_of_writing(l.writer);
    auto const draining = co_await failure_of(l.writer.drain());
    l.writer.close();
    auto const closing = co_await failure_of(l.writer.wait_closed());
    BOOST_TEST(text.starts_with("stream_writer::write (" + peer + "): "));
    BOOST_TEST(draining.starts_with("stream_writer::drain (" + peer + "): "));
    BOOST_TEST(closing.starts_with("stream_writer::wait_closed (" + peer + "): "));
}

STREAM_TEST_CASE(what_a_peer_sent_before_it_closed_is_read_although_writing_fails) {
    auto l = co_await connect();
    l.send("last words");
    l.peer.close();
    co_await failure_of_writing(l.writer);
    auto const text = co_await l.reader.read(100);
    BOOST_TEST(text == "last words");
}

STREAM_TEST_CASE(an_error_in_the_background_is_thrown_by_the_write_that_waits) {
    auto l = co_await connect();
    auto const writing = ordo::create_task(failure_of(l.writer.write(std::string_view(much))));
    co_await ordo::sleep(0s);
    l.reset();
    auto const text = co_await writing;
    BOOST_TEST(text.starts_with("stream_writer::write (127.0.0.1:"));
    BOOST_TEST(text.find("Connection reset by peer") != text.npos);
    BOOST_TEST(l.writer.buffered() == 0u);
}

STREAM_TEST_CASE(an_error_in_the_background_is_thrown_by_the_next_call) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    l.reset();
    co_await until([&] { return l.writer.buffered() == 0; });
    auto const error = co_await error_of(l.writer.write("more"));
    BOOST_TEST(error == asio::error::connection_reset);
}

STREAM_TEST_CASE(an_error_while_it_closes_is_thrown_by_wait_closed) {
    auto l = co_await connect({.high_water = much.size()});
    co_await l.writer.write(much);
    l.writer.close();
    l.reset();
    auto const error = co_await error_of(l.writer.wait_closed());
    BOOST_TEST(error == asio::error::connection_reset);
}

STREAM_TEST_CASE(a_peer_that_has_shut_down_its_sending_side_can_still_be_written_to) {
    auto l = co_await connect();
    l.end();
    auto const end = co_await l.reader.read(100);
    co_await l.writer.write("answer");
    l.writer.close();
    auto const received = co_await l.receive_all();
    BOOST_TEST(end == "");
    BOOST_TEST(received == "answer");
}

// -- resets, seen by the reader

STREAM_TEST_CASE(a_reset_is_an_error_of_the_reader_once_all_that_arrived_is_read) {
    auto l = co_await connect();
    l.send("last words");
    l.reset();
    auto const text = co_await l.reader.read(100);
    auto const peer = l.writer.peer_name();
    auto const first = co_await failure_of(l.reader.read(100));
    auto const second = co_await failure_of(l.reader.read_line());
    BOOST_TEST(text == "last words");
    BOOST_TEST(first == "stream_reader::read (" + peer + "): Connection reset by peer [system:104]");
    BOOST_TEST(second == "stream_reader::read_line (" + peer + "): Connection reset by peer [system:104]");
    BOOST_TEST(!l.reader.at_eof());
}

STREAM_TEST_CASE(a_reset_in_the_middle_of_read_exactly_leaves_what_had_arrived) {
    auto l = co_await connect();
    l.send("abc");
    l.reset();
    auto const error = co_await error_of(l.reader.read_exactly(10));
    auto const text = co_await l.reader.read(100);
    BOOST_TEST(error == asio::error::connection_reset);
    BOOST_TEST(text == "abc");
}

STREAM_TEST_CASE(a_reset_that_the_reader_has_seen_makes_writing_fail) {
    auto l = co_await connect();
    l.reset();
    auto const reading = co_await error_of(l.reader.read(1));
    auto const writing = co_await error_of(l.writer.write("x"));
    BOOST_TEST(reading == asio::error::connection_reset);
    BOOST_TEST(writing == asio::error::connection_reset);
}

STREAM_TEST_CASE(a_reset_that_the_writer_has_seen_is_no_end_for_the_reader) {
    auto l = co_await connect();
    l.reset();
    auto const writing = co_await failure_of_writing(l.writer);
    auto const reading = co_await error_of(l.reader.read(1));
    BOOST_TEST(writing.find("Connection reset by peer") != writing.npos);
    BOOST_TEST(reading == asio::error::connection_reset);
}

// -- names

STREAM_TEST_CASE(the_ends_of_a_connection_have_names) {
    auto l = co_await connect();
    auto const local = l.peer.remote_endpoint(), remote = l.peer.local_endpoint();
    BOOST_TEST(l.writer.local_name() == "127.0.0.1:" + std::to_string(local.port()));
    BOOST_TEST(l.writer.peer_name() == "127.0.0.1:" + std::to_string(remote.port()));
    BOOST_TEST(l.writer.native_handle() >= 0);
}

BOOST_AUTO_TEST_SUITE_END()
