// ordo: tests of playing a test in different orders.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/testing/explore.hpp>

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

/// For the length of a scope.
struct seed_in_environment {
    explicit seed_in_environment(char const* text) { ::setenv("ORDO_SEED", text, 1); }
    seed_in_environment(seed_in_environment const&) = delete;
    seed_in_environment& operator=(seed_in_environment const&) = delete;
    ~seed_in_environment() { ::unsetenv("ORDO_SEED"); }
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
    seed_in_environment const again(failure.substr(begin, failure.find(':') - begin).c_str());
    auto const second = error_text<std::runtime_error>([] { explore(expect_first_to_be_first); });
    BOOST_TEST(second == failure);
}

BOOST_AUTO_TEST_CASE(wants_a_number_for_a_seed) {
    seed_in_environment const wrong("7th");
    BOOST_CHECK_EXCEPTION(explore(expect_first_to_be_first), ordo::value_error,
                          says("explore: ORDO_SEED is '7th', which is not a number"));
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
