// ordo: tests of wait_for.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/wait_for.hpp>

#include "composing.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/gather.hpp>
#include <ordo/shield.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <type_traits>

using ordo::wait_for;

namespace {

char const* const ran_out = "with_timeout: time ran out";

coro<std::unique_ptr<int>> pointer_to(int value) {
    co_await sleep(1s);
    co_return std::make_unique<int>(value);
}
coro<int&> reference_to(int& what) {
    co_await sleep(1s);
    co_return what;
}

/// What a task that waits for a future with a timeout of 5 s ends with, if it is cancelled in the iteration in which the
/// future is completed.
template <class Wait>
std::string outcome_of_a_result_and_a_cancellation(bool result_first, Wait wait) {
    virtual_loop v;
    auto const f = v.loop.create_future<int>();
    auto const t = v.loop.create_task(wait(f));
    v.run_once();
    auto cancel = [t] { t.cancel("stop"); };
    auto complete = [f] {
        if (!f.done()) f.set_result(1);
    };
    if (result_first) v.loop.call_soon(complete);
    v.loop.call_soon(cancel);
    if (!result_first) v.loop.call_soon(complete);
    v.run_for(10s);
    return outcome_of(t) + ", cancelling " + std::to_string(t.cancelling());
}

} // namespace

BOOST_AUTO_TEST_SUITE(wait_for_)

ORDO_TEST_CASE(what_is_in_time_gives_its_result) {
    int referred = 3;
    auto const one = co_await wait_for(value_after(1s, 1), 2s);
    BOOST_TEST(one == 1);
    auto const two = co_await wait_for(pointer_to(2), 2s);
    BOOST_TEST(*two == 2);
    auto& same = co_await wait_for(reference_to(referred), 2s);
    BOOST_TEST(&same == &referred);
    co_await wait_for(nothing_after(1s), 2s);
    co_await wait_for(sleep(1s), 2s);
    auto const slept = co_await wait_for(sleep(1s, 4), 2s);
    BOOST_TEST(slept == 4);
    boost::asio::steady_timer timer(get_running_loop().get_executor());
    co_await wait_for(timer.async_wait(boost::asio::deferred), 2s);
}

ORDO_TEST_CASE(results_of_lvalues_stay_where_they_are_and_others_are_moved_out) {
    counting const from_zero;
    auto body = []() -> coro<counted> {
        co_await sleep(1s);
        co_return counted(5);
    };
    auto kept = create_task(body);
    for (ordo::optional_duration const delay :
         {ordo::optional_duration(2s), ordo::optional_duration(std::nullopt), ordo::optional_duration(0s)}) {
        auto const& result = co_await wait_for(kept, delay);
        BOOST_TEST(&result == &kept.result());
    }
    static_assert(std::is_same_v<decltype(wait_for(kept, 1s)), coro<counted const&>>);
    static_assert(std::is_same_v<decltype(wait_for(std::move(kept), 1s)), coro<counted>>);
    auto const taken = co_await wait_for(std::move(kept), 2s);
    BOOST_TEST(taken.id == 5);
    BOOST_TEST(counted::copied == 0);
}

ORDO_TEST_CASE(a_future_of_an_unknown_type) {
    auto const t = create_task(value_after(1s, 1));
    ordo::any_future const any = t;
    co_await wait_for(any, 2s);
    BOOST_TEST(t.result() == 1);
}

ORDO_TEST_CASE(a_coroutine_runs_in_the_calling_task) {
    auto const self = *ordo::current_task();
    auto body = [&]() -> coro<bool> { co_return *ordo::current_task() == self; };
    auto const same = co_await wait_for(body(), 1s);
    BOOST_TEST(same);
}

