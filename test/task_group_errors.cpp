// ordo: tests of the errors and cancellations of task groups, in every combination.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "composing.hpp"

#include <ordo/timeout.hpp>

#include <algorithm>

using ordo::task_group;
using ordo::with_task_group;

namespace {

/// Things that happen to a group: 'f' a child fails, 'b' the body fails, 'o' its task is cancelled from outside,
/// 'c' cancel() is called. Beside the child that fails there is one that takes its time to end when it is cancelled.
struct incident {
    virtual_loop v;
    task_group group;
    ordo::future<> of_child = v.loop.create_future();
    ordo::future<> of_body = v.loop.create_future();
    ordo::task<std::string> main;
    std::vector<ordo::any_task> children;

    coro<> body() {
        auto wait = [this]() -> coro<> { co_await of_child; };
        auto slow = []() -> coro<> { co_await unwilling(10s); };
        children.emplace_back(group.create_task(wait));
        children.emplace_back(group.create_task(slow));
        co_await of_body;
    }

    /// What comes out of the group, what is left of cancellations, and what the next wait says.
    coro<std::string> watch() {
        auto run = [this]() -> coro<> { co_await body(); };
        auto text = co_await error_of(with_task_group(group, run));
        bool const all_over = std::ranges::all_of(children, [](auto const& child) { return child.done(); });
        text += ", cancelling " + std::to_string(ordo::current_task()->cancelling());
        auto const next = co_await error_of(sleep(0s));
        co_return text + ", next " + next + (all_over ? "" : ", left running");
    }

