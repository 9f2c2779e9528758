// ordo: tests of how a child is started: environment, directory, session, signals, descriptors.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "subprocess_case.hpp"
#include "temporary_folder.hpp"

#include <ordo/exceptions.hpp>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

/// What a command prints.
coro<std::string> output_of(std::string command, subprocess_options options) {
    options.std_out = stdio::pipe;
    auto const child = co_await create_subprocess_shell(std::move(command), std::move(options));
    auto const output = co_await child.communicate();
    co_return output.std_out;
}

coro<std::string> output_of(std::string command) {
    return output_of(std::move(command), subprocess_options());
}

/// A command that prints which of some descriptors it has, without a descriptor for finding out.
std::string which_exist(std::vector<int> const& numbers) {
    std::string command = "for i in";
    for (int const number : numbers) command += ' ' + std::to_string(number);
    return command + "; do test -e /proc/self/fd/$i && printf '%s ' $i; done; true";
}

void write(temporary_folder const& to, char const* name, std::string const& text) {
    std::ofstream(to.path(name)) << text;
    std::filesystem::permissions(to.path(name), std::filesystem::perms::owner_all);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(subprocess_options_, nothing_left)

// -- arguments

OUTSIDE_TEST_CASE(arguments_arrive_as_they_are) {
    subprocess_options const options{.std_out = stdio::pipe};
    std::vector<std::string> const args{"%s|", "a b", "", "*", "'\""};
    auto const child = co_await create_subprocess_exec("printf", args, options);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "a b||*|'\"|");
}

// -- the environment

OUTSIDE_TEST_CASE(the_environment_is_that_of_this_process) {
    ::setenv("ORDO_TEST_VARIABLE", "inherited", 1);
    auto const text = co_await output_of("echo $ORDO_TEST_VARIABLE");
    ::unsetenv("ORDO_TEST_VARIABLE");
    BOOST_TEST(text == "inherited\n");
}

OUTSIDE_TEST_CASE(the_environment_can_be_replaced) {
    subprocess_options options;
    options.environment.emplace();
    (*options.environment)["ONLY"] = "this=that";
    auto const text = co_await output_of("/usr/bin/env | grep -v '^PWD=\\|^SHLVL=\\|^_='", options);
    BOOST_TEST(text == "ONLY=this=that\n");
}

OUTSIDE_TEST_CASE(the_environment_can_be_added_to) {
    ::setenv("ORDO_TEST_ONE", "1", 1);
    ::setenv("ORDO_TEST_TWO", "2", 1);
    subprocess_options options;
    options.add_environment["ORDO_TEST_TWO"] = "two";
    options.add_environment["ORDO_TEST_THREE"] = "three";
    auto const text = co_await output_of("echo $ORDO_TEST_ONE $ORDO_TEST_TWO $ORDO_TEST_THREE", options);
    ::unsetenv("ORDO_TEST_ONE");
    ::unsetenv("ORDO_TEST_TWO");
    BOOST_TEST(text == "1 two three\n");
}

OUTSIDE_TEST_CASE(the_program_is_looked_for_in_the_path_of_the_child) {
    temporary_folder const folder;
    write(folder, "ordo-greeting", "#!/bin/sh\necho hello from a script\n");
    subprocess_options options{.std_out = stdio::pipe};
    options.add_environment["PATH"] = "/nowhere::" + folder.path();
    auto const child = co_await create_subprocess_exec("ordo-greeting", {}, options);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "hello from a script\n");
}

OUTSIDE_TEST_CASE(without_a_path_the_usual_folders_are_searched) {
    subprocess_options options{.std_out = stdio::pipe};
    options.environment.emplace();
    auto const child = co_await create_subprocess_exec("echo", words("found"), options);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "found\n");
}

// -- the working directory

OUTSIDE_TEST_CASE(the_working_directory_can_be_another) {
    temporary_folder const folder;
    subprocess_options options;
    options.working_directory = folder.path();
    auto const text = co_await output_of("pwd", options);
    BOOST_TEST(text == folder.path() + "\n");
}

OUTSIDE_TEST_CASE(a_relative_program_is_relative_to_the_working_directory) {
    temporary_folder const folder;
    write(folder, "here", "#!/bin/sh\necho here\n");
    subprocess_options options{.std_out = stdio::pipe};
    options.working_directory = folder.path();
    auto const child = co_await create_subprocess_exec("./here", {}, options);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "here\n");
}

