// ordo: tests of timeout, with_timeout and with_timeout_at.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/timeout.hpp>

#include "composing.hpp"
#include "counted.hpp"

#include <limits>
#include <memory>
#include <optional>

using ordo::timeout;
using ordo::with_timeout;
using ordo::with_timeout_at;

namespace {

char const* const ran_out = "with_timeout: time ran out";

coro<> forever() {
    co_await sleep(1h);
}

} // namespace

BOOST_AUTO_TEST_SUITE(timeout_)

ORDO_TEST_CASE(a_body_in_time_gives_its_result) {
    auto value = []() -> coro<int> { co_return co_await sleep(1s, 3); };
    auto const three = co_await with_timeout(2s, value);
    BOOST_TEST(three == 3);
    auto nothing = []() -> coro<> { co_await sleep(1s); };
    co_await with_timeout(2s, nothing);
    auto pointer = []() -> coro<std::unique_ptr<int>> { co_return std::make_unique<int>(4); };
    auto const four = co_await with_timeout(2s, pointer);
    BOOST_TEST(*four == 4);
    int referred = 5;
    auto reference = [&]() -> coro<int&> { co_return referred; };
    auto& same = co_await with_timeout(2s, reference);
    BOOST_TEST(&same == &referred);
    auto constant = []() -> coro<int const> { co_return 6; };
    auto const six = co_await with_timeout(2s, constant);
    BOOST_TEST(six == 6);
}

