// ordo: tests of a loop on the host's context or strand: who runs it, and what keeps the host's run() alive.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/event_loop.hpp>

#include "open_descriptors.hpp"

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/future.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/virtual_clock.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

struct borrowed : no_descriptors_left {
    asio::io_context host;
    ordo::event_loop loop{host};
    ordo::testing::order_recorder order;

    auto notes(std::string_view what) { return order.recording(what); }

    /// Run the host until it has no work, or for far too long.
    /// @returns   Whether it ended by itself.
    bool host_ends() {
        host.restart();
        host.run_for(5s);
        return host.stopped();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(on_an_io_context, borrowed)

BOOST_AUTO_TEST_CASE(the_host_runs_the_callbacks) {
    loop.call_soon(notes("ran"));
    BOOST_TEST(order.difference({}) == "");
    host.run();
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(it_is_running_while_it_runs_callbacks_only) {
    bool in_callback = false, in_handler = true;
    loop.call_soon([&] {
        in_callback = loop.is_running();
        asio::post(host, [&] { in_handler = loop.is_running(); });
    });
    host.run();
    BOOST_TEST(in_callback);
    BOOST_TEST(!in_handler);
    BOOST_TEST(!loop.is_running());
}

BOOST_AUTO_TEST_CASE(it_is_the_running_loop_of_its_callbacks_and_of_no_handler_of_the_host) {
    ordo::event_loop* seen = nullptr;
    bool refused = false;
    loop.call_soon([&] {
        seen = &ordo::get_running_loop();
        asio::post(host, [&] {
            try {
                ordo::get_running_loop();
            } catch (ordo::usage_error const&) {
                refused = true;
            }
        });
    });
    host.run();
    BOOST_TEST(seen == &loop);
    BOOST_TEST(refused);
}

BOOST_AUTO_TEST_CASE(a_handler_of_the_host_may_schedule) {
    asio::post(host, [&] {
        loop.call_soon(notes("soon"));
        loop.call_later(1ms, notes("later"));
    });
    host.run();
    BOOST_TEST(order.difference({"soon", "later"}) == "");
}

BOOST_AUTO_TEST_CASE(a_handler_of_the_host_may_start_a_task) {
    auto const main = [&]() -> ordo::coro<> {
        co_await ordo::sleep(1ms);
        order.record("slept");
    };
    asio::post(host, [&] { static_cast<void>(loop.create_task(main())); });
    host.run();
    BOOST_TEST(order.difference({"slept"}) == "");
}

BOOST_AUTO_TEST_CASE(the_host_may_be_run_again) {
    loop.call_soon(notes("first"));
    host.run();
    loop.call_soon(notes("second"));
    loop.call_later(1ms, notes("third"));
    host.restart();
    host.run();
    BOOST_TEST(order.difference({"first", "second", "third"}) == "");
}

BOOST_AUTO_TEST_CASE(the_host_may_poll) {
    loop.call_soon(notes("ran"));
    loop.call_later(1h, notes("never"));
    host.poll();
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(another_thread_may_call_soon_threadsafe) {
    auto const work = asio::make_work_guard(host);
    std::thread other([&] { loop.call_soon_threadsafe([&] { host.stop(); }); });
    host.run();
    other.join();
    BOOST_TEST(loop.iterations() == 1u);
}

BOOST_AUTO_TEST_CASE(an_exception_of_a_callback_does_not_reach_the_host) {
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { order.record("handler"); });
    loop.call_soon([] { throw std::runtime_error("boom"); });
    BOOST_CHECK_NO_THROW(host.run());
    BOOST_TEST(order.difference({"handler"}) == "");
}

BOOST_AUTO_TEST_CASE(the_order_does_not_depend_on_what_else_the_host_runs) {
    // Rule 9: the same program on a loop alone, and among handlers that re-post themselves all the time.
    auto const trace = [](bool noisy) {
        asio::io_context context;
        auto const clock = std::make_shared<ordo::testing::virtual_clock>();
        ordo::event_loop on(context, {.strict = true, .clock = clock});
        ordo::testing::order_recorder seen;
        int noise = 0;
        std::function<void()> const make_noise = [&] {
            if (++noise < 1000) asio::post(context, make_noise);
        };
        if (noisy)
            for (int i = 0; i < 3; ++i) asio::post(context, make_noise);
        std::function<void(int)> const step = [&](int n) {
            seen.record(std::to_string(n));
            if (n >= 50) return;
            on.call_soon(step, 2 * n + 1);
            on.call_later(std::chrono::milliseconds(n % 3), step, 2 * n + 2);
        };
        on.call_soon(step, 0);
        context.run();
        return seen.text();
    };
    auto const alone = trace(false);
    BOOST_TEST(trace(true) == alone);
    BOOST_TEST(alone.size() > 100);
}

BOOST_AUTO_TEST_CASE(virtual_time_jumps_while_the_host_runs) {
    auto const clock = std::make_shared<ordo::testing::virtual_clock>();
    ordo::event_loop on(host, {.clock = clock});
    on.call_later(1h, notes("an hour"));
    on.call_later(24h, notes("a day"));
    BOOST_TEST(host_ends());
    BOOST_TEST(order.difference({"an hour", "a day"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(the_hosts_run, borrowed)

BOOST_AUTO_TEST_CASE(returns_at_once_if_the_loop_is_idle) {
    BOOST_TEST(host.run() == 0u);
}

BOOST_AUTO_TEST_CASE(returns_when_the_loop_has_become_idle) {
    loop.call_soon([&] { loop.call_soon(notes("last")); });
    BOOST_TEST(host_ends());
    BOOST_TEST(order.difference({"last"}) == "");
}

BOOST_AUTO_TEST_CASE(goes_on_while_there_is_a_timer) {
    loop.call_later(5ms, notes("timer"));
    host.run();
    BOOST_TEST(order.difference({"timer"}) == "");
}

BOOST_AUTO_TEST_CASE(returns_if_all_timers_were_cancelled_by_a_callback) {
    auto h = loop.call_later(1h, notes("never"));
    loop.call_soon([&] { h.cancel(); });
    BOOST_TEST(host_ends());
}

BOOST_AUTO_TEST_CASE(returns_if_all_timers_were_cancelled_by_a_handler_of_the_host) {
    auto h = loop.call_later(1h, notes("never"));
    host.poll(); // it sleeps until the timer
    asio::post(host, [&] { h.cancel(); });
    BOOST_TEST(host_ends());
}

BOOST_AUTO_TEST_CASE(returns_if_all_timers_were_cancelled_between_two_runs) {
    auto h = loop.call_later(1h, notes("never"));
    host.poll();
    h.cancel();
    BOOST_TEST(host_ends());
}

BOOST_AUTO_TEST_CASE(is_not_woken_later_for_a_timer_that_an_earlier_one_replaced) {
    loop.call_later(1h, notes("never")).cancel();
    loop.call_later(2ms, notes("timer"));
    BOOST_TEST(host_ends());
    BOOST_TEST(order.difference({"timer"}) == "");
}

BOOST_AUTO_TEST_CASE(wakes_in_time_for_a_timer_that_is_earlier_than_the_one_it_waits_for) {
    auto far = loop.call_later(1h, notes("never"));
    host.poll();
    asio::post(host, [&] {
        loop.call_later(2ms, [&] {
            order.record("near");
            far.cancel();
        });
    });
    BOOST_TEST(host_ends());
    BOOST_TEST(order.difference({"near"}) == "");
}

BOOST_AUTO_TEST_CASE(returns_although_a_task_waits_for_something_that_is_no_work) {
    auto const future = loop.create_future();
    auto const wait = [&]() -> ordo::coro<> { co_await future; };
    auto const task = loop.create_task(wait());
    BOOST_TEST(host_ends());
    BOOST_TEST(!task.done());
    future.set_result();
    BOOST_TEST(host_ends());
    BOOST_TEST(task.done());
}

BOOST_AUTO_TEST_CASE(goes_on_while_the_loop_is_attached) {
    loop.attach();
    std::thread late([&] {
        loop.call_soon_threadsafe([&] {
            order.record("late");
            loop.detach();
        });
    });
    BOOST_TEST(host_ends());
    late.join();
    BOOST_TEST(order.difference({"late"}) == "");
}

BOOST_AUTO_TEST_CASE(goes_on_until_as_many_detach_as_attach) {
    loop.attach();
    loop.attach();
    loop.call_soon([&] { loop.detach(); });
    host.poll();
    BOOST_TEST(!host.stopped());
    loop.detach();
    BOOST_TEST(host_ends());
}

BOOST_AUTO_TEST_CASE(returns_when_a_handler_of_the_host_detaches_a_loop_without_timers) {
    loop.attach();
    auto h = loop.call_later(1h, notes("never"));
    host.poll();
    asio::post(host, [&] {
        h.cancel();
        loop.detach();
    });
    BOOST_TEST(host_ends());
}

BOOST_AUTO_TEST_CASE(returns_when_the_loop_is_closed) {
    loop.attach();
    loop.call_later(1h, notes("never"));
    host.poll();
    loop.close();
    BOOST_TEST(host_ends());
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(on_a_strand, no_descriptors_left)

BOOST_AUTO_TEST_CASE(of_a_pool_callbacks_run_one_at_a_time_in_order) {
    asio::thread_pool pool(4);
    ordo::event_loop loop(asio::make_strand(pool));
    std::vector<int> order; // not protected: the strand is what protects it
    std::atomic<int> inside{0};
    bool overlapped = false;
    for (int i = 0; i < 1000; ++i)
        loop.call_soon_threadsafe([&, i] {
            overlapped |= ++inside != 1;
            order.push_back(i);
            --inside;
        });
    pool.join();
    BOOST_TEST(!overlapped);
    BOOST_REQUIRE(order.size() == 1000);
    BOOST_TEST(std::is_sorted(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(of_a_pool_timers_and_tasks_work) {
    asio::thread_pool pool(4);
    ordo::event_loop loop(asio::make_strand(pool));
    std::vector<std::string> order;
    auto const main = [&]() -> ordo::coro<> {
        for (int i = 0; i < 3; ++i) {
            co_await ordo::sleep(1ms);
            order.push_back("slept");
        }
    };
    asio::post(loop.host_executor(), [&] { static_cast<void>(loop.create_task(main())); });
    pool.join();
    BOOST_TEST(order == (std::vector<std::string>{"slept", "slept", "slept"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_loops_of_one_pool_run_at_the_same_time) {
    asio::thread_pool pool(2);
    ordo::event_loop one(asio::make_strand(pool)), other(asio::make_strand(pool));
    // Each waits for the other: only if both run at once can they end.
    std::atomic<bool> one_is_there{false}, other_is_there{false};
    std::atomic<int> met{0};
    auto const meet = [&](std::atomic<bool>& mine, std::atomic<bool>& theirs) {
        mine = true;
        auto const deadline = std::chrono::steady_clock::now() + 5s;
        while (!theirs && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        met += theirs;
    };
    one.call_soon_threadsafe([&] { meet(one_is_there, other_is_there); });
    other.call_soon_threadsafe([&] { meet(other_is_there, one_is_there); });
    pool.join();
    BOOST_TEST(met == 2);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(two_loops_on_one_context, no_descriptors_left)

BOOST_AUTO_TEST_CASE(each_run_their_own_callbacks_in_their_own_order) {
    asio::io_context host;
    ordo::event_loop one(host), other(host);
    ordo::testing::order_recorder of_one, of_other;
    for (auto const* name : {"a", "b", "c"}) {
        one.call_soon(of_one.recording(name));
        other.call_soon(of_other.recording(name));
    }
    host.run();
    BOOST_TEST(of_one.difference({"a", "b", "c"}) == "");
    BOOST_TEST(of_other.difference({"a", "b", "c"}) == "");
}

BOOST_AUTO_TEST_CASE(are_each_the_running_loop_of_their_callbacks) {
    asio::io_context host;
    ordo::event_loop one(host), other(host);
    ordo::event_loop *seen_by_one = nullptr, *seen_by_other = nullptr;
    one.call_soon([&] { seen_by_one = &ordo::get_running_loop(); });
    other.call_soon([&] { seen_by_other = &ordo::get_running_loop(); });
    host.run();
    BOOST_TEST(seen_by_one == &one);
    BOOST_TEST(seen_by_other == &other);
}

BOOST_AUTO_TEST_CASE(may_schedule_on_each_other) {
    asio::io_context host;
    ordo::event_loop one(host), other(host);
    ordo::testing::order_recorder order;
    std::function<void(int)> const ping = [&](int n) {
        order.record(std::to_string(n));
        if (n < 4) (n % 2 == 0 ? other : one).call_soon(ping, n + 1);
    };
    one.call_soon(ping, 0);
    host.run();
    BOOST_TEST(order.difference({"0", "1", "2", "3", "4"}) == "");
}

BOOST_AUTO_TEST_CASE(do_not_mind_the_end_of_one) {
    asio::io_context host;
    ordo::testing::order_recorder order;
    ordo::event_loop stays(host);
    {
        ordo::event_loop goes(host);
        goes.call_soon(order.recording("never"));
        stays.call_soon(order.recording("stays"));
    }
    host.run();
    BOOST_TEST(order.difference({"stays"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
