// ordo: tests of the hooks that a loop calls as its tasks come and go.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/loop_hooks.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <ordo/exception_context.hpp>
#include <ordo/gather.hpp>
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

std::string text_of(ordo::callback_info const& who) {
    auto text = std::to_string(who.iteration) + ' ' + to_string(who.kind);
    if (!who.name.empty()) text += ' ' + who.name;
    if (who.deadline)
        text +=
            ", due at " +
            std::to_string(std::chrono::floor<std::chrono::milliseconds>(who.deadline->time_since_epoch()).count()) +
            " ms";
    return text;
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

BOOST_AUTO_TEST_CASE(are_told_of_each_callback_before_and_after_it) {
    loop.set_hooks({.on_callback = [this](ordo::callback_info const& who) { order.record("begin " + text_of(who)); },
                    .on_callback_done =
                        [this](ordo::callback_info const& who, ordo::duration took) {
                            BOOST_CHECK(took >= 0s);
                            order.record("end " + text_of(who));
                        }});
    loop.call_soon([this] { order.record("runs"); });
    run_once();
    BOOST_TEST(order.difference({"begin 1 callback", "runs", "end 1 callback"}) == "");
}

BOOST_AUTO_TEST_CASE(tell_kinds_of_callbacks_apart) {
    loop.set_hooks({.on_callback = [this](ordo::callback_info const& who) { order.record(text_of(who)); }});
    loop.call_soon_threadsafe([] {});
    loop.call_later(5ms, [this] { loop.stop(); });
    auto const task = loop.create_task(
        []() -> ordo::coro<> {
            co_await ordo::sleep(2ms);
            co_await ordo::gather(two_steps());
        },
        "t");
    loop.run_forever();
    BOOST_TEST(order.difference({"1 threadsafe", "1 step t", "2 timer t, due at 2 ms", "3 step t", "4 step Task-2",
                                 "5 step Task-2", "6 internal", "7 step t", "8 timer, due at 5 ms"}) == "");
}

BOOST_AUTO_TEST_CASE(know_where_a_callback_was_scheduled) {
    std::uint_least32_t line = 0;
    loop.set_hooks({.on_callback = [&](ordo::callback_info const& who) { line = who.where.line(); }});
    loop.call_soon([] {});
    auto const expected = __LINE__ - 1;
    run_once();
    BOOST_TEST(line == static_cast<std::uint_least32_t>(expected));
}

BOOST_AUTO_TEST_CASE(are_not_told_of_a_callback_that_is_cancelled) {
    loop.set_hooks({.on_callback = [this](ordo::callback_info const& who) { order.record(text_of(who)); },
                    .on_callback_done = [this](ordo::callback_info const&, ordo::duration) { order.record("end"); }});
    ordo::handle second;
    loop.call_soon([&] { second.cancel(); });
    second = loop.call_soon([] {});
    run_once();
    BOOST_TEST(order.difference({"1 callback", "end"}) == "");
}

BOOST_AUTO_TEST_CASE(may_be_replaced_by_a_callback_that_they_were_told_of) {
    loop.set_hooks({.on_callback = [this](ordo::callback_info const&) { order.record("begin"); },
                    .on_callback_done = [this](ordo::callback_info const&, ordo::duration) { order.record("end"); }});
    loop.call_soon([this] { loop.set_hooks({}); });
    loop.call_soon([this] { order.record("second"); });
    run_once();
    BOOST_TEST(order.difference({"begin", "second"}) == "");
}

BOOST_AUTO_TEST_CASE(are_told_no_more_once_they_are_replaced) {
    loop.set_hooks({.on_callback = [this](ordo::callback_info const&) { order.record("old"); }});
    loop.set_hooks({.on_callback = [this](ordo::callback_info const&) { order.record("new"); }});
    loop.call_soon([] {});
    run_once();
    BOOST_TEST(order.difference({"new"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(queued_callbacks, virtual_loop)

BOOST_AUTO_TEST_CASE(are_listed_in_the_order_in_which_they_will_run) {
    loop.call_soon([] {});
    auto cancelled = loop.call_soon([] {});
    cancelled.cancel();
    auto const task = loop.create_task(two_steps(), "t");
    loop.call_later(2s, [] {});
    auto gone = loop.call_later(1s, [] {});
    gone.cancel();
    auto const sleeper = loop.create_task(ordo::sleep(1s), "s");
    auto const before = loop.queued_callbacks();
    BOOST_REQUIRE(before.ready.size() == 3u);
    BOOST_TEST(text_of(before.ready[0]) == "0 callback");
    BOOST_TEST(text_of(before.ready[1]) == "0 step t");
    BOOST_TEST(text_of(before.ready[2]) == "0 step s");
    BOOST_REQUIRE(before.scheduled.size() == 1u);
    run_once();
    auto const after = loop.queued_callbacks();
    BOOST_REQUIRE(after.scheduled.size() == 2u);
    BOOST_TEST(text_of(after.scheduled[0]) == "0 timer s, due at 1000 ms");
    BOOST_TEST(text_of(after.scheduled[1]) == "0 timer, due at 2000 ms");
    loop.run_until_done(sleeper);
}

BOOST_AUTO_TEST_SUITE_END()