ORDO_TEST_CASE(a_body_that_takes_too_long_is_cancelled) {
    auto const before = get_running_loop().time();
    auto const text = co_await error_of(with_timeout(2s, forever));
    BOOST_TEST(text == ran_out);
    BOOST_TEST((get_running_loop().time() - before == 2s));
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

ORDO_TEST_CASE(a_body_in_time_leaves_no_timer) {
    auto nothing = []() -> coro<> { co_return; };
    co_await with_timeout(1s, nothing);
    auto const before = get_running_loop().iterations();
    co_await sleep(5s);
    BOOST_TEST(get_running_loop().iterations() - before == 2u);
}

ORDO_TEST_CASE(what_a_body_throws_comes_out) {
    auto failing = []() -> coro<> {
        co_await sleep(1s);
        throw std::runtime_error("bad");
    };
    auto const text = co_await error_of(with_timeout(2s, failing));
    BOOST_TEST(text == "bad");
}

ORDO_TEST_CASE(an_error_that_the_cancelled_body_throws_instead_comes_out) {
    auto failing = []() -> coro<> {
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {} // what follows is worse
        throw std::runtime_error("cleanup failed");
    };
    timeout limit(1s);
    auto const text = co_await error_of(with_timeout(limit, failing));
    BOOST_TEST(text == "cleanup failed");
    BOOST_TEST(limit.expired());
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
}

ORDO_TEST_CASE(a_body_that_declines_gives_its_result_late) {
    auto stubborn = []() -> coro<int> { co_return co_await declining(3); };
    timeout limit(1s);
    auto const three = co_await with_timeout(limit, stubborn);
    BOOST_TEST(three == 3);
    BOOST_TEST(limit.expired());
    BOOST_TEST(ordo::current_task()->cancelling() == 0);
    co_await sleep(0s); // and nothing is left of the cancellation
}

ORDO_TEST_CASE(the_body_may_clean_up_for_as_long_as_it_takes) {
    auto const before = get_running_loop().time();
    auto body = []() -> coro<> { co_await unwilling(5s); };
    timeout limit(1s);
    auto const text = co_await error_of(with_timeout(limit, body));
    BOOST_TEST(text == ran_out);
    BOOST_TEST((get_running_loop().time() - before == 6s));
}

ORDO_TEST_CASE(a_deadline_that_is_due_cancels_where_the_body_first_waits) {
    for (auto const delay : {0s, -1s}) {
        bool begun = false;
        auto body = [&]() -> coro<> {
            begun = true;
            co_await sleep(1h);
        };
        auto const text = co_await error_of(with_timeout(delay, body));
        BOOST_TEST(text == ran_out);
        BOOST_TEST(begun);
    }
    auto at_once = []() -> coro<int> { co_return 1; };
    auto const one = co_await with_timeout(0s, at_once); // it did not wait
    BOOST_TEST(one == 1);
    co_await sleep(0s);
}

ORDO_TEST_CASE(delays_of_any_unit_and_of_any_length) {
    auto body = []() -> coro<int> { co_return co_await sleep(1s, 1); };
    auto const text = co_await error_of(with_timeout(std::chrono::duration<double>(0.5), body));
    BOOST_TEST(text == ran_out);
    auto const days = co_await with_timeout(std::chrono::days(1), body);
    auto const longest = co_await with_timeout(std::chrono::hours::max(), body);
    auto const longest_floating =
        co_await with_timeout(std::chrono::duration<double>(std::numeric_limits<double>::infinity()), body);
    auto const none = co_await with_timeout(std::nullopt, body);
    std::optional<std::chrono::seconds> const empty;
    auto const empty_one = co_await with_timeout(empty, body);
    BOOST_TEST(days + longest + longest_floating + none + empty_one == 5);
    auto const past = co_await error_of(with_timeout(std::chrono::hours::min(), body));
    BOOST_TEST(past == ran_out);
}

ORDO_TEST_CASE(a_deadline_may_be_a_point_in_time) {
    auto const now = get_running_loop().time();
    auto const text = co_await error_of(with_timeout_at(now + 3s, forever));
    BOOST_TEST(text == ran_out);
    BOOST_TEST((get_running_loop().time() - now == 3s));
    auto const past = co_await error_of(with_timeout_at(now, forever));
    BOOST_TEST(past == ran_out);
    BOOST_TEST((get_running_loop().time() - now == 3s));
    auto body = []() -> coro<int> { co_return co_await sleep(1s, 1); };
    auto const one = co_await with_timeout_at(std::nullopt, body);
    auto const also_one = co_await with_timeout_at(ordo::time_point::max(), body);
    BOOST_TEST(one + also_one == 2);
}

// -- the object

ORDO_TEST_CASE(a_timeout_says_when_and_whether_it_expired) {
    timeout limit(2s);
    BOOST_TEST(!limit.when().has_value());
    auto const now = get_running_loop().time();
    auto body = [&](timeout& same) -> coro<> {
        BOOST_TEST(&same == &limit);
        BOOST_TEST((same.when() == now + 2s));
        BOOST_TEST(!same.expired());
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {
            BOOST_TEST(same.expired());
            throw;
        }
    };
    auto const text = co_await error_of(with_timeout(limit, body));
    BOOST_TEST(text == ran_out);
    BOOST_TEST(limit.expired());
    BOOST_TEST((limit.when() == now + 2s));
}

ORDO_TEST_CASE(a_timeout_may_be_made_without_a_deadline) {
    timeout unlimited(std::nullopt);
    timeout moment(get_running_loop().time() + 1s);
    BOOST_TEST(moment.when().has_value());
    auto body = []() -> coro<int> { co_return co_await sleep(2s, 1); };
    auto const one = co_await with_timeout(unlimited, body);
    BOOST_TEST(one == 1);
    BOOST_TEST(!unlimited.when().has_value());
    BOOST_TEST(!unlimited.expired());
    auto const text = co_await error_of(with_timeout(moment, body));
    BOOST_TEST(text == ran_out);
}

ORDO_TEST_CASE(a_deadline_can_be_moved) {
    auto const now = get_running_loop().time();
    auto body = [now](timeout& limit) -> coro<int> {
        co_await sleep(1s);
        limit.reschedule(now + 5s);
        co_await sleep(3s);
        limit.reschedule(std::nullopt);
        BOOST_TEST(!limit.when().has_value());
        co_await sleep(10s);
        limit.reschedule(now + 20s);
        co_return co_await sleep(1h, 1);
    };
    auto const text = co_await error_of(with_timeout(2s, body));
    BOOST_TEST(text == ran_out);
    BOOST_TEST((get_running_loop().time() - now == 20s));
}

ORDO_TEST_CASE(a_deadline_moved_to_the_past_is_due_in_the_next_iteration) {
    auto const now = get_running_loop().time();
    std::uint64_t moved = 0;
    auto body = [&](timeout& limit) -> coro<> {
        co_await sleep(1s);
        limit.reschedule(now);
        moved = get_running_loop().iterations();
        co_await sleep(1h);
    };
    auto const text = co_await error_of(with_timeout(2s, body));
    BOOST_TEST(text == ran_out);
    BOOST_TEST(get_running_loop().iterations() - moved == 2u);
    BOOST_TEST((get_running_loop().time() - now == 1s));
}

// -- misuse

ORDO_TEST_CASE(a_deadline_is_moved_while_the_body_runs_and_not_otherwise) {
    std::optional<std::string> expiring;
    timeout limit(1s);
    auto text = co_await error_of([](timeout& t) -> coro<> {
        t.reschedule(std::nullopt);
        co_return;
    }(limit));
    BOOST_TEST(text == "timeout::reschedule: the body does not run (created); give the timeout to with_timeout(), and "
                       "move it within");
    auto body = [&](timeout& t) -> coro<> {
        try {
            co_await sleep(1h);
        } catch (cancelled_error const&) {
            t.reschedule(std::nullopt);
        }
    };
    text = co_await error_of(with_timeout(limit, body));
    BOOST_TEST(text == "timeout::reschedule: the body does not run (expiring); give the timeout to with_timeout(), and "
                       "move it within");
}

ORDO_TEST_CASE(a_timeout_is_good_for_one_body) {
    timeout limit(1s);
    auto body = []() -> coro<> { co_return; };
    co_await with_timeout(limit, body);
    auto const text = co_await error_of(with_timeout(limit, body));
    BOOST_TEST(text == "with_timeout: this timeout was used before; make a new one for each body");
    BOOST_TEST(!limit.expired());
}

BOOST_AUTO_TEST_SUITE_END()
