// ordo: tests of subprocesses, with real children: how they end, and what they say.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "subprocess_case.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

subprocess_options const read_stdout{.std_out = stdio::pipe};
subprocess_options const read_both{.std_out = stdio::pipe, .std_err = stdio::pipe};

} // namespace

BOOST_FIXTURE_TEST_SUITE(subprocess, nothing_left)

// -- how it ends

OUTSIDE_TEST_CASE(wait_gives_the_exit_code) {
    auto const good = co_await create_subprocess_exec("true");
    auto const zero = co_await good.wait();
    BOOST_TEST(zero == 0);
    auto const bad = co_await create_subprocess_shell("exit 7");
    auto const seven = co_await bad.wait();
    BOOST_TEST(seven == 7);
}

OUTSIDE_TEST_CASE(a_child_that_a_signal_ends_gives_its_negative_number) {
    auto const child = co_await create_subprocess_shell("kill -USR1 $$");
    auto const code = co_await child.wait();
    BOOST_TEST(code == -SIGUSR1);
}

OUTSIDE_TEST_CASE(the_return_code_is_there_once_the_child_has_ended) {
    auto const child = co_await create_subprocess_exec("cat", {}, in_and_out);
    BOOST_TEST(!child.returncode().has_value());
    BOOST_TEST(child.pid() > 0);
    child.std_in().close();
    auto const code = co_await child.wait();
    BOOST_TEST(code == 0);
    BOOST_TEST(child.returncode().value() == 0);
    BOOST_TEST(child.pid() > 0);
}

OUTSIDE_TEST_CASE(the_end_can_be_awaited_again_and_by_several) {
    auto const child = co_await create_subprocess_exec("cat", {}, in_and_out);
    auto const one = create_task(child.wait());
    auto const two = create_task(child.wait());
    co_await child.std_in().write("x");
    child.std_in().close();
    auto const both = co_await ordo::gather(one, two);
    BOOST_TEST((both == std::tuple(0, 0)));
    auto const again = co_await child.wait();
    BOOST_TEST(again == 0);
}

OUTSIDE_TEST_CASE(a_cancelled_wait_leaves_the_child_and_other_waits_alone) {
    auto const child = co_await create_subprocess_exec("cat", {}, in_and_out);
    auto const one = create_task(child.wait());
    auto const two = create_task(child.wait());
    co_await ordo::sleep(std::chrono::seconds(0));
    one.cancel();
    co_await ordo::sleep(std::chrono::seconds(0));
    BOOST_TEST(one.cancelled());
    BOOST_TEST(!two.done());
    child.std_in().close();
    auto const code = co_await two;
    BOOST_TEST(code == 0);
}

// -- signals

OUTSIDE_TEST_CASE(terminate_and_kill_end_it) {
    auto const one = co_await create_subprocess_exec("sleep", words("1000"));
    BOOST_TEST(one.terminate());
    auto const terminated = co_await one.wait();
    BOOST_TEST(terminated == -SIGTERM);
    auto const two = co_await create_subprocess_exec("sleep", words("1000"));
    BOOST_TEST(two.kill());
    auto const killed = co_await two.wait();
    BOOST_TEST(killed == -SIGKILL);
}

OUTSIDE_TEST_CASE(a_child_may_handle_a_signal) {
    auto const child = co_await create_subprocess_shell(
        "trap 'echo caught; exit 3' USR1; echo ready; while :; do sleep 0.01; done", read_stdout);
    auto const ready = co_await child.std_out().read_line();
    BOOST_TEST(ready == "ready\n");
    BOOST_TEST(child.send_signal(SIGUSR1));
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "caught\n");
    BOOST_TEST(child.returncode().value() == 3);
}

OUTSIDE_TEST_CASE(signals_after_the_end_do_nothing_and_say_so) {
    auto const child = co_await create_subprocess_exec("true");
    co_await child.wait();
    BOOST_TEST(!child.send_signal(SIGTERM));
    BOOST_TEST(!child.terminate());
    BOOST_TEST(!child.kill());
    BOOST_TEST(child.returncode().value() == 0);
}

OUTSIDE_TEST_CASE(a_signal_to_a_child_that_has_just_ended_finds_that_out) {
    auto const child = co_await create_subprocess_exec("true");
    siginfo_t info{};
    BOOST_REQUIRE(::waitid(P_PID, id_t(child.pid()), &info, WEXITED | WNOWAIT) == 0);
    BOOST_TEST(!child.terminate());
    BOOST_TEST(child.returncode().value() == 0);
    auto const code = co_await child.wait();
    BOOST_TEST(code == 0);
}

OUTSIDE_TEST_CASE(a_signal_that_does_not_exist_is_an_error) {
    auto const child = co_await create_subprocess_exec("cat", {}, in_and_out);
    auto const send = [](ordo::process to) -> coro<> {
        to.send_signal(1000);
        co_return;
    };
    auto const text = co_await failure_of(send(child));
    BOOST_TEST(text == "process::send_signal: signal 1000 to 'cat' (pid " + std::to_string(child.pid()) +
                           "): Invalid argument [system:22]");
    co_await child.communicate();
}

// -- the standard streams

