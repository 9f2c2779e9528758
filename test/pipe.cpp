// ordo: tests of pipes that are read and written.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/pipe.hpp>

#include "error_text.hpp"
#include "nothing_left.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

using namespace std::chrono_literals;
using boost::system::system_error;
using ordo::coro;
using ordo::create_task;
using ordo::pipe_reader;
using ordo::pipe_writer;

namespace {

struct both_ends {
    int numbers[2];
    both_ends() { BOOST_REQUIRE(::pipe2(numbers, O_CLOEXEC) == 0); }
};

struct pipe_pair : private both_ends {
    pipe_reader reader{numbers[0]};
    pipe_writer writer{numbers[1]};
};

/// Until those that wait for descriptors do so.
coro<> let_others_run() {
    for (int i = 0; i < 5; ++i) co_await ordo::sleep(0s);
}

coro<> cancel(ordo::any_task task) {
    co_await let_others_run();
    task.cancel();
    bool cancelled = false;
    try {
        co_await task;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(pipes, nothing_left)

// -- reading

OUTSIDE_TEST_CASE(a_read_gives_what_there_is) {
    pipe_pair pipe;
    co_await pipe.writer.write("hello");
    auto const text = co_await pipe.reader.read(100);
    BOOST_TEST(text == "hello");
}

OUTSIDE_TEST_CASE(a_read_gives_no_more_than_was_asked_for_and_keeps_the_rest) {
    pipe_pair pipe;
    co_await pipe.writer.write("hello");
    auto const first = co_await pipe.reader.read(2);
    auto const nothing = co_await pipe.reader.read(0);
    auto const second = co_await pipe.reader.read(100);
    BOOST_TEST(first == "he");
    BOOST_TEST(nothing == "");
    BOOST_TEST(second == "llo");
}

OUTSIDE_TEST_CASE(a_read_waits_until_there_is_something) {
    pipe_pair pipe;
    auto const reading = create_task(pipe.reader.read(100));
    co_await let_others_run();
    BOOST_TEST(!reading.done());
    co_await pipe.writer.write("late");
    auto const text = co_await reading;
    BOOST_TEST(text == "late");
}

OUTSIDE_TEST_CASE(the_end_is_nothing) {
    pipe_pair pipe;
    BOOST_TEST(!pipe.reader.at_eof());
    pipe.writer.close();
    auto const text = co_await pipe.reader.read(100);
    auto const again = co_await pipe.reader.read();
    BOOST_TEST(text == "");
    BOOST_TEST(again == "");
    BOOST_TEST(pipe.reader.at_eof());
}

OUTSIDE_TEST_CASE(everything_is_what_comes_until_the_end) {
    pipe_pair pipe;
    std::string const sent(300'000, 'x'); // several times what a pipe holds
    auto const reading = create_task(pipe.reader.read());
    co_await pipe.writer.write(sent);
    pipe.writer.close();
    auto const text = co_await reading;
    BOOST_TEST((text == sent));
}

OUTSIDE_TEST_CASE(lines_come_one_by_one_and_the_last_may_lack_its_end) {
    pipe_pair pipe;
    co_await pipe.writer.write("one\n\nthree");
    pipe.writer.close();
    auto const one = co_await pipe.reader.read_line();
    auto const two = co_await pipe.reader.read_line();
    auto const three = co_await pipe.reader.read_line();
    auto const end = co_await pipe.reader.read_line();
    BOOST_TEST(one == "one\n");
    BOOST_TEST(two == "\n");
    BOOST_TEST(three == "three");
    BOOST_TEST(end == "");
}

OUTSIDE_TEST_CASE(a_line_may_come_in_pieces) {
    pipe_pair pipe;
    auto const reading = create_task(pipe.reader.read_line());
    for (auto const* piece : {"a", "b", "c\nd"}) {
        co_await pipe.writer.write(piece);
        co_await let_others_run();
    }
    auto const line = co_await reading;
    BOOST_TEST(line == "abc\n");
}

OUTSIDE_TEST_CASE(a_line_that_is_too_long_is_an_error_and_stays) {
    pipe_pair pipe;
    co_await pipe.writer.write("123456\n");
    auto const text = co_await failure_of<ordo::error>(pipe.reader.read_line(6));
    BOOST_TEST(text == "pipe_reader::read_line: the line is longer than 6 bytes; give a larger limit, or take it apart "
                       "with read()");
    auto const line = co_await pipe.reader.read_line(7);
    BOOST_TEST(line == "123456\n");
}

OUTSIDE_TEST_CASE(a_cancelled_read_loses_nothing) {
    pipe_pair pipe;
    auto const reading = create_task(pipe.reader.read_line());
    co_await pipe.writer.write("half a ");
    co_await cancel(reading);
    co_await pipe.writer.write("line\n");
    auto const line = co_await pipe.reader.read_line();
    BOOST_TEST(line == "half a line\n");
}

OUTSIDE_TEST_CASE(a_cancelled_read_to_the_end_loses_nothing) {
    pipe_pair pipe;
    auto const reading = create_task(pipe.reader.read());
    co_await pipe.writer.write("one ");
    co_await cancel(reading);
    co_await pipe.writer.write("two");
    pipe.writer.close();
    auto const text = co_await pipe.reader.read();
    BOOST_TEST(text == "one two");
}

OUTSIDE_TEST_CASE(two_tasks_cannot_read_at_once) {
    pipe_pair pipe;
    auto const reading = create_task(pipe.reader.read(1));
    co_await let_others_run();
    auto const text = co_await failure_of<ordo::usage_error>(pipe.reader.read_line());
    BOOST_TEST(text == "pipe_reader::read_line: another task reads from this pipe already");
    co_await cancel(reading);
}

// -- writing

OUTSIDE_TEST_CASE(writing_more_than_the_pipe_holds_waits_for_the_reader) {
    pipe_pair pipe;
    auto const writing = create_task(pipe.writer.write(std::string(200'000, 'x')));
    co_await let_others_run();
    BOOST_TEST(!writing.done());
    BOOST_TEST(pipe.writer.bytes_written() > 0u);
    std::size_t received = 0;
    while (received < 200'000) {
        auto const some = co_await pipe.reader.read(10'000);
        received += some.size();
    }
    co_await writing;
    BOOST_TEST(pipe.writer.bytes_written() == 200'000u);
}

OUTSIDE_TEST_CASE(what_several_tasks_write_does_not_mix) {
    pipe_pair pipe;
    auto const a = create_task(pipe.writer.write(std::string(100'000, 'a')));
    auto const b = create_task(pipe.writer.write(std::string(100'000, 'b')));
    auto const reading = create_task(pipe.reader.read());
    co_await a;
    co_await b;
    pipe.writer.close();
    auto const text = co_await reading;
    BOOST_TEST((text == std::string(100'000, 'a') + std::string(100'000, 'b')));
}

OUTSIDE_TEST_CASE(who_is_cancelled_learns_how_much_was_written) {
    pipe_pair pipe;
    auto const writing = create_task(pipe.writer.write(std::string(200'000, 'x')));
    co_await cancel(writing);
    auto const written = pipe.writer.bytes_written();
    BOOST_TEST(written < 200'000u);
    pipe.writer.close();
    auto const text = co_await pipe.reader.read();
    BOOST_TEST(text.size() == written);
}

OUTSIDE_TEST_CASE(writing_nothing_is_allowed) {
    pipe_pair pipe;
    co_await pipe.writer.write("");
    BOOST_TEST(pipe.writer.bytes_written() == 0u);
}

// -- SIGPIPE

OUTSIDE_TEST_CASE(a_reader_that_is_gone_is_an_error_and_no_signal) {
    struct sigaction present{};
    BOOST_REQUIRE(::sigaction(SIGPIPE, nullptr, &present) == 0);
    BOOST_REQUIRE((present.sa_handler == SIG_DFL)); // it would end this program
    pipe_pair pipe;
    pipe.reader.close();
    auto const text = co_await failure_of(pipe.writer.write("x"));
    BOOST_TEST(text == "pipe_writer::write: Broken pipe [system:32]");
    sigset_t pending, blocked;
    ::sigpending(&pending);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    BOOST_TEST(!::sigismember(&pending, SIGPIPE));
    BOOST_TEST(!::sigismember(&blocked, SIGPIPE));
}

OUTSIDE_TEST_CASE(a_reader_that_goes_while_a_task_waits_to_write_is_an_error) {
    pipe_pair pipe;
    auto const writing = create_task(pipe.writer.write(std::string(200'000, 'x')));
    co_await let_others_run();
    pipe.reader.close();
    auto const wait = [](ordo::task<> task) -> coro<> { co_await task; };
    auto const text = co_await failure_of(wait(writing));
    BOOST_TEST(text == "pipe_writer::write: Broken pipe [system:32]");
}

OUTSIDE_TEST_CASE(a_sigpipe_of_the_hosts_own_stays_pending) {
    sigset_t pipe_signal, before, pending;
    ::sigemptyset(&pipe_signal);
    ::sigaddset(&pipe_signal, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ::raise(SIGPIPE);
    pipe_pair pipe;
    pipe.reader.close();
    auto const text = co_await failure_of(pipe.writer.write("x"));
    ::sigpending(&pending);
    BOOST_TEST(text == "pipe_writer::write: Broken pipe [system:32]");
    BOOST_TEST(::sigismember(&pending, SIGPIPE));
    timespec const at_once{};
    BOOST_TEST(::sigtimedwait(&pipe_signal, nullptr, &at_once) == SIGPIPE);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// -- closing

OUTSIDE_TEST_CASE(closing_ends_a_read_under_way) {
    pipe_pair pipe;
    auto const reading = create_task(pipe.reader.read(1));
    co_await let_others_run();
    pipe.reader.close();
    auto const wait = [](ordo::task<std::string> task) -> coro<> { static_cast<void>(co_await task); };
    auto const text = co_await failure_of(wait(reading));
    BOOST_TEST(text == "pipe_reader::read: it was closed meanwhile: Operation canceled [system:125]");
}

OUTSIDE_TEST_CASE(a_pipe_may_be_closed_between_the_end_of_a_wait_and_the_step_of_its_task) {
    pipe_pair in, out;
    auto const reading = create_task(in.reader.read());
    auto const writing = create_task(out.writer.write(std::string(200'000, 'x')));
    co_await let_others_run();
    co_await in.writer.write("some");
    auto const taken = co_await out.reader.read(100'000);
    BOOST_TEST(taken.size() > 0u);
    in.reader.close();
    out.writer.close();
    auto const wait = [](ordo::any_task task) -> coro<> { co_await task; };
    auto const read = co_await failure_of(wait(reading));
    auto const write = co_await failure_of(wait(writing));
    BOOST_TEST(read == "pipe_reader::read: it was closed meanwhile: Operation canceled [system:125]");
    BOOST_TEST(write == "pipe_writer::write: it was closed meanwhile: Operation canceled [system:125]");
}

OUTSIDE_TEST_CASE(a_task_may_be_cancelled_in_the_step_in_which_its_pipe_is_closed) {
    auto in = std::make_unique<pipe_pair>();
    auto out = std::make_unique<pipe_pair>();
    auto const reading = create_task(in->reader.read(1));
    auto const writing = create_task(out->writer.write(std::string(200'000, 'x')));
    co_await let_others_run();
    reading.cancel();
    in.reset();
    out.reset();
    writing.cancel();
    co_await cancel(reading);
    co_await cancel(writing);
}

OUTSIDE_TEST_CASE(a_closed_pipe_cannot_be_used) {
    pipe_pair pipe;
    pipe.reader.close();
    pipe.reader.close();
    pipe.writer.close();
    BOOST_TEST(pipe.reader.is_closed());
    BOOST_TEST(pipe.writer.is_closed());
    BOOST_TEST(pipe.reader.native_handle() == -1);
    BOOST_TEST(pipe.writer.native_handle() == -1);
    auto const reading = co_await failure_of<ordo::usage_error>(pipe.reader.read());
    auto const writing = co_await failure_of<ordo::usage_error>(pipe.writer.write("x"));
    BOOST_TEST(reading == "pipe_reader::read: the pipe is closed; use it before close()");
    BOOST_TEST(writing == "pipe_writer::write: the pipe is closed; use it before close()");
}

OUTSIDE_TEST_CASE(assigning_closes_what_was_there) {
    pipe_pair one, other;
    int const number = other.reader.native_handle();
    one.reader = std::move(other.reader);
    BOOST_TEST(one.reader.native_handle() == number);
    auto const text = co_await failure_of(one.writer.write("x"));
    BOOST_TEST(text == "pipe_writer::write: Broken pipe [system:32]");
    one.writer = std::move(other.writer);
    co_await one.writer.write("x");
    auto const read = co_await one.reader.read(1);
    BOOST_TEST(read == "x");
}

// -- what can be read and written

OUTSIDE_TEST_CASE(the_ends_of_sockets_and_character_devices_will_do) {
    int sockets[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == 0);
    pipe_writer writer(sockets[0]);
    pipe_reader reader(sockets[1]);
    co_await writer.write("x");
    auto const text = co_await reader.read(1);
    BOOST_TEST(text == "x");
    pipe_reader nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto const end = co_await nothing.read();
    BOOST_TEST(end == "");
    pipe_writer nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    co_await nowhere.write("gone");
    BOOST_TEST(nowhere.bytes_written() == 4u);
}

BOOST_AUTO_TEST_CASE(files_and_closed_descriptors_are_refused_and_stay_the_callers) {
    ordo::event_loop loop;
    int const file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    auto const number = std::to_string(file);
    BOOST_TEST(error_text<ordo::value_error>([&] { pipe_reader refused(loop, file); }) ==
               "pipe_reader: descriptor " + number +
                   " is a regular file, which cannot be waited for; read and write files in an executor");
    ::close(file);
    int const folder = ::open("/", O_RDONLY | O_CLOEXEC);
    BOOST_TEST(error_text<ordo::value_error>([&] { pipe_writer refused(loop, folder); }) ==
               "pipe_writer: descriptor " + number +
                   " is a directory, which cannot be waited for; read and write files in an executor");
    BOOST_TEST(::close(folder) == 0);
    BOOST_TEST(error_text<system_error>([&] { pipe_reader refused(loop, 9999); }) ==
               "pipe_reader: Bad file descriptor [system:9]");
}

BOOST_AUTO_TEST_CASE(without_a_running_loop_one_must_be_given) {
    BOOST_TEST(error_text<ordo::usage_error>([] { pipe_reader refused(0); }) != "(nothing was thrown)");
    ordo::event_loop loop;
    loop.close();
    both_ends ends;
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { pipe_reader refused(loop, ends.numbers[0]); }) ==
               "pipe_reader: the loop is closed; schedule on an open one");
    for (int const number : ends.numbers) BOOST_TEST(::close(number) == 0);
}

// -- loops

BOOST_AUTO_TEST_CASE(a_pipe_may_outlive_its_loop) {
    both_ends ends;
    std::optional<ordo::event_loop> loop(std::in_place);
    pipe_reader reader(*loop, ends.numbers[0]);
    pipe_writer writer(*loop, ends.numbers[1]);
    loop->set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    static_cast<void>(loop->create_task(reader.read()));
    static_cast<void>(loop->create_task(writer.write(std::string(200'000, 'x'))));
    loop->stop();
    loop->run_forever();
    loop.reset();
    BOOST_TEST(reader.is_closed());
    BOOST_TEST(writer.is_closed());
    writer.close();
}

BOOST_AUTO_TEST_CASE(a_pipe_works_on_the_hosts_context) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    both_ends ends;
    pipe_reader reader(loop, ends.numbers[0]);
    pipe_writer writer(loop, ends.numbers[1]);
    auto const reading = loop.create_task(reader.read());
    auto const write = [&]() -> coro<> {
        co_await writer.write("hello");
        writer.close();
    };
    auto const writing = loop.create_task(write);
    host.run();
    BOOST_TEST(reading.result() == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
