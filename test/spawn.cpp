// ordo: tests of coroutines that Asio code starts, for each kind of completion token.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/spawn.hpp>

#include "counting_allocator.hpp"
#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::system_error;
using ordo::coro;

namespace {

coro<int> answer() {
    co_await ordo::sleep(0s);
    co_return 42;
}
coro<int> failure() {
    co_await ordo::sleep(0s);
    std::rethrow_exception(lasting_failure());
}
coro<> wait_for_ever(bool& cancelled) {
    try {
        co_await ordo::sleep(1h);
    } catch (ordo::cancelled_error const&) {
        cancelled = true;
        throw;
    }
}

std::string text_of(std::exception_ptr const& error) {
    if (!error) return "no error";
    return error_text<std::exception>([&] { std::rethrow_exception(error); });
}
bool is_aborted(std::exception_ptr const& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (system_error const& e) {
        return e.code() == asio::error::operation_aborted;
    }
    return false;
}

/// A service that has its own io_context, and a loop on it.
struct service : no_descriptors_left {
    asio::io_context host;
    ordo::event_loop loop{host};
    ordo::testing::order_recorder order;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(spawn, service)

// -- tokens

BOOST_AUTO_TEST_CASE(a_callback_gets_the_result) {
    std::optional<int> result;
    ordo::spawn(loop, answer(), [&](std::exception_ptr error, int value) {
        BOOST_TEST(text_of(error) == "no error");
        result = value;
    });
    BOOST_TEST(!result);
    host.run();
    BOOST_TEST(result.value() == 42);
}

BOOST_AUTO_TEST_CASE(a_callback_gets_the_error_and_a_value_made_by_default) {
    std::string text;
    ordo::spawn(loop, failure(), [&](std::exception_ptr error, int value) {
        text = text_of(error);
        BOOST_TEST(value == 0);
    });
    host.run();
    BOOST_TEST(text == "failed");
}

BOOST_AUTO_TEST_CASE(a_coroutine_without_a_result_gives_the_error_alone) {
    auto const nothing = []() -> coro<> { co_await ordo::sleep(0s); };
    int called = 0;
    ordo::spawn(loop, nothing, [&](std::exception_ptr error) {
        BOOST_TEST(text_of(error) == "no error");
        ++called;
    });
    host.run();
    BOOST_TEST(called == 1);
}

BOOST_AUTO_TEST_CASE(a_move_only_result_is_moved_and_a_reference_becomes_a_pointer) {
    int number = 7;
    auto const moved = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(1); };
    auto const referred = [&]() -> coro<int&> { co_return number; };
    std::unique_ptr<int> one;
    int* two = nullptr;
    ordo::spawn(loop, moved, [&](std::exception_ptr, std::unique_ptr<int> value) { one = std::move(value); });
    ordo::spawn(loop, referred, [&](std::exception_ptr, int* value) { two = value; });
    host.run();
    BOOST_TEST(*one == 1);
    BOOST_TEST(two == &number);
}

BOOST_AUTO_TEST_CASE(a_result_that_cannot_be_made_by_default_is_optional) {
    struct particular {
        explicit particular(int n) : number(n) {}
        int number;
    };
    auto const made = []() -> coro<particular> { co_return particular(3); };
    auto const failed = []() -> coro<particular> {
        co_await ordo::sleep(0s);
        throw std::runtime_error("no");
    };
    std::vector<std::optional<particular>> results;
    auto const keep = [&](std::exception_ptr, std::optional<particular> value) { results.push_back(value); };
    ordo::spawn(loop, made, keep);
    ordo::spawn(loop, failed, keep);
    host.run();
    BOOST_REQUIRE(results.size() == 2u);
    BOOST_TEST(results[0].value().number == 3);
    BOOST_TEST(!results[1]);
}

BOOST_AUTO_TEST_CASE(use_future_of_asio_blocks_another_thread) {
    auto result = ordo::spawn(loop, answer(), asio::use_future);
    auto error = ordo::spawn(loop, failure(), asio::use_future);
    host.run();
    BOOST_TEST(result.get() == 42);
    BOOST_CHECK_EXCEPTION(error.get(), std::runtime_error, says("failed"));
}

BOOST_AUTO_TEST_CASE(use_awaitable_waits_in_a_coroutine_of_asio) {
    int result = 0;
    std::string text;
    auto const main = [&]() -> asio::awaitable<void> {
        result = co_await ordo::spawn(loop, answer(), asio::use_awaitable);
        try {
            co_await ordo::spawn(loop, failure(), asio::use_awaitable);
        } catch (std::runtime_error const& e) {
            text = e.what();
        }
    };
    asio::co_spawn(host, main, asio::detached);
    host.run();
    BOOST_TEST(result == 42);
    BOOST_TEST(text == "failed");
}

BOOST_AUTO_TEST_CASE(deferred_begins_when_it_is_launched) {
    bool begun = false;
    auto const main = [&]() -> coro<int> {
        begun = true;
        co_return 1;
    };
    auto launch = ordo::spawn(loop, main, asio::deferred);
    host.run();
    BOOST_TEST(!begun);
    int result = 0;
    std::move(launch)([&](std::exception_ptr, int value) { result = value; });
    host.restart();
    host.run();
    BOOST_TEST(result == 1);
}

BOOST_AUTO_TEST_CASE(detached_lets_the_task_run_and_reports_its_error) {
    std::string reported;
    loop.set_exception_handler(
        [&](ordo::event_loop&, ordo::exception_context const& what) { reported = text_of(what.exception); });
    bool ran = false;
    auto const main = [&]() -> coro<> {
        ran = true;
        co_return;
    };
    ordo::spawn(loop, main, asio::detached);
    ordo::spawn(loop, failure(), asio::detached);
    host.run();
    BOOST_TEST(ran);
    BOOST_TEST(reported == "failed");
}

BOOST_AUTO_TEST_CASE(a_function_is_kept_until_its_coroutine_has_ended) {
    auto const held = std::make_shared<int>(1);
    {
        auto const main = [held]() -> coro<> {
            co_await ordo::sleep(0s);
            BOOST_TEST(*held == 1);
        };
        ordo::spawn(loop, main, asio::detached);
    }
    BOOST_TEST(held.use_count() == 2);
    host.run();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_task_can_also_await_it) {
    int result = 0;
    auto const main = [&]() -> coro<> { result = co_await ordo::spawn(loop, answer(), asio::deferred); };
    loop.create_task(main);
    host.run();
    BOOST_TEST(result == 42);
}

// -- where and when the handler runs

BOOST_AUTO_TEST_CASE(the_handler_is_never_called_within_the_call) {
    auto const at_once = []() -> coro<> { co_return; };
    loop.call_soon([&] {
        ordo::spawn(loop, at_once, [&](std::exception_ptr) { order.record("handler"); });
        order.record("returned");
    });
    host.run();
    BOOST_TEST(order.difference({"returned", "handler"}) == "");
}

BOOST_AUTO_TEST_CASE(a_handler_without_an_executor_runs_in_the_loop_as_a_done_callback) {
    auto const at_once = [&]() -> coro<> {
        order.record("coroutine");
        co_return;
    };
    loop.call_soon([&] {
        ordo::spawn(loop, at_once, [&](std::exception_ptr) {
            BOOST_TEST(&ordo::get_running_loop() == &loop);
            order.record("handler " + std::to_string(loop.iterations()));
        });
        order.record("spawned " + std::to_string(loop.iterations()));
    });
    host.run();
    BOOST_TEST(order.difference({"spawned 1", "coroutine", "handler 3"}) == "");
}

BOOST_AUTO_TEST_CASE(a_handler_runs_on_its_own_executor) {
    asio::thread_pool pool(1);
    std::atomic<bool> there = false;
    auto const here = std::this_thread::get_id();
    auto handler = [&](std::exception_ptr, int) {
        there = std::this_thread::get_id() != here && pool.get_executor().running_in_this_thread();
    };
    ordo::spawn(loop, answer(), asio::bind_executor(pool, handler));
    host.run();
    pool.join(); // its work is outstanding until then
    BOOST_TEST(there.load());
}

BOOST_AUTO_TEST_CASE(the_executor_of_the_handler_has_work_until_it_is_called) {
    asio::io_context other;
    bool called = false;
    ordo::spawn(loop, answer(), asio::bind_executor(other, [&](std::exception_ptr, int) { called = true; }));
    other.poll();
    BOOST_TEST(!other.stopped());
    host.run();
    other.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(the_handler_is_posted_with_memory_from_its_allocator) {
    auto const count = std::make_shared<int>(0);
    bool called = false;
    auto handler = asio::bind_executor(host, [&](std::exception_ptr, int) { called = true; });
    ordo::spawn(loop, answer(), asio::bind_allocator(counting_allocator<void>(count), handler));
    host.run();
    BOOST_TEST(called);
    BOOST_TEST(*count > 0);
}

BOOST_AUTO_TEST_CASE(what_a_handler_throws_goes_to_the_exception_handler) {
    std::string reported;
    loop.set_exception_handler(
        [&](ordo::event_loop&, ordo::exception_context const& what) { reported = text_of(what.exception); });
    ordo::spawn(loop, answer(), [](std::exception_ptr, int) { throw std::logic_error("in the handler"); });
    host.run();
    BOOST_TEST(reported == "in the handler");
}

BOOST_AUTO_TEST_CASE(the_coroutine_runs_between_the_handlers_of_the_host) {
    auto const main = [&]() -> coro<> {
        for (int i = 0; i < 2; ++i) {
            order.record("task");
            co_await ordo::sleep(0s);
        }
    };
    asio::post(host, [&] {
        ordo::spawn(loop, main, [&](std::exception_ptr) { order.record("end"); });
        order.record("host");
    });
    host.run();
    BOOST_TEST(order.difference({"host", "task", "task", "end"}) == "");
}

// -- cancellation

BOOST_AUTO_TEST_CASE(each_type_of_cancellation_cancels_the_task) {
    for (auto const type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                            asio::cancellation_type::total, asio::cancellation_type::all}) {
        asio::cancellation_signal signal;
        bool cancelled = false, aborted = false;
        auto const main = [&]() -> coro<> {
            asio::post(host, [&] { signal.emit(type); });
            co_await wait_for_ever(cancelled);
        };
        ordo::spawn(loop, main, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                        aborted = is_aborted(error);
                    }));
        host.restart();
        host.run();
        BOOST_TEST(cancelled);
        BOOST_TEST(aborted);
    }
}

