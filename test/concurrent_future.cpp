// ordo: tests of the future that any thread may wait for.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/concurrent_future.hpp>

#include <ordo/exceptions.hpp>

#include "captured_log.hpp"
#include "counted.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using ordo::concurrent_future;

BOOST_AUTO_TEST_SUITE(concurrent_future_)

// -- results

BOOST_AUTO_TEST_CASE(a_new_one_is_pending) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(!f.done());
    BOOST_TEST(!f.running());
    BOOST_TEST(!f.cancelled());
}

BOOST_AUTO_TEST_CASE(an_empty_one_says_so) {
    concurrent_future<int> const none;
    BOOST_TEST(!none);
    BOOST_TEST(static_cast<bool>(concurrent_future<int>::make()));
}

BOOST_AUTO_TEST_CASE(get_waits_for_another_thread) {
    auto const f = concurrent_future<int>::make();
    std::thread other([f] { f.set_result(42); });
    BOOST_TEST(f.get() == 42);
    BOOST_TEST(f.done());
    other.join();
}

BOOST_AUTO_TEST_CASE(get_of_an_lvalue_looks_at_the_result) {
    auto const f = concurrent_future<std::string>::make();
    f.set_result("text");
    auto const& first = f.get();
    auto const& second = f.get(1s);
    BOOST_TEST(first == "text");
    BOOST_TEST(&first == &second);
}

BOOST_AUTO_TEST_CASE(get_of_an_rvalue_takes_the_result) {
    auto f = concurrent_future<std::unique_ptr<int>>::make();
    auto const copy = f;
    f.set_result(std::make_unique<int>(7));
    auto const taken = std::move(f).get();
    BOOST_TEST(*taken == 7);
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { static_cast<void>(copy.get()); }) ==
               "concurrent_future::get: the result was moved out; call it on an lvalue to look at it more than once");
}

BOOST_AUTO_TEST_CASE(a_reference_is_passed_on) {
    int number = 1;
    auto const f = concurrent_future<int&>::make();
    f.set_result(number);
    BOOST_TEST(&f.get() == &number);
}

BOOST_AUTO_TEST_CASE(void_has_an_end_only) {
    auto const f = concurrent_future<>::make();
    f.set_result();
    f.get();
    BOOST_TEST(f.done());
}

BOOST_AUTO_TEST_CASE(get_throws_the_error) {
    auto const f = concurrent_future<int>::make();
    f.set_exception(std::out_of_range("too far"));
    BOOST_TEST(error_text<std::out_of_range>([&] { static_cast<void>(f.get()); }) == "too far");
    BOOST_TEST(error_text<std::out_of_range>([&] { std::rethrow_exception(f.exception()); }) == "too far");
}

BOOST_AUTO_TEST_CASE(exception_is_null_if_there_is_a_result) {
    auto const f = concurrent_future<int>::make();
    f.set_result(1);
    BOOST_TEST(!f.exception());
    BOOST_TEST(!f.exception(1s));
}

BOOST_AUTO_TEST_CASE(the_result_is_destroyed_with_the_last_handle) {
    counted::reset();
    {
        auto const f = concurrent_future<counted>::make();
        f.set_result(counted(1));
        auto const copy = f;
    }
    BOOST_TEST(counted::constructed > 0);
    BOOST_TEST(counted::alive() == 0);
}

// -- time

BOOST_AUTO_TEST_CASE(get_gives_up_after_the_timeout) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(error_text<ordo::timeout_error>([&] { static_cast<void>(f.get(0.01s)); }) ==
               "concurrent_future::get: not done within 0.010 s; wait longer, or cancel() it");
    BOOST_TEST(error_text<ordo::timeout_error>([&] { static_cast<void>(f.exception(-1s)); }) ==
               "concurrent_future::exception: not done within -1.000 s; wait longer, or cancel() it");
    f.set_result(1);
    BOOST_TEST(f.get(0s) == 1);
}

BOOST_AUTO_TEST_CASE(wait_says_whether_it_is_done) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(!f.wait(1ms));
    std::thread other([f] { f.set_result(42); });
    BOOST_TEST(f.wait(std::chrono::hours::max()));
    f.wait();
    other.join();
}

// -- the states

BOOST_AUTO_TEST_CASE(a_pending_one_can_be_cancelled) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(f.cancel());
    BOOST_TEST(f.cancel()); // as in Python
    BOOST_TEST(f.cancelled());
    BOOST_TEST(f.done());
    BOOST_CHECK_THROW(static_cast<void>(f.get()), ordo::cancelled_error);
    BOOST_CHECK_THROW(static_cast<void>(f.exception()), ordo::cancelled_error);
    BOOST_TEST(!f.set_running_or_notify_cancel());
    BOOST_TEST(f.cancelled());
}

