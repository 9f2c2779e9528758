// ordo: tests of running coroutines in the loop of another thread.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/run_coroutine_threadsafe.hpp>

#include <ordo/context_var.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/test_case.hpp>

#include "captured_log.hpp"
#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::concurrent_future;
using ordo::coro;
using ordo::get_running_loop;
using ordo::run_coroutine_threadsafe;

namespace {

/// A loop that runs on a thread of its own.
class loop_thread {
public:
    ~loop_thread() {
        loop.call_soon_threadsafe([this] { loop.stop(); });
        thread_.join();
    }
    ordo::event_loop loop;

private:
    std::thread thread_{[this] { loop.run_forever(); }};
};

coro<int> answer() {
    co_await ordo::sleep(1ms);
    co_return 42;
}

coro<> wait_for_ever(std::shared_ptr<int> /*held*/) {
    co_await ordo::sleep(24h);
}

coro<int> fail() {
    co_await ordo::sleep(0s);
    throw std::out_of_range("too far");
}

template <class F>
void on_another_thread(F f) {
    std::thread(std::move(f)).join();
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_coroutine_threadsafe_)

// -- results

BOOST_AUTO_TEST_CASE(a_thread_gets_the_result) {
    loop_thread other;
    BOOST_TEST(run_coroutine_threadsafe(answer(), other.loop).get() == 42);
    BOOST_TEST(run_coroutine_threadsafe(&answer, other.loop).get(60s) == 42);
}

BOOST_AUTO_TEST_CASE(a_thread_gets_the_error) {
    loop_thread other;
    auto const f = run_coroutine_threadsafe(fail(), other.loop);
    BOOST_TEST(error_text<std::out_of_range>([&] { static_cast<void>(f.get()); }) == "too far");
}

BOOST_AUTO_TEST_CASE(results_that_only_move_are_moved) {
    loop_thread other;
    auto make = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
    auto const result = run_coroutine_threadsafe(make, other.loop).get();
    BOOST_TEST(*result == 7);
}

BOOST_AUTO_TEST_CASE(a_reference_is_passed_on) {
    loop_thread other;
    int number = 1;
    auto refer = [&]() -> coro<int&> { co_return number; };
    int& same = run_coroutine_threadsafe(refer, other.loop).get();
    BOOST_TEST(&same == &number);
}

BOOST_AUTO_TEST_CASE(a_callable_is_kept_and_called_on_the_thread_of_the_loop) {
    loop_thread other;
    auto const held = std::make_shared<int>(7);
    auto const f = run_coroutine_threadsafe(
        [held]() -> coro<int> {
            co_await ordo::sleep(0s);
            co_return *held;
        },
        other.loop);
    BOOST_TEST(f.get() == 7);
}

ordo::context_var<int> variable("variable", 0);

BOOST_AUTO_TEST_CASE(it_runs_in_a_copy_of_the_callers_context) {
    loop_thread other;
    auto context = ordo::copy_context();
    auto read = []() -> coro<int> { co_return variable.get(); };
    auto const f = context.run([&] {
        variable.set(7);
        return run_coroutine_threadsafe(read, other.loop);
    });
    BOOST_TEST(f.get() == 7);
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_was_moved_from_is_refused) {
    ordo::event_loop loop;
    auto c = answer();
    auto const moved = std::move(c);
    BOOST_TEST(error_text<ordo::usage_error>([&] {
                   static_cast<void>(run_coroutine_threadsafe(std::move(c), loop)); // NOLINT(bugprone-use-after-move)
               }) == "run_coroutine_threadsafe: this coro was awaited or moved from before");
}

// -- order, as in CPython: shared/conformance's scenarios of the same names

BOOST_FIXTURE_TEST_CASE(from_another_thread, virtual_loop) {
    std::vector<std::uint64_t> at;
    auto child = [&]() -> coro<int> {
        at.push_back(loop.iterations());
        co_await ordo::sleep(10s);
        at.push_back(loop.iterations());
        co_return 5;
    };
    concurrent_future<int> c;
    auto main = [&]() -> coro<> {
        on_another_thread([&] { c = run_coroutine_threadsafe(child, loop); });
        BOOST_TEST(!c.done());
        co_await ordo::sleep(0s);
        co_await ordo::sleep(0s);
        BOOST_TEST(!c.done());
        co_await ordo::sleep(20s);
    };
    loop.run_until_complete(main());
    BOOST_TEST(at == (std::vector<std::uint64_t>{3, 5}));
    BOOST_TEST(c.get() == 5);
}

BOOST_FIXTURE_TEST_CASE(cancelling_reaches_the_task_in_the_next_iteration, virtual_loop) {
    std::vector<std::uint64_t> at;
    auto child = [&]() -> coro<> {
        try {
            co_await ordo::sleep(100s);
        } catch (ordo::cancelled_error const&) {
            at.push_back(loop.iterations());
            throw;
        }
    };
    concurrent_future<> c;
    auto main = [&]() -> coro<> {
        on_another_thread([&] { c = run_coroutine_threadsafe(child, loop); });
        co_await ordo::sleep(1s);
        at.push_back(loop.iterations());
        BOOST_TEST(c.cancel());
        co_await ordo::sleep(0s);
        co_await ordo::sleep(0s);
        BOOST_TEST(ordo::all_tasks().size() == 1u);
    };
    loop.run_until_complete(main());
    BOOST_TEST(at == (std::vector<std::uint64_t>{5, 7}));
    BOOST_TEST(c.cancelled());
}

BOOST_FIXTURE_TEST_CASE(one_that_is_cancelled_before_it_begins_begins_all_the_same, virtual_loop) {
    auto child = [&]() -> coro<> {
        order.record("begun");
        try {
            co_await ordo::sleep(100s);
        } catch (ordo::cancelled_error const&) {
            order.record("cancelled");
            throw;
        }
    };
    auto const c = run_coroutine_threadsafe(child, loop);
    BOOST_TEST(c.cancel());
    run_for(1s);
    BOOST_TEST(order.entries() == (std::vector<std::string>{"begun", "cancelled"}), boost::test_tools::per_element());
    BOOST_TEST(ordo::all_tasks(loop).empty());
}

// -- cancelling, the other way

BOOST_FIXTURE_TEST_CASE(a_task_that_is_cancelled_cancels_the_concurrent_future, virtual_loop) {
    auto const c = run_coroutine_threadsafe(wait_for_ever({}), loop);
    run_once();
    run_once();
    ordo::all_tasks(loop).at(0).cancel();
    run_for(1s);
    BOOST_TEST(c.cancelled());
}

BOOST_FIXTURE_TEST_CASE(a_task_that_declines_leaves_the_concurrent_future_cancelled, virtual_loop) {
    auto stubborn = []() -> coro<int> {
        try {
            co_await ordo::sleep(100s);
        } catch (ordo::cancelled_error const&) {}
        co_return 1;
    };
    auto const c = run_coroutine_threadsafe(stubborn, loop);
    run_once();
    run_once();
    BOOST_TEST(c.cancel());
    run_for(1s);
    BOOST_TEST(ordo::all_tasks(loop).empty());
    BOOST_CHECK_THROW(static_cast<void>(c.get()), ordo::cancelled_error);
}

BOOST_AUTO_TEST_CASE(a_thread_that_gives_up_cancels_the_coroutine) {
    loop_thread other;
    auto const held = std::make_shared<int>(1);
    auto const f = run_coroutine_threadsafe(wait_for_ever(held), other.loop);
    BOOST_CHECK_THROW(f.get(1ms), ordo::timeout_error);
    f.cancel();
    auto count = []() -> coro<std::size_t> {
        while (ordo::all_tasks().size() > 1) {
            co_await ordo::sleep(0s);
        }
        co_return ordo::all_tasks().size();
    };
    BOOST_TEST(run_coroutine_threadsafe(count, other.loop).get() == 1u);
    BOOST_TEST(held.use_count() == 1);
}

// -- waiting for oneself

ORDO_TEST_CASE(blocking_the_loop_that_completes_it_is_refused) {
    auto f = run_coroutine_threadsafe(answer(), get_running_loop());
    auto const refused = [](char const* where) {
        return std::string("concurrent_future::") + where +
               ": called on the thread of the loop that completes it, which would wait for itself; co_await "
               "wrap_future() instead";
    };
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(f.get()); }) == refused("get"));
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(f.get(1s)); }) == refused("get"));
    BOOST_TEST(error_text<ordo::usage_error>([&] { f.wait(); }) == refused("wait"));
    BOOST_TEST(error_text<ordo::usage_error>([&] { static_cast<void>(f.exception()); }) == refused("exception"));
    while (!f.done()) {
        co_await ordo::sleep(1ms);
    }
    BOOST_TEST(f.get() == 42);
}

