// ordo: tests of playing a test in different orders.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/explore.hpp>

#include "../captured_log.hpp"
#include "../error_text.hpp"

#include <ordo/asio_operation.hpp>
#include <ordo/event_loop.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/future.hpp>
#include <ordo/gather.hpp>
#include <ordo/sleep.hpp>
#include <ordo/task.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using ordo::coro;
using ordo::get_running_loop;
using ordo::testing::explore;

/// A body that notes in which order things came, and all orders it has seen.
struct seen {
    std::set<std::string> orders{};
    std::string now{};

    void note(char what) { now += what; }
    std::function<coro<>()> body(std::function<coro<>(seen&)> of) {
        return [this, of]() -> coro<> {
            now.clear();
            co_await of(*this);
            orders.insert(now);
        };
    }
};

coro<> sleep_and_note(seen& all, ordo::duration length, char name) {
    co_await ordo::sleep(length);
    all.note(name);
}

coro<> three_deadlines_coincide(seen& all) {
    co_await ordo::gather(sleep_and_note(all, 1s, 'a'), sleep_and_note(all, 1s, 'b'), sleep_and_note(all, 1s, 'c'));
}

coro<> two_deadlines_and_a_later_one(seen& all) {
    co_await ordo::gather(sleep_and_note(all, 1s, 'a'), sleep_and_note(all, 1s, 'b'), sleep_and_note(all, 2s, 'c'));
}

coro<> callbacks(seen& all) {
    for (char const each : {'a', 'b', 'c'}) get_running_loop().call_soon([&all, each] { all.note(each); });
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
}

coro<> post_and_note(seen& all, char name) {
    co_await boost::asio::post(get_running_loop().host_executor(), boost::asio::deferred);
    all.note(name);
}

coro<> operations_complete_at_once(seen& all) {
    co_await ordo::gather(post_and_note(all, 'a'), post_and_note(all, 'b'));
}

/// Lets other threads call, one after the other, while they all exist; all has arrived before the loop looks.
class callers {
public:
    explicit callers(seen& all) : all_(all), loop_(get_running_loop()) {}
    callers(callers const&) = delete;
    callers& operator=(callers const&) = delete;
    ~callers() {
        done_.set_value();
        for (auto& each : threads_) each.join();
    }

    void call(std::string const& names) {
        std::promise<void> called;
        threads_.emplace_back([this, &called, names, done = done_future_] {
            for (char const each : names) loop_.call_soon_threadsafe([&all = all_, each] { all.note(each); });
            called.set_value();
            done.wait();
        });
        called.get_future().wait();
    }

private:
    seen& all_;
    ordo::event_loop& loop_;
    std::promise<void> done_;
    std::shared_future<void> const done_future_ = done_.get_future().share();
    std::vector<std::thread> threads_;
};

coro<> two_threads_call(seen& all) {
    callers both(all);
    both.call("ab");
    both.call("12");
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
}

coro<> two_threads_call_around_a_callback(seen& all) {
    callers both(all);
    both.call("a");
    get_running_loop().call_soon([&all] { all.note('|'); });
    both.call("1");
    co_await ordo::sleep(0s);
    co_await ordo::sleep(0s);
}

using orders = std::set<std::string>;

orders all_orders_of(std::function<coro<>(seen&)> const& body) {
    seen all;
    auto const done = explore(all.body(body), {.exhaustive = true});
    BOOST_TEST(done.complete);
    return all.orders;
}

coro<> expect_first_to_be_first() {
    seen all;
    co_await three_deadlines_coincide(all);
    if (all.now[0] != 'a') throw std::runtime_error("not the first: " + all.now);
}

coro<> expect_the_last_not_to_be_first() {
    seen all;
    co_await three_deadlines_coincide(all);
    if (all.now[0] == 'c') throw std::runtime_error("the last is first: " + all.now);
}

