// ordo: tests of shield.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/shield.hpp>

#include "composing.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <ordo/exception_context.hpp>

#include <memory>
#include <optional>
#include <type_traits>

using ordo::shield;

namespace {

coro<std::unique_ptr<int>> pointer_to(int value) {
    co_await sleep(1s);
    co_return std::make_unique<int>(value);
}
coro<int&> reference_to(int& what) {
    co_await sleep(1s);
    co_return what;
}

/// A loop that keeps what is reported to it.
struct reporting_loop : virtual_loop {
    std::vector<std::string> reports;
    reporting_loop() {
        loop.set_exception_handler([this](ordo::event_loop&, ordo::exception_context const& what) {
            reports.push_back(what.message + (what.exception ? ": " + text_of(what.exception) : ""));
        });
    }
    void run_all() {
        for (int i = 0; i < 20; ++i) {
            run_once();
            clock->advance(1s);
        }
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(shield_)

ORDO_TEST_CASE(it_passes_results_on) {
    int referred = 3;
    auto const value = co_await shield(value_after(1s, 1));
    BOOST_TEST(value == 1);
    auto const pointer = co_await shield(pointer_to(2));
    BOOST_TEST(*pointer == 2);
    auto& same = co_await shield(reference_to(referred));
    BOOST_TEST(&same == &referred);
    co_await shield(nothing_after(1s));
    co_await shield(sleep(1s));
    auto const slept = co_await shield(sleep(1s, 4));
    BOOST_TEST(slept == 4);
}

ORDO_TEST_CASE(of_an_lvalue_it_refers_to_the_result_in_the_task) {
    auto const t = create_task(pointer_to(2));
    auto const f = shield(t);
    static_assert(std::is_same_v<decltype(f), ordo::future<std::unique_ptr<int> const&> const>);
    auto const& result = co_await f;
    BOOST_TEST(&result == &t.result());
    auto const& again = co_await shield(t);
    BOOST_TEST(&again == &result);

    int referred = 3;
    auto const r = create_task(reference_to(referred));
    auto& same = co_await shield(r);
    BOOST_TEST(&same == &referred);
    auto const n = create_task(nothing_after(1s));
    co_await shield(n);
    ordo::any_future const any = t;
    co_await shield(any);
}

ORDO_TEST_CASE(of_an_rvalue_it_moves_the_result_out) {
    counting const from_zero;
    auto body = []() -> coro<counted> { co_return counted(5); };
    auto t = create_task(body);
    auto const result = co_await shield(std::move(t));
    BOOST_TEST(result.id == 5);
    BOOST_TEST(counted::copied == 0);
}

ORDO_TEST_CASE(it_passes_errors_and_cancellations_on) {
    auto const text = co_await error_of(shield(failure_after(1s, "bad")));
    BOOST_TEST(text == "bad");
    auto const t = create_task(value_after(1h, 1));
    auto const f = shield(t);
    co_await sleep(0s);
    t.cancel("enough");
    auto const cancelled = co_await error_of(f);
    BOOST_TEST(cancelled == "cancelled");
    BOOST_TEST(f.cancelled());
}

ORDO_TEST_CASE(of_a_future_whose_type_is_not_known_that_is_done_is_that_future) {
    auto const inner = ordo::get_running_loop().create_future<int>();
    ordo::any_future const any = inner;
    auto const pending = ordo::shield(any);
    inner.set_result(1);
    auto const done = ordo::shield(any);
    co_await pending;
    BOOST_TEST((pending != any));
    BOOST_TEST((done == any));
}

ORDO_TEST_CASE(what_is_done_already_costs_no_iteration) {
    auto const t = create_task(value_after(0s, 1));
    co_await t;
    auto const failed = create_task(failure_after(0s, "bad"));
    co_await error_of(failed);
    auto const cancelled = get_running_loop().create_future<int>();
    cancelled.cancel("why");
    auto const before = get_running_loop().iterations();
    auto const value = co_await shield(t);
    BOOST_TEST(value == 1);
    auto const text = co_await error_of(shield(failed));
    BOOST_TEST(text == "bad");
    auto const why = co_await error_of(shield(cancelled));
    BOOST_TEST(why == "cancelled: why");
    BOOST_TEST(get_running_loop().iterations() == before);
}

ORDO_TEST_CASE(a_result_that_was_moved_out_before_is_its_error) {
    auto t = create_task(value_after(0s, 1));
    auto const same = t;
    co_await std::move(t);
    auto const f = shield(same);
    auto const text = co_await error_of(f);
    BOOST_TEST(text == "shield: the result was moved out; await an lvalue to look at it more than once");
}

ORDO_TEST_CASE(who_waits_is_cancelled_and_the_inner_task_is_not) {
    auto const inner = create_task(value_after(1s, 7));
    auto body = [&]() -> coro<int> {
        auto const value = co_await shield(inner);
        co_return value;
    };
    auto const waiting = create_task(body);
    co_await sleep(0s);
    waiting.cancel("enough");
    auto const text = co_await error_of(waiting);
    BOOST_TEST(text == "cancelled: enough");
    BOOST_TEST(!inner.done());
    BOOST_TEST(inner.cancelling() == 0);
    auto const value = co_await inner;
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(a_shield_that_is_dropped_leaves_the_inner_task_alone) {
    auto const inner = create_task(value_after(1s, 7));
    static_cast<void>(shield(inner));
    auto const value = co_await inner;
    BOOST_TEST(value == 7);
}

// -- errors that nobody else would see; CPython: test_shield_cancel_outer_exception and what follows, as of 3.14

BOOST_AUTO_TEST_CASE(an_error_after_the_outer_future_was_cancelled_is_reported_once_for_any_number_of_shields) {
    reporting_loop v;
    auto body = [](ordo::event_loop& loop) -> coro<> {
        auto const inner = loop.create_task(failure_after(2s, "lost"));
        std::vector<ordo::future<int const&>> outer;
        for (int i = 0; i < 3; ++i) outer.push_back(shield(inner));
        co_await sleep(0s);
        for (auto const& one : outer) one.cancel();
        co_await sleep(5s);
    };
    v.loop.run_until_complete(body(v.loop));
    BOOST_TEST(difference(v.reports, {"exception in a shielded future: lost"}) == "");
}

BOOST_AUTO_TEST_CASE(an_error_that_another_shield_passes_on_is_reported_for_the_one_that_was_cancelled) {
    reporting_loop v;
    std::string seen;
    auto body = [&]() -> coro<> {
        auto const inner = create_task(failure_after(2s, "seen"));
        auto const cancelled = shield(inner);
        auto const other = shield(inner);
        co_await sleep(0s);
        cancelled.cancel();
        seen = co_await error_of(other);
    };
    v.loop.run_until_complete(body());
    BOOST_TEST(seen == "seen");
    BOOST_TEST(difference(v.reports, {"exception in a shielded future: seen"}) == "");
}

BOOST_AUTO_TEST_CASE(an_error_in_the_iteration_in_which_the_outer_future_is_cancelled_is_not_lost) {
    for (bool const cancelled_first : {true, false}) {
        reporting_loop v;
        auto body = [=]() -> coro<> {
            auto const inner = get_running_loop().create_future<int>();
            auto const outer = shield(inner);
            co_await sleep(0s);
            if (cancelled_first) outer.cancel();
            inner.set_exception(std::runtime_error("lost"));
            outer.cancel();
            co_await sleep(1s);
        };
        v.loop.run_until_complete(body());
        BOOST_TEST(difference(v.reports, {"the error of a future was never retrieved: lost"}) == "");
    }
}

BOOST_AUTO_TEST_CASE(an_error_of_a_shield_that_nobody_awaits_is_reported) {
    reporting_loop v;
    auto body = []() -> coro<> {
        static_cast<void>(shield(failure_after(1s, "lost")));
        co_await sleep(3s);
    };
    v.loop.run_until_complete(body());
    BOOST_TEST(difference(v.reports, {"the error of a future was never retrieved: lost"}) == "");
}

BOOST_AUTO_TEST_CASE(a_cancellation_of_both_is_not_reported) {
    reporting_loop v;
    auto body = []() -> coro<> {
        auto const inner = create_task(value_after(1h, 1));
        auto const outer = shield(inner);
        co_await sleep(0s);
        outer.cancel();
        co_await sleep(0s);
        inner.cancel();
        co_await sleep(1s);
    };
    v.loop.run_until_complete(body());
    BOOST_TEST(v.reports.empty());
}

// -- at every moment

BOOST_AUTO_TEST_CASE(who_waits_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto const inner = v.loop.create_task(value_after_hops(2, 1));
        inner.add_done_callback([&v, inner] { v.order.record(outcome_of(inner)); });
        auto const value = co_await shield(inner);
        co_return value;
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, value",
                                     "2: cancelled, value",
                                     "3: cancelled, value",
                                     "4: cancelled, value",
                                     "5: cancelled, value",
                                     "6: value, value, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_at_any_moment) {
    for (bool const cancel : {false, true}) {
        for (int iterations = 0; iterations < 6; ++iterations) {
            counted::reset();
            {
                std::optional<ordo::future<counted>> outer;
                reporting_loop v;
                auto inner = []() -> coro<counted> {
                    counted const local(1);
                    co_await sleep(0s);
                    co_await sleep(0s);
                    co_return counted(2);
                };
                v.loop.call_soon([&] { outer = shield(inner()); });
                for (int i = 0; i <= iterations; ++i) v.run_once();
                if (cancel) outer->cancel();
                v.loop.close();
            }
            BOOST_TEST(counted::alive() == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_shield_of_a_future_that_nobody_will_complete_is_no_leak) {
    ordo::event_loop loop;
    auto watched = std::make_shared<int>(1);
    std::weak_ptr<int> const weak = watched;
    {
        auto const lost = loop.create_future<int>();
        lost.add_done_callback([held = std::move(watched)] {});
        static_cast<void>(shield(lost));
    }
    BOOST_TEST(!weak.expired());
    loop.close();
    BOOST_TEST(weak.expired());
}

BOOST_AUTO_TEST_CASE(a_closed_loop_shields_nothing) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(shield(f)); }) ==
               "shield: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_SUITE_END()
