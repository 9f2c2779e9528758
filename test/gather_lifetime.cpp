// ordo: tests of gather when loops are closed, futures lost and handles dropped.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/gather.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <ordo/exception_context.hpp>

#include <memory>
#include <optional>
#include <tuple>

using ordo::gather;

namespace {

coro<counted> holding(ordo::duration delay) {
    counted const local(1);
    co_await sleep(delay);
    co_return counted(2);
}

/// A loop whose reports are nobody's business.
struct quiet_loop {
    std::optional<virtual_loop> v{std::in_place};
    quiet_loop() {
        counted::reset();
        v->loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    }

    /// Starts a gather of three, one of which is done after two iterations.
    auto start(int iterations) {
        std::optional<decltype(gather(holding(0s), holding(1h), v->loop.create_future<int>()))> all;
        v->loop.call_soon([&] { all = gather(holding(0s), holding(1h), v->loop.create_future<int>()); });
        for (int i = 0; i <= iterations; ++i) v->run_once();
        return std::move(*all);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(gather_lifetime)

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_while_it_waits_leaves_nothing) {
    for (int iterations = 0; iterations < 6; ++iterations) {
        quiet_loop q;
        {
            auto const all = q.start(iterations);
            q.v->loop.close();
            BOOST_TEST(!all.done());
        }
        if (iterations > 0) BOOST_TEST(counted::constructed > 0);
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_CASE(the_future_may_be_dropped_at_any_moment) {
    for (int iterations = 0; iterations < 6; ++iterations) {
        quiet_loop q;
        static_cast<void>(q.start(iterations));
        for (int i = 0; i < 4; ++i) q.v->run_once();
        q.v.reset();
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_CASE(the_future_may_outlive_its_loop) {
    for (int iterations = 0; iterations < 6; ++iterations) {
        quiet_loop q;
        auto all = std::make_optional(q.start(iterations));
        q.v.reset();
        BOOST_TEST(!all->done());
        all.reset();
        BOOST_TEST(counted::alive() == 0);
    }
}

BOOST_AUTO_TEST_CASE(cancelling_the_future_after_its_loop_was_closed_says_no) {
    for (int iterations = 0; iterations < 6; ++iterations) {
        quiet_loop q;
        auto const all = q.start(iterations);
        q.v->loop.close();
        BOOST_TEST(!all.cancel());
        q.v.reset();
        BOOST_TEST(!all.cancel());
        BOOST_TEST(!all.done());
    }
}

BOOST_AUTO_TEST_CASE(a_future_that_nobody_will_complete_is_no_leak) {
    quiet_loop q;
    std::weak_ptr<int> watched;
    auto body = [&]() -> coro<> {
        auto held = std::make_shared<int>(1);
        watched = held;
        auto const lost = get_running_loop().create_future<int>();
        lost.add_done_callback([held] {});
        static_cast<void>(gather(lost, lost));
        co_await sleep(0s);
    };
    q.v->loop.run_until_complete(body());
    BOOST_TEST(!watched.expired());
    q.v->loop.close();
    BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(a_child_that_is_completed_after_its_loop_was_closed_completes_nothing) {
    ordo::event_loop loop;
    auto const f = loop.create_future<int>();
    auto const all = gather(f);
    loop.close();
    f.set_result(1); // nobody waits for it any more
    BOOST_TEST(!all.done());
}

ORDO_TEST_CASE(results_that_are_gathered_are_gone_with_the_future) {
    counting const from_zero;
    {
        auto const all = gather(holding(0s), holding(1s));
        co_await all;
        BOOST_TEST(counted::alive() == 2); // the tasks, from which they were moved, are gone
        BOOST_TEST(counted::copied == 0);
    }
    BOOST_TEST(counted::alive() == 0);
}

ORDO_TEST_CASE(a_task_is_gone_when_the_future_of_all_is) {
    counting const from_zero;
    auto all = gather(holding(0s), holding(1s));
    auto const results = co_await std::move(all);
    BOOST_TEST(std::get<0>(results).id == 2);
    all = {};
    BOOST_TEST(counted::alive() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