BOOST_AUTO_TEST_CASE(a_running_one_cannot_be_cancelled) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(f.set_running_or_notify_cancel());
    BOOST_TEST(f.running());
    BOOST_TEST(!f.cancel());
    f.set_result(1);
    BOOST_TEST(!f.running());
    BOOST_TEST(!f.cancel());
}

BOOST_AUTO_TEST_CASE(cancelling_releases_the_thread_that_waits) {
    auto const f = concurrent_future<int>::make();
    std::thread other([f] { f.cancel(); });
    BOOST_CHECK_THROW(static_cast<void>(f.get()), ordo::cancelled_error);
    other.join();
}

BOOST_AUTO_TEST_CASE(it_is_completed_once) {
    auto const f = concurrent_future<int>::make();
    f.set_result(1);
    BOOST_TEST(
        error_text<ordo::invalid_state_error>([&] { f.set_result(2); }) ==
        "concurrent_future::set_result: already done (finished); a future is completed once, check done() first");
    auto const g = concurrent_future<int>::make();
    g.cancel();
    BOOST_TEST(
        error_text<ordo::invalid_state_error>([&] { g.set_exception(std::runtime_error("")); }) ==
        "concurrent_future::set_exception: already done (cancelled); a future is completed once, check done() first");
    BOOST_TEST(f.get() == 1);
}

BOOST_AUTO_TEST_CASE(a_null_exception_is_refused) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(error_text<std::invalid_argument>([&] { f.set_exception(std::exception_ptr()); }) ==
               "concurrent_future::set_exception: the exception is null; pass a real one");
    BOOST_TEST(!f.done());
}

BOOST_AUTO_TEST_CASE(the_work_begins_once) {
    auto const f = concurrent_future<int>::make();
    BOOST_TEST(f.set_running_or_notify_cancel());
    BOOST_TEST(error_text<ordo::usage_error>([&] { f.set_running_or_notify_cancel(); }) ==
               "concurrent_future::set_running_or_notify_cancel: it is running already; call it once, before the work "
               "begins");
    f.set_result(1);
    BOOST_TEST(error_text<ordo::usage_error>([&] { f.set_running_or_notify_cancel(); }) ==
               "concurrent_future::set_running_or_notify_cancel: it is over already; call it once, before the work "
               "begins");
}

BOOST_AUTO_TEST_CASE(a_result_that_cannot_be_stored_leaves_it_pending) {
    struct unwilling {
        unwilling() = default;
        unwilling(unwilling const&) { throw std::length_error("not copied"); }
    };
    auto const f = concurrent_future<unwilling>::make();
    unwilling const value;
    BOOST_TEST(error_text<std::length_error>([&] { f.set_result(value); }) == "not copied");
    BOOST_TEST(!f.done());
    BOOST_TEST(f.cancel());
}

// -- callbacks

BOOST_AUTO_TEST_CASE(callbacks_are_called_in_order_by_the_thread_that_completes_it) {
    auto const f = concurrent_future<int>::make();
    std::vector<int> order;
    std::thread::id caller;
    f.add_done_callback([&](concurrent_future<int> done) { order.push_back(done.get()); });
    f.add_done_callback([&] { caller = std::this_thread::get_id(); });
    std::thread other([f] { f.set_result(1); });
    auto const id = other.get_id();
    other.join();
    BOOST_TEST(order == std::vector<int>{1});
    BOOST_TEST((caller == id));
}

BOOST_AUTO_TEST_CASE(a_callback_that_comes_late_is_called_at_once) {
    auto const f = concurrent_future<int>::make();
    f.cancel();
    int called = 0;
    f.add_done_callback([&](auto const& done) { called += done.cancelled(); });
    BOOST_TEST(called == 1);
}

BOOST_AUTO_TEST_CASE(what_a_callback_throws_is_logged_and_the_next_is_called) {
    captured_log const log;
    auto const f = concurrent_future<int>::make();
    bool called = false;
    f.add_done_callback([] { throw std::runtime_error("oops"); });
    f.add_done_callback([&] { called = true; });
    f.set_result(1);
    BOOST_TEST(called);
    BOOST_TEST(log.text() == "error: exception in a done callback of a concurrent_future: std::runtime_error: oops\n");
}

BOOST_AUTO_TEST_CASE(callbacks_are_dropped_with_a_future_that_never_ends) {
    auto const held = std::make_shared<int>(1);
    {
        auto const f = concurrent_future<int>::make();
        f.add_done_callback([held] {});
        BOOST_TEST(held.use_count() == 2);
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_callback_may_drop_the_handle_that_completes_the_future) {
    auto f = std::make_unique<concurrent_future<int>>(concurrent_future<int>::make());
    int result = 0;
    f->add_done_callback([&](concurrent_future<int> done) {
        f.reset();
        result = done.get();
    });
    f->set_result(7);
    BOOST_TEST(result == 7);
}

BOOST_AUTO_TEST_SUITE_END()
