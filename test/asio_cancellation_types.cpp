// ordo: tests that cancelling a task ends an operation of Asio whichever type of cancellation it honours: each of the three
// alone will do.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/asio_awaitable.hpp>
#include <ordo/asio_operation.hpp>
#include <ordo/use_future.hpp>

#include "open_descriptors.hpp"

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::cancellation_type, asio::deferred;
using boost::system::error_code;
using ordo::coro;
using ordo::get_running_loop;

namespace {

constexpr std::initializer_list<cancellation_type> each_type{cancellation_type::terminal, cancellation_type::partial,
                                                             cancellation_type::total};

auto passing_on(cancellation_type only) {
    return [only](cancellation_type asked) { return asked & only; };
}

/// Goes on until a cancellation of this type comes, and ignores the others.
template <class Token>
auto async_honour(cancellation_type only, asio::any_io_executor executor, Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [](auto handler, cancellation_type honoured, asio::any_io_executor on) {
            auto const kept = std::make_shared<std::optional<decltype(handler)>>(std::move(handler));
            auto slot = asio::get_associated_cancellation_slot(**kept);
            slot.assign([kept, honoured, on](cancellation_type asked) {
                if ((asked & honoured) == cancellation_type::none || !*kept) return;
                auto abort = [taken = std::move(**kept)]() mutable {
                    std::move(taken)(asio::error::operation_aborted);
                };
                kept->reset();
                asio::post(on, std::move(abort));
            });
        },
        token, only, std::move(executor));
}

/// The same, composed: what it consists of honours every type, and sees this one alone.
template <class Token>
auto async_wait_honouring(cancellation_type only, asio::steady_timer& timer, Token&& token) {
    return asio::async_compose<Token, void(error_code)>(
        [&timer, only, begun = false](auto& self, error_code error = {}) mutable {
            if (std::exchange(begun, true)) return self.complete(error);
            self.reset_cancellation_state(passing_on(only));
            timer.async_wait(std::move(self));
        },
        token, timer);
}

/// The message with which the awaiting ends once the task is cancelled.
coro<std::string> message_of_cancelling(std::function<coro<>(cancellation_type)> begin, cancellation_type only) {
    auto const waiting = ordo::create_task(begin(only));
    for (int i = 0; i < 3; ++i) co_await ordo::sleep(0s); // so that it waits
    waiting.cancel("enough");
    try {
        co_await waiting;
    } catch (ordo::cancelled_error const& e) {
        co_return e.message();
    }
    co_return "(it was not cancelled)";
}

coro<> check_that_each_type_will_do(std::function<coro<>(cancellation_type)> begin) {
    for (auto const type : each_type) {
        auto const message = co_await message_of_cancelling(begin, type);
        BOOST_TEST(message == "enough");
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(asio_cancellation_types, no_descriptors_left)

ORDO_TEST_CASE(an_operation_that_honours_one_type_alone_is_cancelled) {
    auto wait = [](cancellation_type only) -> coro<> {
        auto operation = async_honour(only, get_running_loop().get_executor(), deferred);
        co_await std::move(operation);
    };
    co_await check_that_each_type_will_do(wait);
}

ORDO_TEST_CASE(a_composed_operation_that_passes_on_one_type_alone_is_cancelled) {
    auto wait = [](cancellation_type only) -> coro<> {
        asio::steady_timer timer(get_running_loop().get_executor(), 1h);
        auto operation = async_wait_honouring(only, timer, deferred);
        co_await std::move(operation);
    };
    co_await check_that_each_type_will_do(wait);
}

ORDO_TEST_CASE(an_operation_behind_a_future_that_honours_one_type_alone_is_cancelled) {
    auto wait = [](cancellation_type only) -> coro<> {
        auto begun = async_honour(only, get_running_loop().get_executor(), ordo::use_future);
        co_await std::move(begun);
    };
    co_await check_that_each_type_will_do(wait);
}

ORDO_TEST_CASE(a_coroutine_of_asio_that_honours_one_type_alone_is_cancelled) {
    auto honour = [](cancellation_type only) -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(passing_on(only));
        asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
        co_await timer.async_wait(asio::use_awaitable);
    };
    auto wait = [honour](cancellation_type only) -> coro<> {
        auto begun = honour(only);
        co_await std::move(begun);
    };
    co_await check_that_each_type_will_do(wait);
}

BOOST_AUTO_TEST_SUITE_END()
