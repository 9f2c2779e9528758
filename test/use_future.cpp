// ordo: tests of operations that are started at once and give a future.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/use_future.hpp>

#include <ordo/coro.hpp>
#include <ordo/exception_context.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>
#include <ordo/testing/test_case.hpp>

#include "counted.hpp"
#include "error_text.hpp"
#include "open_descriptors.hpp"

#include <array>
#include <boost/asio.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::local::stream_protocol;
using boost::system::error_code;
using ordo::coro;
using ordo::get_running_loop;
using ordo::use_future;

namespace {

/// Two connected sockets of the running loop.
struct wire {
    stream_protocol::socket a, b;
    explicit wire(ordo::event_loop& loop) : a(loop.get_executor()), b(loop.get_executor()) {
        asio::local::connect_pair(a, b);
    }
};

/// Completes, by way of its executor, with these results.
template <class Signature, class Token, class... Results>
auto async_give(Token&& token, Results... results) {
    return asio::async_initiate<Token, Signature>(
        [](auto handler, auto... values) {
            auto const on = asio::get_associated_executor(handler);
            auto complete = [handler = std::move(handler), ... values = std::move(values)]() mutable {
                std::move(handler)(std::move(values)...);
            };
            asio::post(on, std::move(complete));
        },
        token, std::move(results)...);
}

/// Keeps the handler, and what is asked of its slot.
struct held_operation {
    std::function<void(error_code, int)> complete;
    int asked = 0;

    template <class Token>
    auto start(Token&& token) {
        return asio::async_initiate<Token, void(error_code, int)>(
            [this](auto handler) {
                asio::get_associated_cancellation_slot(handler).assign([this](auto) { ++asked; });
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                complete = [shared](error_code error, int value) { (*shared)(error, value); };
            },
            token);
    }
    ~held_operation() { complete = nullptr; }
};

template <class Error>
std::optional<Error> error_of(ordo::any_future const& done) {
    try {
        if (auto const error = done.exception()) std::rethrow_exception(error);
    } catch (Error const& e) {
        return e;
    }
    return std::nullopt;
}

struct counting_all : no_descriptors_left, counting {};

} // namespace

BOOST_FIXTURE_TEST_SUITE(use_future_, no_descriptors_left)

// -- results

ORDO_TEST_CASE(the_operation_is_started_at_once) {
    wire w(get_running_loop());
    std::array<char, 8> text{};
    auto const read = w.a.async_read_some(asio::buffer(text), use_future);
    auto const written = w.b.async_write_some(asio::buffer("hello", 5), use_future);
    auto const sent = co_await written;
    auto const received = co_await read;
    BOOST_TEST(sent == 5u);
    BOOST_TEST(received == 5u);
    BOOST_TEST(std::string(text.data(), 5) == "hello");
}

ORDO_TEST_CASE(the_results_are_those_of_an_await) {
    static_assert(std::is_same_v<decltype(async_give<void()>(use_future)), ordo::future<void>>);
    static_assert(std::is_same_v<decltype(async_give<void(error_code)>(use_future, error_code())), ordo::future<void>>);
    static_assert(std::is_same_v<decltype(async_give<void(error_code, int, std::string)>(use_future, error_code(), 1,
                                                                                         std::string())),
                                 ordo::future<std::tuple<int, std::string>>>);
    static_assert(std::is_same_v<decltype(async_give<void(std::string const&)>(use_future, std::string())),
                                 ordo::future<std::string>>);
    co_await async_give<void()>(use_future);
    auto one = async_give<void(std::unique_ptr<int>)>(use_future, std::make_unique<int>(7));
    auto const moved = co_await std::move(one);
    BOOST_TEST(*moved == 7);
    auto two = async_give<void(std::exception_ptr, int, std::string)>(use_future, std::exception_ptr(), 1,
                                                                      std::string("text"));
    auto const [number, text] = co_await std::move(two);
    BOOST_TEST(number == 1);
    BOOST_TEST(text == "text");
}

ORDO_TEST_CASE(an_error_code_becomes_a_system_error) {
    auto const f = async_give<void(error_code, int)>(use_future, error_code(asio::error::eof), 1);
    co_await ordo::sleep(1ms);
    BOOST_REQUIRE(f.done());
    BOOST_TEST((error_of<boost::system::system_error>(f).value().code() == asio::error::eof));
}

ORDO_TEST_CASE(the_text_of_an_error_does_not_name_its_place_inside_asio) {
    static constexpr auto place = BOOST_CURRENT_LOCATION;
    auto const eof = make_error_code(asio::error::eof);
    auto const f = async_give<void(error_code, int)>(use_future, error_code(eof, &place), 1);
    co_await ordo::sleep(1ms);
    std::string const text = error_of<boost::system::system_error>(f).value().what();
    BOOST_TEST(text == "End of file [asio.misc:2]");
}

