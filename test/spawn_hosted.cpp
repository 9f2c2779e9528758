// ordo: tests of coroutines on a loop of their own, on an executor of the host.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/spawn.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/exception_context.hpp>
#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ordo::coro;

namespace {

coro<int> add_after(ordo::duration delay, int a, int b) {
    co_await ordo::sleep(delay);
    co_return a + b;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(spawn_on_an_executor, no_descriptors_left)

BOOST_AUTO_TEST_CASE(runs_the_coroutine_and_gives_its_result) {
    asio::io_context host;
    int result = 0;
    ordo::spawn(host.get_executor(), add_after(1ms, 1, 2), [&](std::exception_ptr error, int sum) {
        BOOST_TEST(!error);
        result = sum;
    });
    host.run();
    BOOST_TEST(result == 3);
}

BOOST_AUTO_TEST_CASE(gives_the_error) {
    asio::io_context host;
    auto const main = []() -> coro<> {
        co_await ordo::sleep(0s);
        std::rethrow_exception(lasting_failure());
    };
    auto result = ordo::spawn(host.get_executor(), main, asio::use_future);
    host.run();
    BOOST_CHECK_EXCEPTION(result.get(), std::runtime_error, says("failed"));
}

BOOST_AUTO_TEST_CASE(keeps_the_host_running_although_the_coroutine_waits_for_nothing_that_is_work) {
    asio::io_context host;
    bool ended = false;
    std::optional<ordo::future<>> never;
    auto const main = [&]() -> coro<> {
        never = ordo::get_running_loop().create_future<>();
        co_await *never;
    };
    ordo::spawn(host.get_executor(), main, [&](std::exception_ptr) { ended = true; });
    host.poll();
    BOOST_TEST(!host.stopped());
    asio::post(host, [&] { never->set_result(); });
    host.run();
    BOOST_TEST(ended);
    never.reset();
}

BOOST_AUTO_TEST_CASE(cancels_the_tasks_that_are_left_and_waits_for_them_before_the_end) {
    asio::io_context host;
    ordo::testing::order_recorder order;
    auto const child = [&]() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {
            order.record("cancelled");
        }
        co_await ordo::sleep(1ms);
        order.record("cleaned up");
    };
    auto const main = [&]() -> coro<> {
        ordo::create_task(child);
        co_await ordo::sleep(0s);
        order.record("main");
    };
    ordo::spawn(host.get_executor(), main, [&](std::exception_ptr) { order.record("handler"); });
    host.run();
    BOOST_TEST(order.difference({"main", "cancelled", "cleaned up", "handler"}) == "");
}

BOOST_AUTO_TEST_CASE(reports_the_errors_of_tasks_that_are_left) {
    asio::io_context host;
    std::string reported;
    auto const child = []() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {}
        throw std::runtime_error("left over");
    };
    auto const main = [&]() -> coro<> {
        ordo::get_running_loop().set_exception_handler(
            [&](ordo::event_loop&, ordo::exception_context const& what) { reported = what.message; });
        ordo::create_task(child);
        co_await ordo::sleep(0s);
    };
    ordo::spawn(host.get_executor(), main, asio::use_future);
    host.run();
    BOOST_TEST(reported == "a task that was left over at the end of run() failed");
}

BOOST_AUTO_TEST_CASE(detached_reports_the_error) {
    asio::io_context host;
    std::string reported;
    auto const main = [&]() -> coro<> {
        ordo::get_running_loop().set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& what) {
            reported = error_text<std::exception>([&] { std::rethrow_exception(what.exception); });
        });
        co_await ordo::sleep(0s);
        throw std::runtime_error("nobody waits");
    };
    ordo::spawn(host.get_executor(), main, asio::detached);
    host.run();
    BOOST_TEST(reported == "nobody waits");
}

BOOST_AUTO_TEST_CASE(closes_the_loop_before_the_handler_runs) {
    asio::io_context host;
    std::optional<ordo::loop_executor> executor;
    bool closed = false;
    auto const main = [&]() -> coro<> {
        executor = ordo::get_running_loop().get_executor();
        co_return;
    };
    ordo::spawn(host.get_executor(), main, [&](std::exception_ptr) {
        BOOST_CHECK_THROW(executor->loop(), ordo::usage_error);
        closed = true;
    });
    host.run();
    BOOST_TEST(closed);
}

BOOST_AUTO_TEST_CASE(can_be_cancelled) {
    asio::io_context host;
    asio::cancellation_signal signal;
    bool aborted = false;
    auto const main = []() -> coro<> { co_await ordo::sleep(1h); };
    ordo::spawn(host.get_executor(), main, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
                    try {
                        std::rethrow_exception(error);
                    } catch (boost::system::system_error const& e) {
                        aborted = e.code() == asio::error::operation_aborted;
                    }
                }));
    asio::post(host, [&] { signal.emit(asio::cancellation_type::terminal); });
    host.run();
    BOOST_TEST(aborted);
}

BOOST_AUTO_TEST_CASE(works_on_a_strand_of_a_pool_that_several_threads_run) {
    asio::thread_pool pool(4);
    std::atomic<int> sum = 0;
    for (int i = 0; i < 50; ++i)
        ordo::spawn(asio::make_strand(pool), add_after(1ms, i, 1),
                    [&](std::exception_ptr, int value) { sum += value; });
    pool.join();
    BOOST_TEST(sum == 50 * 49 / 2 + 50);
}

BOOST_AUTO_TEST_CASE(a_service_may_have_many_at_a_time) {
    asio::io_context host;
    int sum = 0;
    for (int i = 0; i < 20; ++i)
        ordo::spawn(host.get_executor(), add_after(1ms, i, 0), [&](std::exception_ptr, int value) { sum += value; });
    host.run();
    BOOST_TEST(sum == 190);
}

BOOST_AUTO_TEST_CASE(on_the_executor_of_a_loop_it_is_a_task_of_that_loop) {
    ordo::event_loop loop;
    ordo::event_loop* inside = nullptr;
    auto const main = [&]() -> coro<> {
        inside = &ordo::get_running_loop();
        co_return;
    };
    ordo::spawn(loop.get_executor(), main, [&](std::exception_ptr) { loop.stop(); });
    loop.run_forever();
    BOOST_TEST(inside == &loop);
}

BOOST_AUTO_TEST_CASE(a_host_that_goes_first_destroys_the_coroutine_and_the_handler) {
    auto const held = std::make_shared<int>(1);
    {
        asio::io_context host;
        auto const main = [held]() -> coro<> {
            ordo::get_running_loop().set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            co_await ordo::sleep(1h);
        };
        ordo::spawn(host.get_executor(), main, [held](std::exception_ptr) { BOOST_ERROR("called"); });
        host.poll();
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_host_that_never_runs_destroys_the_coroutine_and_the_handler) {
    auto const held = std::make_shared<int>(1);
    {
        asio::io_context host;
        auto const main = [held]() -> coro<> { co_return; };
        ordo::spawn(host.get_executor(), main, [held](std::exception_ptr) { BOOST_ERROR("called"); });
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
