// ordo: tests of streams in memory, and of the faults that they have on demand.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/memory_stream.hpp>

#include "../error_text.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/explore.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/testing/wait_all_tasks_blocked.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::create_task;
using ordo::get_running_loop;
using ordo::testing::memory_stream_options;
using ordo::testing::memory_stream_pair;
using ordo::testing::wait_all_tasks_blocked;

coro<std::string> error_of(coro<> action) {
    try {
        co_await std::move(action);
    } catch (boost::system::system_error const& e) {
        co_return e.code().message();
    }
    co_return "(nothing was thrown)";
}

coro<> write(ordo::stream_writer writer, std::string text) {
    co_await writer.write(std::move(text));
}

coro<> read(ordo::stream_reader reader, std::size_t most) {
    co_await reader.read(most);
}

/// One byte after the other, so that each attempt to read is seen.
coro<int> count_reads(ordo::stream_reader reader) {
    int count = 0;
    for (;;) {
        auto const piece = co_await reader.read(1'000);
        if (piece.empty()) co_return count;
        ++count;
    }
}

/// The end comes at the moment at which the bytes do, in either order.
coro<> close_as_bytes_arrive() {
    memory_stream_options const slow{.delay = 2s};
    auto [a, b] = memory_stream_pair(slow);
    co_await a.writer.write("one");
    co_await a.writer.write("two");
    get_running_loop().call_later(2s, [writer = b.writer]() mutable { writer.close(); });
    co_await a.writer.write("three");
    co_await ordo::sleep(3s);
    a.writer.close();
}

coro<> talk_both_ways() {
    memory_stream_options const slow{.max_write = 2, .delay = 2s};
    auto [a, b] = memory_stream_pair(slow);
    co_await a.writer.write("abcde");
    co_await b.writer.write("12345");
    a.writer.write_eof();
    b.writer.write_eof();
    auto const there = co_await b.reader.read();
    auto const back = co_await a.reader.read();
    BOOST_TEST(there == "abcde");
    BOOST_TEST(back == "12345");
}

} // namespace

BOOST_AUTO_TEST_SUITE(memory_stream)

ORDO_TEST_CASE(carries_bytes_both_ways) {
    auto [a, b] = memory_stream_pair();
    co_await a.writer.write("there\n");
    co_await b.writer.write("back\n");
    auto const there = co_await b.reader.read_line();
    auto const back = co_await a.reader.read_line();
    BOOST_TEST(there == "there\n");
    BOOST_TEST(back == "back\n");
}

ORDO_TEST_CASE(ends_when_the_peer_is_closed) {
    auto [a, b] = memory_stream_pair();
    co_await a.writer.write("all");
    a.writer.close();
    auto const all = co_await b.reader.read();
    BOOST_TEST(all == "all");
    auto const error = co_await error_of(write(b.writer, "too late"));
    BOOST_TEST(error == "Broken pipe");
}

ORDO_TEST_CASE(can_end_in_one_direction) {
    auto [a, b] = memory_stream_pair();
    a.writer.write_eof();
    auto const nothing = co_await b.reader.read();
    co_await b.writer.write("still there\n");
    auto const line = co_await a.reader.read_line();
    BOOST_TEST(nothing == "");
    BOOST_TEST(line == "still there\n");
}

ORDO_TEST_CASE(can_be_reset_by_the_peer) {
    auto [a, b] = memory_stream_pair();
    co_await a.writer.write("lost");
    a.writer.abort();
    auto const error = co_await error_of(read(b.reader, 10));
    BOOST_TEST(error == "Connection reset by peer");
}

ORDO_TEST_CASE(has_names) {
    auto [a, b] = memory_stream_pair();
    BOOST_TEST(a.writer.local_name() == "memory a");
    BOOST_TEST(b.writer.peer_name() == "memory a");
    co_return;
}

ORDO_TEST_CASE(wakes_who_reads) {
    auto [a, b] = memory_stream_pair();
    auto const reads = create_task(count_reads(b.reader));
    co_await wait_all_tasks_blocked();
    BOOST_TEST(!reads.done());
    co_await a.writer.write("x");
    a.writer.close();
    auto const count = co_await reads;
    BOOST_TEST(count == 1);
}

ORDO_TEST_CASE(reads_in_short_pieces) {
    memory_stream_options const short_reads{.max_read = 3};
    auto [a, b] = memory_stream_pair({}, short_reads);
    co_await a.writer.write("1234567");
    a.writer.close();
    auto const count = co_await count_reads(b.reader);
    BOOST_TEST(count == 3);
}

