// ordo: tests of children that outlive a handle or a loop, of SIGCHLD, and of several loops.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/subprocess.hpp>

#include "error_text.hpp"
#include "subprocess_case.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/gather.hpp>
#include <ordo/sleep.hpp>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// Sets the action of SIGCHLD, and restores it.
class sigchld {
public:
    explicit sigchld(void (*handler)(int), int flags = 0) {
        struct sigaction action{};
        action.sa_handler = handler;
        action.sa_flags = flags;
        ::sigaction(SIGCHLD, &action, &before_);
    }
    sigchld(sigchld const&) = delete;
    sigchld& operator=(sigchld const&) = delete;
    ~sigchld() { ::sigaction(SIGCHLD, &before_, nullptr); }

private:
    struct sigaction before_{};
};

std::atomic<int> children_seen{0};

/// Whether a number is that of a process, a zombie included.
bool exists(int pid) {
    return ::kill(pid, 0) == 0;
}

coro<> until_gone(int pid) {
    while (exists(pid)) co_await ordo::sleep(1ms);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(subprocess_lifetime, nothing_left)

// -- handles

OUTSIDE_TEST_CASE(a_child_whose_handle_is_dropped_runs_on_and_is_reaped) {
    int pid = 0;
    {
        auto const child = co_await create_subprocess_exec("cat", {}, in_and_out);
        pid = child.pid();
        BOOST_TEST(exists(pid));
    } // which closes its stdin, so that it ends
    co_await until_gone(pid);
    BOOST_TEST(!exists(pid));
}

OUTSIDE_TEST_CASE(a_child_that_nobody_waits_for_is_reaped) {
    auto const child = co_await create_subprocess_exec("true");
    co_await until_gone(child.pid());
    BOOST_TEST(child.returncode().value() == 0);
}

OUTSIDE_TEST_CASE(a_wait_goes_on_without_a_handle) {
    std::optional<ordo::process> child = co_await create_subprocess_shell("exit 6");
    auto const waiting = ordo::create_task(child->wait());
    child.reset();
    auto const code = co_await waiting;
    BOOST_TEST(code == 6);
}

// -- loops that end

BOOST_AUTO_TEST_CASE(a_child_that_runs_when_its_loop_is_closed_is_killed_and_reaped) {
    ordo::event_loop loop;
    auto const child = loop.run_until_complete(create_subprocess_exec("sleep", words("1000")));
    loop.close();
    BOOST_TEST(!exists(child.pid()));
    BOOST_TEST(child.returncode().value() == -SIGKILL);
    BOOST_TEST(!child.kill());
}

BOOST_AUTO_TEST_CASE(a_child_that_has_ended_when_its_loop_is_closed_is_reaped) {
    ordo::event_loop loop;
    auto const child = loop.run_until_complete(create_subprocess_shell("kill -STOP $$; exit 3")); // when it is told to
    siginfo_t info{};
    BOOST_REQUIRE(::waitid(P_PID, id_t(child.pid()), &info, WSTOPPED) == 0);
    BOOST_REQUIRE(child.send_signal(SIGCONT));
    BOOST_REQUIRE(::waitid(P_PID, id_t(child.pid()), &info, WEXITED | WNOWAIT) == 0);
    loop.close();
    BOOST_TEST(!exists(child.pid()));
    BOOST_TEST(child.returncode().value() == 3);
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_in_the_middle_of_everything) {
    for (int moment = 0; moment < 20; ++moment) {
        ordo::event_loop loop;
        loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
        auto const talk = []() -> coro<> {
            auto const child = co_await create_subprocess_shell("cat; exec sleep 1000", in_and_out);
            co_await child.communicate(std::string(300'000, 'x'));
        };
        static_cast<void>(loop.create_task(talk));
        for (int i = 0; i < moment; ++i) {
            loop.stop();
            loop.run_forever();
        }
    }
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
}

BOOST_AUTO_TEST_CASE(a_child_keeps_the_run_of_a_host_alive_until_it_ends) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    std::optional<ordo::process> child;
    auto const start = [&]() -> coro<> { child = co_await create_subprocess_shell("sleep 0.05; exit 2"); };
    auto const starting = loop.create_task(start);
    host.run();
    BOOST_TEST(starting.done());
    BOOST_TEST(child->returncode().value() == 2);
}

BOOST_AUTO_TEST_CASE(a_host_that_goes_away_first_takes_its_children_along) {
    std::optional<boost::asio::io_context> host(std::in_place);
    ordo::event_loop loop(*host);
    std::optional<ordo::process> child;
    auto const start = [&]() -> coro<> { child = co_await create_subprocess_exec("cat", {}, in_and_out); };
    auto const starting = loop.create_task(start);
    while (!starting.done()) host->run_one();
    host.reset();
    BOOST_TEST(!exists(child->pid()));
    BOOST_TEST(child->std_in().is_closed());
}

// -- SIGCHLD

OUTSIDE_TEST_CASE(a_handler_of_the_host_for_sigchld_is_left_alone) {
    children_seen = 0;
    sigchld const handled([](int) { ++children_seen; });
    auto const child = co_await create_subprocess_shell("exit 8");
    auto const code = co_await child.wait();
    BOOST_TEST(code == 8);
    BOOST_TEST(children_seen == 1);
}

OUTSIDE_TEST_CASE(an_exit_code_that_is_lost_because_sigchld_is_ignored_is_an_error) {
    sigchld const ignored(SIG_IGN);
    auto const child = co_await create_subprocess_exec("true");
    auto const text = co_await failure_of<ordo::error>(child.wait());
    auto const why = ": 'true' (pid " + std::to_string(child.pid()) +
                     ") has ended, but its exit code is lost: this process ignores SIGCHLD, or waits for any child "
                     "somewhere; let it do neither";
    BOOST_TEST(text == "process::wait" + why);
    BOOST_TEST(error_text<ordo::error>([&] { static_cast<void>(child.returncode()); }) == "process::returncode" + why);
    BOOST_TEST(!child.kill());
}

OUTSIDE_TEST_CASE(communicate_gives_the_output_although_the_exit_code_is_lost) {
    sigchld const no_zombies(SIG_DFL, SA_NOCLDWAIT);
    auto const child = co_await create_subprocess_shell("echo out", in_and_out);
    auto const output = co_await child.communicate();
    BOOST_TEST(output.std_out == "out\n");
}

OUTSIDE_TEST_CASE(a_handler_that_reaps_every_child_takes_the_exit_code) {
    sigchld const reaper([](int) {
        int const saved = errno;
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {}
        errno = saved;
    });
    auto const child = co_await create_subprocess_exec("true");
    auto const text = co_await failure_of<ordo::error>(child.wait());
    BOOST_TEST(text.find("its exit code is lost") != std::string::npos);
}

OUTSIDE_TEST_CASE(a_signal_to_a_child_that_somebody_else_has_reaped_does_nothing) {
    auto const child = co_await create_subprocess_exec("true");
    BOOST_REQUIRE(::waitpid(child.pid(), nullptr, 0) == child.pid());
    BOOST_TEST(!child.terminate());
    auto const text = co_await failure_of<ordo::error>(child.wait());
    BOOST_TEST(text.find("its exit code is lost") != std::string::npos);
}

// -- threads

BOOST_AUTO_TEST_CASE(loops_on_several_threads_have_children_at_the_same_time) {
    auto const serve = [](int first, int& wrong) {
        ordo::event_loop loop;
        auto const one = [](int code) -> coro<int> {
            auto const child = co_await create_subprocess_shell("cat; exit " + std::to_string(code), in_and_out);
            auto const output = co_await child.communicate(std::to_string(code));
            co_return output.std_out == std::to_string(code) && child.returncode() == code ? 0 : 1;
        };
        auto const all = [&]() -> coro<> {
            for (int round = 0; round < 5; ++round) {
                std::vector<coro<int>> some;
                for (int i = 0; i < 10; ++i) some.push_back(one(first + i));
                auto const results = co_await ordo::gather(std::move(some));
                for (int const result : results) wrong += result;
            }
        };
        loop.run_until_complete(all());
    };
    int wrong_here = 0, wrong_there = 0;
    std::thread other([&] { serve(100, wrong_there); });
    serve(0, wrong_here);
    other.join();
    BOOST_TEST(wrong_here == 0);
    BOOST_TEST(wrong_there == 0);
}

BOOST_AUTO_TEST_SUITE_END()
