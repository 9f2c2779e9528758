// ordo: tests of timers: deadlines, and cancelling them.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/timer_handle.hpp>

#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

} // namespace

BOOST_FIXTURE_TEST_SUITE(timer_handle, virtual_loop)

BOOST_AUTO_TEST_CASE(knows_its_deadline) {
    auto const begin = loop.time();
    auto const later = loop.call_later(5ms, [] {});
    auto const at = loop.call_at(begin + 7ms, [] {});
    BOOST_TEST((later.when() == begin + 5ms));
    BOOST_TEST((at.when() == begin + 7ms));
}

BOOST_AUTO_TEST_CASE(knows_its_deadline_after_it_ran) {
    auto const at = loop.time() + 5ms;
    auto const h = loop.call_at(at, [] {});
    run_for(10ms);
    BOOST_TEST((h.when() == at));
}

BOOST_AUTO_TEST_CASE(a_timer_runs_at_its_deadline) {
    loop.call_later(5ms, [&] { order.record(std::to_string(now())); });
    run_for(10ms);
    BOOST_TEST(order.difference({"5"}) == "");
}

BOOST_AUTO_TEST_CASE(a_timer_runs_once) {
    loop.call_later(1ms, notes("tick"));
    run_for(1h);
    BOOST_TEST(order.difference({"tick"}) == "");
}

BOOST_AUTO_TEST_CASE(delays_may_be_fractions) {
    auto const h = loop.call_later(std::chrono::duration<double>(0.5), [] {});
    BOOST_TEST((h.when() == loop.time() + 500ms));
}

BOOST_AUTO_TEST_CASE(an_infinite_delay_means_never) {
    loop.call_later(std::chrono::duration<double>(std::numeric_limits<double>::infinity()), notes("never"));
    loop.call_later(std::chrono::hours::max(), notes("never"));
    run_for(24h * 365 * 200);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(a_cancelled_timer_is_never_run) {
    auto h = loop.call_later(5ms, notes("never"));
    h.cancel();
    run_for(10ms);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(a_cancelled_timer_neither_wakes_the_loop_nor_moves_the_clock) {
    auto first = loop.call_later(5ms, [] {});
    loop.call_later(10ms, [&] {
        order.record(std::to_string(loop.iterations()));
        loop.stop();
    });
    first.cancel();
    loop.run_forever();
    BOOST_TEST(order.difference({"1"}) == "");
}

BOOST_AUTO_TEST_CASE(cancelling_destroys_what_the_timer_holds_at_once) {
    auto const held = std::make_shared<int>(1);
    auto h = loop.call_later(1h, [held] {});
    h.cancel();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_due_can_still_be_cancelled_in_its_iteration) {
    ordo::timer_handle second;
    loop.call_later(5ms, [&] { second.cancel(); });
    second = loop.call_later(5ms, notes("never"));
    run_for(10ms);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(a_timer_may_cancel_itself_while_it_runs) {
    ordo::timer_handle self;
    self = loop.call_later(5ms, [&] {
        self.cancel();
        order.record("ran");
    });
    run_for(10ms);
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(cancelling_after_the_run_is_harmless) {
    auto h = loop.call_later(5ms, notes("ran"));
    run_for(10ms);
    h.cancel();
    run_for(10ms);
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(cancelling_may_destroy_the_handle_itself) {
    // The usual session: its timer keeps it alive, and it has the handle of the timer.
    struct session {
        ordo::timer_handle timer;
        std::shared_ptr<int> held;
    };
    auto const held = std::make_shared<int>(1);
    auto owner = std::make_shared<session>(session{{}, held});
    owner->timer = loop.call_later(1h, [owner] {});
    auto* const bare = owner.get();
    owner.reset();
    bare->timer.cancel();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(cancelling_may_cancel_other_timers) {
    // What a timer holds may cancel another one as it is destroyed.
    struct canceller {
        ordo::timer_handle other;
        ~canceller() {
            if (other) other.cancel();
        }
    };
    std::vector<ordo::timer_handle> timers;
    for (int i = 0; i < 20; ++i) timers.push_back(loop.call_later(i * 1ms, notes("never")));
    auto guard = std::make_shared<canceller>();
    guard->other = timers[3];
    auto h = loop.call_later(4ms, [guard] {});
    guard.reset();
    h.cancel();
    for (int i = 0; i < 20; ++i)
        if (i != 3) timers[static_cast<std::size_t>(i)].cancel();
    run_for(1h);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(outlives_its_loop) {
    auto other = std::make_unique<ordo::event_loop>();
    auto h = other->call_later(1h, [] {});
    auto const when = h.when();
    other.reset();
    h.cancel();
    BOOST_TEST(h.cancelled());
    BOOST_TEST((h.when() == when));
}

BOOST_AUTO_TEST_CASE(is_a_handle) {
    auto const line = std::source_location::current().line() + 1;
    ordo::handle h = loop.call_later(1ms, notes("never"));
    h.cancel();
    run_for(5ms);
    BOOST_TEST(h.created_at().line() == line);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(many_timers_cancelled_in_any_order_leave_the_others_in_theirs) {
    std::vector<ordo::timer_handle> timers;
    std::vector<std::string> expected;
    for (int i = 0; i < 500; ++i)
        timers.push_back(loop.call_later((i * 7919 % 500) * 1ms, notes(std::to_string(i * 7919 % 500))));
    for (std::size_t i = 0; i < 500; ++i)
        if (i * 104729 % 3 != 0) timers[i * 104729 % 500].cancel();
    std::vector<bool> left(500);
    for (std::size_t i = 0; i < 500; ++i) left[i * 7919 % 500] = !timers[i].cancelled();
    for (std::size_t i = 0; i < 500; ++i)
        if (left[i]) expected.push_back(std::to_string(i));
    run_for(1h);
    BOOST_TEST(order.difference(expected) == "");
}

BOOST_AUTO_TEST_SUITE_END()
