// ordo: tests of awaiting operations that somebody wrote with async_initiate.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_operation.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "open_descriptors.hpp"

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::deferred;
using ordo::coro;
using ordo::get_running_loop;

namespace {

/// Completes, by way of its executor, with these results.
template <class Signature, class Token, class... Results>
auto async_give(asio::any_io_executor executor, Token&& token, Results... results) {
    return asio::async_initiate<Token, Signature>(
        [](auto handler, asio::any_io_executor on, auto... values) {
            auto complete = [handler = std::move(handler), ... values = std::move(values)]() mutable {
                std::move(handler)(std::move(values)...);
            };
            asio::post(on, std::move(complete));
        },
        token, std::move(executor), std::move(results)...);
}

/// Completes within its initiation, which Asio forbids and people do all the same.
template <class Signature, class Token, class... Results>
auto async_give_at_once(Token&& token, Results... results) {
    return asio::async_initiate<Token, Signature>(
        [](auto handler, auto... values) { std::move(handler)(std::move(values)...); }, token, std::move(results)...);
}

/// Throws in its initiation.
template <class Token>
auto async_refuse(Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code)>(
        [](auto) { throw std::runtime_error("not today"); }, token);
}

/// Completes within its own cancellation, without a detour over an executor.
template <class Token>
auto async_wait_for_cancellation(Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code)>(
        [](auto handler) {
            auto const kept = std::make_shared<std::optional<decltype(handler)>>(std::move(handler));
            auto slot = asio::get_associated_cancellation_slot(**kept);
            slot.assign([kept](asio::cancellation_type) {
                auto taken = std::move(**kept);
                kept->reset();
                std::move(taken)(asio::error::make_error_code(asio::error::operation_aborted));
            });
        },
        token);
}

/// Keeps its handler, for the test to do with as it likes.
template <class Token>
auto async_keep(std::function<void()>& complete, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, int)>(
        [&complete](auto handler) {
            auto const kept = std::make_shared<decltype(handler)>(std::move(handler));
            complete = [kept] {
                auto taken = std::move(*kept);
                std::move(taken)(boost::system::error_code(), 7);
            };
        },
        token);
}

using error_code = boost::system::error_code;

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_operation_custom, no_descriptors_left)

// -- signatures

ORDO_TEST_CASE(no_result_gives_void) {
    auto operation = async_give<void()>(get_running_loop().get_executor(), deferred);
    BOOST_TEST((std::is_void_v<ordo::await_result_t<decltype(operation)>>));
    co_await std::move(operation);
}

