// ordo: tests of stream_reader, over loopback, with a bare socket as the peer.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/stream.hpp>

#include <ordo/exceptions.hpp>

#include "stream_case.hpp"

BOOST_AUTO_TEST_SUITE(stream)

// -- read

STREAM_TEST_CASE(read_gives_what_has_arrived) {
    auto l = co_await connect();
    l.send("hello");
    auto const text = co_await l.reader.read(100);
    BOOST_TEST(text == "hello");
}

STREAM_TEST_CASE(read_gives_no_more_than_it_was_asked_for_and_keeps_the_rest) {
    auto l = co_await connect();
    l.send("hello");
    auto const first = co_await l.reader.read(2);
    auto const second = co_await l.reader.read(2);
    auto const third = co_await l.reader.read(2);
    BOOST_TEST(first == "he");
    BOOST_TEST(second == "ll");
    BOOST_TEST(third == "o");
}

STREAM_TEST_CASE(read_of_nothing_gives_nothing_without_waiting) {
    auto l = co_await connect();
    auto const text = co_await l.reader.read(0);
    BOOST_TEST(text == "");
}

STREAM_TEST_CASE(read_waits_until_there_is_something) {
    auto l = co_await connect();
    auto const reading = ordo::create_task(l.reader.read(100));
    for (int i = 0; i < 5; ++i) co_await ordo::sleep(0s);
    BOOST_TEST(!reading.done());
    l.send("late");
    auto const text = co_await reading;
    BOOST_TEST(text == "late");
}

STREAM_TEST_CASE(read_gives_an_empty_string_at_the_end_again_and_again) {
    auto l = co_await connect();
    l.send("last words");
    l.end();
    auto const text = co_await l.reader.read(100);
    BOOST_TEST(!l.reader.at_eof()); // nobody has looked
    auto const end = co_await l.reader.read(100);
    auto const still = co_await l.reader.read(100);
    BOOST_TEST(text == "last words");
    BOOST_TEST(end == "");
    BOOST_TEST(still == "");
    BOOST_TEST(l.reader.at_eof());
}

STREAM_TEST_CASE(read_without_a_size_gives_everything_up_to_the_end) {
    // CPython: test_streams.py, test_read_until_eof.
    auto l = co_await connect();
    std::string const much(1 << 20, 'x');
    auto send = [&]() -> coro<> {
        co_await boost::asio::async_write(l.peer, boost::asio::buffer(much), deferred);
        l.end();
    };
    auto const sending = ordo::create_task(send);
    auto const text = co_await l.reader.read();
    co_await sending;
    BOOST_TEST((text == much));
    BOOST_TEST(l.reader.at_eof());
}

STREAM_TEST_CASE(a_fast_peer_does_not_keep_the_loop) {
    auto l = co_await connect({.limit = 1}); // so that it takes many reads
    l.send(std::string(1000, 'x'));
    l.end();
    auto const before = ordo::get_running_loop().iterations();
    auto const text = co_await l.reader.read();
    BOOST_TEST(text.size() == 1000u);
    BOOST_TEST(ordo::get_running_loop().iterations() > before);
}

// -- read_exactly

STREAM_TEST_CASE(read_exactly_waits_for_all_of_it) {
    auto l = co_await connect();
    l.send("abc");
    auto const reading = ordo::create_task(l.reader.read_exactly(5));
    co_await until([&] { return l.peer.available() == 0; });
    BOOST_TEST(!reading.done());
    l.send("defg");
    auto const text = co_await reading;
    auto const rest = co_await l.reader.read(100);
    BOOST_TEST(text == "abcde");
    BOOST_TEST(rest == "fg");
}

STREAM_TEST_CASE(read_exactly_of_nothing_gives_nothing) {
    auto l = co_await connect();
    auto const text = co_await l.reader.read_exactly(0);
    BOOST_TEST(text == "");
}

STREAM_TEST_CASE(read_exactly_is_not_bound_by_the_limit) {
    // CPython: test_streams.py, test_readexactly_limit.
    auto l = co_await connect({.limit = 3});
    l.send("chunk of data");
    auto const text = co_await l.reader.read_exactly(13);
    BOOST_TEST(text == "chunk of data");
}

