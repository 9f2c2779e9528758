// ordo: what must not be done to a loop that ends, or after its end, throws or is reported.
// SPDX-License-Identifier: BSL-1.0
#include "scenarios.hpp"

#include "../error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace teardown {
namespace {

struct death {
    int signal = 0;
    std::string said; ///< on standard error
};

/// What becomes of a process that does this.
template <class F>
death of_process(F const& f) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    auto const child = ::fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        ::dup2(ends[1], STDERR_FILENO);
        f();
        ::_exit(0);
    }
    ::close(ends[1]);
    death seen;
    std::array<char, 256> buffer{};
    for (ssize_t n = 0; (n = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
        seen.said.append(buffer.data(), static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) seen.signal = WTERMSIG(status);
    return seen;
}

} // namespace

BOOST_AUTO_TEST_SUITE(an_illegal_end)

BOOST_AUTO_TEST_CASE(closing_a_running_loop_throws) {
    ordo::event_loop loop;
    std::string text;
    loop.call_soon([&] {
        text = error_text<ordo::usage_error>([&] { loop.close(); });
        loop.stop();
    });
    loop.run_forever();
    BOOST_TEST(text == "event_loop::close: the loop is running; stop() it first");
}

BOOST_AUTO_TEST_CASE(closing_a_borrowed_loop_in_one_of_its_callbacks_throws) {
    asio::io_context host;
    ordo::event_loop loop(host);
    std::string text;
    loop.call_soon([&] { text = error_text<ordo::usage_error>([&] { loop.close(); }); });
    host.run();
    BOOST_TEST(text == "event_loop::close: the loop is running; stop() it first");
}

BOOST_AUTO_TEST_CASE(destroying_a_running_loop_ends_the_process_and_says_why) {
    auto const seen = of_process([] {
        std::optional<ordo::event_loop> loop(std::in_place);
        loop->call_soon([&] { loop.reset(); });
        loop->run_forever();
    });
    BOOST_TEST(seen.signal == SIGABRT);
    BOOST_TEST(seen.said.find("event_loop::close: the loop is running; stop() it first") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(destroying_the_host_in_a_callback_of_its_loop_ends_the_process_and_says_why) {
    auto const seen = of_process([] {
        std::optional<asio::io_context> host(std::in_place);
        ordo::event_loop loop(*host);
        loop.call_soon([&] { host.reset(); });
        host->run();
    });
    BOOST_TEST(seen.signal == SIGABRT);
    BOOST_TEST(seen.said.find("event_loop::close: the loop is running; stop() it first") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(using_a_loop_after_its_end_throws) {
    house h(true);
    h.context.reset();
    auto const text = "event_loop::create_task: the loop is closed; schedule on an open one";
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { h.start(sleeping(1)); }) == text);
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { h.loop->call_soon([] {}); }) ==
               "event_loop::call_soon: the loop is closed; schedule on an open one");
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { h.loop->call_later(1s, [] {}); }) ==
               "event_loop::call_at: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_CASE(running_a_loop_after_its_end_throws) {
    ordo::event_loop loop;
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { loop.run_forever(); }) ==
               "event_loop::run_forever: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_CASE(asking_for_the_loop_of_a_future_after_its_end_throws) {
    house h(false);
    auto const f = h.loop->create_future<counted>();
    h.loop.reset();
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(f.get_loop()); }) ==
               "future::get_loop: the loop is destroyed");
}

BOOST_AUTO_TEST_CASE(adding_a_callback_to_a_done_future_after_the_end_of_its_loop_throws) {
    house h(false);
    auto const f = h.loop->create_future<counted>();
    f.set_result(counted(1));
    h.loop.reset();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { f.add_done_callback([] {}); }) ==
               "future::add_done_callback: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(after_the_end_of_its_loop)

BOOST_AUTO_TEST_CASE(a_handle_can_be_cancelled) {
    house h(false);
    h.handles.push_back(h.loop->call_soon([] {}));
    h.handles.push_back(h.loop->call_later(1s, [] {}));
    h.handles.push_back(h.loop->call_soon_threadsafe([] {}));
    h.loop.reset();
    for (auto& callback : h.handles) {
        callback.cancel();
        BOOST_TEST(callback.cancelled());
    }
}

BOOST_AUTO_TEST_CASE(a_future_can_be_cancelled) {
    house h(false);
    auto const f = h.loop->create_future<counted>();
    h.loop.reset();
    BOOST_TEST(f.cancel());
    BOOST_TEST(f.cancelled());
}

BOOST_AUTO_TEST_CASE(cancelling_a_task_that_never_ended_does_nothing) {
    house h(false);
    h.start(sleeping(2));
    h.step();
    h.loop.reset();
    h.tasks[0].cancel();
    BOOST_TEST(!h.tasks[0].done());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace teardown
