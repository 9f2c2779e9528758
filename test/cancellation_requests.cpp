// ordo: tests of requests to cancel: what cancel() says and what is counted, rule 16 of the ordering contract.
// SPDX-License-Identifier: BSL-1.0
#include "cancelling.hpp"

#include <exception>

BOOST_AUTO_TEST_SUITE(cancellation_requests)

ORDO_TEST_CASE(cancelling_a_done_task_says_no_and_is_not_counted) {
    auto body = []() -> coro<int> { co_return 5; };
    auto const t = create_task(body());
    co_await t;
    BOOST_TEST(!t.cancel());
    BOOST_TEST(t.cancelling() == 0);
    BOOST_TEST(!t.cancelled());
}

ORDO_TEST_CASE(every_request_to_a_task_that_is_not_done_is_counted) {
    int survived = 0;
    auto const t = create_task(survive(get_running_loop().create_future<int>(), survived));
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancel());
    BOOST_TEST(t.cancel());
    BOOST_TEST(t.cancelling() == 2);
    auto const value = co_await t;
    BOOST_TEST(value == 7);
    BOOST_TEST(survived == 1);
    BOOST_TEST(t.cancelling() == 2);
}

ORDO_TEST_CASE(uncancel_takes_requests_back_and_stops_at_zero) {
    int survived = 0;
    auto const t = create_task(survive(get_running_loop().create_future<int>(), survived));
    BOOST_TEST(t.uncancel() == 0);
    co_await ordo::sleep(0s);
    t.cancel();
    t.cancel();
    BOOST_TEST(t.uncancel() == 1);
    BOOST_TEST(t.uncancel() == 0);
    BOOST_TEST(t.uncancel() == 0);
    BOOST_TEST(t.cancelling() == 0);
    co_await t;
    BOOST_TEST(survived == 1); // the future that it waited for was cancelled by then
}

ORDO_TEST_CASE(uncancel_to_zero_revokes_a_request_that_was_not_delivered) {
    auto const self = *ordo::current_task();
    self.cancel();
    self.cancel();
    self.uncancel();
    self.uncancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(self.cancelling() == 0);
}

ORDO_TEST_CASE(uncancel_to_one_leaves_the_request_in_force) {
    auto const self = *ordo::current_task();
    self.cancel();
    self.cancel();
    self.uncancel();
    bool cancelled = false;
    try {
        co_await ordo::sleep(0s);
    } catch (cancelled_error const&) {
        cancelled = true;
    }
    BOOST_TEST(cancelled);
}

ORDO_TEST_CASE(a_cancelled_error_is_not_a_std_exception) {
    bool by_exception = false;
    bool by_cancelled_error = false;
    ordo::current_task()->cancel();
    try {
        try {
            co_await ordo::sleep(0s);
        } catch (std::exception const&) {
            by_exception = true;
        }
    } catch (cancelled_error const&) {
        by_cancelled_error = true;
    }
    BOOST_TEST(!by_exception);
    BOOST_TEST(by_cancelled_error);
}

ORDO_TEST_CASE(tasks_that_wait_for_each_other_can_be_cancelled) {
    // CPython: RecursionError.
    for (std::size_t const n : {2u, 3u, 5u}) {
        std::vector<ordo::task<>> ring(n);
        auto follow = [&ring](std::size_t i) -> coro<> { co_await ring[(i + 1) % ring.size()]; };
        for (std::size_t i = 0; i < n; ++i) ring[i] = create_task(follow(i));
        auto wait_for_the_ring = [&ring]() -> coro<> { co_await ring[0]; };
        auto const outside = create_task(wait_for_the_ring());
        co_await ordo::sleep(0s);
        BOOST_TEST(outside.cancel("enough"));
        for (auto const& task : ring) BOOST_TEST(task.cancelling() == 1);
        for (std::size_t i = 0; i < 2 * n; ++i) co_await ordo::sleep(0s);
        for (auto const& task : ring) BOOST_TEST(task.cancelled());
        BOOST_TEST(outside.cancelled());
    }
}

ORDO_TEST_CASE(tasks_that_wait_for_each_other_can_be_cancelled_again_before_the_first_of_them_goes_on) {
    for (std::size_t const n : {2u, 3u, 5u}) {
        std::vector<ordo::task<>> ring(n);
        auto follow = [&ring](std::size_t i) -> coro<> { co_await ring[(i + 1) % ring.size()]; };
        for (std::size_t i = 0; i < n; ++i) ring[i] = create_task(follow(i));
        co_await ordo::sleep(0s);
        for (auto const& task : ring) BOOST_TEST(task.cancel());
        BOOST_TEST(ring[0].cancel());
        for (std::size_t i = 0; i < 2 * n; ++i) co_await ordo::sleep(0s);
        for (auto const& task : ring) BOOST_TEST(task.cancelled());
    }
}

BOOST_AUTO_TEST_SUITE_END()