ORDO_TEST_CASE(an_exception_is_passed_on) {
    auto const error = std::make_exception_ptr(std::out_of_range("too far"));
    auto const f = async_give<void(std::exception_ptr)>(use_future, error);
    co_await ordo::sleep(1ms);
    BOOST_TEST(error_of<std::out_of_range>(f).value().what() == "too far");
}

ORDO_TEST_CASE(a_deferred_operation_can_be_given_to_it) {
    asio::steady_timer timer(get_running_loop().get_executor(), 1ms);
    auto wait = timer.async_wait(asio::deferred);
    auto const f = std::move(wait)(use_future);
    co_await f;
    BOOST_TEST(!f.cancelled());
}

ORDO_TEST_CASE(a_dropped_future_lets_the_operation_go_on) {
    wire w(get_running_loop());
    std::array<char, 8> text{};
    static_cast<void>(w.a.async_read_some(asio::buffer(text), use_future));
    auto const written = w.b.async_write_some(asio::buffer("hello", 5), use_future);
    co_await written;
    co_await ordo::sleep(1ms);
    BOOST_TEST(std::string(text.data()) == "hello");
}

BOOST_AUTO_TEST_CASE(the_error_of_a_dropped_future_is_reported) {
    ordo::event_loop loop;
    std::vector<std::string> reports;
    loop.set_exception_handler([&](auto&, ordo::exception_context const& what) { reports.push_back(what.message); });
    static_cast<void>(async_give<void(error_code)>(use_future(loop), error_code(asio::error::eof)));
    loop.call_later(1ms, [&] { loop.stop(); });
    loop.run_forever();
    BOOST_TEST(reports == std::vector<std::string>{"the error of a future was never retrieved"},
               boost::test_tools::per_element());
}

// -- where

BOOST_AUTO_TEST_CASE(it_needs_a_loop) {
    BOOST_TEST(error_text<ordo::usage_error>([] { static_cast<void>(async_give<void()>(use_future)); }) ==
               "use_future: no loop is running on this thread; call it from a callback or a task");
    ordo::event_loop loop;
    loop.close();
    BOOST_TEST(error_text<ordo::loop_closed_error>([&] { static_cast<void>(async_give<void()>(use_future(loop))); }) ==
               "use_future: the loop is closed; schedule on an open one");
}

BOOST_AUTO_TEST_CASE(a_borrowed_loop_keeps_the_run_of_its_host_going) {
    asio::io_context host;
    ordo::event_loop loop(host);
    held_operation never;
    asio::steady_timer timer(host, 1ms);
    auto const f = never.start(use_future(loop));
    timer.async_wait([&](error_code) { never.complete({}, 7); });
    host.run();
    BOOST_TEST(f.result() == 7);
}

ORDO_TEST_CASE(the_object_may_live_on_another_context) {
    asio::thread_pool pool(1);
    asio::steady_timer timer(pool, 1ms);
    auto const f = timer.async_wait(use_future);
    std::thread::id where;
    f.add_done_callback([&] { where = std::this_thread::get_id(); });
    co_await f;
    BOOST_TEST((where == std::this_thread::get_id()));
}

// -- cancelling

ORDO_TEST_CASE(a_cancelled_operation_cancels_the_future_once_its_handler_has_run) {
    asio::steady_timer timer(get_running_loop().get_executor(), 24h);
    auto const f = timer.async_wait(use_future);
    BOOST_TEST(f.cancel("enough"));
    BOOST_TEST(!f.done());
    BOOST_TEST(f.cancel("of two the first is told"));
    std::string message;
    try {
        co_await f;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "enough");
    BOOST_TEST(f.cancelled());
    BOOST_TEST(!f.cancel());
}

ORDO_TEST_CASE(a_success_beats_the_cancellation) {
    held_operation operation;
    auto const f = operation.start(use_future);
    BOOST_TEST(f.cancel());
    BOOST_TEST(operation.asked == 1);
    operation.complete({}, 7);
    BOOST_TEST(f.result() == 7);
    co_return;
}

ORDO_TEST_CASE(an_operation_that_others_abort_gives_their_error) {
    asio::steady_timer timer(get_running_loop().get_executor(), 24h);
    auto const f = timer.async_wait(use_future);
    timer.cancel();
    co_await ordo::sleep(1ms);
    BOOST_REQUIRE(f.done());
    BOOST_TEST(!f.cancelled());
    BOOST_TEST((error_of<boost::system::system_error>(f).value().code() == asio::error::operation_aborted));
}