STREAM_TEST_CASE(read_exactly_says_what_there_was_when_the_stream_ends_before) {
    auto l = co_await connect();
    l.send("abc");
    l.end();
    std::string partial, text;
    std::optional<std::size_t> expected;
    try {
        co_await l.reader.read_exactly(5);
    } catch (ordo::incomplete_read_error const& e) {
        partial = e.partial();
        expected = e.expected();
        text = e.what();
    }
    BOOST_TEST(partial == "abc");
    BOOST_TEST(expected.value() == 5u);
    BOOST_TEST(text == "stream_reader::read_exactly: the stream ended after 3 of 5 bytes; they are in partial()");
    BOOST_TEST(l.reader.at_eof());
}

// -- read_until

STREAM_TEST_CASE(read_until_gives_the_separator_too_and_keeps_the_rest) {
    auto l = co_await connect();
    l.send("onetwoTWOthree");
    auto const text = co_await l.reader.read_until("TWO");
    auto const rest = co_await l.reader.read(100);
    BOOST_TEST(text == "onetwoTWO");
    BOOST_TEST(rest == "three");
}

STREAM_TEST_CASE(read_until_finds_a_separator_that_comes_byte_by_byte) {
    // CPython: test_streams.py, test_readuntil_multi_chunks_1.
    auto l = co_await connect();
    auto const reading = ordo::create_task(l.reader.read_until("xyz"));
    for (char const one : std::string("aaxyxyz!")) {
        l.send({&one, 1});
        co_await ordo::sleep(0s);
        co_await ordo::sleep(0s);
    }
    auto const text = co_await reading;
    BOOST_TEST(text == "aaxyxyz");
}

STREAM_TEST_CASE(read_until_says_what_there_was_when_the_stream_ends_before) {
    auto l = co_await connect();
    l.send("some data SEPARAT");
    l.end();
    std::string partial, text;
    bool expected_anything = true;
    try {
        co_await l.reader.read_until("SEPARATOR");
    } catch (ordo::incomplete_read_error const& e) {
        partial = e.partial();
        expected_anything = e.expected().has_value();
        text = e.what();
    }
    BOOST_TEST(partial == "some data SEPARAT");
    BOOST_TEST(!expected_anything);
    BOOST_TEST(text == "stream_reader::read_until: the stream ended after 17 bytes, without the separator; they are in "
                       "partial()");
}

STREAM_TEST_CASE(read_until_without_a_separator_within_the_limit_leaves_everything_there) {
    // CPython: test_streams.py, test_readuntil_limit.
    auto l = co_await connect({.limit = 3});
    l.send("some dataAA");
    std::string text;
    std::size_t consumed = 0;
    try {
        co_await l.reader.read_until("AAA");
    } catch (ordo::limit_overrun_error const& e) {
        text = e.what();
        consumed = e.consumed();
    }
    BOOST_TEST(text == "stream_reader::read_until: there is no separator within the limit of 3 bytes; open the stream "
                       "with a larger one");
    BOOST_TEST(consumed == 4u); // of 6 that were read, 2 may begin a separator
    l.end();
    auto const all = co_await l.reader.read();
    BOOST_TEST(all == "some dataAA");
}

STREAM_TEST_CASE(read_until_with_a_separator_behind_the_limit_leaves_everything_there) {
    auto l = co_await connect({.limit = 4});
    l.send("12345AAA");
    std::string text;
    std::size_t consumed = 0;
    try {
        co_await l.reader.read_until("AAA");
    } catch (ordo::limit_overrun_error const& e) {
        text = e.what();
        consumed = e.consumed();
    }
    BOOST_TEST(text ==
               "stream_reader::read_until: the separator is not within the limit of 4 bytes; open the stream with "
               "a larger one");
    BOOST_TEST(consumed == 5u);
    auto const all = co_await l.reader.read_exactly(8);
    BOOST_TEST(all == "12345AAA");
}

STREAM_TEST_CASE(read_until_takes_as_much_as_the_limit_in_front_of_the_separator) {
    auto l = co_await connect({.limit = 4});
    l.send("1234AAA");
    auto const text = co_await l.reader.read_until("AAA");
    BOOST_TEST(text == "1234AAA");
}

