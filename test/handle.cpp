// ordo: tests of handles: cancelling, and the lives of callbacks.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/handle.hpp>

#include <ordo/exceptions.hpp>

#include "virtual_loop.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

/// A callback that holds something, so that its end can be seen.
struct holder {
    std::shared_ptr<int> held;
    void operator()() const {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(handle, virtual_loop)

BOOST_AUTO_TEST_CASE(a_cancelled_callback_is_never_run) {
    auto h = loop.call_soon(notes("never"));
    h.cancel();
    run_for(1ms);
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(is_not_cancelled_until_cancel_is_called) {
    auto const h = loop.call_soon([] {});
    BOOST_TEST(!h.cancelled());
}

BOOST_AUTO_TEST_CASE(knows_that_it_was_cancelled) {
    auto h = loop.call_soon([] {});
    h.cancel();
    BOOST_TEST(h.cancelled());
}

BOOST_AUTO_TEST_CASE(copies_denote_the_same_callback) {
    auto const h = loop.call_soon([] {});
    auto copy = h;
    copy.cancel();
    BOOST_TEST(h.cancelled());
    BOOST_TEST((h == copy));
}

BOOST_AUTO_TEST_CASE(handles_of_different_callbacks_differ) {
    auto const one = loop.call_soon([] {});
    auto const other = loop.call_soon([] {});
    BOOST_TEST((one != other));
}

BOOST_AUTO_TEST_CASE(dropping_it_does_not_cancel) {
    static_cast<void>(loop.call_soon(notes("ran")));
    run_once();
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(a_callback_may_cancel_another_of_its_iteration) {
    ordo::handle victim;
    loop.call_soon([&] { victim.cancel(); });
    victim = loop.call_soon(notes("never"));
    run_once();
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(cancelling_twice_is_once) {
    auto h = loop.call_soon(notes("never"));
    h.cancel();
    h.cancel();
    run_once();
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(cancelling_after_the_run_is_harmless_and_visible) {
    auto h = loop.call_soon(notes("ran"));
    run_once();
    h.cancel();
    BOOST_TEST(h.cancelled());
    BOOST_TEST(order.difference({"ran"}) == "");
}

BOOST_AUTO_TEST_CASE(a_callback_may_cancel_itself_while_it_runs) {
    ordo::handle self;
    auto const held = std::make_shared<int>(1);
    self = loop.call_soon([&, held] {
        self.cancel();
        order.record(held.use_count() > 1 ? "alive" : "destroyed");
    });
    run_once();
    BOOST_TEST(order.difference({"alive"}) == "");
}

BOOST_AUTO_TEST_CASE(cancelling_destroys_what_the_callback_holds_at_once) {
    auto const held = std::make_shared<int>(1);
    auto h = loop.call_soon(holder{held});
    h.cancel();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_callback_that_ran_is_destroyed_although_a_handle_is_left) {
    auto const held = std::make_shared<int>(1);
    auto const h = loop.call_soon(holder{held});
    run_once();
    BOOST_TEST(held.use_count() == 1);
    BOOST_TEST(!h.cancelled());
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_is_destroyed) {
    auto const held = std::make_shared<int>(1);
    loop.set_exception_handler([](ordo::event_loop&, ordo::exception_context const&) {});
    loop.call_soon([held] { throw 1; });
    run_once();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(may_be_held_by_its_own_callback) {
    auto const held = std::make_shared<int>(1);
    auto const self = std::make_shared<ordo::handle>();
    *self = loop.call_soon([self, held] {});
    run_once();
    BOOST_TEST(self.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(cancelling_may_destroy_the_handle_itself) {
    // The callback keeps its session alive, and the session has the handle.
    struct session {
        ordo::handle scheduled;
        std::shared_ptr<int> held;
    };
    auto const held = std::make_shared<int>(1);
    auto owner = std::make_shared<session>(session{{}, held});
    owner->scheduled = loop.call_soon([owner] {});
    auto* const bare = owner.get();
    owner.reset();
    bare->scheduled.cancel();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(outlives_its_loop) {
    auto other = std::make_unique<ordo::event_loop>();
    auto h = other->call_soon([] {});
    other.reset();
    h.cancel();
    BOOST_TEST(h.cancelled());
}

BOOST_AUTO_TEST_CASE(an_empty_handle_is_false) {
    BOOST_TEST(!ordo::handle());
    BOOST_TEST(!!loop.call_soon([] {}));
}

BOOST_AUTO_TEST_CASE(cancelling_an_empty_handle_does_nothing) {
    ordo::handle h;
    h.cancel();
    BOOST_TEST(!h);
}

BOOST_AUTO_TEST_CASE(a_moved_from_handle_is_empty) {
    auto h = loop.call_soon([] {});
    auto const taken = std::move(h);
    BOOST_TEST(!h); // NOLINT(bugprone-use-after-move): what is tested
    BOOST_TEST(!!taken);
}

BOOST_AUTO_TEST_CASE(knows_where_it_was_scheduled) {
    auto const line = std::source_location::current().line() + 1;
    auto const h = loop.call_soon([] {});
    BOOST_TEST(h.created_at().line() == line);
    BOOST_TEST(std::string(h.created_at().file_name()).ends_with("handle.cpp"));
}

BOOST_AUTO_TEST_CASE(of_a_threadsafe_call_can_be_cancelled_on_another_thread) {
    auto h = loop.call_soon_threadsafe(notes("never"));
    std::thread([h]() mutable { h.cancel(); }).join();
    run_once();
    BOOST_TEST(order.difference({}) == "");
}

BOOST_AUTO_TEST_CASE(of_a_threadsafe_call_leaves_destroying_to_the_loop) {
    auto const held = std::make_shared<int>(1);
    auto h = loop.call_soon_threadsafe(holder{held});
    h.cancel();
    BOOST_TEST(held.use_count() == 2);
    run_once();
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(callables, virtual_loop)

BOOST_AUTO_TEST_CASE(may_be_move_only) {
    int seen = 0;
    loop.call_soon([&, value = std::make_unique<int>(3)] { seen = *value; });
    run_once();
    BOOST_TEST(seen == 3);
}

BOOST_AUTO_TEST_CASE(are_given_up_to_four_arguments) {
    std::string seen;
    auto const join = [&](auto const&... parts) { seen = (std::string() + ... + parts); };
    loop.call_soon(join, "a", "b", "c", "d");
    run_once();
    BOOST_TEST(seen == "abcd");
}

BOOST_AUTO_TEST_CASE(are_given_their_arguments_by_every_scheduling_call) {
    int sum = 0;
    auto const add = [&](int a, int b) { sum += a * b; };
    loop.call_soon(add, 1, 2);
    loop.call_soon_threadsafe(add, 10, 2);
    loop.call_later(1ms, add, 100, 2);
    loop.call_at(loop.time(), add, 1000, 2);
    run_for(2ms);
    BOOST_TEST(sum == 2222);
}

BOOST_AUTO_TEST_CASE(are_given_copies_unless_std_ref_says_otherwise) {
    int copied = 5, referred = 5;
    int sum = 0;
    loop.call_soon([&](int a, int& b) { sum = 10 * a + b; }, copied, std::ref(referred));
    copied = referred = 6;
    run_once();
    BOOST_TEST(sum == 56);
}

BOOST_AUTO_TEST_CASE(are_given_move_only_arguments) {
    int seen = 0;
    loop.call_soon([&](std::unique_ptr<int> given) { seen = *given; }, std::make_unique<int>(4));
    run_once();
    BOOST_TEST(seen == 4);
}

BOOST_AUTO_TEST_CASE(may_be_members_of_an_object) {
    struct counter {
        int count = 0;
        void add(int n) { count += n; }
    };
    counter c;
    loop.call_soon(&counter::add, &c, 2);
    run_once();
    BOOST_TEST(c.count == 2);
}

BOOST_AUTO_TEST_CASE(may_return_something_which_is_dropped) {
    bool ran = false;
    loop.call_soon([&] { return ran = true; });
    run_once();
    BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(may_be_larger_than_what_is_recycled) {
    std::array<char, 10000> large{};
    large.back() = 'x';
    char seen = 0;
    loop.call_soon([&seen, large] { seen = large.back(); });
    run_once();
    BOOST_TEST(seen == 'x');
}

BOOST_AUTO_TEST_CASE(whose_move_throws_leave_nothing_queued) {
    struct awkward {
        awkward() = default;
        awkward(awkward const&) { throw std::runtime_error("cannot be copied today"); }
        void operator()() const {}
    };
    awkward const f;
    BOOST_CHECK_THROW(loop.call_soon(f), std::runtime_error);
    BOOST_CHECK_THROW(loop.call_later(1ms, f), std::runtime_error);
    BOOST_CHECK_THROW(loop.call_soon_threadsafe(f), std::runtime_error);
    BOOST_CHECK_THROW(loop.run_forever(), ordo::usage_error); // nothing can ever happen
}

BOOST_AUTO_TEST_SUITE_END()
