// ordo: tests of task_group::start(), which waits until a task says that it has started.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "composing.hpp"
#include "error_text.hpp"

#include <memory>

using ordo::task_group;
using ordo::task_status;
using ordo::with_task_group;

namespace {

/// Starts after a second, with a value, and runs for another.
coro<> serve(task_status<int> status) {
    co_await sleep(1s);
    status.started(42);
    co_await sleep(1s);
}

coro<> never_starts(task_status<int>) {
    co_await sleep(1s);
}

coro<> fails_before(task_status<int>) {
    co_await sleep(1s);
    throw std::runtime_error("no port");
}

coro<> fails_after(task_status<int> status) {
    status.started(1);
    co_await sleep(1s);
    throw std::runtime_error("connection lost");
}

/// Takes its time to end when it is cancelled, and says so.
coro<> slow_to_start(task_status<int>, bool& ended) {
    try {
        co_await sleep(1h);
    } catch (cancelled_error const&) {} // ended below
    co_await sleep(5s);
    ended = true;
    throw cancelled_error();
}

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_start)

ORDO_TEST_CASE(it_gives_what_the_task_starts_with_and_the_task_runs_on) {
    auto const before = get_running_loop().time();
    auto body = [&](task_group& group) -> coro<int> {
        auto const port = co_await group.start<int>(serve, "server");
        BOOST_TEST((get_running_loop().time() - before == 1s));
        auto const all = ordo::all_tasks();
        BOOST_TEST(all.back().name() == "server");
        co_return port;
    };
    auto const port = co_await with_task_group(body);
    BOOST_TEST(port == 42);
    BOOST_TEST((get_running_loop().time() - before == 2s));
}

ORDO_TEST_CASE(values_of_any_type) {
    auto pointer = [](task_status<std::unique_ptr<int>> status) -> coro<> {
        status.started(std::make_unique<int>(5));
        co_return;
    };
    auto nothing = [](task_status<> status) -> coro<> {
        co_await sleep(1s);
        status.started();
    };
    int referred = 6;
    auto reference = [&](task_status<int&> status) -> coro<> {
        status.started(referred);
        co_return;
    };
    auto body = [&](task_group& group) -> coro<> {
        auto const five = co_await group.start<std::unique_ptr<int>>(pointer);
        BOOST_TEST(*five == 5);
        co_await group.start(nothing);
        auto& six = co_await group.start<int&>(reference);
        BOOST_TEST(&six == &referred);
    };
    co_await with_task_group(body);
}

ORDO_TEST_CASE(a_task_that_ends_without_having_started_is_an_error_of_the_call) {
    auto body = [](task_group& group) -> coro<> {
        auto const text = co_await error_of(group.start<int>(never_starts));
        BOOST_TEST(text == "task_group::start: the task ended without having called started()");
    };
    co_await with_task_group(body);
}

ORDO_TEST_CASE(an_error_before_the_start_is_that_of_the_call_and_not_of_the_group) {
    auto body = [](task_group& group) -> coro<int> {
        auto const other = group.create_task(value_after(5s, 9));
        auto const text = co_await error_of(group.start<int>(fails_before));
        BOOST_TEST(text == "no port");
        auto const nine = co_await other;
        co_return nine;
    };
    auto const nine = co_await with_task_group(body);
    BOOST_TEST(nine == 9);
}