/// For the length of a scope.
struct in_environment {
    in_environment(char const* name, std::string const& text) : name_(name) { ::setenv(name, text.c_str(), 1); }
    in_environment(in_environment const&) = delete;
    in_environment& operator=(in_environment const&) = delete;
    ~in_environment() { ::unsetenv(name_); }

private:
    char const* const name_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(explore_)

BOOST_AUTO_TEST_CASE(permutes_timers_that_are_due_at_the_same_time) {
    BOOST_TEST((all_orders_of(three_deadlines_coincide) == orders{"abc", "acb", "bac", "bca", "cab", "cba"}));
}

BOOST_AUTO_TEST_CASE(lets_no_timer_pass_an_earlier_one) {
    BOOST_TEST((all_orders_of(two_deadlines_and_a_later_one) == orders{"abc", "bac"}));
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_callbacks) {
    BOOST_TEST((all_orders_of(callbacks) == orders{"abc"}));
}

BOOST_AUTO_TEST_CASE(permutes_operations_that_complete_at_once) {
    BOOST_TEST((all_orders_of(operations_complete_at_once) == orders{"ab", "ba"}));
}

BOOST_AUTO_TEST_CASE(merges_what_threads_send_and_keeps_the_order_of_each) {
    BOOST_TEST((all_orders_of(two_threads_call) == orders{"ab12", "a1b2", "a12b", "1ab2", "1a2b", "12ab"}));
}

BOOST_AUTO_TEST_CASE(lets_nothing_pass_what_the_loop_itself_does) {
    BOOST_TEST((all_orders_of(two_threads_call_around_a_callback) == orders{"a|1"}));
}

BOOST_AUTO_TEST_CASE(takes_random_orders_too) {
    seen all;
    auto const done = explore(all.body(three_deadlines_coincide), {.seed = 1});
    BOOST_TEST(done.runs == 100u);
    BOOST_TEST(all.orders.size() == 6u);
}

BOOST_AUTO_TEST_CASE(begins_with_the_order_of_things_as_they_come) {
    seen all;
    explore(all.body(three_deadlines_coincide), {.runs = 1});
    BOOST_TEST((all.orders == orders{"abc"}));
}

BOOST_AUTO_TEST_CASE(gives_up_in_time) {
    seen all;
    auto const done = explore(all.body(three_deadlines_coincide), {.runs = 4, .exhaustive = true});
    BOOST_TEST(done.runs == 4u);
    BOOST_TEST(!done.complete);
}

BOOST_AUTO_TEST_CASE(names_the_seed_that_plays_a_failure_again) {
    auto const failure = error_text<std::runtime_error>([] { explore(expect_first_to_be_first, {.seed = 7}); });
    BOOST_TEST(failure.find("in the order of ORDO_SEED=") == 0u);
    BOOST_TEST(failure.find("\n  the body ended with std::runtime_error: not the first: ") != failure.npos);
    auto const begin = failure.find('=') + 1;
    in_environment const again("ORDO_SEED", failure.substr(begin, failure.find(':') - begin));
    auto const second = error_text<std::runtime_error>([] { explore(expect_first_to_be_first); });
    BOOST_TEST(second == failure);
}

BOOST_AUTO_TEST_CASE(wants_a_number_for_a_seed) {
    in_environment const wrong("ORDO_SEED", "7th");
    BOOST_CHECK_EXCEPTION(explore(expect_first_to_be_first), ordo::value_error,
                          says("explore: ORDO_SEED is '7th', which is not a number"));
}

BOOST_AUTO_TEST_CASE(takes_all_orders_if_it_is_not_told_how_many) {
    seen all;
    auto const five_deadlines_coincide = [](seen& into) -> coro<> {
        co_await ordo::gather(sleep_and_note(into, 1s, 'a'), sleep_and_note(into, 1s, 'b'),
                              sleep_and_note(into, 1s, 'c'), sleep_and_note(into, 1s, 'd'),
                              sleep_and_note(into, 1s, 'e'));
    };
    auto const done = explore(all.body(five_deadlines_coincide), {.exhaustive = true});
    BOOST_TEST(done.complete);
    BOOST_TEST(done.runs == 120u);
}

BOOST_AUTO_TEST_CASE(names_the_path_that_plays_a_failure_again) {
    auto const failure =
        error_text<std::runtime_error>([] { explore(expect_the_last_not_to_be_first, {.exhaustive = true}); });
    BOOST_TEST(failure == "in the order of ORDO_ORDER=2:\n"
                          "  the body ended with std::runtime_error: the last is first: cab");
    in_environment const again("ORDO_ORDER", "2");
    std::vector<std::string> said;
    auto const second = error_text<std::runtime_error>([&] {
        explore(expect_the_last_not_to_be_first, {.on_run = [&](std::string const& order) { said.push_back(order); }});
    });
    BOOST_TEST(second == failure);
    BOOST_TEST(said == std::vector<std::string>{"the order of ORDO_ORDER=2"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(plays_any_path_and_no_other) {
    for (auto const& [path, order] : {std::pair("0", "abc"), {"1", "bac"}, {"1.1", "bca"}, {"2.0", "cab"}}) {
        in_environment const chosen("ORDO_ORDER", path);
        seen all;
        auto const done = explore(all.body(three_deadlines_coincide), {.exhaustive = true});
        BOOST_TEST(done.runs == 1u);
        BOOST_TEST((all.orders == orders{order}));
    }
}

BOOST_AUTO_TEST_CASE(wants_a_path_for_an_order) {
    for (char const* const wrong : {"1..2", "a", "1.", ".1", "1,2"}) {
        in_environment const chosen("ORDO_ORDER", wrong);
        BOOST_CHECK_EXCEPTION(explore(expect_first_to_be_first), ordo::value_error,
                              says("explore: ORDO_ORDER is '" + std::string(wrong) +
                                   "', which is not a list of numbers with dots between them"));
    }
}

BOOST_AUTO_TEST_CASE(wants_an_order_of_this_test) {
    seen all;
    for (std::string const wrong : {"3", "0.0.1"}) {
        in_environment const chosen("ORDO_ORDER", wrong);
        BOOST_CHECK_EXCEPTION(explore(all.body(three_deadlines_coincide)), ordo::value_error,
                              says("explore: ORDO_ORDER=" + wrong +
                                   " is no order of this test; it has changed, or the order is of another one"));
    }
}

BOOST_AUTO_TEST_CASE(plays_a_seed_even_if_it_is_to_play_all) {
    in_environment const chosen("ORDO_SEED", "3");
    seen all;
    auto const done = explore(all.body(three_deadlines_coincide), {.exhaustive = true});
    BOOST_TEST(done.runs == 1u);
    BOOST_TEST(!done.complete);
}

BOOST_AUTO_TEST_CASE(is_not_complete_if_a_decision_has_other_alternatives_than_before) {
    int runs = 0;
    auto const one_more_later = [&]() -> coro<> {
        for (int i = ++runs > 1 ? 3 : 2; i > 0; --i) get_running_loop().call_later(1s, [] {});
        co_await ordo::sleep(2s);
    };
    auto const done = explore(one_more_later, {.exhaustive = true});
    BOOST_TEST(!done.complete);
}

BOOST_AUTO_TEST_CASE(is_not_complete_if_a_decision_is_not_reached_again) {
    int runs = 0;
    auto const only_at_first = [&]() -> coro<> {
        for (int i = ++runs > 1 ? 1 : 2; i > 0; --i) get_running_loop().call_later(1s, [] {});
        co_await ordo::sleep(2s);
    };
    auto const done = explore(only_at_first, {.exhaustive = true});
    BOOST_TEST(!done.complete);
}

BOOST_AUTO_TEST_CASE(logs_each_order_before_it_is_taken) {
    captured_log const log;
    seen all;
    explore(all.body(three_deadlines_coincide), {.runs = 2, .exhaustive = true});
    BOOST_TEST(log.text().find("explore: a run in the order of ORDO_ORDER=0\n") != std::string::npos);
    BOOST_TEST(log.text().find("explore: a run in the order of ORDO_ORDER=0.1\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(merges_many_at_once) {
    constexpr int many = 3'000;
    int fired = 0;
    auto const body = [&]() -> coro<> {
        for (int i = 0; i < many; ++i) get_running_loop().call_later(1s, [&] { ++fired; });
        co_await ordo::sleep(2s);
    };
    explore(body, {.runs = 2, .seed = 1});
    BOOST_TEST(fired == 2 * many);
}

BOOST_AUTO_TEST_CASE(says_which_order_it_takes) {
    std::vector<std::string> said;
    seen all;
    explore(all.body(callbacks),
            {.runs = 2, .seed = 5, .on_run = [&](std::string const& order) { said.push_back(order); }});
    BOOST_TEST(said == (std::vector<std::string>{"the order of things as they come", "the order of ORDO_SEED=5"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