OUTSIDE_TEST_CASE(a_relative_path_of_the_child_is_relative_to_the_working_directory) {
    temporary_folder const folder;
    write(folder, "here", "#!/bin/sh\necho here\n");
    subprocess_options options{.std_out = stdio::pipe};
    options.working_directory = folder.path();
    options.add_environment["PATH"] = ":/bin"; // an empty folder is the working directory
    auto const child = co_await create_subprocess_exec("here", {}, options);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "here\n");
}

// -- sessions and groups

OUTSIDE_TEST_CASE(a_child_can_lead_a_session) {
    subprocess_options const options{.std_in = stdio::pipe, .start_new_session = true};
    auto const child = co_await create_subprocess_exec("cat", {}, options);
    BOOST_TEST(::getsid(child.pid()) == child.pid());
    co_await child.communicate();
}

OUTSIDE_TEST_CASE(a_child_can_lead_a_process_group) {
    subprocess_options const options{.std_in = stdio::pipe, .process_group = 0};
    auto const child = co_await create_subprocess_exec("cat", {}, options);
    BOOST_TEST(::getpgid(child.pid()) == child.pid());
    BOOST_TEST(::getsid(child.pid()) == ::getsid(0));
    co_await child.communicate();
}

// -- signals

OUTSIDE_TEST_CASE(no_signal_is_blocked_in_the_child_and_sigpipe_has_its_default_action) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    auto* const handler = ::signal(SIGPIPE, SIG_IGN);
    auto const text = co_await output_of("grep '^Sig[BI]' /proc/self/status");
    ::signal(SIGPIPE, handler);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    auto const mask_of = [&](std::string const& name) {
        return std::stoull(text.substr(text.find(name) + name.size()), nullptr, 16);
    };
    BOOST_TEST(mask_of("SigBlk:") == 0u);
    BOOST_TEST((mask_of("SigIgn:") & (1ull << (SIGPIPE - 1))) == 0u);
}

// -- descriptors

OUTSIDE_TEST_CASE(the_child_has_no_descriptors_but_the_standard_streams) {
    int const ours = ::fcntl(STDIN_FILENO, F_DUPFD, 50); // not close-on-exec
    auto const asked = which_exist({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ours});
    auto const text = co_await output_of(asked);
    ::close(ours);
    BOOST_TEST(text == "0 1 2 ");
}

OUTSIDE_TEST_CASE(descriptors_can_be_inherited_except_for_those_of_ordo) {
    int const ours = ::fcntl(STDIN_FILENO, F_DUPFD, 50); // not close-on-exec
    subprocess_options const inheriting{.close_fds = false};
    subprocess_options const with_pipes{.std_in = stdio::pipe, .std_out = stdio::pipe};
    auto const neighbour = co_await create_subprocess_exec("cat", {}, with_pipes);
    auto const asked = which_exist({neighbour.std_in().native_handle(), neighbour.std_out().native_handle(), ours});
    auto const text = co_await output_of(asked, inheriting);
    ::close(ours);
    co_await neighbour.communicate();
    BOOST_TEST(text == std::to_string(ours) + " ");
}

// -- what makes no sense

OUTSIDE_TEST_CASE(options_that_make_no_sense_are_refused) {
    using ordo::value_error;
    auto const only_stderr = "create_subprocess_exec: cannot start 'true': only stderr can be stdio::std_out, and "
                             "stdin is";
    subprocess_options const in_to_out{.std_in = stdio::std_out};
    auto const first = co_await failure_of<value_error>(create_subprocess_exec("true", {}, in_to_out));
    BOOST_TEST(first == only_stderr);

    subprocess_options bad_name;
    bad_name.add_environment["A=B"] = "c";
    auto const second = co_await failure_of<value_error>(create_subprocess_exec("true", {}, bad_name));
    BOOST_TEST(second == "create_subprocess_exec: cannot start 'true': 'A=B' cannot be the name of an environment "
                         "variable");

    std::vector<std::string> const zero_byte{std::string("a\0b", 3)};
    auto const third = co_await failure_of<value_error>(create_subprocess_exec("true", zero_byte));
    BOOST_TEST(third ==
               "create_subprocess_exec: cannot start 'true': an argument has a zero byte in it, where C ends a "
               "text");

    auto const fourth = co_await failure_of<value_error>(create_subprocess_exec(""));
    BOOST_TEST(fourth == "create_subprocess_exec: cannot start '': the program has no name");

    subprocess_options zero_in_value;
    zero_in_value.add_environment["A"] = std::string("a\0b", 3);
    auto const fifth = co_await failure_of<value_error>(create_subprocess_exec("true", {}, zero_in_value));
    BOOST_TEST(fifth ==
               "create_subprocess_exec: cannot start 'true': the environment variable A has a zero byte in it, "
               "where C ends a text");
}

BOOST_AUTO_TEST_SUITE_END()