BOOST_AUTO_TEST_CASE(no_type_of_cancellation_cancels_nothing) {
    asio::cancellation_signal signal;
    int result = 0;
    ordo::spawn(loop, answer(),
                asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, int value) { result = value; }));
    signal.emit(asio::cancellation_type::none);
    host.run();
    BOOST_TEST(result == 42);
}

BOOST_AUTO_TEST_CASE(a_cancellation_before_the_first_step_ends_the_task) {
    asio::cancellation_signal signal;
    bool begun = false, aborted = false;
    auto const main = [&]() -> coro<> {
        begun = true;
        co_return;
    };
    ordo::spawn(loop, main, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                    aborted = is_aborted(error);
                }));
    signal.emit(asio::cancellation_type::terminal); // before the loop has come to it
    host.run();
    BOOST_TEST(!begun);
    BOOST_TEST(aborted);
}

BOOST_AUTO_TEST_CASE(a_task_may_decline_to_be_cancelled) {
    asio::cancellation_signal signal;
    bool cancelled = false;
    std::optional<int> result;
    auto const main = [&]() -> coro<int> {
        asio::post(host, [&] { signal.emit(asio::cancellation_type::terminal); });
        try {
            co_await wait_for_ever(cancelled);
        } catch (ordo::cancelled_error const&) {}
        co_return 5;
    };
    ordo::spawn(loop, main, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error, int value) {
                    BOOST_TEST(text_of(error) == "no error");
                    result = value;
                }));
    host.run();
    BOOST_TEST(cancelled);
    BOOST_TEST(result.value() == 5);
}

