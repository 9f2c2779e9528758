// ordo: tests of what wakes tasks of a loop that sleeps, where the host's executor has no memory for it: nothing has changed
// then, and nobody is lost.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/ordo.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <new>
#include <string>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using ordo::coro;

namespace {

/// That of a context, which throws when it is told to.
struct refusing_executor {
    asio::io_context::executor_type inner;
    bool const* refuses;

    template <class F>
    void execute(F&& handler) const {
        if (*refuses) throw std::bad_alloc();
        inner.execute(std::forward<F>(handler));
    }
    asio::execution_context& query(asio::execution::context_t) const { return inner.context(); }
    refusing_executor require(asio::execution::blocking_t::never_t) const {
        return {asio::require(inner, asio::execution::blocking.never), refuses};
    }
    bool operator==(refusing_executor const&) const = default;
};

struct fixture {
    asio::io_context host;
    bool refuses = false;
    ordo::event_loop loop{asio::any_io_executor(refusing_executor{host.get_executor(), &refuses})};
    int passed = 0;

    /// So many tasks wait, and the loop sleeps.
    template <class F>
    void start(int how_many, F body) {
        for (int i = 0; i < how_many; ++i) {
            static_cast<void>(loop.create_task([this, body]() -> coro<> {
                co_await body();
                ++passed;
            }));
        }
        run();
        BOOST_TEST(passed == 0);
    }
    void run() {
        host.restart();
        host.run();
    }
    /// Fails, changes nothing, and succeeds when it is done again.
    void fails_and_succeeds(std::function<void()> const& wake, std::function<bool()> const& has_changed) {
        refuses = true;
        BOOST_CHECK_THROW(wake(), std::bad_alloc);
        refuses = false;
        BOOST_TEST(!has_changed());
        run();
        BOOST_TEST(passed == 0);
        wake();
        BOOST_TEST(has_changed());
        run();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(refused_wakeups, fixture)

BOOST_AUTO_TEST_CASE(an_event_is_set_or_is_not) {
    ordo::event e;
    start(2, [&]() -> coro<> { co_await e.wait(); });
    fails_and_succeeds([&] { e.set(); }, [&] { return e.is_set(); });
    BOOST_TEST(passed == 2);
}

BOOST_AUTO_TEST_CASE(a_lock_is_released_or_is_not) {
    ordo::lock l;
    auto hold = [&]() -> coro<> { co_await l.acquire(); };
    static_cast<void>(loop.create_task(hold));
    start(1, [&]() -> coro<> { co_await l.acquire(); });
    fails_and_succeeds([&] { l.release(); }, [&] { return !l.locked(); });
    BOOST_TEST(passed == 1);
}

BOOST_AUTO_TEST_CASE(a_permit_is_given_back_or_is_not) {
    ordo::semaphore s(0);
    int released = 0;
    start(1, [&]() -> coro<> { co_await s.acquire(); });
    fails_and_succeeds([&] { s.release(), ++released; }, [&] { return released == 1; });
    BOOST_TEST(passed == 1);
    BOOST_TEST(s.locked());
}

BOOST_AUTO_TEST_CASE(an_item_is_put_or_is_not) {
    ordo::queue<std::string> q;
    start(1, [&]() -> coro<> { co_await q.get(); });
    fails_and_succeeds([&] { q.put_nowait("x"); }, [&] { return q.qsize() == 1; });
    BOOST_TEST(passed == 1);
    BOOST_TEST(q.empty());
}

BOOST_AUTO_TEST_CASE(an_item_is_got_or_is_not) {
    ordo::queue<std::string> q(1);
    q.put_nowait("x");
    start(1, [&]() -> coro<> { co_await q.put("y"); });
    fails_and_succeeds([&] { q.get_nowait(); }, [&] { return q.empty(); });
    BOOST_TEST(passed == 1);
    BOOST_TEST(q.get_nowait() == "y");
}

BOOST_AUTO_TEST_CASE(the_last_work_is_done_or_is_not) {
    ordo::queue<int> q;
    q.put_nowait(1);
    int said = 0;
    start(1, [&]() -> coro<> { co_await q.join(); });
    fails_and_succeeds([&] { q.task_done(), ++said; }, [&] { return said == 1; });
    BOOST_TEST(passed == 1);
}

BOOST_AUTO_TEST_CASE(a_queue_is_shut_down_or_is_not) {
    ordo::queue<int> q(2);
    q.put_nowait(1);
    q.put_nowait(2);
    start(1, [&]() -> coro<> { co_await q.join(); });
    start(1, [&]() -> coro<> {
        try {
            co_await q.put(3);
        } catch (ordo::queue_shut_down const&) {}
    });
    fails_and_succeeds([&] { q.shutdown(true); }, [&] { return q.empty(); });
    BOOST_TEST(passed == 2);
}

BOOST_AUTO_TEST_CASE(a_queue_that_was_not_shut_down_for_its_getters_takes_items) {
    ordo::queue<int> q;
    int ended = 0;
    start(1, [&]() -> coro<> {
        try {
            co_await q.get();
        } catch (ordo::queue_shut_down const&) {
            ++ended;
        }
    });
    refuses = true;
    BOOST_CHECK_THROW(q.shutdown(), std::bad_alloc);
    refuses = false;
    BOOST_CHECK_NO_THROW(q.put_nowait(1));
    run();
    BOOST_TEST(passed == 1);
    BOOST_TEST(ended == 0);
}

BOOST_AUTO_TEST_CASE(a_waiter_is_cancelled_or_is_not_and_by_the_last_request) {
    ordo::event e;
    std::string message = "none";
    auto wait = [&](auto request) -> coro<> {
        try {
            co_await std::move(request);
        } catch (ordo::cancelled_error const& error) {
            message = error.message();
        }
    };
    for (auto const& task : {loop.create_task(wait(e.wait())), loop.create_task(wait(ordo::sleep(1h)))}) {
        host.restart();
        host.poll();
        refuses = true;
        BOOST_CHECK_THROW(task.cancel("first"), std::bad_alloc);
        refuses = false;
        BOOST_TEST(task.cancelling() == 0);
        task.cancel();
        host.restart();
        host.poll();
        BOOST_TEST(message == "");
    }
}

BOOST_AUTO_TEST_SUITE_END()
