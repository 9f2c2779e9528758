// ordo: tests of signal handlers, with signals that the process sends itself.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/exceptions.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <boost/asio.hpp>
#include <boost/system/system_error.hpp>

#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

struct real_loop : no_descriptors_left {
    ordo::event_loop loop;
    ordo::testing::order_recorder order;

    void note(std::string_view what) { order.record(what); }

    /// Run until `count` entries are recorded, or for far too long.
    void run_until_recorded(std::size_t count) {
        auto const give_up = std::chrono::steady_clock::now() + 5s;
        while (order.entries().size() < count && std::chrono::steady_clock::now() < give_up) {
            loop.call_later(1ms, [this] { loop.stop(); });
            loop.run_forever();
        }
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(signal_handler, real_loop)

BOOST_AUTO_TEST_CASE(is_called_when_the_process_receives_the_signal) {
    loop.add_signal_handler(SIGUSR1, [&] { note("SIGUSR1"); });
    std::raise(SIGUSR1);
    run_until_recorded(1);
    BOOST_TEST(order.difference({"SIGUSR1"}) == "");
}

BOOST_AUTO_TEST_CASE(is_called_every_time) {
    loop.add_signal_handler(SIGUSR1, [&] { note("SIGUSR1"); });
    for (std::size_t i = 1; i <= 3; ++i) {
        std::raise(SIGUSR1);
        run_until_recorded(i);
    }
    BOOST_TEST(order.difference({"SIGUSR1", "SIGUSR1", "SIGUSR1"}) == "");
}

BOOST_AUTO_TEST_CASE(is_given_its_arguments_every_time) {
    loop.add_signal_handler(
        SIGUSR1, [&](std::string const& a, int b) { note(a + std::to_string(b)); }, std::string("x"), 7);
    for (std::size_t i = 1; i <= 2; ++i) {
        std::raise(SIGUSR1);
        run_until_recorded(i);
    }
    BOOST_TEST(order.difference({"x7", "x7"}) == "");
}

BOOST_AUTO_TEST_CASE(runs_as_a_callback_of_the_loop) {
    ordo::event_loop* seen = nullptr;
    loop.add_signal_handler(SIGUSR1, [&] {
        seen = &ordo::get_running_loop();
        note("");
    });
    std::raise(SIGUSR1);
    run_until_recorded(1);
    BOOST_TEST(seen == &loop);
}

BOOST_AUTO_TEST_CASE(wakes_a_loop_that_sleeps) {
    bool overslept = false;
    loop.add_signal_handler(SIGALRM, [&] { loop.stop(); });
    loop.call_later(5s, [&] {
        overslept = true;
        loop.stop();
    });
    ::ualarm(2000, 0); // 2 ms
    loop.run_forever();
    BOOST_TEST(!overslept);
}

BOOST_AUTO_TEST_CASE(replaces_an_earlier_one) {
    loop.add_signal_handler(SIGUSR1, [&] { note("first"); });
    loop.add_signal_handler(SIGUSR1, [&] { note("second"); });
    std::raise(SIGUSR1);
    run_until_recorded(1);
    BOOST_TEST(order.difference({"second"}) == "");
}

BOOST_AUTO_TEST_CASE(of_different_signals_are_different) {
    loop.add_signal_handler(SIGUSR1, [&] { note("SIGUSR1"); });
    loop.add_signal_handler(SIGUSR2, [&] { note("SIGUSR2"); });
    std::raise(SIGUSR2);
    run_until_recorded(1);
    std::raise(SIGUSR1);
    run_until_recorded(2);
    BOOST_TEST(order.difference({"SIGUSR2", "SIGUSR1"}) == "");
}

BOOST_AUTO_TEST_CASE(may_be_there_in_two_loops_for_one_signal) {
    ordo::event_loop other;
    bool other_called = false;
    loop.add_signal_handler(SIGUSR1, [&] { note("SIGUSR1"); });
    other.add_signal_handler(SIGUSR1, [&] {
        other_called = true;
        other.stop();
    });
    std::raise(SIGUSR1);
    other.run_forever();
    run_until_recorded(1);
    BOOST_TEST(other_called);
    BOOST_TEST(order.difference({"SIGUSR1"}) == "");
}

BOOST_AUTO_TEST_CASE(that_throws_is_reported_and_stays) {
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { note("reported"); });
    loop.add_signal_handler(SIGUSR1, [] { throw std::runtime_error("boom"); });
    for (std::size_t i = 1; i <= 2; ++i) {
        std::raise(SIGUSR1);
        run_until_recorded(i);
    }
    BOOST_TEST(order.difference({"reported", "reported"}) == "");
}

BOOST_AUTO_TEST_CASE(may_remove_itself) {
    loop.add_signal_handler(SIGUSR1, [&] { note(loop.remove_signal_handler(SIGUSR1) ? "removed" : "not there"); });
    std::raise(SIGUSR1);
    run_until_recorded(1);
    BOOST_TEST(order.difference({"removed"}) == "");
}

BOOST_AUTO_TEST_CASE(works_in_a_loop_on_the_hosts_context) {
    boost::asio::io_context host;
    ordo::event_loop borrowed(host);
    borrowed.add_signal_handler(SIGUSR1, [&] {
        note("SIGUSR1");
        host.stop();
    });
    std::raise(SIGUSR1);
    host.run_for(5s);
    BOOST_TEST(order.difference({"SIGUSR1"}) == "");
}

BOOST_AUTO_TEST_CASE(does_not_survive_its_host) {
    std::optional<boost::asio::io_context> host(std::in_place);
    ordo::event_loop borrowed(*host);
    auto const held = std::make_shared<int>(1);
    borrowed.add_signal_handler(SIGUSR1, [held] {});
    host.reset();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(remove_signal_handler, real_loop)

BOOST_AUTO_TEST_CASE(says_whether_there_was_one) {
    loop.add_signal_handler(SIGUSR1, [] {});
    BOOST_TEST(loop.remove_signal_handler(SIGUSR1));
    BOOST_TEST(!loop.remove_signal_handler(SIGUSR1));
}

BOOST_AUTO_TEST_CASE(without_any_handler_is_false) {
    BOOST_TEST(!loop.remove_signal_handler(SIGUSR1));
}

BOOST_AUTO_TEST_CASE(restores_the_default_action) {
    loop.add_signal_handler(SIGUSR1, [] {});
    loop.remove_signal_handler(SIGUSR1);
    struct sigaction present{};
    BOOST_REQUIRE(::sigaction(SIGUSR1, nullptr, &present) == 0);
    BOOST_TEST((present.sa_handler == SIG_DFL));
}

BOOST_AUTO_TEST_CASE(of_one_signal_leaves_those_of_others) {
    loop.add_signal_handler(SIGUSR1, [&] { note("SIGUSR1"); });
    loop.add_signal_handler(SIGUSR2, [&] { note("SIGUSR2"); });
    BOOST_TEST(loop.remove_signal_handler(SIGUSR1));
    std::raise(SIGUSR2);
    run_until_recorded(1);
    BOOST_TEST(order.difference({"SIGUSR2"}) == "");
    BOOST_TEST(loop.remove_signal_handler(SIGUSR2));
}

BOOST_AUTO_TEST_CASE(is_what_close_does) {
    auto const held = std::make_shared<int>(1);
    loop.add_signal_handler(SIGUSR1, [held] {});
    loop.close();
    struct sigaction present{};
    BOOST_REQUIRE(::sigaction(SIGUSR1, nullptr, &present) == 0);
    BOOST_TEST((present.sa_handler == SIG_DFL));
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(add_signal_handler, real_loop)

BOOST_AUTO_TEST_CASE(of_a_signal_that_does_not_exist_is_an_error) {
    BOOST_CHECK_EXCEPTION(loop.add_signal_handler(0, [] {}), ordo::usage_error,
                          says("event_loop::add_signal_handler: there is no signal 0"));
    BOOST_CHECK_EXCEPTION(loop.add_signal_handler(1000, [] {}), ordo::usage_error,
                          says("event_loop::add_signal_handler: there is no signal 1000"));
}

BOOST_AUTO_TEST_CASE(of_a_signal_that_cannot_be_caught_is_an_error) {
    BOOST_CHECK_THROW(loop.add_signal_handler(SIGKILL, [] {}), boost::system::system_error);
    BOOST_TEST(!loop.remove_signal_handler(SIGKILL));
}

BOOST_AUTO_TEST_SUITE_END()
