// ordo: tests of what can be awaited, and of what that gives.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/awaitable.hpp>

#include <ordo/asio_operation.hpp>
#include <ordo/coro.hpp>
#include <ordo/future.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <coroutine>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

using ordo::await_result_t;
using ordo::awaitable;

namespace {

template <class T, class Result>
constexpr bool gives = std::is_same_v<await_result_t<T>, Result>;

using wait_operation = decltype(std::declval<boost::asio::steady_timer&>().async_wait(boost::asio::deferred));
using read_operation = decltype(std::declval<boost::asio::ip::tcp::socket&>().async_read_some(
    std::declval<boost::asio::mutable_buffer>(), boost::asio::deferred));
using tuple_operation = decltype(std::declval<boost::asio::ip::tcp::socket&>().async_read_some(
    std::declval<boost::asio::mutable_buffer>(), boost::asio::as_tuple(boost::asio::deferred)));
using sleeping = decltype(ordo::sleep(std::chrono::seconds(1)));
using sleeping_for = decltype(ordo::sleep(std::chrono::seconds(1), std::string()));

} // namespace

BOOST_AUTO_TEST_SUITE(awaitable_)

BOOST_AUTO_TEST_CASE(a_coro_is_awaited_as_an_rvalue_only) {
    BOOST_TEST(awaitable<ordo::coro<int>>);
    BOOST_TEST(awaitable<ordo::coro<int>&&>);
    BOOST_TEST(!awaitable<ordo::coro<int>&>);
    BOOST_TEST(!awaitable<ordo::coro<int> const&>);
}

BOOST_AUTO_TEST_CASE(awaiting_a_coro_gives_its_result) {
    BOOST_TEST((gives<ordo::coro<>, void>));
    BOOST_TEST((gives<ordo::coro<int>, int>));
    BOOST_TEST((gives<ordo::coro<int&>, int&>));
    BOOST_TEST((gives<ordo::coro<std::unique_ptr<int>>, std::unique_ptr<int>>));
}

BOOST_AUTO_TEST_CASE(an_lvalue_future_or_task_gives_a_reference_to_const) {
    BOOST_TEST((gives<ordo::future<int>&, int const&>));
    BOOST_TEST((gives<ordo::future<int> const&, int const&>));
    BOOST_TEST((gives<ordo::task<int>&, int const&>));
    BOOST_TEST((gives<ordo::task<int> const&, int const&>));
}

BOOST_AUTO_TEST_CASE(an_rvalue_future_or_task_gives_the_result_itself) {
    BOOST_TEST((gives<ordo::future<int>, int>));
    BOOST_TEST((gives<ordo::task<int>&&, int>));
    BOOST_TEST((gives<ordo::task<std::unique_ptr<int>>, std::unique_ptr<int>>));
}

BOOST_AUTO_TEST_CASE(a_const_rvalue_can_only_be_looked_at) {
    BOOST_TEST((gives<ordo::future<int> const, int const&>));
}

BOOST_AUTO_TEST_CASE(a_future_of_a_reference_gives_that_reference) {
    BOOST_TEST((gives<ordo::future<int&>&, int&>));
    BOOST_TEST((gives<ordo::future<int&>, int&>));
}

BOOST_AUTO_TEST_CASE(a_future_of_unknown_type_gives_nothing) {
    BOOST_TEST((gives<ordo::any_future&, void>));
    BOOST_TEST((gives<ordo::any_task, void>));
}

BOOST_AUTO_TEST_CASE(a_sleep_gives_nothing_or_its_value) {
    BOOST_TEST((gives<sleeping, void>));
    BOOST_TEST((gives<sleeping_for, std::string>));
}

BOOST_AUTO_TEST_CASE(an_asio_operation_gives_its_results_without_the_error) {
    BOOST_TEST((gives<wait_operation, void>));
    BOOST_TEST((gives<read_operation, std::size_t>));
}

BOOST_AUTO_TEST_CASE(as_tuple_keeps_the_error_among_the_results) {
    BOOST_TEST((gives<tuple_operation, std::tuple<boost::system::error_code, std::size_t>>));
}

BOOST_AUTO_TEST_CASE(a_foreign_awaiter_is_not_awaitable) {
    BOOST_TEST(!awaitable<std::suspend_always>);
    BOOST_TEST(!awaitable<std::suspend_never&>);
}

BOOST_AUTO_TEST_CASE(a_value_is_not_awaitable) {
    BOOST_TEST(!awaitable<int>);
    BOOST_TEST(!awaitable<std::string&>);
}

BOOST_AUTO_TEST_SUITE_END()