    void happen(char what) {
        if (what == 'f' && !of_child.done()) of_child.set_exception(std::runtime_error("child"));
        if (what == 'b' && !of_body.done()) of_body.set_exception(std::runtime_error("body"));
        if (what == 'o') main.cancel("outside");
        if (what == 'c') group.cancel();
    }
};

std::string outcome_of_incidents(std::string const& what, bool in_one_iteration) {
    incident at;
    at.main = at.v.loop.create_task(at.watch());
    at.v.run_once();
    at.v.run_once();
    at.v.run_once();
    if (in_one_iteration) {
        at.v.loop.call_soon([&] {
            for (char const one : what) at.happen(one);
        });
    } else {
        int seconds = 0;
        for (char const one : what)
            at.v.loop.call_later(std::chrono::seconds(++seconds), [&at, one] { at.happen(one); });
    }
    at.v.run_for(30s);
    return at.main.done() && !at.main.cancelled() ? at.main.result() : "the watching task is " + outcome_of(at.main);
}

char const* const nothing_left = ", cancelling 0, next (no error)";
char const* const was_delivered = ", cancelling 1, next (no error)";
char const* const comes_again = ", cancelling 1, next cancelled";

/// In one iteration each step sees only the last of what happened to it: a cancellation hides the error that was on its
/// way. So it depends on whether the child is stepped before the body's task. Of two cancellations one that waits is told
/// the message of the first, one that is scheduled that of the last.
std::string expected_in_one_iteration(std::string const& what) {
    bool const outside = what.find('o') != what.npos;
    auto const first_of_body = what.find_first_of("bo");
    bool const child_counts = what.find('f') < first_of_body;
    if (what.find('c') != what.npos) {
        if (!outside) return std::string("(no error)") + nothing_left;
        bool const scheduled = what.find('b') < what.find_first_of("oc");
        char const message = what[scheduled ? what.find_last_of("oc") : what.find_first_of("oc")];
        return (message == 'o' ? "cancelled: outside" : "cancelled") + std::string(was_delivered);
    }
    if (outside && !child_counts) return std::string("cancelled: outside") + was_delivered;
    if (outside) return std::string("with_task_group: 1 error: child") + comes_again;
    if (what.find('b') == what.npos) return std::string("with_task_group: 1 error: child") + nothing_left;
    return std::string("with_task_group: ") + (child_counts ? "2 errors: child; body" : "1 error: body") + nothing_left;
}

/// With time between them the first decides, and a cancellation from outside is never lost.
std::string expected_one_by_one(std::string const& what) {
    bool const outside = what.find('o') != what.npos;
    if (what[0] == 'f') return std::string("with_task_group: 1 error: child") + (outside ? comes_again : nothing_left);
    if (what[0] == 'b') return std::string("with_task_group: 1 error: body") + (outside ? comes_again : nothing_left);
    if (what[0] == 'c' && !outside) return std::string("(no error)") + nothing_left;
    return (what[0] == 'o' ? "cancelled: outside" : "cancelled") + std::string(was_delivered);
}

/// Every choice of them in every order.
std::vector<std::string> all_combinations() {
    std::vector<std::string> all;
    std::string const letters = "bcfo";
    for (int chosen = 1; chosen < 16; ++chosen) {
        std::string some;
        for (std::size_t i = 0; i < 4; ++i)
            if (chosen >> i & 1) some += letters[i];
        do {
            all.push_back(some);
        } while (std::ranges::next_permutation(some).found);
    }
    return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_errors)

BOOST_AUTO_TEST_CASE(every_combination_in_one_iteration) {
    auto const all = all_combinations();
    BOOST_TEST(all.size() == 64u);
    for (auto const& what : all)
        BOOST_TEST(what + ": " + outcome_of_incidents(what, true) == what + ": " + expected_in_one_iteration(what));
}

BOOST_AUTO_TEST_CASE(every_combination_one_after_the_other) {
    for (auto const& what : all_combinations())
        BOOST_TEST(what + ": " + outcome_of_incidents(what, false) == what + ": " + expected_one_by_one(what));
}

// -- errors

ORDO_TEST_CASE(the_first_error_cancels_the_others_in_the_order_of_their_creation) {
    ordo::testing::order_recorder order;
    auto waiting = [&](char const* name) -> coro<> {
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {
            order.record(name);
            throw;
        }
    };
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(waiting("a"));
        group.create_task(failure_after(1s, "bad"));
        group.create_task(waiting("b"));
        group.create_task(waiting("c"));
        co_await waiting("body");
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: bad");
    BOOST_TEST(order.difference({"a", "b", "c", "body"}) == "");
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

ORDO_TEST_CASE(errors_come_in_the_order_of_their_ends_and_that_of_the_body_last) {
    auto fails_when_cancelled = [](ordo::duration after, char const* text) -> coro<> {
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {} // what follows is worse
        co_await sleep(after);
        throw std::runtime_error(text);
    };
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(fails_when_cancelled(2s, "second"));
        group.create_task(fails_when_cancelled(1s, "first"));
        co_await sleep(0s);
        throw std::runtime_error("body");
    };
    std::vector<std::string> texts;
    try {
        co_await with_task_group(body);
    } catch (ordo::exception_group const& group) {
        for (auto const& error : group.exceptions()) texts.push_back(text_of(error));
    }
    BOOST_TEST(difference(texts, {"first", "second", "body"}) == "");
}

ORDO_TEST_CASE(an_error_of_a_nested_group_is_one_of_the_outer_one) {
    auto inner = [](task_group& group) -> coro<> {
        group.create_task(failure_after(1s, "bad"));
        co_return;
    };
    auto outer = [&](task_group& group) -> coro<> {
        auto child = [&]() -> coro<> { co_await with_task_group(inner); };
        group.create_task(child);
        co_return;
    };
    auto const text = co_await error_of(with_task_group(outer));
    BOOST_TEST(text == "with_task_group: 1 error: with_task_group: 1 error: bad");
}

ORDO_TEST_CASE(a_child_that_is_cancelled_by_itself_is_no_error) {
    auto body = [](task_group& group) -> coro<int> {
        auto const child = group.create_task(value_after(1h, 1));
        co_await sleep(1s);
        child.cancel();
        co_return 5;
    };
    auto const five = co_await with_task_group(body);
    BOOST_TEST(five == 5);
}

ORDO_TEST_CASE(a_child_that_is_cancelled_before_its_first_step_is_not_forgotten) {
    for (bool const at_once : {true, false}) {
        bool begun = false;
        ordo::any_task child;
        auto never = [&]() -> coro<> {
            begun = true;
            co_return;
        };
        auto body = [&](task_group& group) -> coro<> {
            child = group.create_task(never);
            group.create_task(value_after(1s, 1));
            if (at_once) child.cancel();
            else group.cancel();
            co_return;
        };
        co_await with_task_group(body);
        BOOST_TEST(child.cancelled());
        BOOST_TEST(!begun);
    }
}

ORDO_TEST_CASE(a_body_that_swallows_the_cancellation_ends_with_the_error_all_the_same) {
    auto body = [](task_group& group) -> coro<int> {
        group.create_task(failure_after(1s, "bad"));
        co_return co_await declining(3);
    };
    auto const text = co_await error_of(with_task_group(body));
    BOOST_TEST(text == "with_task_group: 1 error: bad");
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
    co_await sleep(0s);
}

ORDO_TEST_CASE(a_timeout_around_a_group_cancels_it_and_waits) {
    auto const before = get_running_loop().time();
    auto members = [](task_group& group) -> coro<> {
        group.create_task(unwilling(5s));
        co_return;
    };
    auto body = [&]() -> coro<> { co_await with_task_group(members); };
    auto const text = co_await error_of(ordo::with_timeout(1s, body));
    BOOST_TEST(text == "with_timeout: time ran out");
    BOOST_TEST((get_running_loop().time() - before == 6s));
}

ORDO_TEST_CASE(a_timeout_that_comes_while_errors_are_collected_is_delivered_behind_them) {
    auto members = [](task_group& group) -> coro<> {
        group.create_task(failure_after(1s, "bad"));
        group.create_task(unwilling(5s));
        co_await sleep(1h);
    };
    auto body = [&]() -> coro<std::string> {
        auto text = co_await error_of(with_task_group(members));
        BOOST_TEST(text == "with_task_group: 1 error: bad");
        co_await sleep(1h);
        co_return text;
    };
    auto const text = co_await error_of(ordo::with_timeout(3s, body));
    BOOST_TEST(text == "with_timeout: time ran out");
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
