// ordo: tests of children that cannot be started, and of what is missing on the way: they leave nothing behind.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "error_text.hpp"
#include "subprocess_case.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// What is said when a program cannot be started.
coro<std::string> failure(std::string program, subprocess_options options = all_pipes) {
    co_return co_await failure_of(create_subprocess_exec(program, {}, options));
}

/// Lets this process have only some descriptors more than it has.
class few_descriptors {
public:
    explicit few_descriptors(int more) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        int number = 3;
        for (int free = 0; free < more || ::fcntl(number, F_GETFD) >= 0; ++number) free += ::fcntl(number, F_GETFD) < 0;
        rlimit const limit{static_cast<rlim_t>(number), before_.rlim_max};
        BOOST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    few_descriptors(few_descriptors const&) = delete;
    few_descriptors& operator=(few_descriptors const&) = delete;
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

/// A file that is removed at the end.
struct temporary_file {
    std::string path;

    temporary_file(std::string const& text, mode_t mode) {
        char name[] = "/tmp/ordo-XXXXXX";
        int const number = ::mkstemp(name);
        BOOST_REQUIRE(number >= 0);
        BOOST_REQUIRE(::write(number, text.data(), text.size()) == ssize_t(text.size()));
        ::fchmod(number, mode);
        ::close(number);
        path = name;
    }
    temporary_file(temporary_file const&) = delete;
    temporary_file& operator=(temporary_file const&) = delete;
    ~temporary_file() { ::unlink(path.c_str()); }
};

/// Who can start a child, and then become somebody who may not end it.
boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
    return ::getuid() == 0;
}