ORDO_TEST_CASE(one_result_is_given_as_it_is) {
    auto const value = co_await async_give<void(int)>(get_running_loop().get_executor(), deferred, 7);
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(one_result_behind_an_error_code_is_given_as_it_is) {
    auto const value =
        co_await async_give<void(error_code, int)>(get_running_loop().get_executor(), deferred, error_code(), 7);
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(two_results_are_given_as_a_tuple) {
    auto const [number, text] = co_await async_give<void(error_code, int, std::string)>(
        get_running_loop().get_executor(), deferred, error_code(), 7, std::string("seven"));
    BOOST_TEST(number == 7);
    BOOST_TEST(text == "seven");
}

ORDO_TEST_CASE(three_results_are_given_as_a_tuple) {
    auto const [a, b, c] =
        co_await async_give<void(int, int, int)>(get_running_loop().get_executor(), deferred, 1, 2, 3);
    BOOST_TEST(a == 1);
    BOOST_TEST(b == 2);
    BOOST_TEST(c == 3);
}

ORDO_TEST_CASE(a_move_only_result_is_moved) {
    auto number = std::make_unique<int>(7);
    auto const value =
        co_await async_give<void(std::unique_ptr<int>)>(get_running_loop().get_executor(), deferred, std::move(number));
    BOOST_TEST(*value == 7);
}

ORDO_TEST_CASE(an_exception_pointer_that_comes_first_is_thrown) {
    auto const error = std::make_exception_ptr(std::out_of_range("too far"));
    std::string text;
    try {
        co_await async_give<void(std::exception_ptr, int)>(get_running_loop().get_executor(), deferred, error, 7);
    } catch (std::out_of_range const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "too far");
}

ORDO_TEST_CASE(an_exception_pointer_that_is_null_is_left_out) {
    auto const value = co_await async_give<void(std::exception_ptr, int)>(get_running_loop().get_executor(), deferred,
                                                                          std::exception_ptr(), 7);
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(an_asio_coroutine_can_be_awaited) {
    auto body = []() -> asio::awaitable<int> { co_return 7; };
    auto const value = co_await asio::co_spawn(get_running_loop().get_executor(), body, deferred);
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(the_error_of_an_asio_coroutine_is_thrown) {
    auto body = []() -> asio::awaitable<void> {
        throw std::out_of_range("too far");
        co_return;
    };
    std::string text;
    try {
        co_await asio::co_spawn(get_running_loop().get_executor(), body, deferred);
    } catch (std::out_of_range const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "too far");
}

// -- operations with manners of their own

ORDO_TEST_CASE(an_operation_that_completes_within_its_initiation_goes_on_in_the_next_iteration) {
    auto const& loop = get_running_loop();
    auto const before = loop.iterations();
    auto const value = co_await async_give_at_once<void(int)>(deferred, 7);
    BOOST_TEST(value == 7);
    BOOST_TEST(loop.iterations() - before == 1u);
}

ORDO_TEST_CASE(what_an_initiation_throws_is_thrown_where_it_is_awaited) {
    auto const& loop = get_running_loop();
    auto const before = loop.iterations();
    std::string text;
    try {
        co_await async_refuse(deferred);
    } catch (std::runtime_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "not today");
    BOOST_TEST(loop.iterations() == before);
}

ORDO_TEST_CASE(a_task_can_be_cancelled_and_wait_again_after_an_initiation_that_threw) {
    auto body = []() -> coro<> {
        bool refused = false;
        try {
            co_await async_refuse(deferred);
        } catch (std::runtime_error const&) {
            refused = true;
        }
        BOOST_TEST(refused);
        co_await ordo::sleep(1h);
    };
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.cancelled());
}

ORDO_TEST_CASE(an_operation_may_complete_within_its_own_cancellation) {
    auto body = []() -> coro<> { co_await async_wait_for_cancellation(deferred); };
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel("why");
    BOOST_TEST(!t.done());
    std::string message;
    try {
        co_await t;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "why");
}

ORDO_TEST_CASE(an_operation_that_knows_no_cancellation_is_waited_for) {
    std::function<void()> complete;
    bool delivered = false;
    bool cancelled_later = false;
    auto body = [&]() -> coro<> {
        auto const value = co_await async_keep(complete, deferred);
        delivered = value == 7;
        try {
            co_await ordo::sleep(1h);
        } catch (ordo::cancelled_error const&) {
            cancelled_later = true;
        }
    };
    auto const t = ordo::create_task(body());
    co_await ordo::sleep(0s);
    t.cancel();
    for (int i = 0; i < 3; ++i) co_await ordo::sleep(0s);
    BOOST_TEST(!t.done());
    complete();
    co_await t;
    BOOST_TEST(delivered);
    BOOST_TEST(cancelled_later);
}

ORDO_TEST_CASE(a_cancellation_does_not_reach_an_operation_that_is_over) {
    int reached = 0;
    auto leave_in_slot = [&](auto handler) {
        asio::get_associated_cancellation_slot(handler).assign([&](asio::cancellation_type) { ++reached; });
        std::move(handler)();
    };
    std::function<void()> complete;
    auto body = [&]() -> coro<> {
        co_await asio::async_initiate<asio::deferred_t const&, void()>(leave_in_slot, deferred);
        co_await async_keep(complete, deferred); // which leaves the slot as it is
    };
    auto const t = ordo::create_task(body());
    while (!complete) co_await ordo::sleep(0s);
    t.cancel();
    BOOST_TEST(reached == 0);
    complete();
    co_await ordo::sleep(0s);
    BOOST_TEST(t.done());
}

ORDO_TEST_CASE(what_an_operation_left_in_its_slot_is_gone_when_the_task_goes_on) {
    auto const left = std::make_shared<int>(1);
    auto leave_in_slot = [&](auto handler) {
        asio::get_associated_cancellation_slot(handler).assign([left](asio::cancellation_type) {});
        std::move(handler)();
    };
    auto operation = asio::async_initiate<asio::deferred_t const&, void()>(leave_in_slot, deferred);
    co_await std::move(operation);
    BOOST_TEST(left.use_count() == 1);
}

ORDO_TEST_CASE(the_handler_brings_a_slot_and_an_executor_of_the_loops_context) {
    bool same_context = false;
    bool has_slot = false;
    bool may_block = false;
    auto inspect = [&](auto handler) {
        auto const executor = asio::get_associated_executor(handler);
        auto const never = asio::require(executor, asio::execution::blocking.never);
        may_block = asio::query(executor, asio::execution::blocking) == asio::execution::blocking.possibly &&
                    asio::query(never, asio::execution::blocking) == asio::execution::blocking.never &&
                    never != executor && asio::require(never, asio::execution::blocking.possibly) == executor;
        same_context = &asio::query(executor, asio::execution::context) ==
                       &asio::query(get_running_loop().get_executor(), asio::execution::context);
        has_slot = asio::get_associated_cancellation_slot(handler).is_connected();
        std::move(handler)();
    };
    auto operation = asio::async_initiate<asio::deferred_t const&, void()>(inspect, deferred);
    co_await std::move(operation);
    BOOST_TEST(same_context);
    BOOST_TEST(has_slot);
    BOOST_TEST(may_block);
}

ORDO_TEST_CASE(a_handler_that_is_called_after_its_initiation_threw_does_no_harm) {
    std::function<void()> complete;
    auto keep_and_throw = [&](auto handler) {
        auto const kept = std::make_shared<decltype(handler)>(std::move(handler));
        complete = [kept] {
            auto taken = std::move(*kept);
            std::move(taken)(7);
        };
        throw std::runtime_error("not today");
    };
    bool refused = false;
    try {
        auto operation = asio::async_initiate<asio::deferred_t const&, void(int)>(keep_and_throw, deferred);
        co_await std::move(operation);
    } catch (std::runtime_error const&) {
        refused = true;
    }
    BOOST_TEST(refused);
    complete();
    co_await ordo::sleep(0s);
}

ORDO_TEST_CASE(an_initiation_that_throws_after_it_has_completed_has_completed) {
    auto complete_and_throw = [](auto handler) {
        std::move(handler)(7);
        throw std::runtime_error("too late");
    };
    auto operation = asio::async_initiate<asio::deferred_t const&, void(int)>(complete_and_throw, deferred);
    auto const value = co_await std::move(operation);
    BOOST_TEST(value == 7);
}

ORDO_TEST_CASE(a_handler_that_is_dropped_without_being_called_is_an_error) {
    auto drop = [](auto handler) { auto const dropped = std::move(handler); };
    std::string text = "(nothing was thrown)";
    try {
        auto operation = asio::async_initiate<asio::deferred_t const&, void(int)>(drop, deferred);
        co_await std::move(operation);
    } catch (ordo::error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "asio_operation: the operation was dropped before it completed; its context must live and run "
                       "until then");
}

ORDO_TEST_CASE(a_handler_that_dies_with_a_foreign_context_is_an_error) {
    auto foreign = std::make_unique<asio::io_context>();
    auto timer = std::make_unique<asio::steady_timer>(*foreign, 1h);
    auto wait = [&]() -> coro<> { co_await timer->async_wait(deferred); };
    auto const waiting = ordo::create_task(wait());
    co_await ordo::sleep(0s);
    timer.reset();
    foreign.reset();
    bool failed = false;
    try {
        co_await waiting;
    } catch (ordo::error const&) {
        failed = true;
    }
    BOOST_TEST(failed);
}

/// Throws when it is copied.
struct reluctant {
    reluctant() = default;
    reluctant(reluctant const&) { throw std::runtime_error("no copy"); }
    reluctant(reluctant&&) = default;
    reluctant& operator=(reluctant const&) = default;
};

ORDO_TEST_CASE(a_result_that_cannot_be_kept_is_an_error) {
    auto give = [](auto handler) {
        reluctant const value;
        std::move(handler)(value);
    };
    std::string text = "(nothing was thrown)";
    try {
        auto operation = asio::async_initiate<asio::deferred_t const&, void(reluctant)>(give, deferred);
        co_await std::move(operation);
    } catch (std::runtime_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "no copy");
}

BOOST_AUTO_TEST_SUITE_END()