// -- a loop that ends before

char const* const closed = "run_coroutine_threadsafe: the loop was closed before the coroutine had ended";

BOOST_AUTO_TEST_CASE(a_closed_loop_refuses_coroutines) {
    ordo::event_loop loop;
    loop.close();
    auto const held = std::make_shared<int>(1);
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] {
                   static_cast<void>(run_coroutine_threadsafe(wait_for_ever(held), loop));
               }) == "run_coroutine_threadsafe: the loop is closed; schedule on an open one");
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_never_begins_ends_with_its_loop) {
    auto const held = std::make_shared<int>(1);
    concurrent_future<> f;
    {
        ordo::event_loop loop;
        f = run_coroutine_threadsafe(wait_for_ever(held), loop);
    }
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { f.get(); }) == closed);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_waits_ends_with_its_loop_whoever_holds_its_task) {
    captured_log const log;
    auto const held = std::make_shared<int>(1);
    concurrent_future<> f;
    std::vector<ordo::any_task> tasks;
    ordo::event_loop loop;
    f = run_coroutine_threadsafe(wait_for_ever(held), loop);
    for (int i = 0; i < 3; ++i) {
        loop.stop();
        loop.run_forever();
    }
    tasks = ordo::all_tasks(loop);
    BOOST_TEST(tasks.size() == 1u);
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { f.get(); }) == closed);
    BOOST_TEST(held.use_count() == 1);
    BOOST_TEST(log.text().starts_with("error: a task was destroyed while it was pending 'Task-1'; created at "));
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_is_released_when_the_loop_is_closed) {
    captured_log const log; // of the task that is destroyed
    std::string text;
    std::optional<std::thread> waiting;
    {
        ordo::event_loop loop;
        waiting.emplace([&, f = run_coroutine_threadsafe(wait_for_ever({}), loop)] {
            text = error_text<ordo::loop_closed_error>([&] { f.get(); });
        });
        for (int i = 0; i < 3; ++i) {
            loop.stop();
            loop.run_forever();
        }
    }
    waiting->join();
    BOOST_TEST(text == closed);
}

BOOST_FIXTURE_TEST_CASE(a_result_that_waits_in_the_loop_when_it_is_closed_is_delivered, virtual_loop) {
    auto const c = run_coroutine_threadsafe([]() -> coro<int> { co_return 5; }, loop);
    run_once();
    run_once();
    BOOST_TEST(!c.done());
    loop.close();
    BOOST_TEST(c.get() == 5);
}

BOOST_AUTO_TEST_CASE(cancelling_after_the_loop_is_gone_does_no_harm) {
    concurrent_future<> f;
    {
        ordo::event_loop loop;
        f = run_coroutine_threadsafe(wait_for_ever({}), loop);
        BOOST_TEST(f.cancel());
    }
    BOOST_TEST(f.cancelled());
    BOOST_TEST(f.cancel());
}

BOOST_AUTO_TEST_SUITE_END()