BOOST_AUTO_TEST_CASE(a_cancellation_after_the_end_does_nothing) {
    asio::cancellation_signal signal;
    int called = 0;
    ordo::spawn(loop, answer(),
                asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr, int) { ++called; }));
    host.run();
    signal.emit(asio::cancellation_type::terminal);
    host.restart();
    host.run();
    BOOST_TEST(called == 1);
}

BOOST_AUTO_TEST_CASE(another_thread_may_emit_the_signal) {
    asio::cancellation_signal signal;
    bool cancelled = false, aborted = false;
    std::promise<void> waiting;
    auto const main = [&]() -> coro<> {
        waiting.set_value();
        co_await wait_for_ever(cancelled);
    };
    ordo::spawn(loop, main, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                    aborted = is_aborted(error);
                }));
    std::jthread const thread([&] {
        waiting.get_future().wait();
        signal.emit(asio::cancellation_type::terminal);
    });
    host.run();
    BOOST_TEST(cancelled);
    BOOST_TEST(aborted);
}

BOOST_AUTO_TEST_CASE(the_cancellation_of_a_coroutine_of_asio_reaches_the_task) {
    using namespace asio::experimental::awaitable_operators;
    bool cancelled = false;
    std::size_t winner = 9;
    auto const main = [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(host, 1ms);
        auto const first = co_await (ordo::spawn(loop, wait_for_ever(cancelled), asio::use_awaitable) ||
                                     timer.async_wait(asio::use_awaitable));
        winner = first.index();
    };
    asio::co_spawn(host, main, asio::detached);
    host.run();
    BOOST_TEST(winner == 1u);
    BOOST_TEST(cancelled);
}

