// ordo: tests of the errors.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/exceptions.hpp>

#include "error_text.hpp"

#include <type_traits>
#include <vector>

BOOST_AUTO_TEST_SUITE(exceptions)

BOOST_AUTO_TEST_CASE(a_cancellation_passes_a_catch_of_std_exception) {
    bool passed = false;
    try {
        try {
            throw ordo::cancelled_error();
        } catch (std::exception const&) {
            // For ordinary errors.
        }
    } catch (ordo::cancelled_error const&) {
        passed = true;
    }
    BOOST_TEST(passed);
}

BOOST_AUTO_TEST_CASE(a_cancelled_error_keeps_its_message) {
    BOOST_TEST(ordo::cancelled_error("shutting down").message() == "shutting down");
}

BOOST_AUTO_TEST_CASE(a_cancelled_error_has_no_message_by_default) {
    BOOST_TEST(ordo::cancelled_error().message() == "");
}

template <class E>
void check_is_an_error() {
    BOOST_CHECK_EXCEPTION(throw E("where: what"), ordo::error, says("where: what"));
    BOOST_TEST((std::is_base_of_v<std::runtime_error, E>));
}

BOOST_AUTO_TEST_CASE(every_other_error_is_an_ordo_error_and_keeps_its_text) {
    check_is_an_error<ordo::error>();
    check_is_an_error<ordo::invalid_state_error>();
    check_is_an_error<ordo::usage_error>();
    check_is_an_error<ordo::loop_closed_error>();
    check_is_an_error<ordo::wrong_thread_error>();
    check_is_an_error<ordo::timeout_error>();
    check_is_an_error<ordo::keyboard_interrupt>();
    check_is_an_error<ordo::value_error>();
    check_is_an_error<ordo::queue_empty>();
    check_is_an_error<ordo::queue_full>();
    check_is_an_error<ordo::queue_shut_down>();
    check_is_an_error<ordo::broken_barrier_error>();
}

BOOST_AUTO_TEST_CASE(a_closed_loop_and_a_wrong_thread_are_wrong_use) {
    BOOST_CHECK_THROW(throw ordo::loop_closed_error(""), ordo::usage_error);
    BOOST_CHECK_THROW(throw ordo::wrong_thread_error(""), ordo::usage_error);
}

BOOST_AUTO_TEST_CASE(a_group_says_what_its_errors_say) {
    std::vector const errors{std::make_exception_ptr(std::runtime_error("no route")),
                             std::make_exception_ptr(ordo::cancelled_error("late")),
                             std::make_exception_ptr(ordo::cancelled_error()), std::make_exception_ptr(7)};
    ordo::exception_group const group("with_task_group", errors);
    BOOST_TEST((group.exceptions() == errors));
    BOOST_TEST(group.what() == std::string("with_task_group: 4 errors: no route; cancelled: late; cancelled; "
                                           "an exception that is not a std::exception"));
}

BOOST_AUTO_TEST_CASE(a_group_of_one_error_counts_one) {
    BOOST_TEST(ordo::exception_group("f", {std::make_exception_ptr(std::runtime_error("x"))}).what() ==
               std::string("f: 1 error: x"));
}

BOOST_AUTO_TEST_CASE(a_group_of_nothing_is_refused) {
    BOOST_TEST(error_text<ordo::value_error>([] { ordo::exception_group("f", {}); }) ==
               "exception_group: there is no exception; a group has at least one");
    BOOST_TEST(error_text<ordo::value_error>([] { ordo::exception_group("f", {nullptr}); }) ==
               "exception_group: one of the exceptions is null; leave it out");
}

BOOST_AUTO_TEST_CASE(a_system_exit_is_no_std_exception_and_keeps_its_code) {
    BOOST_TEST((!std::is_base_of_v<std::exception, ordo::system_exit>));
    BOOST_TEST(ordo::system_exit(3).code() == 3);
    BOOST_TEST(ordo::system_exit().code() == 0);
}

BOOST_AUTO_TEST_CASE(a_timeout_is_not_a_cancellation) {
    BOOST_TEST((!std::is_base_of_v<ordo::cancelled_error, ordo::timeout_error>));
}

BOOST_AUTO_TEST_SUITE_END()
