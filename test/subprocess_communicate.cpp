// ordo: tests of process::communicate(): much input and output, and all the moments at which it can be cancelled.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "subprocess_case.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/sleep.hpp>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace {

subprocess_options const only_stdin{.std_in = stdio::pipe};

/// No two parts of it are alike.
std::string much_text(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + '\n';
    text.resize(size);
    return text;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(communicate, nothing_left)

OUTSIDE_TEST_CASE(gives_what_the_child_writes) {
    auto const child = co_await create_subprocess_shell("echo out; echo err >&2; exit 5", all_pipes);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "out\n");
    BOOST_TEST(output.std_err == "err\n");
    BOOST_TEST(child.returncode().value() == 5);
}

OUTSIDE_TEST_CASE(closes_stdin_without_input_too) {
    auto const child = co_await create_subprocess_exec("cat", {}, all_pipes);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "");
    BOOST_TEST(child.std_in().is_closed());
    BOOST_TEST(child.std_out().is_closed());
    BOOST_TEST(child.std_err().is_closed());
}

OUTSIDE_TEST_CASE(sends_ten_megabytes_through_cat) {
    auto const text = much_text(10'000'000);
    auto const child = co_await create_subprocess_exec("cat", {}, all_pipes);
    auto const output = co_await child.communicate(text);
    BOOST_TEST((output.std_out == text));
    BOOST_TEST(child.returncode().value() == 0);
}

OUTSIDE_TEST_CASE(reads_both_streams_at_the_same_time) {
    auto const child = co_await create_subprocess_shell(
        "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero", all_pipes);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out.size() == 2'000'000u);
    BOOST_TEST(output.std_err.size() == 1'000'000u);
}

OUTSIDE_TEST_CASE(ignores_that_the_child_reads_only_a_part_of_the_input) {
    auto const text = much_text(1'000'000);
    auto const child = co_await create_subprocess_exec("head", words("-c", "3"), all_pipes);
    auto const output = co_await child.communicate(text);
    BOOST_TEST(output.std_out == text.substr(0, 3));
    BOOST_TEST(child.returncode().value() == 0);
}

OUTSIDE_TEST_CASE(ignores_that_the_child_closes_its_stdin_at_once) {
    auto const child = co_await create_subprocess_shell("exec <&-; echo closed; sleep 0.05; exit 3", all_pipes);
    auto const closed = co_await child.std_out().read_line();
    BOOST_TEST(closed == "closed\n");
    co_await child.communicate("nobody reads this");
    BOOST_TEST(child.returncode().value() == 3);
}

OUTSIDE_TEST_CASE(gives_also_what_was_not_read_before) {
    auto const child = co_await create_subprocess_shell("echo one; echo two; cat", all_pipes);
    auto const one = co_await child.std_out().read_line();
    co_await child.std_in().write("three ");
    auto const output = co_await child.communicate("four");
    BOOST_TEST(one == "one\n");
    BOOST_TEST(output.std_out == "two\nthree four");
}

OUTSIDE_TEST_CASE(without_pipes_waits_for_the_end) {
    auto const child = co_await create_subprocess_shell("exit 4");
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "");
    BOOST_TEST(output.std_err == "");
    BOOST_TEST(child.returncode().value() == 4);
}

OUTSIDE_TEST_CASE(may_be_called_again_after_the_end_and_finds_nothing) {
    auto const child = co_await create_subprocess_shell("echo out", all_pipes);
    co_await child.communicate();
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "");
}

OUTSIDE_TEST_CASE(refuses_input_where_stdin_is_no_pipe) {
    auto const child = co_await create_subprocess_exec("true");
    auto const text = co_await failure_of<ordo::usage_error>(child.communicate("input"));
    BOOST_TEST(text ==
               "process::communicate: there is input for 'true', whose stdin is no pipe; start it with std_in = "
               "stdio::pipe");
    co_await child.communicate("");
}

OUTSIDE_TEST_CASE(refuses_input_where_stdin_was_closed_before) {
    auto const child = co_await create_subprocess_exec("cat", {}, only_stdin);
    child.std_in().close();
    auto const text = co_await failure_of<ordo::usage_error>(child.communicate("input"));
    BOOST_TEST(text == "pipe_writer::write: the pipe is closed; use it before close()");
    co_await child.wait();
}

