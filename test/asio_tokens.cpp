// ordo: tests of awaiting operations whose token stands inside another one of Asio: as_tuple, bind_executor and others.
//
// In Asio 1.26 redirect_error, bind_cancellation_slot and bind_allocator do not compile around deferred, because they name
// its return_type, which it has not. There use_awaitable stands in their middle, of whose awaitable a task can wait as well.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_awaitable.hpp>
#include <ordo/asio_operation.hpp>
#include <ordo/use_future.hpp>

#include "counting_allocator.hpp"
#include "open_descriptors.hpp"
#include "socket_pair.hpp"

#include <ordo/sleep.hpp>
#include <ordo/testing/test_case.hpp>

#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred, asio::use_awaitable;
using boost::system::error_code;
using ordo::get_running_loop;

BOOST_FIXTURE_TEST_SUITE(asio_tokens, no_descriptors_left)

ORDO_TEST_CASE(deferred_may_be_bound_to_an_executor_of_the_loop) {
    auto& loop = get_running_loop();
    asio::steady_timer timer(loop.host_executor(), 0s);
    auto in_the_queue = timer.async_wait(asio::bind_executor(loop.get_executor(), deferred));
    co_await std::move(in_the_queue);
    auto on_the_host = timer.async_wait(asio::bind_executor(loop.host_executor(), deferred));
    co_await std::move(on_the_host);
    BOOST_TEST(&get_running_loop() == &loop);
}

ORDO_TEST_CASE(an_operation_that_is_bound_to_an_executor_of_another_thread_comes_home) {
    asio::thread_pool pool(1);
    asio::steady_timer timer(pool, 0s);
    auto const home = std::this_thread::get_id();
    for (int i = 0; i < 100; ++i) {
        auto wait = timer.async_wait(asio::bind_executor(pool, deferred));
        co_await std::move(wait);
        BOOST_TEST((std::this_thread::get_id() == home));
    }
    auto result = asio::post(pool, asio::bind_executor(pool, ordo::use_future));
    co_await std::move(result);
    BOOST_TEST((std::this_thread::get_id() == home));
}

ORDO_TEST_CASE(as_tuple_may_stand_around_a_deferred_that_is_bound_to_an_executor) {
    socket_pair sockets(get_running_loop().host_executor());
    sockets.b.close();
    std::array<char, 8> buffer{};
    auto const executor = get_running_loop().get_executor();
    auto read =
        sockets.a.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::bind_executor(executor, deferred)));
    auto const [error, size] = co_await std::move(read);
    BOOST_TEST(error == asio::error::eof);
    BOOST_TEST(size == 0u);
}

ORDO_TEST_CASE(redirect_error_leaves_the_error_in_a_variable) {
    socket_pair sockets(get_running_loop().host_executor());
    asio::write(sockets.b, asio::buffer("hello", 5));
    sockets.b.close();
    std::array<char, 8> buffer{};
    error_code error;
    auto first = sockets.a.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
    auto const size = co_await std::move(first);
    BOOST_TEST(size == 5u);
    BOOST_TEST(!error);
    auto second = sockets.a.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, error));
    auto const none = co_await std::move(second);
    BOOST_TEST(none == 0u);
    BOOST_TEST(error == asio::error::eof);
}

ORDO_TEST_CASE(an_operation_bound_to_a_slot_is_cancelled_by_it_and_the_task_goes_on) {
    asio::steady_timer timer(get_running_loop().host_executor(), 1h);
    asio::cancellation_signal signal;
    asio::steady_timer soon(get_running_loop().host_executor(), 1ms);
    soon.async_wait([&](error_code) { signal.emit(asio::cancellation_type::terminal); });
    auto wait = timer.async_wait(asio::bind_cancellation_slot(signal.slot(), use_awaitable));
    error_code error;
    try {
        co_await std::move(wait);
    } catch (boost::system::system_error const& e) {
        error = e.code();
    }
    BOOST_TEST(error == asio::error::operation_aborted);
    co_await ordo::sleep(0s); // nobody has cancelled the task
}

ORDO_TEST_CASE(an_operation_bound_to_an_allocator_takes_its_memory_from_there) {
    auto const count = std::make_shared<int>(0);
    asio::steady_timer timer(get_running_loop().host_executor(), 0s);
    auto wait = timer.async_wait(asio::bind_allocator(counting_allocator<void>(count), use_awaitable));
    co_await std::move(wait);
    BOOST_TEST(*count > 0);
}

ORDO_TEST_CASE(several_may_stand_inside_each_other) {
    auto const count = std::make_shared<int>(0);
    asio::cancellation_signal signal;
    asio::steady_timer timer(get_running_loop().host_executor(), 1h), soon(get_running_loop().host_executor(), 1ms);
    soon.async_wait([&](error_code) { signal.emit(asio::cancellation_type::total); });
    auto const allocating = asio::bind_allocator(counting_allocator<void>(count), use_awaitable);
    auto const cancellable = asio::bind_cancellation_slot(signal.slot(), allocating);
    error_code error;
    auto wait = timer.async_wait(asio::redirect_error(cancellable, error));
    co_await std::move(wait);
    BOOST_TEST(error == asio::error::operation_aborted);
    BOOST_TEST(*count > 0);
}

// -- around use_future

ORDO_TEST_CASE(other_tokens_may_stand_around_use_future) {
    auto const executor = get_running_loop().host_executor();
    auto const count = std::make_shared<int>(0);
    asio::cancellation_signal signal;
    asio::steady_timer timer(executor, 0s), late(executor, 1h);
    error_code error;
    auto allocated = timer.async_wait(asio::bind_allocator(counting_allocator<void>(count), ordo::use_future));
    co_await std::move(allocated);
    BOOST_TEST(*count > 0);
    auto wait =
        late.async_wait(asio::bind_cancellation_slot(signal.slot(), asio::redirect_error(ordo::use_future, error)));
    signal.emit(asio::cancellation_type::total);
    co_await std::move(wait);
    BOOST_TEST(error == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_SUITE_END()
