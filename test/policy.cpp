// ordo: tests of the loop of a thread, and of the factory of loops.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/policy.hpp>

#include "error_text.hpp"

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/runner.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <thread>

using namespace std::chrono_literals;

namespace {

char const* const no_loop = "get_event_loop: no loop is running on this thread, and set_event_loop() has given it none";

/// Takes back what a test has set.
struct restored {
    ~restored() {
        ordo::set_event_loop(nullptr);
        ordo::set_event_loop_factory({});
    }
};

std::string text_without_loop() {
    return error_text<ordo::usage_error>([] { ordo::get_event_loop(); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(policy, restored)

BOOST_AUTO_TEST_CASE(a_thread_has_no_loop_until_it_is_given_one) {
    BOOST_TEST(text_without_loop() == no_loop);
    ordo::event_loop loop;
    ordo::set_event_loop(&loop);
    BOOST_TEST(&ordo::get_event_loop() == &loop);
    ordo::set_event_loop(nullptr);
    BOOST_TEST(text_without_loop() == no_loop);
}

BOOST_AUTO_TEST_CASE(the_running_loop_comes_first) {
    ordo::event_loop set;
    ordo::event_loop running;
    ordo::set_event_loop(&set);
    running.call_soon([&] {
        BOOST_TEST(&ordo::get_event_loop() == &running);
        running.stop();
    });
    running.run_forever();
    BOOST_TEST(&ordo::get_event_loop() == &set);
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_destroyed_is_nobodys) {
    auto loop = std::make_unique<ordo::event_loop>();
    ordo::set_event_loop(loop.get());
    loop.reset();
    BOOST_TEST(text_without_loop() == no_loop);
}

BOOST_AUTO_TEST_CASE(each_thread_has_its_own) {
    ordo::event_loop loop;
    ordo::set_event_loop(&loop);
    std::string text;
    std::thread([&] { text = text_without_loop(); }).join();
    BOOST_TEST(text == no_loop);
}

BOOST_AUTO_TEST_CASE(new_event_loop_makes_a_loop_and_sets_nothing) {
    auto const loop = ordo::new_event_loop();
    BOOST_TEST(!loop->is_closed());
    BOOST_TEST(text_without_loop() == no_loop);
}

BOOST_AUTO_TEST_CASE(the_factory_makes_the_loops_of_run_too) {
    int made = 0;
    auto const before = ordo::set_event_loop_factory([&] {
        ++made;
        ordo::loop_options const options{.clock = std::make_shared<ordo::testing::virtual_clock>()};
        return std::make_unique<ordo::event_loop>(options);
    });
    BOOST_TEST(!before);
    auto const started = std::chrono::steady_clock::now();
    auto main = []() -> ordo::coro<> { co_await ordo::sleep(24h); };
    ordo::run(main);
    BOOST_TEST(made == 1);
    BOOST_TEST((std::chrono::steady_clock::now() - started < 1h));
    auto const ours = ordo::set_event_loop_factory({});
    BOOST_TEST(static_cast<bool>(ours));
}

BOOST_AUTO_TEST_CASE(a_factory_must_give_a_loop) {
    ordo::set_event_loop_factory([] { return std::unique_ptr<ordo::event_loop>(); });
    BOOST_TEST(error_text<ordo::usage_error>([] { ordo::new_event_loop(); }) ==
               "new_event_loop: the factory of set_event_loop_factory() gave no loop");
}

BOOST_AUTO_TEST_SUITE_END()
