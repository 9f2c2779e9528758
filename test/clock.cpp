// ordo: tests of moments and delays.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/clock.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>

namespace {

using namespace std::chrono_literals;
using ordo::detail::deadline_after;

ordo::time_point const noon{12h};

} // namespace

BOOST_AUTO_TEST_SUITE(deadlines)

BOOST_AUTO_TEST_CASE(a_deadline_is_now_and_the_delay) {
    BOOST_TEST((deadline_after(noon, 5min) == noon + 5min));
}

BOOST_AUTO_TEST_CASE(a_negative_delay_gives_a_deadline_in_the_past) {
    BOOST_TEST((deadline_after(noon, -5min) == noon - 5min));
}

BOOST_AUTO_TEST_CASE(a_delay_may_be_a_fraction) {
    BOOST_TEST((deadline_after(noon, std::chrono::duration<double>(0.25)) == noon + 250ms));
}

BOOST_AUTO_TEST_CASE(a_delay_finer_than_the_clock_is_rounded_up_so_that_nothing_fires_early) {
    using picoseconds = std::chrono::duration<std::int64_t, std::pico>;
    BOOST_TEST((deadline_after(noon, picoseconds(1)) == noon + 1ns));
}

BOOST_AUTO_TEST_CASE(a_delay_beyond_the_end_of_time_means_never) {
    BOOST_TEST((deadline_after(noon, std::chrono::hours::max()) == ordo::time_point::max()));
    BOOST_TEST((deadline_after(noon, ordo::duration::max()) == ordo::time_point::max()));
}

BOOST_AUTO_TEST_CASE(an_infinite_delay_means_never) {
    std::chrono::duration<double> const infinite(std::numeric_limits<double>::infinity());
    BOOST_TEST((deadline_after(noon, infinite) == ordo::time_point::max()));
}

BOOST_AUTO_TEST_CASE(a_delay_before_the_beginning_of_time_is_the_beginning) {
    BOOST_TEST((deadline_after(ordo::time_point(-12h), std::chrono::hours::min()) == ordo::time_point::min()));
}

BOOST_AUTO_TEST_CASE(a_delay_that_is_not_a_number_counts_as_zero) {
    std::chrono::duration<double> const nothing(std::numeric_limits<double>::quiet_NaN());
    BOOST_TEST((deadline_after(noon, nothing) == noon));
}

BOOST_AUTO_TEST_CASE(a_year_is_exact_to_the_nanosecond) {
    BOOST_TEST((deadline_after(noon, 8760h + 1ns) == noon + 8760h + 1ns));
}

BOOST_AUTO_TEST_SUITE_END()
