// ordo: tests in which each allocation of a bridge between loop, threads and Asio fails in turn: the call has no effect
// then, or the error is delivered.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include "failing_allocations.hpp"
#include "foreign_loop.hpp"

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using ordo::use_future;

/// Asio's allocations fail in turn, too.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    auto* const probe = failing_heap::try_to_allocate(1, 1);
    if (!probe) return nullptr;
    failing_heap::deallocate(probe);
    void* memory = nullptr;
    return ::posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace {

struct manual_executor final : ordo::executor {
    std::vector<job> jobs;

    manual_executor() { jobs.reserve(4); }
    void submit(job work) override { jobs.push_back(std::move(work)); }
    void shutdown(bool) override {}
};

/// What becomes of an operation if Asio finds no memory for calling its handler on another thread.
bool was_dropped(std::exception_ptr const& error) {
    try {
        std::rethrow_exception(error);
    } catch (ordo::error const& e) {
        return std::string_view(e.what()).find("the operation was dropped") != std::string_view::npos;
    } catch (...) {
        return false;
    }
}

void run_some(ordo::event_loop& loop) {
    for (int i = 0; i < 6; ++i) {
        loop.stop();
        loop.run_forever();
    }
}

coro<int> answer(std::shared_ptr<int> held) {
    co_await ordo::sleep(0s);
    co_return *held;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(allocation_failure_bridges, silent_log)

BOOST_AUTO_TEST_CASE(a_concurrent_future_stays_pending) {
    auto const held = std::make_shared<int>(1);
    auto const failures = fail_each([&](trial& t) {
        auto const f = ordo::concurrent_future<std::string>::make();
        int called = 0;
        auto const added = t.attempt([&] { f.add_done_callback([&called, held] { ++called; }); });
        auto const set = t.attempt([&] { f.set_result("a text that is too long to be stored inside"); });
        BOOST_TEST(f.done() == set);
        if (!set) f.set_result("short");
        BOOST_TEST(called == added);
    });
    BOOST_TEST(failures >= 1);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_coroutine_for_another_thread_begins_or_does_not) {
    auto const held = std::make_shared<int>(7);
    auto const failures = fail_each([&](trial& t) {
        ordo::event_loop loop;
        ordo::concurrent_future<int> f;
        if (t.attempt([&] { f = ordo::run_coroutine_threadsafe(answer(held), loop); })) {
            run_some(loop);
            BOOST_TEST(f.done());
            if (f.done()) BOOST_TEST(f.get() == 7);
        } else {
            run_some(loop);
            BOOST_TEST(!f);
        }
    });
    BOOST_TEST(failures >= 3);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_future_is_wrapped_or_is_not) {
    auto const failures = fail_each([&](trial& t) {
        ordo::event_loop loop;
        auto const c = ordo::concurrent_future<int>::make();
        ordo::future<int> f;
        auto const wrapped = t.attempt([&] { f = ordo::wrap_future(c, loop); });
        c.set_result(7);
        run_some(loop);
        BOOST_TEST(static_cast<bool>(f) == wrapped);
        if (wrapped) BOOST_TEST(f.result() == 7);
    });
    BOOST_TEST(failures >= 2);
}

BOOST_AUTO_TEST_CASE(a_job_is_submitted_or_is_not) {
    auto const held = std::make_shared<int>(7);
    auto const failures = fail_each([&](trial& t) {
        ordo::event_loop loop;
        manual_executor later;
        ordo::future<int> f;
        auto const job = [held](std::stop_token) { return *held; };
        auto const submitted = t.attempt([&] { f = loop.run_in_executor(later, job); });
        for (auto& work : later.jobs) work();
        run_some(loop);
        BOOST_TEST(later.jobs.size() == std::size_t(submitted));
        if (submitted) BOOST_TEST(f.result() == 7);
    });
    BOOST_TEST(failures >= 2);
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_job_is_cancelled_or_is_not) {
    auto const failures = fail_each([&](trial& t) {
        ordo::event_loop loop;
        manual_executor later;
        bool ran = false;
        auto const f = loop.run_in_executor(later, [&] { ran = true; });
        auto const cancelled = t.attempt([&] { f.cancel("a message that is too long to be stored inside"); });
        BOOST_TEST(f.cancelled() == cancelled);
        run_some(loop);
        for (auto& work : later.jobs) work();
        run_some(loop);
        BOOST_TEST(ran == !cancelled);
        BOOST_TEST(f.done());
    });
    BOOST_TEST(failures >= 2);
}

BOOST_AUTO_TEST_CASE(an_operation_is_started_or_is_not) {
    auto const failures = fail_each([&](trial& t) {
        ordo::event_loop loop;
        asio::steady_timer timer(loop.get_executor(), -1s);
        ordo::future<> f;
        auto const started = t.attempt([&] { f = timer.async_wait(use_future(loop)); });
        BOOST_TEST(static_cast<bool>(f) == started);
        if (started) loop.run_until_complete(f);
    });
    BOOST_TEST(failures >= 2);
}

BOOST_AUTO_TEST_CASE(an_operation_is_cancelled_or_is_not) {
    auto const failures = fail_each([&](trial& t) {
        ordo::event_loop loop;
        asio::steady_timer timer(loop.get_executor(), 24h);
        auto const f = timer.async_wait(use_future(loop));
        if (!t.attempt([&] { f.cancel("a message that is too long to be stored inside"); })) timer.cancel();
        loop.run_until_done(f);
        BOOST_TEST((f.cancelled() || f.exception()));
    });
    BOOST_TEST(failures >= 1);
}

BOOST_AUTO_TEST_CASE(a_guest_of_a_foreign_event_loop_goes_on) {
    auto const failures = fail_each([&](trial& t) {
        foreign_loop host;
        ordo::guest_mode mode([&](std::function<void()> call) { host.call_soon(std::move(call)); });
        ordo::event_loop loop(mode.get_executor());
        loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const& report) {
            failing_heap::pause const unharmed;
            if (!report.exception) t.wrong += report.message + "; ";
            else if (!was_dropped(report.exception)) t.expect_bad_alloc(report.exception, report.message);
            host.quit(); // it ends by that
        });
        asio::local::stream_protocol::socket a(mode.get_executor()), b(mode.get_executor());
        asio::local::connect_pair(a, b);
        bool received = false;
        auto const talk = [&]() -> coro<> {
            char byte = 0;
            co_await ordo::sleep(1ms);
            co_await b.async_write_some(asio::buffer("x", 1), asio::deferred);
            co_await a.async_read_some(asio::buffer(&byte, 1), asio::deferred);
            received = byte == 'x';
            host.quit();
        };
        bool quit = true;
        t.attempt([&] {
            loop.create_task(talk);
            quit = host.run();
        });
        received = false;
        loop.create_task(talk); // now there is memory
        quit &= host.run();
        if (!quit) t.wrong += "the loop was not woken; ";
        if (!received) t.wrong += "the loop does not work afterwards; ";
    });
    BOOST_TEST(failures >= 10);
}

BOOST_AUTO_TEST_SUITE_END()