STREAM_TEST_CASE(read_until_refuses_an_empty_separator) {
    auto l = co_await connect();
    auto const text = co_await failure_of<ordo::value_error>(l.reader.read_until(""));
    BOOST_TEST(text == "stream_reader::read_until: the separator is empty; give at least 1 byte");
}

// -- read_line

STREAM_TEST_CASE(read_line_gives_lines_and_then_the_partial_last_one) {
    auto l = co_await connect();
    l.send("one\n\nthree");
    l.end();
    auto const first = co_await l.reader.read_line();
    auto const second = co_await l.reader.read_line();
    auto const third = co_await l.reader.read_line();
    auto const end = co_await l.reader.read_line();
    BOOST_TEST(first == "one\n");
    BOOST_TEST(second == "\n");
    BOOST_TEST(third == "three");
    BOOST_TEST(end == "");
}

STREAM_TEST_CASE(read_line_drops_a_line_that_is_too_long_with_its_end) {
    // CPython: test_streams.py, test_readline_limit_with_existing_data.
    auto l = co_await connect({.limit = 3});
    l.send("12345\nok\n");
    auto const text = co_await failure_of<ordo::limit_overrun_error>(l.reader.read_line());
    auto const next = co_await l.reader.read_line();
    BOOST_TEST(text ==
               "stream_reader::read_line: the separator is not within the limit of 3 bytes; open the stream with "
               "a larger one");
    BOOST_TEST(next == "ok\n");
}

STREAM_TEST_CASE(read_line_drops_what_there_is_of_a_line_that_has_no_end_yet) {
    // CPython: test_streams.py, test_readline_limit.
    auto l = co_await connect({.limit = 3});
    l.send("123456"); // twice the limit, which is what is read ahead
    auto const text = co_await failure_of<ordo::limit_overrun_error>(l.reader.read_line());
    l.send("78\n9\n");
    auto const next = co_await l.reader.read_line();
    auto const last = co_await l.reader.read_line();
    BOOST_TEST(text ==
               "stream_reader::read_line: there is no separator within the limit of 3 bytes; open the stream with "
               "a larger one");
    BOOST_TEST(next == "78\n");
    BOOST_TEST(last == "9\n");
}

// -- misuse

STREAM_TEST_CASE(a_second_task_that_reads_is_refused) {
    auto l = co_await connect();
    auto const first = ordo::create_task(l.reader.read_line());
    co_await ordo::sleep(0s);
    auto const text = co_await failure_of<ordo::usage_error>(l.reader.read(1));
    BOOST_TEST(text ==
               "stream_reader::read: another task is in stream_reader::read_line of the same stream; let one task "
               "read at a time");
    l.send("line\n");
    auto const line = co_await first;
    BOOST_TEST(line == "line\n");
}

STREAM_TEST_CASE(a_limit_of_nothing_is_refused) {
    auto acceptor = listen();
    auto const text = co_await failure_of<ordo::value_error>(
        ordo::open_connection("127.0.0.1", acceptor.local_endpoint().port(), {.limit = 0}));
    BOOST_TEST(text == "open_connection: the limit is 0 bytes; give at least 1");
}

STREAM_TEST_CASE(an_empty_handle_says_so) {
    ordo::stream_reader const reader;
    ordo::stream_writer const writer;
    auto const reading = co_await failure_of<ordo::usage_error>(reader.read(1));
    auto const writing = co_await failure_of<ordo::usage_error>(writer.write("x"));
    BOOST_TEST(reading == "stream_reader::read: the handle is empty; it was moved from, or never assigned");
    BOOST_TEST(writing == "stream_writer::write: the handle is empty; it was moved from, or never assigned");
    BOOST_CHECK_EXCEPTION(reader.at_eof(), ordo::usage_error,
                          says("stream_reader::at_eof: the handle is empty; it was moved from, or never assigned"));
}

STREAM_TEST_CASE(the_limit_can_be_asked_for) {
    auto l = co_await connect({.limit = 123});
    auto m = co_await connect();
    BOOST_TEST(l.reader.limit() == 123u);
    BOOST_TEST(m.reader.limit() == 65536u);
}

BOOST_AUTO_TEST_SUITE_END()
