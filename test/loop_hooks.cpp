// ordo: tests of the hooks that a loop calls as its tasks come and go.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_hooks.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

ordo::coro<> two_steps() {
    co_await ordo::sleep(0s);
}

struct hooked_loop : virtual_loop {
    ordo::loop_hooks recording() {
        auto const note = [this](char const* what) {
            return [this, what](ordo::any_task const& task) { order.record(what + (" " + task.name())); };
        };
        return {.on_task_created = note("created"), .on_task_step = note("step"), .on_task_done = note("done")};
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(loop_hooks, hooked_loop)

BOOST_AUTO_TEST_CASE(follow_a_task_from_its_creation_to_its_end) {
    loop.set_hooks(recording());
    auto const task = loop.create_task(two_steps(), "t");
    order.record("scheduled");
    loop.run_until_complete(task);
    BOOST_TEST(order.difference({"created t", "scheduled", "step t", "step t", "done t"}) == "");
}

BOOST_AUTO_TEST_CASE(follow_an_eager_task) {
    loop.set_hooks(recording());
    loop.call_soon([this] {
        loop.create_task([]() -> ordo::coro<> { co_return; }, {.name = "eager", .eager_start = true});
        order.record("on");
    });
    run_once();
    BOOST_TEST(order.difference({"created eager", "step eager", "done eager", "on"}) == "");
}

BOOST_AUTO_TEST_CASE(are_told_of_a_task_that_is_cancelled_before_it_begins) {
    loop.set_hooks(recording());
    auto const task = loop.create_task(two_steps(), "t");
    task.cancel();
    run_once();
    BOOST_TEST(task.cancelled());
    BOOST_TEST(order.difference({"created t", "step t", "done t"}) == "");
}

BOOST_AUTO_TEST_CASE(may_cancel_a_task_before_it_begins) {
    loop.set_hooks({.on_task_step = [](ordo::any_task const& task) { task.cancel(); }});
    auto const task = loop.create_task([this]() -> ordo::coro<> {
        order.record("begun");
        co_return;
    });
    run_once();
    BOOST_TEST(task.cancelled());
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(may_be_empty_and_taken_back) {
    loop.set_hooks({.on_task_done = recording().on_task_done});
    loop.create_task(two_steps(), "one");
    run_for(1s);
    loop.set_hooks({});
    loop.create_task(two_steps(), "two");
    run_for(1s);
    BOOST_TEST(order.difference({"done one"}) == "");
}

BOOST_AUTO_TEST_CASE(may_replace_themselves) {
    loop.set_hooks({.on_task_created = [this, guard = std::make_shared<int>(1)](ordo::any_task const& task) {
        loop.set_hooks({});
        order.record(task.name() + std::to_string(*guard));
    }});
    loop.create_task(two_steps(), "one");
    loop.create_task(two_steps(), "two");
    run_for(1s);
    BOOST_TEST(order.difference({"one1"}) == "");
}

BOOST_AUTO_TEST_CASE(that_throw_are_reported_and_the_task_goes_on) {
    std::vector<std::string> reports;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
        reports.push_back(what.message + " '" + what.task.name() +
                          "': " + error_text<std::exception>([&] { std::rethrow_exception(what.exception); }));
    });
    loop.set_hooks({.on_task_step = [](ordo::any_task const&) { throw std::runtime_error("boom"); }});
    auto const task = loop.create_task(two_steps(), "t");
    loop.run_until_complete(task);
    BOOST_TEST((reports == std::vector<std::string>(2, "exception in a hook of the loop 't': boom")));
}

BOOST_AUTO_TEST_SUITE_END()