OUTSIDE_TEST_CASE(refuses_a_second_input) {
    auto const child = co_await create_subprocess_exec("cat", {}, all_pipes);
    auto const first = co_await child.communicate("one");
    auto const text = co_await failure_of<ordo::usage_error>(child.communicate("two"));
    BOOST_TEST(first.std_out == "one");
    BOOST_TEST(text ==
               "process::communicate: it has begun, so there can be no other input for 'cat'; call communicate() "
               "to go on with it");
}

OUTSIDE_TEST_CASE(reports_that_a_pipe_is_closed_under_it) {
    auto const child = co_await create_subprocess_exec("yes", {}, all_pipes); // which writes for ever
    auto const talking = create_task(child.communicate());
    co_await child.std_err().read(0);
    co_await ordo::sleep(1ms);
    child.std_out().close();
    auto const wait = [](ordo::task<ordo::process_output> task) -> coro<> { static_cast<void>(co_await task); };
    auto const text = co_await failure_of(wait(talking));
    BOOST_TEST(text == "pipe_reader::read: it was closed meanwhile: Operation canceled [system:125]");
    co_await child.wait();
}

// -- cancellation

OUTSIDE_TEST_CASE(can_be_cancelled_at_every_moment_and_taken_up_again_without_a_loss) {
    auto const text = much_text(200'000); // in both directions more than the pipes hold
    int cancellations = 0;
    for (int moment = 1; cancellations == moment - 1 || moment < 40; ++moment) {
        auto const child = co_await create_subprocess_shell("tee /dev/stderr", all_pipes);
        auto const talking = create_task(child.communicate(text));
        int const iterations = moment < 20 ? moment : moment * moment / 4; // once it waits for the child, in leaps
        for (int i = 0; i < iterations && !talking.done(); ++i) co_await ordo::sleep(0s);
        talking.cancel();
        ordo::process_output output;
        try {
            output = co_await talking;
        } catch (ordo::cancelled_error const&) {
            ++cancellations;
        }
        if (talking.cancelled()) output = co_await child.communicate(""); // which is no input
        BOOST_TEST_INFO("iteration " << iterations);
        BOOST_TEST((output.std_out == text && output.std_err == text));
        BOOST_TEST(child.returncode().value() == 0);
    }
    BOOST_TEST_MESSAGE(cancellations << " came in time");
    BOOST_TEST(cancellations > 10);
}

OUTSIDE_TEST_CASE(cancelled_before_it_begins_has_done_nothing) {
    auto const child = co_await create_subprocess_exec("cat", {}, all_pipes);
    auto const talking = create_task(child.communicate("never sent"));
    talking.cancel();
    bool cancelled = false;
    try {
        co_await talking;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    auto const output = co_await child.communicate("sent");
    BOOST_TEST(output.std_out == "sent");
}

OUTSIDE_TEST_CASE(cancelled_while_it_only_waits_for_the_end_keeps_the_output) {
    subprocess_options const options{.std_out = stdio::pipe};
    auto const child = co_await create_subprocess_shell("echo out; exec >&-; exec sleep 1000", options);
    auto const talking = create_task(child.communicate());
    co_await ordo::sleep(0s);
    std::string refused = "another task reads";
    while (refused != "(nothing was thrown)") {
        co_await ordo::sleep(1ms);
        refused = co_await failure_of<ordo::usage_error>(child.std_out().read(0));
    }
    talking.cancel();
    bool cancelled = false;
    try {
        co_await talking;
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
    child.kill();
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "out\n");
}

// -- many

OUTSIDE_TEST_CASE(works_for_two_hundred_children_at_once) {
    auto const echo = [](int i) -> coro<std::string> {
        auto const child = co_await create_subprocess_exec("cat", {}, all_pipes);
        auto const output = co_await child.communicate(std::to_string(i));
        co_return output.std_out + ":" + std::to_string(child.returncode().value());
    };
    std::vector<coro<std::string>> all;
    for (int i = 0; i < 200; ++i) all.push_back(echo(i));
    auto const answers = co_await ordo::gather(std::move(all));
    int wrong = 0;
    for (int i = 0; i < 200; ++i) wrong += answers[std::size_t(i)] != std::to_string(i) + ":0";
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
