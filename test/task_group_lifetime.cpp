// ordo: tests of task groups whose loop is closed, that outlive it, and of what they hold.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/task_group.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <ordo/exception_context.hpp>

#include <memory>

using ordo::task_group;
using ordo::with_task_group;

namespace {

constexpr ordo::task_options eager{.eager_start = true};

} // namespace

BOOST_AUTO_TEST_SUITE(task_group_lifetime)

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_at_any_moment) {
    for (int iterations = 0; iterations < 8; ++iterations) {
        counted::reset();
        {
            virtual_loop v;
            v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            auto child = [](int hops) -> coro<counted> {
                counted const local(1);
                co_await value_after_hops(hops, 1);
                co_return counted(2);
            };
            auto body = [&, held = counted(3)](task_group& group) -> coro<> {
                group.create_task(child(1), eager);
                auto const pending = group.create_task(child(3));
                pending.add_done_callback([held = counted(4)] {}); // shows that the task itself is gone
                group.create_task(failure_after(0s, "bad"));
                co_await unwilling(1h);
            };
            auto main = [&]() -> coro<> { co_await with_task_group(body); };
            static_cast<void>(v.loop.create_task(main));
            for (int i = 0; i < iterations; ++i) v.run_once();
            v.loop.close();
        }
        BOOST_TEST(counted::constructed > 0);
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_group_of_the_callers_may_outlive_its_loop) {
    for (int iterations = 0; iterations < 5; ++iterations) {
        counted::reset();
        auto group = std::make_unique<task_group>();
        {
            virtual_loop v;
            v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            auto child = [held = counted(1)]() -> coro<> { co_await unwilling(1h); };
            auto body = [&]() -> coro<> {
                group->create_task(child).add_done_callback([held = counted(4)] {});
                co_await sleep(0s);
            };
            auto main = [&]() -> coro<> { co_await with_task_group(*group, body); };
            static_cast<void>(v.loop.create_task(main));
            for (int i = 0; i < iterations; ++i) v.run_once();
            v.loop.close();
            group->cancel(); // the body was destroyed
        }
        group->cancel();
        group.reset();
        BOOST_TEST(counted::constructed > 0);
        BOOST_TEST(counted::alive() == 0);
    }
}

ORDO_TEST_CASE(the_results_of_the_tasks_are_gone_with_their_handles) {
    counting const from_zero;
    auto child = []() -> coro<counted> { co_return counted(1); };
    auto body = [&](task_group& group) -> coro<> {
        group.create_task(child);
        co_await sleep(2s);
        BOOST_TEST(counted::alive() == 0); // the group does not keep them to its end
        co_await sleep(1s);
    };
    co_await with_task_group(body);
    BOOST_TEST(counted::constructed > 0);
}

BOOST_AUTO_TEST_CASE(a_loop_may_be_closed_at_any_moment_of_a_start) {
    for (int iterations = 0; iterations < 5; ++iterations) {
        counted::reset();
        {
            virtual_loop v;
            v.loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
            auto server = [held = counted(1)](ordo::task_status<counted> status) -> coro<> {
                co_await sleep(0s);
                status.started(counted(2));
                co_await sleep(1h);
            };
            auto body = [&, held = counted(3)](task_group& group) -> coro<> {
                auto const result = co_await group.start<counted>(server);
                co_await sleep(1h);
            };
            auto main = [&]() -> coro<> { co_await with_task_group(body); };
            static_cast<void>(v.loop.create_task(main));
            for (int i = 0; i < iterations; ++i) v.run_once();
            v.loop.close();
        }
        BOOST_TEST(counted::constructed > 0);
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_SUITE_END()
