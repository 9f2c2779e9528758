// ordo: tests of the states of a timeout: its deadline before, in and after the body, and what it refuses.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/timeout.hpp>

#include <ordo/coro.hpp>
#include <ordo/exceptions.hpp>
#include <ordo/sleep.hpp>
#include <ordo/testing/test_case.hpp>

#include "error_text.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using ordo::coro;
using ordo::get_running_loop;

namespace {

using deadline = std::optional<ordo::time_point>;

coro<> sleep_long() {
    co_await ordo::sleep(1h);
}

coro<> sleep_briefly() {
    co_await ordo::sleep(10ms);
}

/// What with_timeout() throws when it is given this one.
coro<std::string> refusal(ordo::timeout& limit) {
    std::string text = "(nothing was thrown)";
    try {
        co_await ordo::with_timeout(limit, sleep_briefly);
    } catch (ordo::usage_error const& e) {
        text = e.what();
    }
    co_return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(timeout_states)

// -- the deadline

ORDO_TEST_CASE(a_deadline_in_the_time_of_the_loop_is_known_from_the_start) {
    deadline const at = get_running_loop().time() + 10ms;
    ordo::timeout limit(at);
    BOOST_TEST((limit.when() == at));
    BOOST_TEST(!limit.expired());
    std::string text;
    try {
        co_await ordo::with_timeout(limit, sleep_long);
    } catch (ordo::timeout_error const& e) {
        text = e.what();
    }
    BOOST_TEST(text == "with_timeout: time ran out");
    BOOST_TEST(limit.expired());
    BOOST_TEST((limit.when() == at));
    BOOST_TEST((get_running_loop().time() == *at));
}

ORDO_TEST_CASE(a_delay_becomes_a_deadline_when_the_body_begins) {
    auto const begin = get_running_loop().time();
    ordo::timeout limit(10s);
    BOOST_TEST(!limit.when());
    co_await ordo::sleep(1s);
    co_await ordo::with_timeout(limit, sleep_briefly);
    BOOST_TEST(!limit.expired());
    BOOST_TEST((limit.when() == begin + 11s));
    BOOST_TEST((*limit.when() > get_running_loop().time()));
}

ORDO_TEST_CASE(without_a_deadline_it_never_expires) {
    ordo::timeout no_delay(std::nullopt);
    ordo::timeout no_time{deadline()};
    for (auto* const limit : {&no_delay, &no_time}) {
        co_await ordo::with_timeout(*limit, sleep_long);
        BOOST_TEST(!limit->expired());
        BOOST_TEST(!limit->when());
    }
}

ORDO_TEST_CASE(a_delay_of_nothing_is_a_deadline_now_and_a_negative_one_is_in_the_past) {
    auto const now = get_running_loop().time();
    ordo::timeout none(0s);
    ordo::timeout negative(-11s);
    int timeouts = 0;
    for (auto* const limit : {&none, &negative}) {
        try {
            co_await ordo::with_timeout(*limit, sleep_long);
        } catch (ordo::timeout_error const&) {
            ++timeouts;
        }
        BOOST_TEST(limit->expired());
    }
    BOOST_TEST(timeouts == 2);
    BOOST_TEST((none.when() == now));
    BOOST_TEST((negative.when() == now - 11s));
}

ORDO_TEST_CASE(the_deadline_follows_reschedule) {
    auto const now = get_running_loop().time();
    ordo::timeout limit(10s);
    auto wait = [&]() -> coro<> { co_await ordo::with_timeout(limit, sleep_long); };
    auto const task = ordo::create_task(wait);
    co_await ordo::sleep(0s);
    BOOST_TEST((limit.when() == now + 10s));
    limit.reschedule(now + 30s);
    BOOST_TEST((limit.when() == now + 30s));
    limit.reschedule(std::nullopt);
    BOOST_TEST(!limit.when());
    task.cancel();
    co_await ordo::sleep(0s);
    BOOST_TEST(task.cancelled());
    BOOST_TEST(!limit.expired());
}

// -- misuse

ORDO_TEST_CASE(it_cannot_be_moved_before_its_body_begins) {
    ordo::timeout limit(10ms);
    BOOST_TEST(error_text<ordo::usage_error>([&] { limit.reschedule(std::nullopt); }) ==
               "timeout::reschedule: the body does not run (created); give the timeout to with_timeout(), and move it "
               "within");
    co_return;
}

ORDO_TEST_CASE(it_cannot_be_moved_once_it_has_expired) {
    ordo::timeout limit(10ms);
    std::string expiring, expired;
    auto move = [&] { limit.reschedule(std::nullopt); };
    auto body = [&]() -> coro<> {
        try {
            co_await sleep_long();
        } catch (ordo::cancelled_error const&) {
            expiring = error_text<ordo::usage_error>(move);
            throw;
        }
    };
    try {
        co_await ordo::with_timeout(limit, body);
    } catch (ordo::timeout_error const&) {
        expired = error_text<ordo::usage_error>(move);
    }
    BOOST_TEST(expiring.starts_with("timeout::reschedule: the body does not run (expiring); "), expiring);
    BOOST_TEST(expired.starts_with("timeout::reschedule: the body does not run (expired); "), expired);
}

ORDO_TEST_CASE(it_is_good_for_one_body) {
    char const* const used = "with_timeout: this timeout was used before; make a new one for each body";
    ordo::timeout limit(1s);
    std::string within;
    auto body = [&]() -> coro<> { within = co_await refusal(limit); };
    co_await ordo::with_timeout(limit, body);
    BOOST_TEST(within == used);
    auto const afterwards = co_await refusal(limit);
    BOOST_TEST(afterwards == used);
}

BOOST_AUTO_TEST_SUITE_END()
