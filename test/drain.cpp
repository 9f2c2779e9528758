// ordo: tests of ending a loop that its host goes on without.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/drain.hpp>

#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/executor.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/use_future.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ordo::coro;

namespace {

struct service : no_descriptors_left {
    asio::io_context host;
    ordo::event_loop loop{host};
    ordo::testing::order_recorder order;
    ordo::drain_report report;
    bool drained = false;

    void drain(ordo::duration deadline) {
        loop.drain(deadline, [this](ordo::drain_report what) {
            report = std::move(what);
            drained = true;
        });
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(drain, service)

BOOST_AUTO_TEST_CASE(of_an_idle_loop_closes_it) {
    drain(1h);
    host.run();
    BOOST_TEST(drained);
    BOOST_TEST(loop.is_closed());
    BOOST_TEST(report.cancelled.empty());
    BOOST_TEST(report.abandoned.empty());
}

BOOST_AUTO_TEST_CASE(waits_for_the_tasks_and_for_those_that_they_start) {
    auto const second = [&]() -> coro<> {
        co_await ordo::sleep(1ms);
        order.record("second");
    };
    auto const first = [&]() -> coro<> {
        co_await ordo::sleep(1ms);
        ordo::create_task(second);
        order.record("first");
    };
    loop.create_task(first);
    drain(1h);
    host.run();
    BOOST_TEST(order.difference({"first", "second"}) == "");
    BOOST_TEST(drained);
    BOOST_TEST(report.cancelled.empty());
}

BOOST_AUTO_TEST_CASE(cancels_what_is_left_at_the_deadline) {
    auto const wait = [&]() -> coro<> {
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {
            order.record("cancelled");
            throw;
        }
    };
    loop.create_task(wait, "waits");
    drain(2ms);
    host.run();
    BOOST_TEST(order.difference({"cancelled"}) == "");
    BOOST_TEST(report.cancelled == (std::vector<std::string>{"waits"}), boost::test_tools::per_element());
    BOOST_TEST(report.abandoned.empty());
}

BOOST_AUTO_TEST_CASE(destroys_what_does_not_end) {
    int reports = 0;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { ++reports; });
    auto const stubborn = []() -> coro<> {
        for (;;) {
            try {
                co_await ordo::sleep(1h);
            } catch (ordo::cancelled_error const&) {}
        }
    };
    loop.create_task(stubborn, "stubborn");
    drain(0s);
    host.run();
    BOOST_TEST(drained);
    BOOST_TEST(report.abandoned == (std::vector<std::string>{"stubborn"}), boost::test_tools::per_element());
    BOOST_TEST(report.call_graph.starts_with("'stubborn' waits for sleep, 3.6e+03 s to go, "));
    BOOST_TEST(reports == 1);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_that_keeps_the_host_running_or_is_called_later) {
    loop.call_later(1h, [] { BOOST_ERROR("called"); });
    asio::steady_timer timer(host, 1h);
    auto const left = timer.async_wait(ordo::use_future(loop));
    asio::steady_timer deadline(host, 1h); // of the host, which goes on
    deadline.async_wait([](boost::system::error_code) {});
    loop.drain(0s, [&](ordo::drain_report) {
        drained = true;
        deadline.cancel();
    });
    BOOST_TEST(host.run_for(10s) > 0u);
    BOOST_TEST(drained);
    BOOST_TEST(host.stopped()); // it ran out of work
}

BOOST_AUTO_TEST_CASE(waits_for_operations_that_another_thread_has_not_let_go_of) {
    asio::thread_pool elsewhere(1);
    std::promise<void> let_go;
    auto const wait = [&]() -> coro<> {
        auto slow = [&](auto handler) {
            asio::post(elsewhere, [&, handler = std::move(handler)]() mutable {
                let_go.get_future().wait();
                auto const home = asio::get_associated_executor(handler);
                asio::post(home, [handler = std::move(handler)]() mutable { std::move(handler)(1); });
            });
        };
        co_await asio::async_initiate<asio::deferred_t const&, void(int)>(slow, asio::deferred);
    };
    loop.set_exception_handler(
        [](ordo::event_loop&, ordo::exception_context const&) {}); // it is destroyed while pending
    loop.create_task(wait);
    drain(0s);
    host.run_for(50ms);
    bool const before = drained;
    let_go.set_value();
    host.restart();
    host.run_for(10s);
    BOOST_TEST(!before);
    BOOST_TEST(drained);
    elsewhere.join();
}

BOOST_AUTO_TEST_CASE(may_be_awaited_by_a_coroutine_of_asio) {
    auto const main = [&]() -> asio::awaitable<void> {
        report = co_await loop.drain(1ms, asio::use_awaitable);
        drained = true;
    };
    loop.create_task([]() -> coro<> { co_await ordo::sleep(1h); }, "sleeps");
    asio::co_spawn(host, main, asio::detached);
    host.run();
    BOOST_TEST(drained);
    BOOST_TEST(report.cancelled.size() == 1u);
}

BOOST_AUTO_TEST_CASE(may_be_begun_by_another_thread) {
    auto const work = asio::make_work_guard(host);
    std::jthread const thread([&] {
        auto result = loop.drain(1ms, asio::use_future);
        result.get();
        host.stop();
    });
    host.run();
    BOOST_TEST(loop.is_closed());
}

BOOST_AUTO_TEST_CASE(of_a_strand_that_threads_run_leaves_nothing_behind) {
    asio::thread_pool pool(3);
    ordo::event_loop on_strand(asio::make_strand(pool));
    std::promise<ordo::drain_report> result;
    on_strand.call_soon_threadsafe([&] {
        for (int i = 0; i < 20; ++i) on_strand.create_task([]() -> coro<> { co_await ordo::sleep(1h); });
    });
    on_strand.drain(2ms, [&](ordo::drain_report what) { result.set_value(std::move(what)); });
    auto const got = result.get_future().get();
    BOOST_TEST(got.cancelled.size() == 20u);
    BOOST_TEST(on_strand.is_closed());
    pool.join(); // nothing of it is outstanding
}

BOOST_AUTO_TEST_CASE(of_a_loop_with_a_context_of_its_own_is_an_error) {
    ordo::event_loop own;
    BOOST_CHECK_EXCEPTION(
        own.drain(1s, [](ordo::drain_report) {}), ordo::usage_error,
        says("event_loop::drain: this loop has a context of its own; end it with close(), or by run()"));
}

BOOST_AUTO_TEST_CASE(of_a_closed_loop_is_an_error) {
    loop.close();
    BOOST_CHECK_EXCEPTION(drain(1s), ordo::loop_closed_error,
                          says("event_loop::drain: the loop is closed; schedule on an open one"));
}

BOOST_AUTO_TEST_SUITE_END()