ORDO_TEST_CASE(cancelling_a_task_that_awaits_it_cancels_the_operation) {
    auto wait = []() -> coro<> {
        asio::steady_timer timer(get_running_loop().get_executor(), 24h);
        auto const f = timer.async_wait(use_future);
        co_await f;
    };
    auto const t = ordo::create_task(wait);
    co_await ordo::sleep(0s);
    t.cancel("enough");
    std::string message;
    try {
        co_await t;
    } catch (ordo::cancelled_error const& e) {
        message = e.message();
    }
    BOOST_TEST(message == "enough");
}

ORDO_TEST_CASE(an_operation_may_complete_within_its_own_cancellation) {
    held_operation operation;
    auto const start = [&](auto&& token) {
        return asio::async_initiate<decltype(token), void(error_code)>(
            [](auto handler) {
                auto slot = asio::get_associated_cancellation_slot(handler);
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                slot.assign([shared](auto) mutable {
                    auto const mine = std::exchange(shared, nullptr);
                    (*mine)(error_code(asio::error::operation_aborted));
                });
            },
            token);
    };
    auto const f = start(use_future);
    BOOST_TEST(f.cancel("now"));
    BOOST_TEST(f.cancelled());
    co_return;
}

// -- faults

ORDO_TEST_CASE(what_an_initiation_throws_comes_out_of_the_call) {
    auto const refuse = [](auto&& token) {
        return asio::async_initiate<decltype(token), void(error_code)>(
            [](auto) { throw std::runtime_error("not today"); }, token);
    };
    BOOST_TEST(error_text<std::runtime_error>([&] { static_cast<void>(refuse(use_future)); }) == "not today");
    co_return;
}

ORDO_TEST_CASE(an_operation_that_completes_within_its_initiation_gives_a_future_that_is_done) {
    auto const at_once = [](auto&& token) {
        return asio::async_initiate<decltype(token), void(int)>([](auto handler) { std::move(handler)(7); }, token);
    };
    auto const f = at_once(use_future);
    BOOST_TEST(f.result() == 7);
    co_return;
}

ORDO_TEST_CASE(a_result_that_somebody_else_has_set_counts) {
    held_operation operation;
    auto const f = operation.start(use_future);
    f.set_result(1);
    operation.complete({}, 2);
    BOOST_TEST(f.result() == 1);
    co_return;
}

// -- a loop that ends before

BOOST_FIXTURE_TEST_CASE(a_loop_that_is_closed_cancels_the_operation_and_drops_the_future, counting_all) {
    ordo::event_loop loop;
    held_operation operation;
    auto const f = operation.start(use_future(loop));
    f.add_done_callback([held = counted(1)] {});
    loop.close();
    BOOST_TEST(operation.asked == 1);
    operation.complete({}, 7); // nobody hears of it
    BOOST_TEST(!f.done());
}

BOOST_AUTO_TEST_CASE(an_object_that_is_destroyed_before_the_loop_is_closed_is_not_touched) {
    ordo::future<> f;
    {
        ordo::event_loop loop;
        auto timer = std::make_unique<asio::steady_timer>(loop.get_executor(), 24h);
        f = timer->async_wait(use_future(loop));
        timer.reset();
    }
    BOOST_REQUIRE(f.done());
    BOOST_TEST((error_of<boost::system::system_error>(f).value().code() == asio::error::operation_aborted));
}

BOOST_AUTO_TEST_CASE(an_operation_on_another_thread_may_end_while_the_loop_ends) {
    asio::thread_pool pool(1);
    for (int i = 0; i < 200; ++i) {
        asio::steady_timer timer(pool, std::chrono::microseconds(i % 20));
        ordo::event_loop loop;
        auto const f = timer.async_wait(use_future(loop));
        if (i % 2 != 0) loop.run_until_done(f);
        loop.close();
        BOOST_TEST(f.done() == (i % 2 != 0));
        std::promise<void> idle;
        asio::post(pool, [&] { idle.set_value(); }); // the handler has used the timer
        idle.get_future().wait();
    }
}

ORDO_TEST_CASE(a_handler_that_is_dropped_without_being_called_ends_the_future_with_an_error) {
    auto drop = [](auto handler) { auto const dropped = std::move(handler); };
    auto const f = asio::async_initiate<ordo::use_future_t const&, void(int)>(drop, use_future);
    std::string text = "(nothing was thrown)";
    try {
        co_await f;
    } catch (ordo::error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "asio_operation: the operation was dropped before it completed; its context must live and run "
                       "until then");
}

BOOST_AUTO_TEST_SUITE_END()
