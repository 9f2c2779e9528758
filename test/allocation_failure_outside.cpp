// ordo: tests in which each allocation of a subprocess, pipe, datagram or name look-up fails in turn: there is no
// descriptor and no child left, and the loop goes on.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/datagram.hpp>
#include <ordo/detail/scope_exit.hpp>
#include <ordo/getaddrinfo.hpp>
#include <ordo/subprocess.hpp>

#include "failing_allocations.hpp"
#include "nothing_left.hpp"

#include <boost/test/unit_test.hpp>
#include <exception>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using ordo::stdio;

namespace {

struct silent_and_tidy : nothing_left, silent_log {};

/// For a task to fail with.
struct wrong_result : std::exception {
    char const* what() const noexcept override { return "a wrong result"; }
};

void expect(bool good) {
    if (!good) throw wrong_result();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(allocation_failure_outside, silent_and_tidy)

BOOST_AUTO_TEST_CASE(a_subprocess) {
    in_task([]() -> coro<> {
        ordo::subprocess_options options{.std_in = stdio::pipe, .std_out = stdio::pipe, .std_err = stdio::devnull};
        options.add_environment["NAME"] = "a value that is too long to be stored inside";
        options.working_directory = "/";
        auto const child = co_await ordo::create_subprocess_exec("cat", {}, options);
        auto const output = co_await child.communicate("hello");
        expect(output.std_out == "hello");
        expect(child.returncode() == 0);
    });
}

BOOST_AUTO_TEST_CASE(a_subprocess_that_is_cancelled) {
    in_task([]() -> coro<> {
        ordo::subprocess_options const options{.kill_on_cancel = true};
        auto const child = co_await ordo::create_subprocess_shell("exec sleep 1000", options);
        auto const waiting = ordo::create_task(child.wait());
        co_await ordo::sleep(0s);
        waiting.cancel();
        try {
            co_await waiting;
        } catch (ordo::cancelled_error const&) {}
        expect(child.returncode() == -9);
    });
}

BOOST_AUTO_TEST_CASE(pipes) {
    in_task([]() -> coro<> {
        int ends[2];
        expect(::pipe2(ends, O_CLOEXEC) == 0);
        std::optional<ordo::pipe_reader> reader;
        std::optional<ordo::pipe_writer> writer;
        ordo::detail::scope_exit const close_what_is_not_owned([&] {
            if (!reader) ::close(ends[0]);
            if (!writer) ::close(ends[1]);
        });
        reader.emplace(ends[0]);
        writer.emplace(ends[1]);
        co_await writer->write("a line that is too long to be stored inside\nanother one\n");
        writer->close();
        auto const line = co_await reader->read_line();
        auto const rest = co_await reader->read();
        expect(line.size() == 44 && rest == "another one\n");
    });
}

BOOST_AUTO_TEST_CASE(datagrams) {
    in_task([]() -> coro<> {
        ordo::datagram_options options;
        options.local = ordo::socket_address{ordo::address_family::ipv4, "127.0.0.1", 0};
        auto const endpoint = co_await ordo::create_datagram_endpoint(options);
        co_await endpoint.send_to("a text that is too long to be stored inside", endpoint.local_address());
        auto const received = co_await endpoint.receive();
        expect(received.data.size() == 43);
    });
}

BOOST_AUTO_TEST_CASE(names) {
    in_task([]() -> coro<> {
        auto const all = co_await ordo::getaddrinfo("127.0.0.1", "80");
        expect(all.size() == 1);
    });
}

BOOST_AUTO_TEST_SUITE_END()
