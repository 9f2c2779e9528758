// ordo: tests of the logger that ordo reports to.
// SPDX-License-Identifier: BSL-1.0
#include <ordo/log.hpp>

#include <boost/test/unit_test.hpp>

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

namespace {

std::shared_ptr<spdlog::logger> silent_logger(std::string name) {
    return std::make_shared<spdlog::logger>(std::move(name), std::make_shared<spdlog::sinks::null_sink_mt>());
}

/// Neither a replacement nor a registered logger, before and after.
struct no_logger {
    no_logger() { forget(); }
    ~no_logger() { forget(); }
    static void forget() {
        ordo::set_logger(nullptr);
        spdlog::drop("ordo");
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(logger, no_logger)

BOOST_AUTO_TEST_CASE(is_made_at_first_use_with_the_name_ordo) {
    BOOST_TEST(ordo::logger()->name() == "ordo");
}

BOOST_AUTO_TEST_CASE(is_the_same_at_every_use) {
    auto const first = ordo::logger();
    BOOST_TEST(ordo::logger() == first);
}

BOOST_AUTO_TEST_CASE(shares_the_sinks_of_the_default_logger) {
    auto const made = ordo::logger();
    BOOST_TEST((made->sinks() == spdlog::default_logger()->sinks()));
}

BOOST_AUTO_TEST_CASE(can_be_found_in_the_registry) {
    auto const made = ordo::logger();
    BOOST_TEST(spdlog::get("ordo") == made);
}

BOOST_AUTO_TEST_CASE(the_hosts_registered_logger_ordo_is_used) {
    auto const registered = silent_logger("ordo");
    spdlog::register_logger(registered);
    BOOST_TEST(ordo::logger() == registered);
}

BOOST_AUTO_TEST_CASE(a_logger_that_is_set_takes_the_place_of_the_registered_one) {
    spdlog::register_logger(silent_logger("ordo"));
    auto const replacement = silent_logger("host");
    ordo::set_logger(replacement);
    BOOST_TEST(ordo::logger() == replacement);
}

BOOST_AUTO_TEST_CASE(null_goes_back_to_the_logger_ordo) {
    auto const before = ordo::logger();
    ordo::set_logger(silent_logger("host"));
    ordo::set_logger(nullptr);
    BOOST_TEST(ordo::logger() == before);
}

BOOST_AUTO_TEST_SUITE_END()