ORDO_TEST_CASE(writes_in_short_pieces) {
    memory_stream_options const short_writes{.max_write = 3};
    auto [a, b] = memory_stream_pair(short_writes, {});
    co_await a.writer.write("1234567");
    BOOST_TEST(a.writer.buffered() == 4u);
    auto const first = co_await b.reader.read(100);
    BOOST_TEST(first == "123");
    auto const rest = co_await b.reader.read_exactly(4);
    BOOST_TEST(rest == "4567");
}

ORDO_TEST_CASE(lets_a_writer_wait_until_there_is_room) {
    memory_stream_options narrow{.capacity = 4};
    narrow.stream.high_water = 2;
    auto [a, b] = memory_stream_pair(narrow);
    auto const writes = create_task(write(a.writer, "0123456789"));
    co_await wait_all_tasks_blocked();
    BOOST_TEST(!writes.done());
    BOOST_TEST(a.writer.buffered() == 6u);
    auto const all = co_await b.reader.read_exactly(10);
    BOOST_TEST(all == "0123456789");
    co_await writes;
}

ORDO_TEST_CASE(lets_time_pass_while_a_writer_waits) {
    memory_stream_options const narrow{.capacity = 1};
    auto [a, b] = memory_stream_pair(narrow);
    co_await a.writer.write("ab");
    co_await ordo::sleep(24h);
    auto const both = co_await b.reader.read_exactly(2);
    BOOST_TEST(both == "ab");
}

ORDO_TEST_CASE(delivers_after_a_delay) {
    memory_stream_options const slow{.delay = 2s};
    auto [a, b] = memory_stream_pair(slow, {});
    auto const begin = get_running_loop().time();
    co_await a.writer.write("slow");
    a.writer.close();
    auto const text = co_await b.reader.read();
    BOOST_TEST(text == "slow");
    BOOST_TEST((get_running_loop().time() - begin == 2s));
}

ORDO_TEST_CASE(forgets_what_is_on_its_way_to_nobody) {
    memory_stream_options const slow{.delay = 2s};
    auto [a, b] = memory_stream_pair(slow);
    co_await a.writer.write("slow");
    b.writer.close();
    a.writer.close();
}

BOOST_AUTO_TEST_CASE(can_be_closed_at_the_moment_at_which_bytes_arrive) {
    auto const done = ordo::testing::explore(close_as_bytes_arrive, {.exhaustive = true});
    BOOST_TEST(done.runs > 1u);
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_bytes_in_any_order_of_timers) {
    auto const done = ordo::testing::explore(talk_both_ways, {.exhaustive = true});
    BOOST_TEST(done.runs > 1u);
}

ORDO_TEST_CASE(fails_to_read_after_a_number_of_bytes) {
    memory_stream_options const faulty{.read_fails_after = 3};
    auto [a, b] = memory_stream_pair({}, faulty);
    co_await a.writer.write("12345");
    auto const before = co_await b.reader.read(100);
    BOOST_TEST(before == "123");
    auto const error = co_await error_of(read(b.reader, 100));
    BOOST_TEST(error == "Connection reset by peer");
}

ORDO_TEST_CASE(fails_to_write_after_a_number_of_bytes) {
    memory_stream_options const faulty{.write_fails_after = 3, .error = boost::asio::error::timed_out};
    auto [a, b] = memory_stream_pair(faulty, {});
    co_await a.writer.write("123");
    auto const error = co_await error_of(write(a.writer, "45"));
    BOOST_TEST(error == "Connection timed out");
    auto const before = co_await b.reader.read(100);
    BOOST_TEST(before == "123");
}

ORDO_TEST_CASE(keeps_what_a_cancelled_read_would_have_got) {
    auto [a, b] = memory_stream_pair();
    auto const reads = create_task(read(b.reader, 100));
    co_await wait_all_tasks_blocked();
    reads.cancel();
    co_await wait_all_tasks_blocked();
    BOOST_TEST(reads.cancelled());
    co_await a.writer.write("kept");
    auto const kept = co_await b.reader.read(100);
    BOOST_TEST(kept == "kept");
}

ORDO_TEST_CASE(must_let_something_through) {
    memory_stream_options const blocked{.max_write = 0};
    auto const text = error_text<ordo::value_error>([&] { memory_stream_pair(blocked); });
    BOOST_TEST(text == "memory_stream_pair: max_read, max_write or capacity is 0 bytes; give at least 1");
    co_return;
}

BOOST_AUTO_TEST_CASE(is_made_on_a_running_loop) {
    BOOST_CHECK_EXCEPTION(
        memory_stream_pair(), ordo::usage_error,
        says("memory_stream_pair: no loop is running on this thread; call it from a callback or a task"));
}

BOOST_AUTO_TEST_SUITE_END()
