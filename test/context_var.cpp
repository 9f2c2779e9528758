// ordo: tests of context variables, after CPython's Lib/test/test_context.py.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/context_var.hpp>

#include "error_text.hpp"
#include "virtual_loop.hpp"

#include <memory>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using ordo::context;
using ordo::context_var;
using ordo::copy_context;

/// Each case begins in a context of its own.
template <class F>
void in_a_new_context(F&& f) {
    context().run(f);
}

} // namespace

BOOST_AUTO_TEST_SUITE(context_variable)

BOOST_AUTO_TEST_CASE(knows_its_name) {
    context_var<int> const var("request");
    BOOST_TEST(var.name() == "request");
}

BOOST_AUTO_TEST_CASE(has_its_default_until_it_is_set) {
    context_var<int> const var("v", 7);
    BOOST_TEST(var.get() == 7);
}

BOOST_AUTO_TEST_CASE(has_the_value_it_was_set_to) {
    in_a_new_context([] {
        context_var<int> var("v", 7);
        var.set(8);
        BOOST_TEST(var.get() == 8);
    });
}

BOOST_AUTO_TEST_CASE(without_value_and_default_get_is_an_error) {
    context_var<int> const var("v");
    BOOST_CHECK_EXCEPTION(var.get(), ordo::usage_error,
                          says("context_var::get: 'v' has no value and no default; set() it first"));
}

BOOST_AUTO_TEST_CASE(get_with_a_fallback_prefers_the_fallback_to_the_default) {
    context_var<int> const var("v", 7);
    BOOST_TEST(var.get(9) == 9);
}

BOOST_AUTO_TEST_CASE(get_with_a_fallback_prefers_the_value_to_the_fallback) {
    in_a_new_context([] {
        context_var<int> var("v");
        var.set(8);
        BOOST_TEST(var.get(9) == 8);
    });
}

BOOST_AUTO_TEST_CASE(two_of_one_name_are_two_variables) {
    in_a_new_context([] {
        context_var<int> one("v", 1), other("v", 2);
        one.set(3);
        BOOST_TEST(other.get() == 2);
    });
}

BOOST_AUTO_TEST_CASE(many_variables_keep_their_values) {
    in_a_new_context([] {
        std::vector<std::unique_ptr<context_var<int>>> vars;
        for (int i = 0; i < 100; ++i) vars.push_back(std::make_unique<context_var<int>>("v"));
        for (int i = 99; i >= 0; --i) vars[static_cast<std::size_t>(i)]->set(i);
        int wrong = 0;
        for (int i = 0; i < 100; ++i) wrong += vars[static_cast<std::size_t>(i)]->get() != i;
        BOOST_TEST(wrong == 0);
    });
}

BOOST_AUTO_TEST_CASE(reset_restores_the_value_before_set) {
    in_a_new_context([] {
        context_var<std::string> var("v", "default");
        var.set("first");
        auto token = var.set("second");
        var.reset(token);
        BOOST_TEST(var.get() == "first");
    });
}

BOOST_AUTO_TEST_CASE(reset_of_the_first_set_leaves_no_value) {
    in_a_new_context([] {
        context_var<std::string> var("v", "default");
        auto token = var.set("first");
        var.reset(token);
        BOOST_TEST(var.get() == "default");
    });
}

BOOST_AUTO_TEST_CASE(a_token_can_be_used_once) {
    in_a_new_context([] {
        context_var<int> var("v");
        auto token = var.set(1);
        var.reset(token);
        BOOST_CHECK_EXCEPTION(
            var.reset(token), ordo::usage_error,
            says("context_var::reset: 'v': this token was used already; a token undoes one set(), once"));
    });
}

BOOST_AUTO_TEST_CASE(a_token_of_another_variable_is_an_error) {
    in_a_new_context([] {
        context_var<int> var("v"), other("w");
        auto token = var.set(1);
        BOOST_CHECK_EXCEPTION(other.reset(token), ordo::usage_error,
                              says("context_var::reset: 'w': this token was made by another variable"));
    });
}

