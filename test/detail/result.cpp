// ordo: tests of the room for a result.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/detail/result.hpp>

#include "../counted.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

using ordo::detail::look_t;
using ordo::detail::result;

BOOST_AUTO_TEST_SUITE(detail_result)

BOOST_FIXTURE_TEST_CASE(an_empty_one_constructs_and_destroys_no_value, counting) {
    {
        result<counted> empty;
        BOOST_TEST(!empty.has_exception());
    }
    BOOST_TEST(counted::constructed == 0);
    BOOST_TEST(counted::destroyed == 0);
}

BOOST_FIXTURE_TEST_CASE(a_value_is_made_in_place_and_destroyed_once, counting) {
    {
        result<counted> holder;
        holder.emplace(7);
        BOOST_TEST(holder.value().id == 7);
    }
    BOOST_TEST(counted::constructed == 1);
    BOOST_TEST(counted::destroyed == 1);
}

BOOST_FIXTURE_TEST_CASE(taking_moves_the_value_out, counting) {
    result<counted> holder;
    holder.emplace(7);
    auto const taken = holder.take();
    BOOST_TEST(taken.id == 7);
    BOOST_TEST(counted::copied == 0);
    BOOST_TEST(holder.value().id == -1);
}

BOOST_AUTO_TEST_CASE(a_move_only_value_can_be_taken) {
    result<std::unique_ptr<int>> holder;
    holder.emplace(std::make_unique<int>(7));
    auto const taken = holder.take();
    BOOST_TEST(*taken == 7);
}

BOOST_AUTO_TEST_CASE(a_reference_stays_a_reference_to_the_same_object) {
    int original = 7;
    result<int&> holder;
    holder.emplace(&original);
    BOOST_TEST(&holder.take() == &original);
}

BOOST_AUTO_TEST_CASE(a_void_result_can_be_taken) {
    result<void> holder;
    holder.emplace();
    holder.take();
    BOOST_TEST(!holder.has_exception());
}

BOOST_AUTO_TEST_CASE(taking_from_a_failed_one_throws_what_it_was_given) {
    result<int> holder;
    holder.set_exception(std::make_exception_ptr(std::out_of_range("too far")));
    BOOST_TEST(holder.has_exception());
    BOOST_CHECK_EXCEPTION(holder.take(), std::out_of_range,
                          [](std::exception const& e) { return e.what() == std::string("too far"); });
}

BOOST_AUTO_TEST_CASE(an_exception_is_released_with_the_result) {
    auto const error = std::make_shared<int>(1);
    {
        result<int> holder;
        holder.set_exception(std::make_exception_ptr(error));
        BOOST_TEST(error.use_count() == 2);
    }
    BOOST_TEST(error.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_value_whose_constructor_throws_leaves_it_empty) {
    struct refuses {
        refuses() { throw std::runtime_error("no"); }
        ~refuses() { BOOST_ERROR("destroyed what was never made"); }
    };
    {
        result<refuses> holder;
        BOOST_CHECK_THROW(holder.emplace(), std::runtime_error);
    }
}

BOOST_AUTO_TEST_CASE(looking_gives_a_const_reference_a_reference_or_nothing) {
    BOOST_TEST((std::is_same_v<look_t<int>, int const&>));
    BOOST_TEST((std::is_same_v<look_t<int&>, int&>));
    BOOST_TEST((std::is_same_v<look_t<int const&>, int const&>));
    BOOST_TEST((std::is_same_v<look_t<void>, void>));
}

BOOST_AUTO_TEST_SUITE_END()