/// Runs a function in a copy of this process, which may change what cannot be changed back.
void in_a_copy(std::function<int()> const& f) {
    pid_t const copy = ::fork();
    if (copy == 0) ::_exit(f());
    int status = 0;
    BOOST_REQUIRE(::waitpid(copy, &status, 0) == copy);
    BOOST_TEST(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 0);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(subprocess_faults, nothing_left)

// -- programs

OUTSIDE_TEST_CASE(a_program_that_does_not_exist) {
    auto const name = co_await failure("no-such-program");
    BOOST_TEST(name == "create_subprocess_exec: cannot start 'no-such-program': No such file or directory [system:2]");
    auto const path = co_await failure("/no/such/program");
    BOOST_TEST(path == "create_subprocess_exec: cannot start '/no/such/program': No such file or directory [system:2]");
}

OUTSIDE_TEST_CASE(a_program_that_cannot_be_run) {
    temporary_file const file("#!/bin/sh\n", 0600);
    auto const text = co_await failure(file.path);
    BOOST_TEST(text == "create_subprocess_exec: cannot start '" + file.path + "': Permission denied [system:13]");
    subprocess_options options;
    options.add_environment["PATH"] = "/tmp";
    auto const found = co_await failure(file.path.substr(5), options);
    BOOST_TEST(found ==
               "create_subprocess_exec: cannot start '" + file.path.substr(5) + "': Permission denied [system:13]");
    auto const folder = co_await failure("/tmp");
    BOOST_TEST(folder == "create_subprocess_exec: cannot start '/tmp': Permission denied [system:13]");
}

OUTSIDE_TEST_CASE(a_program_that_is_none) {
    temporary_file const file("no program", 0700);
    auto const text = co_await failure(file.path);
    BOOST_TEST(text == "create_subprocess_exec: cannot start '" + file.path + "': Exec format error [system:8]");
}

OUTSIDE_TEST_CASE(a_script_whose_interpreter_does_not_exist) {
    temporary_file const file("#!/no/such/interpreter\n", 0700);
    auto const text = co_await failure(file.path);
    BOOST_TEST(text == "create_subprocess_exec: cannot start '" + file.path +
                           "': what it names as its interpreter: No such file or directory [system:2]");
}

OUTSIDE_TEST_CASE(a_working_directory_that_does_not_exist_or_is_none) {
    subprocess_options options = all_pipes;
    options.working_directory = "/no/such/folder";
    auto const none = co_await failure("true", options);
    BOOST_TEST(none ==
               "create_subprocess_exec: cannot start 'true' in the working directory '/no/such/folder': No such "
               "file or directory [system:2]");
    options.working_directory = "/dev/null";
    auto const device = co_await failure("true", options);
    BOOST_TEST(device == "create_subprocess_exec: cannot start 'true' in the working directory '/dev/null': Not a "
                         "directory [system:20]");
}

OUTSIDE_TEST_CASE(a_descriptor_that_is_closed) {
    subprocess_options const options{.std_out = 9999};
    auto const text = co_await failure("true", options);
    BOOST_TEST(text ==
               "create_subprocess_exec: cannot start 'true' with descriptor 9999 as stdout: Bad file descriptor "
               "[system:9]");
}

OUTSIDE_TEST_CASE(a_process_group_that_does_not_exist) {
    subprocess_options options = all_pipes;
    options.process_group = 4'000'000;
    auto const text = co_await failure("true", options);
    BOOST_TEST(text == "create_subprocess_exec: cannot start 'true': Operation not permitted [system:1]");
}

OUTSIDE_TEST_CASE(a_command_of_the_shell_that_does_not_exist_is_the_shells_affair) {
    auto const child = co_await create_subprocess_shell("no-such-program 2>/dev/null");
    auto const code = co_await child.wait();
    BOOST_TEST(code == 127);
}

// -- nothing left of what it takes

OUTSIDE_TEST_CASE(arguments_that_are_too_large_for_the_system) {
    std::vector<std::string> const args{std::string(10'000'000, 'x')};
    auto const text = co_await failure_of(create_subprocess_exec("true", args, all_pipes));
    BOOST_TEST(text == "create_subprocess_exec: cannot start 'true': Argument list too long [system:7]");
}

OUTSIDE_TEST_CASE(no_descriptors_for_the_pipes) {
    ordo::pipe_reader registered(::open("/dev/null", O_RDONLY | O_CLOEXEC)); // so that the loop has its own by now
    char const* const streams[] = {"stdin", "stdin", "stdout", "stdout", "stderr", "stderr"};
    for (int more = 0; more < 6; ++more) {
        std::string text;
        {
            few_descriptors const limited(more);
            text = co_await failure("true");
        }
        BOOST_TEST(text == std::string("create_subprocess_exec: cannot start 'true': no pipe for its ") +
                               streams[more] + ": Too many open files [system:24]");
    }
}

// UBSan takes two descriptors of its own to look at the exception that Asio throws.
BOOST_AUTO_TEST_CASE(no_descriptors_for_the_loop_to_watch_others, *boost::unit_test::enable_if<!ORDO_SANITIZED>()) {
    ordo::event_loop loop;
    std::optional<few_descriptors> limited(6); // for three pipes, and none for epoll
    auto const text = loop.run_until_complete(failure("true"));
    BOOST_TEST(text == "create_subprocess_exec: cannot start 'true': Too many open files [system:24]");
    limited.reset();
    limited.emplace(1); // for a pidfd, and none for epoll
    auto const child = loop.run_until_complete(create_subprocess_shell("exit 5"));
    limited.reset();
    BOOST_TEST(loop.run_until_complete(child.wait()) == 5);
}

OUTSIDE_TEST_CASE(no_descriptor_to_wait_with_is_made_up_for_by_a_thread) {
    ordo::pipe_reader registered(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    for (int i = 0; i < 20; ++i) {
        std::optional<few_descriptors> limited(0);
        auto const child = co_await create_subprocess_shell("exit 5");
        limited.reset();
        auto const one = ordo::create_task(child.wait());
        auto const code = co_await one;
        BOOST_TEST(code == 5);
    }
}

OUTSIDE_TEST_CASE(a_child_for_which_a_thread_waits_is_sent_signals) {
    ordo::pipe_reader registered(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    std::optional<few_descriptors> limited(0);
    auto const child = co_await create_subprocess_exec("sleep", words("1000"));
    limited.reset();
    BOOST_TEST(child.terminate());
    auto const code = co_await child.wait();
    BOOST_TEST(code == -SIGTERM);
    BOOST_TEST(!child.terminate());
}

BOOST_AUTO_TEST_CASE(a_child_for_which_a_thread_waits_is_killed_and_reaped_with_its_loop) {
    int pid = 0;
    {
        ordo::event_loop loop;
        auto const start = [&]() -> coro<> {
            ordo::pipe_reader registered(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            few_descriptors const limited(0);
            auto const child = co_await create_subprocess_exec("sleep", words("1000"));
            pid = child.pid();
        };
        loop.run_until_complete(start());
        BOOST_TEST(::kill(pid, 0) == 0);
    }
    BOOST_TEST(::kill(pid, 0) == -1);
}

BOOST_AUTO_TEST_CASE(no_more_processes) {
    in_a_copy([] {
        rlimit const none{0, 0};
        if (::setrlimit(RLIMIT_NPROC, &none) != 0) return 2;
        if (::getuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 3; // root may always have more
        ordo::event_loop loop;
        auto const text = loop.run_until_complete(failure("true"));
        bool const said = text == "create_subprocess_exec: cannot start 'true': Resource temporarily unavailable "
                                  "[system:11]";
        return said ? 0 : 1;
    });
}

BOOST_AUTO_TEST_CASE(a_child_that_may_not_be_killed_is_reaped_by_a_thread_after_the_end_of_its_loop,
                     *boost::unit_test::precondition(is_root)) {
    in_a_copy([] {
        ordo::event_loop loop;
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return 2;
        subprocess_options const options{.std_in = ends[0], .std_out = stdio::devnull};
        auto const child = loop.run_until_complete(create_subprocess_exec("cat", {}, options));
        if (::setresuid(65534, 65534, 0) != 0) return 3;
        bool const refused =
            error_text<system_error>([&] { child.kill(); }).find("Operation not permitted") != std::string::npos;
        loop.close();
        bool const left =
            error_text<ordo::loop_closed_error>([&] { static_cast<void>(child.returncode()); }) ==
            "process::returncode: 'cat' (pid " + std::to_string(child.pid()) + ") still ran when its loop was closed";
        bool const lives = ::kill(child.pid(), 0) == -1 && errno == EPERM;
        ::close(ends[1]); // by which it ends
        ::close(ends[0]);
        while (::kill(child.pid(), 0) == 0 || errno != ESRCH) ::usleep(1000);
        return refused && left && lives && !child.kill() ? 0 : 1;
    });
}

// -- in a loop

BOOST_AUTO_TEST_CASE(without_a_running_loop_there_are_no_children) {
    ordo::event_loop loop;
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] {
                   static_cast<void>(loop.create_task(create_subprocess_exec("true")));
               }) == "event_loop::create_task: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_SUITE_END()