BOOST_AUTO_TEST_CASE(a_token_of_another_context_is_an_error) {
    in_a_new_context([] {
        context_var<int> var("v");
        auto token = var.set(1);
        copy_context().run([&] {
            BOOST_CHECK_EXCEPTION(
                var.reset(token), ordo::usage_error,
                says(
                    "context_var::reset: 'v': this token was made in another context; reset() where set() was called"));
        });
    });
}

BOOST_AUTO_TEST_CASE(the_value_of_another_thread_is_not_seen) {
    in_a_new_context([] {
        context_var<int> var("v", 1);
        var.set(2);
        int seen = 0;
        std::thread([&] { seen = var.get(); }).join();
        BOOST_TEST(seen == 1);
    });
}

BOOST_AUTO_TEST_CASE(a_thread_that_sets_a_variable_releases_it_at_its_end) {
    context_var<std::shared_ptr<int>> var("v", nullptr);
    auto value = std::make_shared<int>(1);
    std::thread([&] { var.set(value); }).join();
    BOOST_TEST(value.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(contexts)

BOOST_AUTO_TEST_CASE(what_is_set_inside_run_is_gone_outside) {
    context_var<int> var("v", 1);
    context().run([&] { var.set(2); });
    BOOST_TEST(var.get() == 1);
}

BOOST_AUTO_TEST_CASE(what_is_set_inside_run_is_there_in_the_next_run) {
    context_var<int> var("v", 1);
    context inside;
    inside.run([&] { var.set(2); });
    auto const seen = inside.run([&] { return var.get(); });
    BOOST_TEST(seen == 2);
}

BOOST_AUTO_TEST_CASE(run_gives_the_arguments_and_returns_what_the_function_returns) {
    auto const sum = context().run([](int a, int b) { return a + b; }, 1, 2);
    BOOST_TEST(sum == 3);
}

BOOST_AUTO_TEST_CASE(an_exception_leaves_run_and_the_context) {
    context_var<int> var("v", 1);
    context inside;
    BOOST_CHECK_THROW(inside.run([&] {
        var.set(2);
        throw std::runtime_error("out");
    }),
                      std::runtime_error);
    BOOST_TEST(var.get() == 1);
}

BOOST_AUTO_TEST_CASE(a_context_can_be_entered_again_after_an_exception) {
    context inside;
    BOOST_CHECK_THROW(inside.run([] { throw std::runtime_error("out"); }), std::runtime_error);
    BOOST_TEST(inside.run([] { return true; }));
}

BOOST_AUTO_TEST_CASE(a_new_context_is_empty) {
    in_a_new_context([] {
        context_var<int> var("v", 1);
        var.set(2);
        auto const seen = context().run([&] { return var.get(); });
        BOOST_TEST(seen == 1);
    });
}

BOOST_AUTO_TEST_CASE(a_copy_of_the_current_context_has_its_values) {
    in_a_new_context([] {
        context_var<int> var("v", 1);
        var.set(2);
        auto const copy = copy_context();
        var.set(3);
        auto const seen = context(copy).run([&] { return var.get(); });
        BOOST_TEST(seen == 2);
    });
}

BOOST_AUTO_TEST_CASE(what_is_set_in_a_copy_does_not_reach_the_original) {
    in_a_new_context([] {
        context_var<int> var("v", 1);
        var.set(2);
        copy_context().run([&] { var.set(3); });
        BOOST_TEST(var.get() == 2);
    });
}

BOOST_AUTO_TEST_CASE(a_context_inside_itself_is_an_error) {
    context inside;
    inside.run([&] {
        BOOST_CHECK_EXCEPTION(
            inside.run([] {}), ordo::usage_error,
            says("context::run: this context is already being run in; run a copy, from copy_context()"));
    });
}

BOOST_AUTO_TEST_CASE(different_contexts_nest) {
    context_var<int> var("v", 0);
    context outer, inner;
    int seen = 0;
    outer.run([&] {
        var.set(1);
        inner.run([&] { var.set(2); });
        seen = var.get();
    });
    BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(copies_of_the_object_are_one_context) {
    context const one;
    auto const same = one;
    BOOST_TEST((one == same));
    BOOST_TEST((one != context()));
}

BOOST_AUTO_TEST_CASE(a_context_keeps_its_values_alive_and_lets_go_of_them) {
    context_var<std::shared_ptr<int>> var("v", nullptr);
    auto value = std::make_shared<int>(1);
    {
        context inside;
        inside.run([&] { var.set(value); });
        BOOST_TEST(value.use_count() == 2);
    }
    BOOST_TEST(value.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(context_of_a_callback, virtual_loop)

BOOST_AUTO_TEST_CASE(is_a_copy_of_the_one_it_was_scheduled_in) {
    in_a_new_context([this] {
        context_var<int> var("v", 0);
        int seen = 0;
        var.set(1);
        loop.call_soon([&] { seen = var.get(); });
        var.set(2);
        run_once();
        BOOST_TEST(seen == 1);
    });
}

BOOST_AUTO_TEST_CASE(of_a_timer_is_a_copy_too) {
    in_a_new_context([this] {
        context_var<int> var("v", 0);
        int seen = 0;
        var.set(1);
        loop.call_later(5ms, [&] { seen = var.get(); });
        var.set(2);
        run_for(10ms);
        BOOST_TEST(seen == 1);
    });
}

BOOST_AUTO_TEST_CASE(handed_over_by_a_thread_is_that_threads) {
    context_var<int> var("v", 0);
    int seen = 0;
    std::thread([&] {
        var.set(1);
        loop.call_soon_threadsafe([&] { seen = var.get(); });
    }).join();
    run_once();
    BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(does_not_leak_what_it_sets) {
    context_var<int> var("v", 0);
    loop.call_soon([&] { var.set(1); });
    run_once();
    BOOST_TEST(var.get() == 0);
}

BOOST_AUTO_TEST_CASE(is_inherited_by_what_it_schedules) {
    context_var<int> var("v", 0);
    int seen = 0;
    loop.call_soon([&] {
        var.set(1);
        loop.call_soon([&] { seen = var.get(); });
    });
    run_for(1ms);
    BOOST_TEST(seen == 1);
}

BOOST_AUTO_TEST_CASE(is_the_given_one_and_shared_by_all_that_were_given_it) {
    context_var<int> var("v", 0);
    context given;
    int seen = 0;
    loop.call_soon(given, [&] { var.set(1); });
    loop.call_soon(given, [&] { seen = var.get(); });
    run_once();
    BOOST_TEST(seen == 1);
    BOOST_TEST(given.run([&] { return var.get(); }) == 1);
}

BOOST_AUTO_TEST_CASE(can_be_given_to_every_scheduling_call) {
    context_var<int> var("v", 0);
    context given;
    given.run([&] { var.set(1); });
    int sum = 0;
    auto const add = [&] { sum += var.get(); };
    loop.call_soon(given, add);
    loop.call_soon_threadsafe(given, add);
    loop.call_later(1ms, given, add);
    loop.call_at(loop.time(), given, add);
    run_for(5ms);
    BOOST_TEST(sum == 4);
}

BOOST_AUTO_TEST_CASE(is_known_to_its_handle) {
    context given;
    auto const soon = loop.call_soon(given, [] {});
    auto const later = loop.call_later(1ms, given, [] {});
    BOOST_TEST((soon.get_context() == given));
    BOOST_TEST((later.get_context() == given));
}

BOOST_AUTO_TEST_CASE(is_known_to_its_handle_while_it_runs) {
    context given;
    ordo::handle h;
    bool same = false;
    h = loop.call_soon(given, [&] { same = h.get_context() == given; });
    run_once();
    BOOST_TEST(same);
}

BOOST_AUTO_TEST_CASE(can_be_looked_at_through_its_handle) {
    context_var<int> var("v", 0);
    auto const h = loop.call_soon([&] { var.set(1); });
    auto seen = h.get_context();
    run_once();
    auto const value = seen.run([&] { return var.get(); });
    BOOST_TEST(value == 1);
}

BOOST_AUTO_TEST_CASE(that_is_in_use_when_its_turn_comes_is_reported) {
    context given;
    std::string reported;
    loop.set_exception_handler([&](ordo::event_loop&, ordo::exception_context const&) { reported = "yes"; });
    loop.call_soon(given, [] {});
    given.run([this] { run_once(); });
    BOOST_TEST(reported == "yes");
}

BOOST_AUTO_TEST_SUITE_END()
