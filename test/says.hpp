// ordo: says("text"), for BOOST_CHECK_EXCEPTION: the text of an error is part of the contract, word for word.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/test/unit_test.hpp>

#include <exception>
#include <string>
#include <utility>

inline auto says(std::string expected) {
    return [expected = std::move(expected)](std::exception const& error) {
        BOOST_TEST(error.what() == expected);
        return error.what() == expected;
    };
}
