// ordo: tests of futures: states, callbacks, results, and who waits.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/future.hpp>

#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using ordo::coro;
using ordo::future;

namespace {

struct fixture {
    ordo::event_loop loop{{.clock = std::make_shared<ordo::testing::virtual_clock>()}};
    ordo::testing::order_recorder order;

    void run_one_iteration() {
        loop.stop();
        loop.run_forever();
    }
};

coro<> record_when_done(future<int> awaited, ordo::testing::order_recorder& order, std::string name) {
    co_await awaited;
    order.record(name);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(future_, fixture)

// -- states

BOOST_AUTO_TEST_CASE(a_new_future_is_pending) {
    auto const f = loop.create_future<int>();
    BOOST_TEST(!f.done());
    BOOST_TEST(!f.cancelled());
}

BOOST_AUTO_TEST_CASE(a_result_makes_it_done) {
    auto const f = loop.create_future<int>();
    f.set_result(7);
    BOOST_TEST(f.done());
    BOOST_TEST(!f.cancelled());
    BOOST_TEST(f.result() == 7);
    BOOST_TEST(!f.exception());
}

BOOST_AUTO_TEST_CASE(an_error_makes_it_done) {
    auto const f = loop.create_future<int>();
    f.set_exception(std::out_of_range("too far"));
    BOOST_TEST(f.done());
    BOOST_TEST(!f.cancelled());
    BOOST_TEST(error_text<std::out_of_range>([&] { f.result(); }) == "too far");
}

BOOST_AUTO_TEST_CASE(an_error_can_be_given_as_a_pointer_and_comes_out_as_the_same_object) {
    auto const error = std::make_exception_ptr(std::runtime_error("on purpose"));
    auto const f = loop.create_future<int>();
    f.set_exception(error);
    BOOST_TEST((f.exception() == error));
}

BOOST_AUTO_TEST_CASE(cancelling_makes_it_done_and_cancelled) {
    auto const f = loop.create_future<int>();
    BOOST_TEST(f.cancel());
    BOOST_TEST(f.done());
    BOOST_TEST(f.cancelled());
}

BOOST_AUTO_TEST_CASE(cancelling_a_done_one_does_nothing) {
    auto const f = loop.create_future<int>();
    f.set_result(7);
    BOOST_TEST(!f.cancel());
    BOOST_TEST(f.result() == 7);
}

BOOST_AUTO_TEST_CASE(cancelling_twice_keeps_the_first_message) {
    auto const f = loop.create_future<int>();
    BOOST_TEST(f.cancel("first"));
    BOOST_TEST(!f.cancel("second"));
    BOOST_TEST(cancel_message([&] { f.result(); }) == "first");
}

BOOST_AUTO_TEST_CASE(the_message_of_a_cancelled_future_is_in_every_error_made_from_it) {
    auto const f = loop.create_future<int>();
    f.cancel("why");
    BOOST_TEST(cancel_message([&] { f.result(); }) == "why");
    BOOST_TEST(cancel_message([&] { f.exception(); }) == "why");
    BOOST_TEST(cancel_message([&] { loop.run_until_complete(f); }) == "why");
}

// -- handles

BOOST_AUTO_TEST_CASE(copies_denote_the_same_future) {
    auto const f = loop.create_future<int>();
    auto const copy = f;
    f.set_result(7);
    BOOST_TEST(copy.result() == 7);
    BOOST_TEST((copy == f));
}

BOOST_AUTO_TEST_CASE(different_futures_are_unequal) {
    auto const f = loop.create_future<int>();
    auto const g = loop.create_future<int>();
    BOOST_TEST((f != g));
}

BOOST_AUTO_TEST_CASE(an_empty_handle_is_false_and_a_moved_from_one_too) {
    future<int> empty;
    BOOST_TEST(!empty);
    auto f = loop.create_future<int>();
    empty = std::move(f);
    BOOST_TEST(static_cast<bool>(empty));
    BOOST_TEST(!f);
}

BOOST_AUTO_TEST_CASE(it_knows_its_loop_and_where_it_was_created) {
    auto const f = loop.create_future<int>();
    BOOST_TEST(&f.get_loop() == &loop);
    BOOST_TEST(f.created_at().line() == static_cast<unsigned>(__LINE__ - 2));
    BOOST_TEST(std::string_view(f.created_at().file_name()).ends_with("future.cpp"));
}

BOOST_AUTO_TEST_CASE(it_can_outlive_its_loop) {
    future<int> f;
    {
        ordo::event_loop other;
        f = other.create_future<int>();
        f.set_result(7);
    }
    BOOST_TEST(f.result() == 7);
    BOOST_TEST(error_text<ordo::usage_error>([&] { f.get_loop(); }) == "future::get_loop: the loop is destroyed");
}

// -- results

BOOST_AUTO_TEST_CASE(a_void_future_has_a_result_without_a_value) {
    auto const f = loop.create_future();
    f.set_result();
    f.result();
    BOOST_TEST(f.done());
}

BOOST_AUTO_TEST_CASE(result_of_an_lvalue_looks_at_the_value) {
    auto const f = loop.create_future<std::string>();
    f.set_result("text");
    BOOST_TEST(&f.result() == &f.result());
}

BOOST_AUTO_TEST_CASE(result_of_an_rvalue_moves_the_value_out) {
    auto f = loop.create_future<std::unique_ptr<int>>();
    auto const copy = f;
    f.set_result(std::make_unique<int>(7));
    auto const taken = std::move(f).result();
    BOOST_TEST(*taken == 7);
    BOOST_TEST(error_text<ordo::invalid_state_error>([&] { copy.result(); }) ==
               "future::result: the result was moved out; await an lvalue to look at it more than once");
}

BOOST_AUTO_TEST_CASE(a_reference_result_is_the_object_itself) {
    int original = 1;
    auto const f = loop.create_future<int&>();
    f.set_result(original);
    BOOST_TEST(&f.result() == &original);
}

BOOST_AUTO_TEST_CASE(a_result_converts_to_the_type_of_the_future) {
    auto const f = loop.create_future<std::string>();
    f.set_result("text");
    BOOST_TEST(f.result() == "text");
}

BOOST_AUTO_TEST_CASE(a_result_is_destroyed_with_the_last_handle) {
    counting const from_zero;
    {
        auto const f = loop.create_future<counted>();
        f.set_result(counted(1));
        BOOST_TEST(counted::alive() == 1);
    }
    BOOST_TEST(counted::alive() == 0);
    BOOST_TEST(counted::copied == 0);
}

// -- done callbacks

BOOST_AUTO_TEST_CASE(done_callbacks_run_in_the_next_iteration_in_the_order_of_registration) {
    auto const f = loop.create_future<int>();
    f.add_done_callback(order.recording("a"));
    f.add_done_callback(order.recording("b"));
    f.set_result(7);
    BOOST_TEST(order.text() == "");
    run_one_iteration();
    BOOST_TEST(order.difference({"a", "b"}) == "");
}

BOOST_AUTO_TEST_CASE(a_done_callback_is_given_the_future) {
    auto const f = loop.create_future<int>();
    int seen = 0;
    f.add_done_callback([&](future<int> const& done) { seen = done.result(); });
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE(a_done_callback_of_an_untyped_handle_is_given_an_untyped_handle) {
    auto const f = loop.create_future<int>();
    ordo::any_future seen;
    ordo::any_future const untyped = f;
    untyped.add_done_callback([&](ordo::any_future const& done) { seen = done; });
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST((seen == untyped));
}

BOOST_AUTO_TEST_CASE(a_done_callback_of_a_done_future_runs_in_the_next_iteration) {
    auto const f = loop.create_future<int>();
    f.set_result(7);
    f.add_done_callback(order.recording("a"));
    BOOST_TEST(order.text() == "");
    run_one_iteration();
    BOOST_TEST(order.text() == "a");
}

BOOST_AUTO_TEST_CASE(done_callbacks_of_a_cancelled_future_run_too) {
    auto const f = loop.create_future<int>();
    f.add_done_callback(order.recording("a"));
    f.cancel();
    run_one_iteration();
    BOOST_TEST(order.text() == "a");
}

BOOST_AUTO_TEST_CASE(a_removed_done_callback_does_not_run) {
    auto const f = loop.create_future<int>();
    f.add_done_callback(order.recording("a"));
    auto const removed = f.add_done_callback(order.recording("b"));
    f.add_done_callback(order.recording("c"));
    BOOST_TEST(f.remove_done_callback(removed) == 1u);
    BOOST_TEST(f.remove_done_callback(removed) == 0u);
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST(order.difference({"a", "c"}) == "");
}

BOOST_AUTO_TEST_CASE(removing_a_done_callback_is_too_late_once_the_future_is_done) {
    auto const f = loop.create_future<int>();
    auto const callback = f.add_done_callback(order.recording("a"));
    f.set_result(7);
    BOOST_TEST(f.remove_done_callback(callback) == 0u);
    run_one_iteration();
    BOOST_TEST(order.text() == "a");
}

BOOST_AUTO_TEST_CASE(a_callback_of_another_future_is_not_removed) {
    auto const f = loop.create_future<int>();
    auto const g = loop.create_future<int>();
    auto const callback = g.add_done_callback(order.recording("g"));
    BOOST_TEST(f.remove_done_callback(callback) == 0u);
    BOOST_TEST(f.remove_done_callback(ordo::handle()) == 0u);
    g.set_result(7);
    run_one_iteration();
    BOOST_TEST(order.text() == "g");
}

BOOST_AUTO_TEST_CASE(a_done_callback_can_be_cancelled_before_and_after_the_future_is_done) {
    auto const f = loop.create_future<int>();
    auto early = f.add_done_callback(order.recording("early"));
    auto late = f.add_done_callback(order.recording("late"));
    early.cancel();
    f.set_result(7);
    late.cancel();
    run_one_iteration();
    BOOST_TEST(order.text() == "");
}

BOOST_AUTO_TEST_CASE(a_done_callback_runs_in_the_context_of_its_registration) {
    ordo::context_var<int> variable("variable", 0);
    auto const f = loop.create_future<int>();
    int registered = -1;
    ordo::copy_context().run([&] {
        variable.set(1);
        f.add_done_callback([&] { registered = variable.get(); });
    });
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST(registered == 1);
}

BOOST_AUTO_TEST_CASE(a_done_callback_runs_in_the_context_it_was_given) {
    ordo::context_var<int> variable("variable", 0);
    ordo::context given;
    given.run([&] { variable.set(2); });
    auto const f = loop.create_future<int>();
    int seen = -1;
    f.add_done_callback(given, [&] { seen = variable.get(); });
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST(seen == 2);
}

BOOST_AUTO_TEST_CASE(a_done_callback_that_is_never_called_is_destroyed_with_the_future) {
    auto const held = std::make_shared<int>(1);
    {
        auto const f = loop.create_future<int>();
        f.add_done_callback([held] {});
        BOOST_TEST(held.use_count() == 2);
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_future_lives_until_its_done_callbacks_have_run) {
    bool ran = false;
    {
        auto const f = loop.create_future<int>();
        f.add_done_callback([&](future<int> const& done) { ran = done.result() == 7; });
        f.set_result(7);
    }
    run_one_iteration();
    BOOST_TEST(ran);
}

// -- who waits

BOOST_AUTO_TEST_CASE(many_tasks_can_wait_and_wake_in_the_order_of_their_awaits) {
    auto const f = loop.create_future<int>();
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        expected.push_back(std::to_string(i));
        static_cast<void>(loop.create_task(record_when_done(f, order, expected.back())));
    }
    run_one_iteration();
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST(order.difference(expected) == "");
}

BOOST_AUTO_TEST_CASE(waiters_and_done_callbacks_share_one_order) {
    auto const f = loop.create_future<int>();
    f.add_done_callback(order.recording("a"));
    auto const waiter = loop.create_task(record_when_done(f, order, "task"));
    run_one_iteration();
    f.add_done_callback(order.recording("b"));
    f.set_result(7);
    run_one_iteration();
    BOOST_TEST(order.difference({"a", "task", "b"}) == "");
    BOOST_TEST(waiter.done());
}

BOOST_AUTO_TEST_SUITE_END()
