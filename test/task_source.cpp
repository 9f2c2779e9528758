// ordo: tests of tasks that are made of requests: of what can be awaited and is neither a coroutine nor a future.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>
#include <ordo/event.hpp>
#include <ordo/queue.hpp>
#include <ordo/runner.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task_group.hpp>
#include <ordo/testing/test_case.hpp>
#include <ordo/wait.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::coro;

namespace {

template <class A>
concept makes_a_task = requires(A&& source) { ordo::create_task(std::forward<A>(source)); };

using a_get = decltype(std::declval<ordo::queue<int>&>().get());

// asyncio refuses a future, too: "a coroutine was expected".
static_assert(!makes_a_task<ordo::future<int>> && !makes_a_task<ordo::task<int>&> && !makes_a_task<int>);
static_assert(std::same_as<decltype(ordo::create_task(std::declval<a_get>())), ordo::task<int>>);
static_assert(std::same_as<decltype(ordo::create_task(ordo::sleep(1s))), ordo::task<void>>);

} // namespace

BOOST_AUTO_TEST_SUITE(task_source)

ORDO_TEST_CASE(a_request_becomes_a_task_with_a_name) {
    auto const t = ordo::create_task(ordo::sleep(1s), "nap");
    BOOST_TEST(t.name() == "nap");
    BOOST_TEST(!t.done());
    co_await t;
    BOOST_TEST(t.done());
}

ORDO_TEST_CASE(the_task_begins_in_the_next_iteration_and_gives_the_result) {
    ordo::queue<std::unique_ptr<int>> q;
    q.put_nowait(std::make_unique<int>(7));
    auto t = ordo::create_task(q.get());
    BOOST_TEST(q.qsize() == 1u);
    auto const item = co_await std::move(t);
    BOOST_TEST(*item == 7);
    BOOST_TEST(q.empty());
}

ORDO_TEST_CASE(a_task_of_a_request_may_be_eager) {
    ordo::queue<int> q;
    q.put_nowait(7);
    auto const t = ordo::create_task(q.get(), {.eager_start = true});
    BOOST_TEST(t.done());
    BOOST_TEST(t.result() == 7);
    co_return;
}

ORDO_TEST_CASE(a_request_that_is_kept_can_be_given_more_than_once) {
    ordo::queue<int> q;
    auto const request = q.get();
    auto const first = ordo::create_task(request);
    auto const second = ordo::get_running_loop().create_task(request, {.name = "second"});
    q.put_nowait(1);
    q.put_nowait(2);
    auto const a = co_await first;
    auto const b = co_await second;
    BOOST_TEST(a == 1);
    BOOST_TEST(b == 2);
    BOOST_TEST(second.name() == "second");
}

ORDO_TEST_CASE(whichever_of_two_requests_comes_first_ends_a_wait) {
    ordo::queue<int> q;
    ordo::event stopped;
    auto const item = ordo::create_task(q.get());
    auto const stop = ordo::create_task(stopped.wait());
    std::vector<ordo::any_future> const both{item, stop};
    ordo::get_running_loop().call_later(1s, [&] { stopped.set(); });
    auto const ended = co_await ordo::wait(both, ordo::return_when::first_completed);
    BOOST_REQUIRE(ended.done.size() == 1u);
    BOOST_TEST((ended.done.front() == stop));
    BOOST_TEST(!item.done());
    item.cancel();
    co_await ordo::sleep(0s); // until it has left the queue
}

ORDO_TEST_CASE(a_cancelled_task_withdraws_its_request) {
    ordo::queue<int> q;
    auto const t = ordo::create_task(q.get());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
    q.put_nowait(7);
    BOOST_TEST(q.qsize() == 1u);
}

ORDO_TEST_CASE(ensure_future_makes_a_task_of_a_request) {
    ordo::queue<int> q;
    auto const t = ordo::ensure_future(q.get());
    q.put_nowait(7);
    auto const item = co_await t;
    BOOST_TEST(item == 7);
}

ORDO_TEST_CASE(an_asio_operation_becomes_a_task) {
    boost::asio::steady_timer timer(ordo::get_running_loop().get_executor(), 1ms);
    auto const t = ordo::create_task(timer.async_wait(boost::asio::deferred));
    co_await t;
    BOOST_TEST(t.done());
}

ORDO_TEST_CASE(a_group_waits_for_a_request) {
    ordo::event set;
    auto const begin = ordo::get_running_loop().time();
    auto body = [&](ordo::task_group& group) -> coro<> {
        group.create_task(set.wait(), "event");
        group.create_task(ordo::sleep(2s));
        ordo::get_running_loop().call_later(1s, [&] { set.set(); });
        co_return;
    };
    co_await ordo::with_task_group(body);
    BOOST_TEST(set.is_set());
    BOOST_TEST((ordo::get_running_loop().time() - begin == 2s));
}

BOOST_AUTO_TEST_CASE(run_takes_a_request) {
    ordo::queue<int> q;
    q.put_nowait(7);
    BOOST_TEST(ordo::run(q.get()) == 7);
}

BOOST_AUTO_TEST_SUITE_END()