// -- other threads, and ends

BOOST_AUTO_TEST_CASE(any_thread_may_spawn) {
    ordo::event_loop own;
    auto result = std::async(std::launch::async, [&] {
        auto const end = [&own]() -> coro<int> {
            own.stop();
            co_return 6;
        };
        return ordo::spawn(own, end, asio::use_future);
    });
    own.run_forever();
    own.stop();
    own.run_forever(); // the handler
    BOOST_TEST(result.get().get() == 6);
}

BOOST_AUTO_TEST_CASE(a_closed_loop_is_an_error) {
    loop.close();
    BOOST_CHECK_EXCEPTION(ordo::spawn(loop, answer(), asio::use_future), ordo::loop_closed_error,
                          says("spawn: the loop is closed; schedule on an open one"));
}

BOOST_AUTO_TEST_CASE(a_coro_that_was_used_is_an_error) {
    auto used = answer();
    auto const kept = std::move(used);
    BOOST_CHECK_EXCEPTION(ordo::spawn(loop, std::move(used), asio::detached), ordo::usage_error,
                          says("spawn: this coro was awaited or moved from before"));
    BOOST_CHECK_EXCEPTION(ordo::spawn(host.get_executor(), std::move(used), asio::detached), ordo::usage_error,
                          says("spawn: this coro was awaited or moved from before"));
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_destroys_the_handler) {
    auto const held = std::make_shared<int>(1);
    bool cancelled = false;
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    asio::cancellation_signal signal;
    ordo::spawn(loop, wait_for_ever(cancelled),
                asio::bind_cancellation_slot(signal.slot(), [held](std::exception_ptr) { BOOST_ERROR("called"); }));
    host.poll();
    loop.close();
    BOOST_TEST(held.use_count() == 1);
    signal.emit(asio::cancellation_type::terminal);
}

BOOST_AUTO_TEST_SUITE_END()