OUTSIDE_TEST_CASE(what_it_writes_can_be_read_line_by_line) {
    auto const child = co_await create_subprocess_shell("echo one; echo two", read_stdout);
    auto const one = co_await child.std_out().read_line();
    auto const two = co_await child.std_out().read_line();
    auto const end = co_await child.std_out().read_line();
    BOOST_TEST(one == "one\n");
    BOOST_TEST(two == "two\n");
    BOOST_TEST(end == "");
    co_await child.wait();
}

OUTSIDE_TEST_CASE(a_conversation_goes_to_and_fro) {
    auto const child = co_await create_subprocess_exec("cat", {}, in_and_out);
    for (auto const* line : {"one\n", "two\n"}) {
        co_await child.std_in().write(line);
        auto const answer = co_await child.std_out().read_line();
        BOOST_TEST(answer == line);
    }
    child.std_in().close();
    co_await child.wait();
}

OUTSIDE_TEST_CASE(stderr_has_a_pipe_of_its_own) {
    auto const child = co_await create_subprocess_shell("echo out; echo err >&2", read_both);
    auto const err = co_await child.std_err().read();
    auto const out = co_await child.std_out().read();
    BOOST_TEST(out == "out\n");
    BOOST_TEST(err == "err\n");
    co_await child.wait();
}

OUTSIDE_TEST_CASE(stderr_can_go_where_stdout_goes) {
    subprocess_options const options{.std_out = stdio::pipe, .std_err = stdio::std_out};
    auto const child = co_await create_subprocess_shell("echo out; echo err >&2", options);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "out\nerr\n");
    BOOST_TEST(output.std_err == "");
}

OUTSIDE_TEST_CASE(devnull_is_empty_and_takes_everything) {
    subprocess_options const options{.std_in = stdio::devnull, .std_out = stdio::devnull, .std_err = stdio::devnull};
    auto const child = co_await create_subprocess_shell(
        "test -c /dev/stdin && test -c /dev/stdout && cat && ls -l /proc/self/fd/2 >&2", options);
    auto const code = co_await child.wait();
    BOOST_TEST(code == 0);
}

OUTSIDE_TEST_CASE(a_stream_can_be_a_descriptor_of_the_caller) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    ordo::pipe_reader reader(ends[0]);
    subprocess_options const options{.std_out = ends[1]};
    auto const child = co_await create_subprocess_exec("echo", words("hello"), options);
    co_await child.wait();
    BOOST_TEST(::close(ends[1]) == 0); // it is still the caller's
    auto const text = co_await reader.read();
    BOOST_TEST(text == "hello\n");
}

OUTSIDE_TEST_CASE(streams_can_be_exchanged) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    ordo::pipe_reader reader(ends[0]);
    int const saved = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    ::dup2(ends[1], STDERR_FILENO);
    subprocess_options const options{.std_out = STDERR_FILENO, .std_err = STDOUT_FILENO};
    auto const child = co_await create_subprocess_exec("echo", words("on stderr of this process"), options);
    co_await child.wait();
    ::dup2(saved, STDERR_FILENO);
    ::close(saved);
    ::close(ends[1]);
    auto const text = co_await reader.read();
    BOOST_TEST(text == "on stderr of this process\n");
}

OUTSIDE_TEST_CASE(a_process_without_standard_streams_can_have_children_with_pipes) {
    int saved[3];
    for (int i = 0; i < 3; ++i) saved[i] = ::fcntl(i, F_DUPFD_CLOEXEC, 10);
    for (int i = 0; i < 3; ++i) ::close(i);
    subprocess_options const options{.std_in = stdio::pipe, .std_out = stdio::pipe, .std_err = stdio::pipe};
    auto const child = co_await create_subprocess_shell("cat; echo err >&2", options);
    auto const output = co_await child.communicate("in");
    for (int i = 0; i < 3; ++i) {
        ::dup2(saved[i], i);
        ::close(saved[i]);
    }
    BOOST_TEST(output.std_out == "in");
    BOOST_TEST(output.std_err == "err\n");
}

OUTSIDE_TEST_CASE(a_stream_that_is_no_pipe_cannot_be_used) {
    auto const child = co_await create_subprocess_exec("true");
    auto const use = [](ordo::process of, int stream) -> coro<> {
        if (stream == 0) of.std_in();
        else if (stream == 1) of.std_out();
        else of.std_err();
        co_return;
    };
    auto const in = co_await failure_of<ordo::usage_error>(use(child, 0));
    auto const out = co_await failure_of<ordo::usage_error>(use(child, 1));
    auto const err = co_await failure_of<ordo::usage_error>(use(child, 2));
    BOOST_TEST(in == "process::std_in: it is no pipe of 'true'; start it with std_in = stdio::pipe");
    BOOST_TEST(out == "process::std_out: it is no pipe of 'true'; start it with std_out = stdio::pipe");
    BOOST_TEST(err == "process::std_err: it is no pipe of 'true'; start it with std_err = stdio::pipe");
    co_await child.wait();
}

// -- virtual time

ORDO_TEST_CASE(virtual_time_waits_for_a_child) {
    auto const before = ordo::get_running_loop().time();
    auto const child = co_await create_subprocess_shell("sleep 0.05; exit 4");
    auto const code = co_await child.wait();
    BOOST_TEST(code == 4);
    BOOST_TEST((ordo::get_running_loop().time() == before));
}

BOOST_AUTO_TEST_SUITE_END()
