// ordo: tests of awaiting what other threads complete.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/wrap_future.hpp>

#include <ordo/run_coroutine_threadsafe.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using namespace std::chrono_literals;
using ordo::concurrent_future;
using ordo::coro;
using ordo::wrap_future;

namespace {

template <class F>
void on_another_thread(F f) {
    std::thread(std::move(f)).join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(wrap_future_)

// -- results

ORDO_TEST_CASE(a_task_awaits_what_a_thread_completes) {
    auto const c = concurrent_future<int>::make();
    std::thread other([c] { c.set_result(42); });
    auto f = wrap_future(c);
    auto const value = co_await std::move(f);
    BOOST_TEST(value == 42);
    BOOST_TEST(c.get() == 42);
    other.join();
}

ORDO_TEST_CASE(the_result_of_an_rvalue_is_moved) {
    auto c = concurrent_future<std::unique_ptr<int>>::make();
    auto const copy = c;
    auto f = wrap_future(std::move(c));
    copy.set_result(std::make_unique<int>(7));
    auto const value = co_await std::move(f);
    BOOST_TEST(*value == 7);
    BOOST_CHECK_THROW(static_cast<void>(copy.get()), ordo::invalid_state_error);
}

ORDO_TEST_CASE(references_and_nothing_are_passed_on) {
    int number = 1;
    auto const c = concurrent_future<int&>::make();
    auto f = wrap_future(c);
    c.set_result(number);
    int& same = co_await std::move(f);
    BOOST_TEST(&same == &number);
    auto const d = concurrent_future<>::make();
    auto g = wrap_future(d);
    d.set_result();
    co_await std::move(g);
    BOOST_TEST(d.done());
}

ORDO_TEST_CASE(a_result_whose_copy_throws_becomes_the_error) {
    struct unwilling {
        unwilling() = default;
        unwilling(unwilling&&) = default;
        unwilling(unwilling const&) { throw std::length_error("not copied"); }
    };
    auto const c = concurrent_future<unwilling>::make();
    auto f = wrap_future(c);
    c.set_result(unwilling());
    std::string text;
    try {
        co_await std::move(f);
    } catch (std::length_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "not copied");
}

// -- order, as in CPython: shared/conformance's wrap_future_follows_the_concurrent_future

BOOST_FIXTURE_TEST_CASE(it_follows_the_concurrent_future, virtual_loop) {
    auto main = [&]() -> coro<> {
        auto const c = concurrent_future<int>::make();
        auto const f = wrap_future(c);
        BOOST_TEST(&f.get_loop() == &loop);
        auto const d = concurrent_future<int>::make();
        auto const g = wrap_future(d);
        auto const x = concurrent_future<int>::make();
        auto const h = wrap_future(x);
        BOOST_TEST(loop.iterations() == 1u);
        c.set_result(5);
        d.set_exception(std::runtime_error("boom"));
        BOOST_TEST(!f.done());
        BOOST_TEST(h.cancel());
        BOOST_TEST(!x.cancelled());
        auto const value = co_await f;
        BOOST_TEST(value == 5);
        BOOST_TEST(loop.iterations() == 3u);
        BOOST_TEST(x.cancelled());
        co_await g;
    };
    BOOST_TEST(error_text<std::runtime_error>([&] { loop.run_until_complete(main()); }) == "boom");
    BOOST_TEST(loop.iterations() == 4u);
}

// -- cancelling

ORDO_TEST_CASE(cancelling_the_source_cancels_the_future) {
    auto const c = concurrent_future<int>::make();
    auto const f = wrap_future(c);
    on_another_thread([c] { c.cancel(); });
    BOOST_TEST(!f.done());
    co_await ordo::sleep(0s);
    BOOST_TEST(f.cancelled());
}

ORDO_TEST_CASE(a_source_that_runs_is_not_cancelled_and_its_result_is_dropped) {
    auto const c = concurrent_future<int>::make();
    c.set_running_or_notify_cancel();
    auto const f = wrap_future(c);
    f.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(!c.cancelled());
    c.set_result(1);
    co_await ordo::sleep(0s);
    BOOST_TEST(f.cancelled());
    BOOST_TEST(ordo::get_running_loop().dropped_results() == 0u);
}

ORDO_TEST_CASE(a_source_that_has_finished_is_not_cancelled) {
    auto const c = concurrent_future<int>::make();
    auto const f = wrap_future(c);
    c.set_result(1);
    f.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(f.cancelled());
    BOOST_TEST(c.get() == 1);
}

ORDO_TEST_CASE(cancelling_a_task_goes_through_two_loops) {
    ordo::event_loop other;
    std::thread running([&] { other.run_forever(); });
    auto wait = []() -> coro<> { co_await ordo::sleep(24h); };
    auto const c = ordo::run_coroutine_threadsafe(wait, other);
    auto waiting = [&]() -> coro<> {
        auto const f = wrap_future(c);
        co_await f;
    };
    auto const t = ordo::create_task(waiting());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
    BOOST_TEST(c.cancelled());
    other.call_soon_threadsafe([&] { other.call_soon([&] { other.call_soon([&] { other.stop(); }); }); });
    running.join();
    BOOST_TEST(ordo::all_tasks(other).empty());
}

// -- ends

ORDO_TEST_CASE(a_source_that_nobody_can_complete_any_more_cancels_the_future) {
    auto f = wrap_future(concurrent_future<int>::make());
    std::string message;
    try {
        co_await std::move(f);
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "nobody is left to complete the concurrent_future");
}

BOOST_AUTO_TEST_CASE(a_result_that_comes_after_close_is_counted_and_dropped) {
    auto const held = std::make_shared<int>(1);
    ordo::event_loop loop;
    auto c = concurrent_future<std::shared_ptr<int>>::make();
    auto const f = wrap_future(c, loop);
    loop.close();
    on_another_thread([&] { c.set_result(held); });
    BOOST_TEST(loop.dropped_results() == 1u);
    BOOST_TEST(!f.done());
    c = {};
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_result_that_waits_in_the_loop_when_it_is_closed_is_counted_and_dropped) {
    ordo::event_loop loop;
    auto const c = concurrent_future<int>::make();
    auto const f = wrap_future(c, loop);
    c.set_result(1);
    loop.close();
    BOOST_TEST(loop.dropped_results() == 1u);
    BOOST_TEST(!f.done());
}

BOOST_AUTO_TEST_CASE(the_loop_may_be_gone_when_the_result_comes) {
    auto const c = concurrent_future<int>::make();
    {
        ordo::event_loop loop;
        static_cast<void>(wrap_future(c, loop));
    }
    c.set_result(1);
    BOOST_TEST(c.get() == 1);
}

BOOST_AUTO_TEST_CASE(a_source_that_is_waited_for_keeps_the_run_of_the_host_going) {
    boost::asio::io_context host;
    ordo::event_loop loop(host);
    auto const c = concurrent_future<int>::make();
    auto const f = wrap_future(c, loop);
    std::thread other([&] { c.set_result(1); });
    host.run();
    BOOST_TEST(f.done());
    other.join();
}

BOOST_AUTO_TEST_CASE(it_needs_a_loop) {
    auto const c = concurrent_future<int>::make();
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(wrap_future(c)); }) ==
               "wrap_future: no loop is running on this thread; call it from a callback or a task");
    ordo::event_loop loop;
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(wrap_future(c, loop)); }) ==
               "wrap_future: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_SUITE_END()