ORDO_TEST_CASE(an_error_after_the_start_is_one_of_the_group) {
    auto body = [](task_group& group) -> coro<> {
        auto const one = co_await group.start<int>(fails_after);
        BOOST_TEST(one == 1);
        co_await sleep(1h);
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: connection lost");
}

ORDO_TEST_CASE(who_starts_may_be_cancelled_and_the_task_is_cancelled_and_waited_for) {
    bool ended = false;
    bool caller_waited = false;
    auto body = [&](task_group& group) -> coro<> {
        auto slow = [&](task_status<int> status) -> coro<> { co_await slow_to_start(status, ended); };
        auto starting = [&]() -> coro<> {
            auto const text = co_await error_of(group.start<int>(slow));
            BOOST_TEST(text == "cancelled: stop");
            caller_waited = ended;
            throw cancelled_error();
        };
        auto const caller = group.create_task(starting);
        co_await sleep(1s);
        caller.cancel("stop");
        co_await error_of(caller);
    };
    co_await with_task_group(body);
    BOOST_TEST(caller_waited);
}

ORDO_TEST_CASE(a_second_cancellation_ends_the_wait_and_the_group_waits_for_the_task) {
    bool ended = false;
    auto body = [&](task_group& group) -> coro<> {
        auto slow = [&](task_status<int> status) -> coro<> { co_await slow_to_start(status, ended); };
        auto starting = [&]() -> coro<> { co_await group.start<int>(slow); };
        auto const caller = group.create_task(starting);
        co_await sleep(1s);
        caller.cancel("first");
        co_await sleep(1s);
        caller.cancel("second");
        auto const text = co_await error_of(caller);
        BOOST_TEST(text == "cancelled: second");
        BOOST_TEST(!ended);
    };
    co_await with_task_group(body);
    BOOST_TEST(ended);
}

ORDO_TEST_CASE(a_group_that_is_cancelled_meanwhile_cancels_the_start) {
    auto body = [&](task_group& group) -> coro<> {
        get_running_loop().call_later(500ms, [&group] { group.cancel(); });
        co_await group.start<int>(serve);
        BOOST_TEST(false);
    };
    co_await with_task_group(body);
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

ORDO_TEST_CASE(an_error_of_another_task_meanwhile_is_that_of_the_group) {
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(failure_after(500ms, "bad"));
        co_await group.start<int>(serve);
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: bad");
}

ORDO_TEST_CASE(an_error_of_the_task_after_its_caller_has_gone_is_one_of_the_group) {
    auto body = [&](task_group& group) -> coro<> {
        auto fails = [](task_status<int>) -> coro<> {
            co_await error_of(sleep(1h));
            throw std::runtime_error("cleanup failed");
        };
        auto starting = [&]() -> coro<> { co_await group.start<int>(fails); };
        auto const caller = group.create_task(starting);
        co_await sleep(1s);
        caller.cancel();
        co_await sleep(1h);
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: cleanup failed");
}

ORDO_TEST_CASE(the_result_and_a_cancellation_in_one_iteration_are_a_cancellation) {
    bool ended = false;
    auto body = [&](task_group& group) -> coro<> {
        auto const go = get_running_loop().create_future();
        auto starts = [&](task_status<int> status) -> coro<> {
            co_await go;
            status.started(1);
            co_await error_of(sleep(1h));
            ended = true;
        };
        auto starting = [&]() -> coro<> { co_await group.start<int>(starts); };
        auto const caller = group.create_task(starting);
        co_await sleep(1s);
        go.set_result();
        get_running_loop().call_soon([caller] { caller.cancel("stop"); }); // behind the step that says it has started
        auto const text = co_await error_of(caller);
        BOOST_TEST(text == "cancelled: stop");
        BOOST_TEST(ended); // its value was lost, so the task must not run on
    };
    co_await with_task_group(body);
}

// -- misuse

ORDO_TEST_CASE(started_is_called_once) {
    std::string twice;
    auto body = [&](task_group& group) -> coro<> {
        auto two = [&](task_status<int> status) -> coro<> {
            status.started(1);
            twice = error_text<ordo::invalid_state_error>([&] { status.started(2); });
            co_return;
        };
        auto const one = co_await group.start<int>(two);
        BOOST_TEST(one == 1);
    };
    co_await with_task_group(body);
    BOOST_TEST(twice == "task_status::started: it was called before; a task starts once");
}

ORDO_TEST_CASE(started_does_nothing_when_the_caller_has_been_cancelled_as_the_task_soon_will_be) {
    bool ended = false;
    auto body = [&](task_group& group) -> coro<> {
        auto late = [&](task_status<int> status) -> coro<> {
            co_await error_of(sleep(1h));
            status.started(2);
            status.started(3);
            ended = true;
        };
        auto starting = [&]() -> coro<> { co_await group.start<int>(late); };
        auto const caller = group.create_task(starting);
        co_await sleep(1s);
        caller.cancel();
        co_await error_of(caller);
    };
    co_await with_task_group(body);
    BOOST_TEST(ended);
}

ORDO_TEST_CASE(a_group_that_is_not_in_use_starts_nothing) {
    task_group group;
    auto body = []() -> coro<> { co_return; };
    co_await with_task_group(group, body);
    auto const text = co_await error_of(group.start<int>(serve));
    BOOST_TEST(text == "task_group::start: the group has ended; make a new one for each body");
}

ORDO_TEST_CASE(a_group_that_was_never_in_use_starts_nothing) {
    task_group group;
    auto const text = co_await error_of(group.start<int>(serve));
    BOOST_TEST(text == "task_group::start: the group is not in use yet; give it to with_task_group()");
}

// -- at every moment

BOOST_AUTO_TEST_CASE(who_starts_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto server = [&](task_status<int> status) -> coro<> {
            v.order.record("begun");
            co_await sleep(0s);
            status.started(1);
            co_await error_of(sleep(0s));
            v.order.record("ended");
        };
        auto body = [&](task_group& group) -> coro<int> { co_return co_await group.start<int>(server); };
        auto const one = co_await with_task_group(body);
        co_return one;
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, begun",
                                     "2: cancelled, begun ended", // it says so in that iteration
                                     "3: cancelled, begun ended",
                                     "4: cancelled, begun ended",
                                     "5: cancelled, begun ended",
                                     "6: value, begun ended, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_SUITE_END()
