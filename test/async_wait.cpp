// ordo: tests of futures that Asio code waits for.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/async_wait.hpp>

#include "counting_allocator.hpp"
#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <ordo/exception_context.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/order_recorder.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

std::string outcome_of(std::exception_ptr const& error) {
    if (!error) return "no error";
    try {
        std::rethrow_exception(error);
    } catch (boost::system::system_error const& e) {
        return e.code() == asio::error::operation_aborted ? "aborted" : e.what();
    } catch (std::exception const& e) {
        return e.what();
    }
}

struct service : no_descriptors_left {
    asio::io_context host;
    ordo::event_loop loop{host};
    ordo::testing::order_recorder order;

    /// Notes what becomes of it.
    auto noting(std::string name) {
        return [this, name](std::exception_ptr error, int value) {
            order.record(name + ": " + (error ? outcome_of(error) : std::to_string(value)));
        };
    }
};

struct no_copy_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct uncopied {
    uncopied() = default;
    uncopied(uncopied&&) = default;
    uncopied& operator=(uncopied&&) = default;
    uncopied(uncopied const&) { throw no_copy_error("no copy"); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(async_wait, service)

BOOST_AUTO_TEST_CASE(the_handler_gets_a_copy_of_the_result) {
    auto const f = loop.create_future<std::string>();
    std::string got;
    f.async_wait([&](std::exception_ptr, std::string text) { got = std::move(text); });
    asio::post(host, [&] { f.set_result("text"); });
    host.run();
    BOOST_TEST(got == "text");
    BOOST_TEST(f.result() == "text");
}

BOOST_AUTO_TEST_CASE(of_an_rvalue_the_result_is_moved_out) {
    auto f = loop.create_future<std::unique_ptr<int>>();
    std::unique_ptr<int> got;
    auto const kept = f;
    std::move(f).async_wait([&](std::exception_ptr, std::unique_ptr<int> value) { got = std::move(value); });
    kept.set_result(std::make_unique<int>(4));
    host.run();
    BOOST_TEST(*got == 4);
    BOOST_CHECK_THROW(kept.result(), ordo::invalid_state_error);
}

BOOST_AUTO_TEST_CASE(of_a_future_that_is_done_the_handler_runs_in_the_next_iteration) {
    auto const f = loop.create_future<int>();
    f.set_result(1);
    f.async_wait(noting("a"));
    BOOST_TEST(order.text() == "");
    host.run();
    BOOST_TEST(order.difference({"a: 1"}) == "");
}

BOOST_AUTO_TEST_CASE(waiters_are_called_in_the_order_in_which_they_came) {
    auto const f = loop.create_future<int>();
    f.async_wait(noting("a"));
    f.add_done_callback(order.recording("done callback"));
    f.async_wait(noting("b"));
    f.set_result(2);
    host.run();
    BOOST_TEST(order.difference({"a: 2", "done callback", "b: 2"}) == "");
}

BOOST_AUTO_TEST_CASE(an_error_is_passed_on_and_counts_as_retrieved) {
    bool reported = false;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { reported = true; });
    auto f = loop.create_future<int>();
    f.async_wait(noting("a"));
    f.set_exception(std::runtime_error("failed"));
    f = {};
    host.run();
    BOOST_TEST(order.difference({"a: failed"}) == "");
    BOOST_TEST(!reported);
}

BOOST_AUTO_TEST_CASE(a_cancelled_future_was_aborted) {
    auto const f = loop.create_future<int>();
    f.async_wait(noting("a"));
    f.cancel();
    host.run();
    BOOST_TEST(order.difference({"a: aborted"}) == "");
}

BOOST_AUTO_TEST_CASE(a_result_that_was_moved_out_is_an_error) {
    auto const f = loop.create_future<int>();
    f.set_result(1);
    static_cast<void>(ordo::future<int>(f).result()); // moved out
    f.async_wait(noting("a"));
    host.run();
    BOOST_TEST(order.text() == "a: async_wait: the result was moved out; await an lvalue to look at it more than once");
}

BOOST_AUTO_TEST_CASE(a_result_whose_copy_throws_is_an_error) {
    auto const f = loop.create_future<uncopied>();
    f.set_result(uncopied());
    std::string got;
    f.async_wait([&](std::exception_ptr error, uncopied) { got = outcome_of(error); });
    host.run();
    BOOST_TEST(got == "no copy");
}

BOOST_AUTO_TEST_CASE(nothing_and_references_are_passed_on) {
    int number = 3;
    auto const nothing = loop.create_future<>();
    auto const reference = loop.create_future<int&>();
    bool called = false;
    int* got = nullptr;
    nothing.async_wait([&](std::exception_ptr error) { called = !error; });
    reference.async_wait([&](std::exception_ptr, int* to) { got = to; });
    nothing.set_result();
    reference.set_result(number);
    host.run();
    BOOST_TEST(called);
    BOOST_TEST(got == &number);
}

BOOST_AUTO_TEST_CASE(a_task_can_be_waited_for_by_a_coroutine_of_asio) {
    auto const work = []() -> ordo::coro<int> {
        co_await ordo::sleep(1ms);
        co_return 8;
    };
    int got = 0;
    auto const main = [&](ordo::task<int> t) -> asio::awaitable<void> {
        got = co_await t.async_wait(asio::use_awaitable);
    };
    asio::co_spawn(host, main(loop.create_task(work)), asio::detached);
    host.run();
    BOOST_TEST(got == 8);
}

// -- tokens

BOOST_AUTO_TEST_CASE(deferred_begins_to_wait_when_it_is_launched) {
    auto const f = loop.create_future<int>();
    auto launch = f.async_wait(asio::deferred);
    f.set_result(1);
    host.run();
    BOOST_TEST(order.text() == "");
    std::move(launch)(noting("a"));
    host.restart();
    host.run();
    BOOST_TEST(order.difference({"a: 1"}) == "");
}

BOOST_AUTO_TEST_CASE(use_future_of_asio_blocks_another_thread) {
    auto const good = loop.create_future<int>(), bad = loop.create_future<int>();
    auto result = good.async_wait(asio::use_future);
    auto error = bad.async_wait(asio::use_future);
    int got = 0;
    std::thread other([&] { got = result.get(); });
    asio::post(host, [&] {
        good.set_result(5);
        bad.set_exception(lasting_failure());
    });
    host.run();
    other.join();
    BOOST_TEST(got == 5);
    BOOST_CHECK_EXCEPTION(error.get(), std::runtime_error, says("failed"));
}

BOOST_AUTO_TEST_CASE(detached_drops_the_result) {
    auto const f = loop.create_future<int>();
    f.async_wait(asio::detached);
    BOOST_TEST(host.poll() == 0u);
    BOOST_TEST(!host.stopped()); // it is waited for
    f.set_result(1);
    host.run();
    BOOST_TEST(host.stopped());
}

BOOST_AUTO_TEST_CASE(a_handler_runs_on_its_own_executor) {
    asio::thread_pool pool(1);
    auto const f = loop.create_future<int>();
    bool there = false;
    f.async_wait(asio::bind_executor(
        pool, [&](std::exception_ptr, int) { there = pool.get_executor().running_in_this_thread(); }));
    f.set_result(1);
    host.run();
    pool.join(); // its work is outstanding until then
    BOOST_TEST(there);
}

BOOST_AUTO_TEST_CASE(the_executor_of_the_handler_has_work_until_it_is_called) {
    asio::io_context other;
    auto const f = loop.create_future<int>();
    f.async_wait(asio::bind_executor(other, noting("a")));
    other.poll();
    BOOST_TEST(!other.stopped());
    f.set_result(1);
    host.run();
    BOOST_TEST(order.text() == "");
    other.run();
    BOOST_TEST(order.difference({"a: 1"}) == "");
}

BOOST_AUTO_TEST_CASE(the_handler_is_posted_with_memory_from_its_allocator) {
    auto const count = std::make_shared<int>(0);
    auto const f = loop.create_future<int>();
    f.async_wait(asio::bind_allocator(counting_allocator<void>(count), asio::bind_executor(host, noting("a"))));
    f.set_result(1);
    host.run();
    BOOST_TEST(order.difference({"a: 1"}) == "");
    BOOST_TEST(*count > 0);
}

// -- cancellation

BOOST_AUTO_TEST_CASE(each_type_of_cancellation_ends_the_wait) {
    for (auto const type :
         {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        asio::cancellation_signal signal;
        auto const f = loop.create_future<int>();
        f.async_wait(asio::bind_cancellation_slot(signal.slot(), noting("a")));
        signal.emit(type);
        host.restart();
        host.run();
        BOOST_TEST(!f.done());
    }
    BOOST_TEST(order.difference({"a: aborted", "a: aborted", "a: aborted"}) == "");
}

BOOST_AUTO_TEST_CASE(no_type_of_cancellation_cancels_nothing) {
    asio::cancellation_signal signal;
    auto const f = loop.create_future<int>();
    f.async_wait(asio::bind_cancellation_slot(signal.slot(), noting("a")));
    signal.emit(asio::cancellation_type::none);
    f.set_result(7);
    host.run();
    BOOST_TEST(order.difference({"a: 7"}) == "");
}

BOOST_AUTO_TEST_CASE(a_cancellation_ends_the_wait_and_not_the_future) {
    asio::cancellation_signal signal;
    auto const f = loop.create_future<int>();
    f.async_wait(asio::bind_cancellation_slot(signal.slot(), noting("a")));
    f.async_wait(noting("b"));
    signal.emit(asio::cancellation_type::total);
    host.poll();
    BOOST_TEST(!host.stopped()); // the other one waits still
    BOOST_TEST(order.difference({"a: aborted"}) == "");
    BOOST_TEST(!f.done());
    f.set_result(5);
    host.run();
    BOOST_TEST(order.difference({"a: aborted", "b: 5"}) == "");
}

BOOST_AUTO_TEST_CASE(a_result_beats_a_cancellation_that_comes_later) {
    asio::cancellation_signal signal;
    auto const f = loop.create_future<int>();
    f.async_wait(asio::bind_cancellation_slot(signal.slot(), noting("a")));
    loop.call_soon([&] {
        f.set_result(6);
        signal.emit(asio::cancellation_type::terminal);
    });
    host.run();
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(order.difference({"a: 6"}) == "");
}

BOOST_AUTO_TEST_CASE(a_loop_that_is_closed_destroys_the_handler) {
    auto const held = std::make_shared<int>(1);
    auto const f = loop.create_future<int>();
    asio::cancellation_signal signal;
    f.async_wait(
        asio::bind_cancellation_slot(signal.slot(), [held](std::exception_ptr, int) { BOOST_ERROR("called"); }));
    f.set_result(1);
    loop.close();
    BOOST_TEST(held.use_count() == 1);
    signal.emit(asio::cancellation_type::terminal);
}

BOOST_AUTO_TEST_SUITE_END()