ORDO_TEST_CASE(what_takes_too_long_is_cancelled_and_waited_for) {
    auto const before = get_running_loop().time();
    auto const t = create_task(unwilling(5s));
    auto const text = co_await error_of(wait_for(t, 1s));
    BOOST_TEST(text == ran_out);
    BOOST_TEST(t.cancelled());
    BOOST_TEST((get_running_loop().time() - before == 6s));
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

ORDO_TEST_CASE(what_is_shielded_runs_on) {
    auto const t = create_task(value_after(3s, 1));
    auto const text = co_await error_of(wait_for(shield(t), 1s));
    BOOST_TEST(text == ran_out);
    BOOST_TEST(!t.done());
    auto const one = co_await t;
    BOOST_TEST(one == 1);
}

ORDO_TEST_CASE(one_that_declines_gives_its_result_late) {
    auto const three = co_await wait_for(declining(3), 1s);
    BOOST_TEST(three == 3);
    co_await sleep(0s);
}

ORDO_TEST_CASE(errors_come_out) {
    auto const text = co_await error_of(wait_for(failure_after(1s, "bad"), 2s));
    BOOST_TEST(text == "bad");
    auto const without = co_await error_of(wait_for(failure_after(1s, "bad"), std::nullopt));
    BOOST_TEST(without == "bad");
    auto const t = create_task(value_after(1h, 1));
    get_running_loop().call_later(1s, [&] { t.cancel("by others"); });
    auto const cancelled = co_await error_of(wait_for(t, 2s));
    BOOST_TEST(cancelled == "cancelled: by others");
}

// -- no time at all

ORDO_TEST_CASE(without_time_there_is_what_is_done_already) {
    auto const t = create_task(value_after(0s, 1));
    co_await t;
    auto const before = get_running_loop().iterations();
    auto const& one = co_await wait_for(t, 0s);
    BOOST_TEST(one == 1);
    auto const failed = create_task(failure_after(0s, "bad"));
    co_await error_of(failed);
    auto const text = co_await error_of(wait_for(failed, -1h));
    BOOST_TEST(text == "bad");
    auto const cancelled = get_running_loop().create_future();
    cancelled.cancel("why");
    auto const why = co_await error_of(wait_for(cancelled, 0s));
    BOOST_TEST(why == "cancelled: why");
    BOOST_TEST(get_running_loop().iterations() - before == 3u); // of `failed`
}

ORDO_TEST_CASE(without_time_what_is_not_done_is_cancelled_and_waited_for) {
    auto const before = get_running_loop().time();
    auto const t = create_task(unwilling(5s));
    co_await sleep(0s);
    auto const text = co_await error_of(wait_for(t, 0s));
    BOOST_TEST(text == "wait_for: time ran out");
    BOOST_TEST(t.cancelled());
    BOOST_TEST((get_running_loop().time() - before == 5s));
    bool begun = false;
    auto body = [&]() -> coro<> {
        begun = true;
        co_return;
    };
    auto const never_begun = co_await error_of(wait_for(body(), 0s));
    BOOST_TEST(never_begun == "wait_for: time ran out");
    BOOST_TEST(!begun);
}

ORDO_TEST_CASE(without_time_one_that_declines_gives_its_result_and_one_that_fails_its_error) {
    auto stubborn = create_task(declining(3));
    auto fails = []() -> coro<> {
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {} // what follows is worse
        throw std::runtime_error("cleanup failed");
    };
    auto const failing = create_task(fails);
    co_await sleep(0s);
    auto const three = co_await wait_for(std::move(stubborn), 0s);
    BOOST_TEST(three == 3);
    auto const text = co_await error_of(wait_for(failing, 0s));
    BOOST_TEST(text == "cleanup failed");
}

ORDO_TEST_CASE(a_cancellation_while_it_waits_for_what_it_has_cancelled_is_not_lost) {
    auto const inner = create_task(unwilling(5s));
    auto body = [&]() -> coro<> { co_await wait_for(inner, 0s); };
    auto const waiting = create_task(body);
    get_running_loop().call_later(2s, [&] { waiting.cancel("stop"); });
    auto const text = co_await error_of(waiting);
    BOOST_TEST(text == "cancelled: stop");
    BOOST_TEST(!inner.done());
    co_await error_of(inner);
}

// -- with a cancellation of the same iteration

BOOST_AUTO_TEST_CASE(a_cancellation_that_comes_along_with_the_result_is_not_swallowed) {
    for (auto const delay : {ordo::optional_duration(5s), ordo::optional_duration(std::nullopt)}) {
        auto lvalue = [=](ordo::future<int> f) -> coro<int> {
            auto const result = co_await wait_for(f, delay);
            co_return result;
        };
        auto rvalue = [=](ordo::future<int> f) -> coro<int> {
            auto const result = co_await wait_for(std::move(f), delay);
            co_return result;
        };
        auto nested = [=](ordo::future<int> f) -> coro<int> {
            auto inner = [](ordo::future<int> g) -> coro<int> { co_return co_await g; };
            auto const result = co_await wait_for(inner(f), delay);
            co_return result;
        };
        for (bool const result_first : {true, false}) {
            BOOST_TEST(outcome_of_a_result_and_a_cancellation(result_first, lvalue) == "cancelled, cancelling 1");
            BOOST_TEST(outcome_of_a_result_and_a_cancellation(result_first, rvalue) == "cancelled, cancelling 1");
            BOOST_TEST(outcome_of_a_result_and_a_cancellation(result_first, nested) == "cancelled, cancelling 1");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_cancellation_that_comes_along_with_the_deadline_is_not_swallowed) {
    for (bool const cancelled_first : {true, false}) {
        virtual_loop v;
        auto body = []() -> coro<> { co_await wait_for(value_after(1h, 1), 1s); };
        std::optional<ordo::task<>> t(v.loop.create_task(body));
        if (cancelled_first) v.loop.call_later(1s, [&] { t->cancel("stop"); });
        v.run_once();
        if (!cancelled_first) v.loop.call_later(1s, [&] { t->cancel("stop"); });
        v.run_for(5s);
        BOOST_TEST(outcome_of(*t) == "cancelled");
        BOOST_TEST(t->cancelling() == 1);
    }
}

BOOST_AUTO_TEST_CASE(who_waits_may_be_cancelled_at_any_moment) {
    auto const lines = cancelled_after_each_iteration([](virtual_loop& v) -> coro<int> {
        auto const inner = v.loop.create_task(value_after_hops(1, 7));
        inner.add_done_callback([&v, inner] { v.order.record(outcome_of(inner)); });
        auto const result = co_await wait_for(inner, 1h);
        co_return result;
    });
    BOOST_TEST(difference(lines, {
                                     "0: cancelled",
                                     "1: cancelled, cancelled",
                                     "2: cancelled, cancelled",
                                     "3: cancelled, value",
                                     "4: value, value, too late",
                                 }) == "");
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_at_any_moment) {
    for (auto const delay : {0s, 1s}) {
        for (int iterations = 0; iterations < 5; ++iterations) {
            counted::reset();
            {
                virtual_loop v;
                v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
                auto inner = [held = counted(1)]() -> coro<> { co_await unwilling(1h); };
                auto const task = v.loop.create_task(inner);
                auto outer = [&, held = counted(1)]() -> coro<> { co_await wait_for(task, delay); };
                static_cast<void>(v.loop.create_task(outer));
                for (int i = 0; i < iterations; ++i) {
                    v.run_once();
                    v.clock->advance(1s);
                }
                v.loop.close();
            }
            BOOST_TEST(counted::constructed > 0);
            BOOST_TEST(counted::alive() == 0);
        }
    }
}

ORDO_TEST_CASE(a_gather_without_any_time_is_cancelled_and_has_run_out_of_time) {
    auto const never = ordo::get_running_loop().create_future<int>();
    auto const all = ordo::gather(never);
    auto const text = co_await error_of(wait_for(all, 0s));
    BOOST_TEST(text == "wait_for: time ran out");
    BOOST_TEST(never.cancelled());
}

BOOST_AUTO_TEST_SUITE_END()
